/**
 * A dump in a file: a header, the entries in the order of their keys, and an end from which a file that was cut off can be told. Equal
 * tables give equal files but for the header.
 *
 *     header    {"format":"tablelab-dump","version":1,"body":"lines","chain":"…","updates":12,"entries":2}\n
 *     lines     {"key":"a","value":"text"}\n, or {"key":"a","base64":"…"}\n for a value that is no text
 *     binary    each entry in part 1's serialization format; then a key size of 0
 *     end       {"crc32":"0123abcd"}\n, of all bytes before it
 */
import { open, rename, rm, stat } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { bufferToEntry, checkKey, type Entry, entryToBuffer } from '@tablelab/part1';
import { errorText, TableError } from '@tablelab/shared';
import { z } from 'zod';

const formatName = 'tablelab-dump';
const version = 1;

const headerSchema = z.object({
  format: z.literal(formatName),
  version: z.literal(version),
  body: z.enum(['lines', 'binary']),
  chain: z.string().nullable(),
  updates: z.int().min(0),
  entries: z.int().min(0),
});

const lineSchema = z.union([
  z.strictObject({ key: z.string(), value: z.string() }),
  z.strictObject({ key: z.string(), base64: z.base64() }),
]);

const endSchema = z.strictObject({ crc32: z.string().regex(/^[0-9a-f]{8}$/) });

/** `updates`: the dump has the table after that many updates of the chain's history. */
export type DumpHeader = Readonly<Omit<z.infer<typeof headerSchema>, 'format' | 'version'>>;

/** How much is read or written at once, in bytes. */
const blockBytes = 1024 * 1024;

/** The longest line of a header, and of an entry: a value of 64 MiB in base64 and its key. */
const headerBytesMax = 4_096;
const lineBytesMax = 256 * 1024 * 1024;

const newline = 10;
const sizeBytes = 4;
const noKey = new Uint8Array(sizeBytes);
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Writes the file beside its place first, and moves it there once it is on the disk.
 * @throws TableError BAD_REQUEST if there is a file of this name already
 */
export async function writeDump(
  path: string,
  header: DumpHeader,
  entries: Iterable<Entry>,
  onWritten: (entries: number) => void,
): Promise<void> {
  await checkAbsent(path);
  const unfinished = `${path}.unfinished`;
  const file = await open(unfinished, 'w', 0o600);
  try {
    const encode = header.body === 'lines' ? encodeLine : entryToBuffer;
    let waiting: Uint8Array[] = [Buffer.from(jsonLine({ format: formatName, version, ...header }))];
    let bytes = 0;
    let crc = 0;
    let count = 0;
    const flush = async () => {
      const block = Buffer.concat(waiting);
      crc = crc32(block, crc);
      await file.writeFile(block);
      waiting = [];
      bytes = 0;
      onWritten(count);
    };
    for (const entry of entries) {
      const encoded = encode(entry);
      waiting.push(encoded);
      bytes += encoded.byteLength;
      count += 1;
      if (bytes >= blockBytes) await flush();
    }
    if (header.body === 'binary') waiting.push(noKey);
    await flush();
    await file.writeFile(jsonLine({ crc32: hex(crc) }));
    await file.sync();
    await file.close();
    await rename(unfinished, path);
  } catch (error) {
    await file.close();
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** @throws TableError BAD_REQUEST if there is such a file */
export async function checkAbsent(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined) throw new TableError('BAD_REQUEST', `${path} exists already: give another name`);
}

/** Reads a dump from its beginning to its end. */
export class DumpReader {
  readonly header: DumpHeader;
  readonly #input: BlockReader;
  #end: string | undefined;

  /** @throws TableError BAD_REQUEST if the file is no dump, or cannot be read */
  static async open(path: string): Promise<DumpReader> {
    const input = await BlockReader.open(path);
    try {
      const line = await input.line(headerBytesMax);
      return new DumpReader(input, parsed(headerSchema, line ?? '', 'this is no dump'));
    } catch (error) {
      await input.close();
      throw error;
    }
  }

  private constructor(input: BlockReader, header: DumpHeader) {
    this.#input = input;
    this.header = header;
  }

  /** The check sum of the whole file, once all entries are read. */
  get checksum(): string | undefined {
    return this.#end;
  }

  /**
   * Each entry once. Close it afterwards.
   * @throws TableError BAD_REQUEST for a file that is damaged or was cut off: at the end at the latest
   */
  async *entries(): AsyncGenerator<Entry> {
    const { body, entries } = this.header;
    let count = 0;
    for (; count < entries; count += 1) {
      yield await (body === 'lines' ? this.#lineEntry(count) : this.#binaryEntry(count));
    }
    if (body === 'binary' && (await this.#input.bytes(sizeBytes))?.some((byte) => byte !== 0) !== false) {
      throw damaged(`it has no end after ${count} entries`);
    }
    const crc = hex(this.#input.crc);
    const line = (await this.#input.line(headerBytesMax)) ?? '';
    const end = parsed(
      endSchema,
      line,
      `it is damaged, or was cut off: it has no end after ${count} entries`,
    );
    if (end.crc32 !== crc) throw damaged(`its check sum is ${crc}, and should be ${end.crc32}`);
    this.#end = crc;
  }

  close(): Promise<void> {
    return this.#input.close();
  }

  async #lineEntry(count: number): Promise<Entry> {
    const line = await this.#input.line(lineBytesMax);
    if (line === undefined) throw cutOff(count, this.header.entries);
    const entry = parsed(lineSchema, line, `it is damaged: entry ${count + 1}`);
    checkKey(entry.key);
    const value = 'value' in entry ? Buffer.from(entry.value) : Buffer.from(entry.base64, 'base64');
    return { key: entry.key, value: new Uint8Array(value) };
  }

  async #binaryEntry(count: number): Promise<Entry> {
    const parts: Uint8Array[] = [];
    const next = async (length: number): Promise<Uint8Array> => {
      const bytes = await this.#input.bytes(length);
      if (bytes === undefined) throw cutOff(count, this.header.entries);
      parts.push(bytes);
      return bytes;
    };
    // The key, then the value, each after its size.
    await next(uint32(await next(sizeBytes)));
    await next(uint32(await next(sizeBytes)));
    try {
      return bufferToEntry(Buffer.concat(parts));
    } catch (error) {
      throw damaged(`entry ${count + 1}: ${errorText(error)}`);
    }
  }
}

/** Reads a file in blocks, and keeps the check sum of what was read. */
class BlockReader {
  readonly #file: Awaited<ReturnType<typeof open>>;
  #block: Uint8Array = new Uint8Array(0);
  crc = 0;

  static async open(path: string): Promise<BlockReader> {
    try {
      return new BlockReader(await open(path, 'r'));
    } catch (error) {
      throw new TableError('BAD_REQUEST', `cannot read ${path}: ${errorText(error)}`, { cause: error });
    }
  }

  private constructor(file: Awaited<ReturnType<typeof open>>) {
    this.#file = file;
  }

  /** The text up to a newline; undefined at the end of the file. */
  async line(bytesMax: number): Promise<string | undefined> {
    let searched = 0;
    for (;;) {
      const at = this.#block.indexOf(newline, searched);
      if (at >= 0) {
        const text = this.#take(at + 1).subarray(0, at);
        try {
          return utf8.decode(text);
        } catch {
          throw damaged('a line is not UTF-8');
        }
      }
      searched = this.#block.byteLength;
      if (searched > bytesMax) throw damaged(`a line has more than ${bytesMax} bytes`);
      if (!(await this.#readMore(blockBytes))) return undefined;
    }
  }

  /** Undefined if the file has fewer. */
  async bytes(length: number): Promise<Uint8Array | undefined> {
    while (this.#block.byteLength < length) {
      // Not more than the file has: its size fields may be damaged.
      if (!(await this.#readMore(blockBytes))) return undefined;
    }
    return this.#take(length);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #take(length: number): Uint8Array {
    const taken = this.#block.subarray(0, length);
    this.#block = this.#block.subarray(length);
    this.crc = crc32(taken, this.crc);
    return taken;
  }

  async #readMore(length: number): Promise<boolean> {
    const block = Buffer.allocUnsafe(length);
    const { bytesRead } = await this.#file.read(block, 0, length);
    if (bytesRead === 0) return false;
    this.#block = Buffer.concat([this.#block, block.subarray(0, bytesRead)]);
    return true;
  }
}

function encodeLine({ key, value }: Entry): Uint8Array {
  try {
    return Buffer.from(jsonLine({ key, value: utf8.decode(value) }));
  } catch {
    return Buffer.from(jsonLine({ key, base64: Buffer.from(value).toString('base64') }));
  }
}

function jsonLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

function uint32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
}

function parsed<T>(schema: z.ZodType<T>, text: string, trouble: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new TableError('BAD_REQUEST', trouble, { cause });
  }
}

function damaged(detail: string): TableError {
  return new TableError('BAD_REQUEST', `the dump is damaged: ${detail}`);
}

function cutOff(count: number, entries: number): TableError {
  return new TableError('BAD_REQUEST', `the dump was cut off: it has ${count} of ${entries} entries`);
}
