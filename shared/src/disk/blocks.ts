import { crc32 } from 'node:zlib';
import { TableError } from '../errors.ts';
import type { Disk } from './disk.ts';

/**
 * A file of blocks, each with a checksum over all of it:
 *
 *     crc32 of the rest, 4 | kind, 4 | length of the payload, 4 | 0, 4 | offset of the block, 8 | synced, 8 | payload
 *
 * Numbers are little-endian. The offset shows that a block lies where it was written. `synced`: when the block was written,
 * all of the file below that offset had been synced. So the end that a power cut has torn can be told from damage: a block
 * that cannot be read was lost in a power cut if no later block says that it had been synced, and is damaged otherwise.
 * Only damage of the last blocks, behind which no block says so, looks like a torn end.
 */
export interface Block {
  /** What the payload is; the writer chooses. From 0 to 2^32 - 1. */
  readonly kind: number;
  readonly payload: Uint8Array;
  readonly offset: number;
  /** The offset of the next block. */
  readonly end: number;
  /** When it was written, all of the file below that offset had been synced. */
  readonly synced: number;
}

export const blockHeaderBytes = 32;

/** The longest payload, in bytes: more than the longest update or chunk. */
export const payloadBytesMax = 256 << 20;

/** How much of a file is read at once, in bytes. */
const readBytes = 1 << 20;

/** The header of a block that will lie at `offset`. */
export function blockHeader(
  { kind, payload }: Pick<Block, 'kind' | 'payload'>,
  { offset, synced }: { readonly offset: number; readonly synced: number },
): Uint8Array {
  if (payload.length > payloadBytesMax)
    throw new TableError('TOO_LARGE', `a block of ${payload.length} bytes is longer than ${payloadBytesMax}`);
  const header = Buffer.alloc(blockHeaderBytes);
  header.writeUInt32LE(kind, 4);
  header.writeUInt32LE(payload.length, 8);
  header.writeBigUInt64LE(BigInt(offset), 16);
  header.writeBigUInt64LE(BigInt(synced), 24);
  header.writeUInt32LE(checksum(header, payload), 0);
  return header;
}

function checksum(header: Uint8Array, payload: Uint8Array): number {
  return crc32(payload, crc32(header.subarray(4, blockHeaderBytes)));
}

/** What lies behind the last block that can be read. */
export interface FileEnd {
  /** The end of the last block. */
  readonly end: number;
  /** The bytes behind it, which a power cut has torn: nobody has been told that they are on disk. */
  readonly torn: number;
}

/**
 * Reads the blocks of a file in order, from the one at `from` on, and returns its end.
 * @throws TableError LOST when a block is damaged that had been synced
 */
export async function* readBlocks(disk: Disk, name: string, from = 0): AsyncGenerator<Block, FileEnd> {
  const file = new FileWindow(disk, name, await disk.size(name));
  let offset = from;
  while (offset < file.size) {
    const block = await file.blockAt(offset);
    if (block === undefined) {
      await checkTorn(file, offset);
      break;
    }
    yield block;
    offset = block.end;
  }
  return { end: offset, torn: file.size - offset };
}

/** Looks for a later block, which says whether what lies at `offset` had been synced. */
async function checkTorn(file: FileWindow, offset: number): Promise<void> {
  for (let at = await file.candidate(offset + 1); at !== undefined; at = await file.candidate(at + 1)) {
    const later = await file.blockAt(at);
    if (later !== undefined && later.synced > offset) {
      const text = `${file.name} is damaged at byte ${offset}: what lies there was on the disk, and cannot be read any more`;
      throw new TableError('LOST', text);
    }
  }
}

/** A file that is read piece by piece. */
class FileWindow {
  readonly name: string;
  readonly size: number;
  readonly #disk: Disk;
  #start = 0;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(disk: Disk, name: string, size: number) {
    this.#disk = disk;
    this.name = name;
    this.size = size;
  }

  /** The block at `offset`; undefined if there is none that can be read. */
  async blockAt(offset: number): Promise<Block | undefined> {
    const header = await this.#read(offset, blockHeaderBytes);
    if (header === undefined || offsetIn(header) !== BigInt(offset)) return undefined;
    const length = header.readUInt32LE(8);
    if (length > payloadBytesMax) return undefined;
    const whole = await this.#read(offset, blockHeaderBytes + length);
    if (whole === undefined) return undefined;
    const payload = whole.subarray(blockHeaderBytes);
    if (whole.readUInt32LE(0) !== checksum(whole, payload)) return undefined;
    const synced = Number(whole.readBigUInt64LE(24));
    return { kind: whole.readUInt32LE(4), payload, offset, end: offset + whole.length, synced };
  }

  /** The first offset from `from` on at which a block may begin: almost everywhere, the header names another offset. */
  async candidate(from: number): Promise<number | undefined> {
    let at = from;
    while (at + blockHeaderBytes <= this.size) {
      const bytes = await this.#read(at, Math.min(readBytes, this.size - at));
      if (bytes === undefined) return undefined;
      for (let skip = 0; skip + blockHeaderBytes <= bytes.length; skip += 1) {
        const low = bytes.readUInt32LE(skip + 16);
        if (low === (at + skip) % 2 ** 32 && offsetIn(bytes.subarray(skip)) === BigInt(at + skip))
          return at + skip;
      }
      at += Math.max(1, bytes.length - blockHeaderBytes + 1);
    }
    return undefined;
  }

  /** Undefined beyond the end. */
  async #read(offset: number, length: number): Promise<Buffer | undefined> {
    if (offset + length > this.size) return undefined;
    if (offset < this.#start || offset + length > this.#start + this.#bytes.length) {
      const bytes = await this.#disk.read(this.name, offset, Math.max(length, readBytes));
      this.#start = offset;
      this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      if (bytes.length < length) return undefined;
    }
    return this.#bytes.subarray(offset - this.#start, offset - this.#start + length);
  }
}

function offsetIn(header: Buffer): bigint {
  return header.readBigUInt64LE(16);
}
