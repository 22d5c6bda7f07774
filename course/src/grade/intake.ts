/**
 * Takes a submission apart: a folder, a zip or a tar (also compressed). Only the files that the steps name are taken; everything else
 * is left where it is, unread. Nothing is written to disk on the way.
 *
 * tar and yauzl read the archives: both are in wide use, read entry by entry instead of unpacking the whole, and leave to the
 * caller what is done with an entry. What they would unpack as links, devices or paths that lead outside is refused here.
 */
import { closeSync, createReadStream, lstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { list as listTar, type ReadEntry } from 'tar';
import { fromBuffer, type Entry, type ZipFile } from 'yauzl';

/** The largest source file, in bytes. The largest of the reference has 20 kB. */
const fileBytesMax = 256 * 1024;
/** The largest archive, in bytes. */
const archiveBytesMax = 50 * 2 ** 20;
/** How many entries of an archive are looked at. */
const entriesMax = 20_000;
/** What a compressed tar may become, in bytes. */
const unpackedBytesMax = 200 * 2 ** 20;

/** The submission cannot be graded as it is; the message says what the student has to change. */
export class SubmissionError extends Error {
  override readonly name = 'SubmissionError';
}

export interface Submission {
  /** The contents of the files that were found, by their paths in the kit. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly missing: readonly string[];
}

/** @param wanted paths in the kit, such as `part1/src/list.ts`. */
export async function takeSubmission(path: string, wanted: readonly string[]): Promise<Submission> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new SubmissionError(`there is no file or folder ${path}`);
  if (found.isDirectory()) return complete(takeFolder(path, wanted), wanted);
  if (!found.isFile()) throw new SubmissionError(`${path} is neither a folder nor a file`);
  if (found.size > archiveBytesMax) {
    throw new SubmissionError(`${path} has ${found.size} bytes; at most ${archiveBytesMax} are taken`);
  }
  const candidates = isZip(path) ? await readZip(path, wanted) : await readTar(path, wanted);
  return complete(choose(candidates, wanted), wanted);
}

function complete(files: ReadonlyMap<string, Buffer>, wanted: readonly string[]): Submission {
  if (files.size === 0) {
    throw new SubmissionError(`none of the files to hand in is there: ${wanted.join(', ')}`);
  }
  return { files, missing: wanted.filter((file) => !files.has(file)) };
}

function takeFolder(folder: string, wanted: readonly string[]): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const file of wanted) {
    let path = folder;
    let isThere = true;
    for (const name of file.split('/')) {
      path = join(path, name);
      const found = lstatSync(path, { throwIfNoEntry: false });
      if (found === undefined) isThere = false;
      else if (found.isSymbolicLink())
        throw new SubmissionError(`${file} is a link, or lies behind one; hand in the file itself`);
      else if (path.endsWith(file) && !found.isFile()) throw new SubmissionError(`${file} is not a file`);
      if (!isThere) break;
    }
    if (isThere) files.set(file, readSmall(path, file));
  }
  return files;
}

function readSmall(path: string, name: string): Buffer {
  // Read from the descriptor that was looked at, so that the file cannot be exchanged in between.
  const descriptor = openSync(path, 'r');
  try {
    const content = Buffer.alloc(fileBytesMax + 1);
    let length = 0;
    for (let count = -1; count !== 0 && length < content.length; length += count) {
      count = readSync(descriptor, content, length, content.length - length, null);
    }
    checkSize(name, length);
    return content.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}

function checkSize(name: string, bytes: number): void {
  if (bytes > fileBytesMax) {
    throw new SubmissionError(
      `${name} has more than ${fileBytesMax} bytes, which is too large for a source file`,
    );
  }
}

/** The files of an archive that may be wanted, by their paths in it. */
type Candidates = Map<string, Buffer>;

/** The wanted file whose path an entry ends with. */
function wantedAs(entry: string, wanted: readonly string[]): string | undefined {
  return wanted.find((file) => entry === file || entry.endsWith(`/${file}`));
}

/** The paths of an archive; throws for one that leads outside of it, even if nobody wants that file. */
function entryPath(name: string): string {
  const path = name.replaceAll('\\', '/').replace(/^(\.\/)+/, '');
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path) || path.split('/').includes('..')) {
    throw new SubmissionError(`the archive has a path that leads outside of it: ${JSON.stringify(name)}`);
  }
  return path;
}

/** All files have to come from one folder: the one that is nearest to the archive's root. */
function choose(candidates: Candidates, wanted: readonly string[]): Map<string, Buffer> {
  const folders = [...candidates.keys()].map((path) =>
    path.slice(0, path.length - (wantedAs(path, wanted)?.length ?? 0)),
  );
  const depth = (folder: string) => folder.split('/').length;
  const nearest = Math.min(...folders.map(depth));
  const chosen = [...new Set(folders.filter((folder) => depth(folder) === nearest))];
  if (chosen.length > 1) {
    throw new SubmissionError(
      `the archive has the files more than once, in ${chosen.map((folder) => JSON.stringify(folder)).join(' and ')}`,
    );
  }
  const [folder = ''] = chosen;
  const files = new Map<string, Buffer>();
  for (const file of wanted) {
    const content = candidates.get(folder + file);
    if (content !== undefined) files.set(file, content);
  }
  return files;
}

function isZip(path: string): boolean {
  const descriptor = openSync(path, 'r');
  try {
    const start = Buffer.alloc(4);
    readSync(descriptor, start, 0, 4, 0);
    return start.toString('latin1', 0, 2) === 'PK';
  } finally {
    closeSync(descriptor);
  }
}

async function readZip(path: string, wanted: readonly string[]): Promise<Candidates> {
  const zip = await new Promise<ZipFile>((resolve, reject) => {
    // yauzl refuses absolute paths and `..`, and an entry that has another size than it says.
    fromBuffer(readFileSync(path), { lazyEntries: true }, (error, zip) =>
      error ? reject(error) : resolve(zip),
    );
  }).catch(refuse('zip'));
  const candidates: Candidates = new Map();
  let entries = 0;
  await new Promise<void>((resolve, reject) => {
    zip.on('error', reject);
    zip.on('end', resolve);
    zip.on('entry', (entry: Entry) => {
      entries += 1;
      takeZipEntry(zip, entry, { entries, wanted, candidates }).then(() => zip.readEntry(), reject);
    });
    zip.readEntry();
  }).catch(refuse('zip'));
  return candidates;
}

interface Taking {
  readonly entries: number;
  readonly wanted: readonly string[];
  readonly candidates: Candidates;
}

const unixFileType = 0o170000;
const unixLink = 0o120000;

async function takeZipEntry(
  zip: ZipFile,
  entry: Entry,
  { entries, wanted, candidates }: Taking,
): Promise<void> {
  checkEntries(entries);
  const path = entryPath(entry.fileName);
  if (wantedAs(path, wanted) === undefined) return;
  if (((entry.externalFileAttributes >>> 16) & unixFileType) === unixLink) throw isLink(path);
  checkSize(path, entry.uncompressedSize);
  const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream)));
  });
  candidates.set(path, await buffer(stream));
}

function checkEntries(entries: number): void {
  if (entries > entriesMax) throw new SubmissionError(`the archive has more than ${entriesMax} entries`);
}

function isLink(path: string): SubmissionError {
  return new SubmissionError(`${path} is a link; hand in the file itself`);
}

async function readTar(path: string, wanted: readonly string[]): Promise<Candidates> {
  const candidates: Candidates = new Map();
  const reads: Promise<void>[] = [];
  let problem: unknown;
  let entries = 0;
  let bytes = 0;
  const parser = listTar({
    strict: true,
    noResume: true,
    onReadEntry: (entry: ReadEntry) => {
      try {
        entries += 1;
        bytes += entry.size;
        checkEntries(entries);
        if (bytes > unpackedBytesMax)
          throw new SubmissionError(`the archive unpacks to more than ${unpackedBytesMax} bytes`);
        const name = entryPath(entry.path);
        if (wantedAs(name, wanted) === undefined) {
          entry.resume();
          return;
        }
        if (entry.type !== 'File' && entry.type !== 'OldFile') throw isLink(name);
        checkSize(name, entry.size);
        reads.push(entry.concat().then((content) => void candidates.set(name, content as Buffer)));
      } catch (error) {
        problem ??= error;
        entry.resume();
        source.destroy();
        parser.abort(error as Error);
      }
    },
  });
  const source = createReadStream(path);
  await new Promise<void>((resolve, reject) => {
    source.on('error', reject);
    source.on('close', () => problem !== undefined && reject(problem));
    parser.on('error', reject);
    parser.on('end', resolve);
    source.pipe(parser as unknown as NodeJS.WritableStream);
  }).catch(refuse('tar'));
  await Promise.all(reads);
  return candidates;
}

function refuse(kind: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof SubmissionError) throw error;
    throw new SubmissionError(`this ${kind} archive cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  };
}
