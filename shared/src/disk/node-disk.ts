import { close, existsSync, fdatasync, fsync, ftruncate, open, read, writev } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { errorText, TableError } from '../errors.ts';
import type { AppendFile, Disk } from './disk.ts';

const openFile = promisify(open);
const closeFile = promisify(close);
const dataSync = promisify(fdatasync);

const lockName = 'lock';

/** The most buffers in one call of writev (IOV_MAX on Linux). */
const buffersMax = 1_024;

/**
 * A directory of the file system, for this process alone.
 * @throws TableError BAD_REQUEST when another process uses the directory; INTERNAL when it cannot be made or read
 */
export async function openNodeDisk(directory: string): Promise<Disk> {
  const path = resolve(directory);
  return await calling(`directory ${path}`, async () => {
    await mkdir(path, { recursive: true, mode: 0o700 });
    return new NodeDisk(path, lock(path));
  });
}

/**
 * The directory of a server that has ended, or a copy of it, to be read only; nothing is written, so it may lie on a medium
 * that takes no writes. No server can start with it until it is closed.
 * @throws TableError BAD_REQUEST when a process uses the directory; INTERNAL when it cannot be read
 */
export async function openStoppedDisk(directory: string): Promise<Disk> {
  const path = resolve(directory);
  return await calling(`directory ${path}`, async () => {
    await readdir(path);
    return new NodeDisk(path, existsSync(join(path, lockName)) ? readLock(path) : undefined);
  });
}

/**
 * Node has no lock on files that ends with the process, so SQLite takes one. It holds between containers of one machine,
 * too.
 */
function lock(path: string): DatabaseSync {
  const sql = 'PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE';
  return locked(new DatabaseSync(join(path, lockName)), path, sql);
}

/** Keeps {@link lock} from succeeding, and fails while another process has it. */
function readLock(path: string): DatabaseSync {
  const database = new DatabaseSync(join(path, lockName), { readOnly: true });
  return locked(database, path, 'BEGIN; SELECT count(*) FROM sqlite_schema');
}

function locked(database: DatabaseSync, path: string, sql: string): DatabaseSync {
  try {
    database.exec(sql);
    return database;
  } catch (error) {
    database.close();
    if (!(error instanceof Error) || !('errcode' in error) || error.errcode !== sqliteBusy) throw error;
    const text = `another process uses ${path}: each server needs a directory of its own`;
    throw new TableError('BAD_REQUEST', text, { cause: error });
  }
}

/** SQLITE_BUSY */
const sqliteBusy = 5;

class NodeDisk implements Disk {
  readonly #path: string;
  readonly #lock: DatabaseSync | undefined;

  constructor(path: string, lock: DatabaseSync | undefined) {
    this.#path = path;
    this.#lock = lock;
  }

  list(): Promise<readonly string[]> {
    return calling(this.#path, async () => {
      const entries = await readdir(this.#path, { withFileTypes: true });
      return entries.filter((entry) => entry.isFile() && entry.name !== lockName).map(({ name }) => name);
    });
  }

  size(name: string): Promise<number> {
    return this.#calling(name, async (path) => (await stat(path)).size);
  }

  read(name: string, offset: number, length: number): Promise<Uint8Array> {
    return this.#calling(name, (path) =>
      withFile(path, 'r', async (file) => {
        const bytes = Buffer.allocUnsafeSlow(length);
        let filled = 0;
        while (filled < length) {
          const { bytesRead } = await readFrom(file, bytes, filled, length - filled, offset + filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
        return bytes.subarray(0, filled);
      }),
    );
  }

  create(name: string): Promise<AppendFile> {
    return this.#calling(name, async (path) => new NodeAppendFile(path, await openFile(path, 'ax', 0o600)));
  }

  open(name: string): Promise<AppendFile> {
    return this.#calling(name, async (path) => {
      await stat(path);
      return new NodeAppendFile(path, await openFile(path, 'a'));
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#calling(from, (path) => rename(path, join(this.#path, to)));
  }

  remove(name: string): Promise<void> {
    return this.#calling(name, (path) => rm(path));
  }

  truncate(name: string, bytes: number): Promise<void> {
    return this.#calling(name, (path) =>
      withFile(path, 'r+', async (file) => {
        await cut(file, bytes);
        await dataSync(file);
      }),
    );
  }

  syncNames(): Promise<void> {
    return calling(this.#path, () => withFile(this.#path, 'r', wholeSync));
  }

  freeBytes(): Promise<number> {
    return calling(this.#path, async () => {
      const { bavail, bsize } = await statfs(this.#path);
      return bavail * bsize;
    });
  }

  async close(): Promise<void> {
    if (this.#lock?.isOpen) this.#lock.close();
  }

  #calling<T>(name: string, call: (path: string) => Promise<T>): Promise<T> {
    const path = join(this.#path, name);
    return calling(path, () => call(path));
  }
}

class NodeAppendFile implements AppendFile {
  readonly #path: string;
  readonly #file: number;

  constructor(path: string, file: number) {
    this.#path = path;
    this.#file = file;
  }

  append(parts: readonly Uint8Array[]): Promise<void> {
    return calling(this.#path, async () => {
      for (let first = 0; first < parts.length; first += buffersMax) {
        await writeWhole(this.#file, parts.slice(first, first + buffersMax));
      }
    });
  }

  sync(): Promise<void> {
    return calling(this.#path, () => dataSync(this.#file));
  }

  cut(bytes: number): Promise<void> {
    return calling(this.#path, () => cut(this.#file, bytes));
  }

  close(): Promise<void> {
    return calling(this.#path, () => closeFile(this.#file));
  }
}

const cut = promisify(ftruncate);
const wholeSync = promisify(fsync);
const readFrom = promisify(read);
const writeSome = promisify(writev);

/** The operating system may take a part only, at a signal or when the disk is nearly full. */
async function writeWhole(file: number, parts: readonly Uint8Array[]): Promise<void> {
  let left = parts;
  for (;;) {
    const { bytesWritten } = await writeSome(file, left);
    left = behind(left, bytesWritten);
    if (left.length === 0) return;
  }
}

function behind(parts: readonly Uint8Array[], written: number): readonly Uint8Array[] {
  let bytes = written;
  let first = 0;
  for (const part of parts) {
    if (bytes < part.length) break;
    bytes -= part.length;
    first += 1;
  }
  const [cutPart, ...rest] = parts.slice(first);
  return cutPart === undefined ? [] : [cutPart.subarray(bytes), ...rest];
}

async function withFile<T>(path: string, flags: string, use: (file: number) => Promise<T>): Promise<T> {
  const file = await openFile(path, flags);
  try {
    return await use(file);
  } finally {
    await closeFile(file);
  }
}

/** Names the file in the error, and whether the disk is full. */
async function calling<T>(path: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof TableError) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const isFull = code === 'ENOSPC' || code === 'EDQUOT';
    const text = isFull ? `the disk has no room for ${path}` : `${path}: ${errorText(error)}`;
    throw new TableError(isFull ? 'FULL' : 'INTERNAL', text, { cause: error });
  }
}
