import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { bufferToEntry, type Entry, entryToBuffer } from '@tablelab/part1';
import { assert, must } from '@tablelab/shared';

/** How much is collected before it is written, in bytes. */
const bufferBytesMax = 1024 * 1024;

/**
 * A table in a scratch file: the entries one after the other, and in memory where the newest one of each key lies, which takes about
 * 100 bytes and the key. What a key had before stays in the file.
 */
export class ScratchEntries {
  readonly #path: string;
  readonly #file: number;
  /** By key: its place in the two arrays. */
  readonly #places = new Map<string, number>();
  readonly #offsets: number[] = [];
  readonly #lengths: number[] = [];
  #buffered: Uint8Array[] = [];
  #bufferedBytes = 0;
  #end = 0;

  /** Replaces a file of that name. */
  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'w+', 0o600);
  }

  get size(): number {
    return this.#places.size;
  }

  set(entry: Entry): void {
    const bytes = entryToBuffer(entry);
    const known = this.#places.get(entry.key);
    const place = known ?? this.#offsets.length;
    if (known === undefined) this.#places.set(entry.key, place);
    this.#offsets[place] = this.#end;
    this.#lengths[place] = bytes.byteLength;
    this.#end += bytes.byteLength;
    this.#buffered.push(bytes);
    this.#bufferedBytes += bytes.byteLength;
    if (this.#bufferedBytes >= bufferBytesMax) this.#flush();
  }

  delete(key: string): void {
    this.#places.delete(key);
  }

  /** All entries, in the order of their keys. Nothing may change meanwhile. */
  *sorted(): Generator<Entry> {
    this.#flush();
    for (const key of [...this.#places.keys()].sort()) {
      const place = must(this.#places.get(key), 'nothing changes meanwhile');
      const bytes = new Uint8Array(must(this.#lengths[place], 'it has a length'));
      const read = readSync(this.#file, bytes, 0, bytes.byteLength, this.#offsets[place] ?? 0);
      assert(read === bytes.byteLength, 'the scratch file has all that was written to it');
      yield bufferToEntry(bytes);
    }
  }

  /** Removes the file. */
  close(): void {
    closeSync(this.#file);
    rmSync(this.#path, { force: true });
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#buffered);
    for (let at = 0; at < bytes.byteLength; ) at += writeSync(this.#file, bytes, at);
    this.#buffered = [];
    this.#bufferedBytes = 0;
  }
}
