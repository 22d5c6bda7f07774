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

/** The longest payload of a frame unless told otherwise, in bytes. */
export const defaultFrameBytesMax = 16 * 1024 * 1024;

/**
 * A reply may be longer than the longest request, by this many bytes: a value that just fits into a put comes back with
 * other fields beside it.
 */
export const replyHeadroomBytes = 1024;

/** A longer length prefix would announce more than 32 GiB, which no frame limit allows. */
const prefixBytesMax = 5;

/** The smallest buffer an incomplete frame is gathered in, in bytes. */
const gatherBytesMin = 1024;

const nothing = new Uint8Array(0);

/** `payload` as one frame. */
export function encodeFrame(payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(varintBytes(payload.length) + payload.length);
  frame.set(payload, writeVarint(frame, 0, payload.length));
  return frame;
}

/**
 * Cuts a stream of bytes, which TCP delivers in pieces of any size, back into frames.
 *
 * Invariant: what it allocates is at most twice what has arrived and not been yielded; an announced length is only
 * compared with the limit. Bytes are copied a constant number of times, however small the pieces.
 */
export class FrameDecoder {
  readonly #frameBytesMax: number;
  /** Undecoded bytes are those from #start to #end. Bytes before #start belong to payloads already given out. */
  #buffer: Uint8Array = nothing;
  #start = 0;
  #end = 0;
  /** #buffer, when it was made here; otherwise that is the caller's chunk, behind whose end nothing may be written. */
  #owned: Uint8Array<ArrayBuffer> | undefined;

  constructor({ frameBytesMax = defaultFrameBytesMax }: { frameBytesMax?: number } = {}) {
    this.#frameBytesMax = frameBytesMax;
  }

  /**
   * Takes in `chunk` and gives the payloads that are complete by now, in order. They alias the chunk or a buffer of
   * this decoder that is never written to again: they stay valid, and keep that memory alive.
   *
   * Whoever stops in the middle loses nothing: {@link next} goes on from there.
   * @throws TableError, while the payloads are taken: TOO_LARGE for a frame above the limit, BAD_REQUEST for a
   *   malformed length. The stream cannot be followed any further then, and every later call throws the same.
   */
  push(chunk: Uint8Array): Iterable<Uint8Array> {
    this.append(chunk);
    return this.#payloads();
  }

  /** Takes in `chunk`, of which the caller writes no byte afterwards. */
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
    // A connection with nothing to say must not keep the memory of the last thing it said.
    if (this.#start === this.#end) {
      this.#buffer = nothing;
      this.#owned = undefined;
    }
    return payload;
  }

  /** The bytes that arrived and were not yielded: the beginning of a frame, as a rule. They alias the buffer. */
  rest(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** How many bytes {@link rest} has. */
  get restBytes(): number {
    return this.#end - this.#start;
  }

  /**
   * Forgets the bytes that were not yielded, and frees their memory at once where no payload lies in it: a thousand
   * clients that vanish in the middle of a frame must not leave it to the garbage collector.
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

  /** The length prefix at #start; undefined when it is not complete yet, without end when it is malformed. */
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
   * Moves the undecoded bytes into a new buffer with room for `neededBytes` in all, and for as many again, so that
   * single bytes are not copied over and over; but for no more than the frame in hand will need.
   */
  #gather(neededBytes: number): void {
    const prefix = this.#prefix();
    const frameBytes = prefix === undefined ? gatherBytesMin : prefix.bytes + prefix.length;
    const roomBytesMax = Math.max(2 * neededBytes, gatherBytesMin);
    // Whole frames that nobody takes, since their client waits for its turn: what follows may come in single bytes, too.
    const frameWaits = frameBytes <= neededBytes && this.#start === 0 && this.#owned !== undefined;
    const roomBytes = frameWaits ? roomBytesMax : Math.max(neededBytes, Math.min(frameBytes, roomBytesMax));
    // As the chunks that sockets give: payloads are read faster from a Buffer.
    const buffer = Buffer.alloc(roomBytes);
    buffer.set(this.rest());
    this.#free();
    this.#end -= this.#start;
    this.#start = 0;
    this.#buffer = buffer;
    this.#owned = buffer;
  }

  /** Does not wait for the garbage collector. Bytes before #start would belong to payloads given out. */
  #free(): void {
    if (this.#start === 0) this.#owned?.buffer.transfer(0);
  }
}
