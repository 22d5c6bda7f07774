import { TableError } from '@tablelab/shared';
import { varintBytes, writeVarint } from './varint.ts';

/**
 * One frame on the wire (protobuf's delimited form):
 *
 *     +-----------------------+----------------------------+
 *     | length L, a varint:   | payload: L bytes,          |
 *     | 1 to 5 bytes          | one encoded message        |
 *     +-----------------------+----------------------------+
 *
 * A varint holds 7 bits a byte, lowest first; the top bit of every byte but the last is 1.
 */

/** The default limit of a frame's payload, in bytes. */
export const defaultFrameBytesMax = 16 * 1024 * 1024;

/**
 * A reply may be longer than the longest request, by this many bytes: a value that just fits into a put comes back with
 * other fields beside it.
 */
export const replyHeadroomBytes = 1024;

/** The longest length prefix, in bytes. A longer one would announce more than 32 GiB, which no limit allows. */
const prefixBytesMax = 5;

/** The smallest buffer for an incomplete frame, in bytes. */
const gatherBytesMin = 1024;

const nothing = new Uint8Array(0);

/** `payload` as one frame. */
export function encodeFrame(payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(varintBytes(payload.length) + payload.length);
  frame.set(payload, writeVarint(frame, 0, payload.length));
  return frame;
}

/**
 * Splits a stream of bytes, which TCP delivers in pieces of any size, into frames.
 *
 * Invariant: it allocates at most twice as much memory as the bytes that have arrived and were not yielded. An announced length
 * is only compared with the limit. However small the pieces are, each byte is copied a constant number of times.
 */
export class FrameDecoder {
  readonly #frameBytesMax: number;
  /** Undecoded bytes are those from #start to #end. Bytes before #start belong to payloads already given out. */
  #buffer: Uint8Array = nothing;
  #start = 0;
  #end = 0;
  /** #buffer, if this decoder made it; undefined if #buffer is a chunk of the caller's, into which nothing may be written. */
  #owned: Uint8Array<ArrayBuffer> | undefined;

  constructor({ frameBytesMax = defaultFrameBytesMax }: { frameBytesMax?: number } = {}) {
    this.#frameBytesMax = frameBytesMax;
  }

  /**
   * Adds `chunk` and yields the payloads that are now complete, in order. They alias the chunk, or a buffer of this decoder
   * that is never written to again: they stay valid, and keep that memory alive.
   *
   * If the caller stops before the end, no payload is lost: {@link next} gives the next one.
   * @throws TableError, while the payloads are taken: TOO_LARGE for a frame above the limit, BAD_REQUEST for a
   *   malformed length. The stream cannot be followed any further then, and every later call throws the same.
   */
  push(chunk: Uint8Array): Iterable<Uint8Array> {
    this.append(chunk);
    return this.#payloads();
  }

  /** Adds `chunk` to the bytes that have arrived. It need not be copied: the caller does not change its bytes afterwards. */
  append(chunk: Uint8Array): void {
    const held = this.#end - this.#start;
    if (held === 0) {
      this.#buffer = chunk;
      this.#start = 0;
      this.#end = chunk.length;
      this.#owned = undefined;
      return;
    }
    if (this.#owned === undefined || this.#buffer.length - this.#end < chunk.length)
      this.#gather(held + chunk.length);
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /**
   * The next complete payload; undefined when there is none until more is appended.
   * @throws TableError as {@link push}
   */
  next(): Uint8Array | undefined {
    const prefix = this.#prefix();
    if (prefix === undefined) return undefined;
    this.#checkLength(prefix.length);
    const start = this.#start + prefix.bytes;
    if (this.#end - start < prefix.length) return undefined;
    this.#start = start + prefix.length;
    const payload = this.#buffer.subarray(start, this.#start);
    // A silent connection must not keep the memory of its last frame.
    if (this.#start === this.#end) {
      this.#buffer = nothing;
      this.#owned = undefined;
    }
    return payload;
  }

  /** The bytes that have arrived and that no payload given out so far contains, usually the beginning of a frame; not a copy. */
  rest(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** How many bytes {@link rest} has. */
  get restBytes(): number {
    return this.#end - this.#start;
  }

  /**
   * Discards the bytes that were not yielded, and frees their memory at once unless it contains a payload. If a thousand
   * clients disappear in the middle of a frame, their memory must not wait for the garbage collector.
   */
  discard(): void {
    this.#free();
    this.#buffer = nothing;
    this.#start = 0;
    this.#end = 0;
    this.#owned = undefined;
  }

  *#payloads(): Generator<Uint8Array> {
    for (let payload = this.next(); payload !== undefined; payload = this.next()) yield payload;
  }

  /** The length prefix at #start; undefined if it is not complete yet, with an infinite length if it is malformed. */
  #prefix(): { length: number; bytes: number } | undefined {
    let length = 0;
    let scale = 1;
    for (let bytes = 1; bytes <= prefixBytesMax; bytes += 1, scale *= 128) {
      const byte = this.#start + bytes <= this.#end ? this.#buffer[this.#start + bytes - 1] : undefined;
      if (byte === undefined) return undefined;
      // Not by shifting: the fifth byte goes beyond 32 bits.
      length += (byte & 127) * scale;
      if (byte < 128) return { length, bytes };
    }
    return { length: Number.POSITIVE_INFINITY, bytes: prefixBytesMax };
  }

  #checkLength(length: number): void {
    if (length === Number.POSITIVE_INFINITY) {
      throw new TableError('BAD_REQUEST', `a frame's length has at most ${prefixBytesMax} bytes`);
    }
    if (length > this.#frameBytesMax) {
      throw new TableError('TOO_LARGE', `a frame of ${length} bytes; the limit is ${this.#frameBytesMax}`);
    }
  }

  /**
   * Moves the undecoded bytes into a new buffer with room for `neededBytes` in all and for as many again, so that single bytes
   * are not copied again and again; but for no more than the current frame needs.
   */
  #gather(neededBytes: number): void {
    const prefix = this.#prefix();
    const frameBytes = prefix === undefined ? gatherBytesMin : prefix.bytes + prefix.length;
    const roomBytesMax = Math.max(2 * neededBytes, gatherBytesMin);
    // A whole frame is not taken while its client waits for its turn. The bytes after it may arrive one by one, too.
    const frameWaits = frameBytes <= neededBytes && this.#start === 0 && this.#owned !== undefined;
    const roomBytes = frameWaits ? roomBytesMax : Math.max(neededBytes, Math.min(frameBytes, roomBytesMax));
    // A Buffer, as the chunks of sockets are: payloads are read faster from it.
    const buffer = Buffer.alloc(roomBytes);
    buffer.set(this.rest());
    this.#free();
    this.#end -= this.#start;
    this.#start = 0;
    this.#buffer = buffer;
    this.#owned = buffer;
  }

  /** Frees the buffer without the garbage collector, unless there are bytes before #start: payloads alias them. */
  #free(): void {
    if (this.#start === 0) this.#owned?.buffer.transfer(0);
  }
}
