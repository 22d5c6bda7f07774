/**
 * Frames over a pair of pipes. A side that waits for a frame reads them itself; else the event loop brings the bytes ({@link
 * FramePipe.feed}).
 *
 *     frame   | size of the rest (4) | size of the text (4) | text: JSON in UTF-8 | bytes |
 *
 * The integers are unsigned, 32 bits, big-endian.
 */
import { readSync, writeSync } from 'node:fs';

/** The largest frame that a side accepts, in bytes. Part 1's largest value has 1 MiB. */
const frameBytesMax = 64 * 2 ** 20;

/**
 * A side that keeps what many large frames bring must not fill the machine: above this size of the whole process, in bytes, another large
 * frame ends the conversation.
 */
const residentBytesMax = 1.5 * 2 ** 30;
const largeFrameBytes = 2 ** 20;

const headerBytes = 8;
const readBytes = 65_536;
/** How long to wait before a full pipe is tried again, in milliseconds. */
const fullPipeMs = 0.2;
const never = new Int32Array(new SharedArrayBuffer(4));
const noBytes = new Uint8Array(0);

export interface Frame {
  readonly text: string;
  readonly bytes: Uint8Array;
}

/** The other side has ended, or has closed its pipe. */
export class PipeEnded extends Error {}

/** The other side wrote something that is no frame, or that nobody had asked for. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

export interface FramePipeOptions {
  /** A file descriptor that blocks. */
  readonly input: number;
  /** Blocks, unless there is `spare`. */
  readonly output: number;
  /**
   * The same pipe as `input`, without blocking. A side that has it takes in what arrives while its own output is full: otherwise,
   * both sides could wait for the other one to read.
   */
  readonly spare?: number | undefined;
}

export class FramePipe {
  readonly #input: number;
  readonly #output: number;
  readonly #spare: number | undefined;
  /** What has arrived and was not taken: `#have` bytes. Not from Node's pool: this side's own buffers must not change the memory of buffers that it shares. */
  #received = Buffer.allocUnsafeSlow(readBytes);
  #have = 0;
  #sent = Buffer.allocUnsafeSlow(readBytes);

  constructor({ input, output, spare }: FramePipeOptions) {
    this.#input = input;
    this.#output = output;
    this.#spare = spare;
  }

  /** @param parts make up the frame's bytes. */
  send(text: string, parts: readonly Uint8Array[]): void {
    const partsBytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
    // A code unit of UTF-16 takes at most three bytes in UTF-8.
    const most = headerBytes + 3 * text.length + partsBytes;
    if (most > this.#sent.length) this.#sent = Buffer.allocUnsafeSlow(2 * most);
    const buffer = this.#sent;
    const textBytes = buffer.write(text, headerBytes);
    let end = headerBytes + textBytes;
    for (const part of parts) {
      buffer.set(part, end);
      end += part.byteLength;
    }
    if (end - 4 > frameBytesMax) throw new ProtocolError(`a frame of ${end - 4} bytes is too large`);
    buffer.writeUInt32BE(end - 4, 0);
    buffer.writeUInt32BE(textBytes, 4);
    for (let written = 0; written < end; ) written += this.#write(buffer, written, end);
  }

  #write(buffer: Buffer, from: number, end: number): number {
    try {
      return writeSync(this.#output, buffer, from, end - from);
    } catch (cause) {
      if (this.#spare === undefined || !isFull(cause))
        throw new PipeEnded('the pipe cannot be written to', { cause });
      if (!this.#takeIn(this.#spare)) Atomics.wait(never, 0, 0, fullPipeMs);
      return 0;
    }
  }

  /** Whether something had arrived. */
  #takeIn(spare: number): boolean {
    this.#reserve(this.#have + readBytes);
    try {
      const count = readSync(spare, this.#received, this.#have, readBytes, null);
      this.#have += count;
      return count > 0;
    } catch {
      return false;
    }
  }

  /** Bytes that the event loop has read. */
  feed(bytes: Uint8Array): void {
    this.#reserve(this.#have + bytes.length);
    this.#received.set(bytes, this.#have);
    this.#have += bytes.length;
  }

  get hasBytes(): boolean {
    return this.#have > 0;
  }

  /** The next frame, if all of it has arrived. Its bytes are a copy. */
  next(): Frame | undefined {
    const end = this.#frameEnd();
    if (end === undefined || this.#have < end) return undefined;
    if (end > largeFrameBytes && process.memoryUsage.rss() > residentBytesMax)
      throw new ProtocolError('the other side fills the memory of this one');
    const received = this.#received;
    const textEnd = headerBytes + received.readUInt32BE(4);
    const frame = {
      text: received.toString('utf8', headerBytes, textEnd),
      bytes: textEnd === end ? noBytes : new Uint8Array(received.subarray(textEnd, end)),
    };
    received.copyWithin(0, end, this.#have);
    this.#have -= end;
    return frame;
  }

  /** Waits for a frame. */
  receive(): Frame {
    for (;;) {
      const frame = this.next();
      if (frame !== undefined) return frame;
      this.#read();
    }
  }

  /** Where the first frame ends; undefined if its header has not arrived. */
  #frameEnd(): number | undefined {
    if (this.#have < headerBytes) return undefined;
    const size = this.#received.readUInt32BE(0);
    const textSize = this.#received.readUInt32BE(4);
    if (size < 4 || size > frameBytesMax || textSize > size - 4) {
      throw new ProtocolError(`this is no frame: sizes ${size} and ${textSize}`);
    }
    return size + 4;
  }

  #read(): void {
    this.#reserve(this.#frameEnd() ?? 0);
    let count = 0;
    try {
      count = readSync(this.#input, this.#received, this.#have, this.#received.length - this.#have, null);
    } catch (cause) {
      throw new PipeEnded('the pipe cannot be read from', { cause });
    }
    if (count === 0) throw new PipeEnded('the other side has closed the pipe');
    this.#have += count;
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#received.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes, 2 * this.#received.length));
    this.#received.copy(larger, 0, 0, this.#have);
    this.#received = larger;
  }
}

function isFull(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EAGAIN';
}
