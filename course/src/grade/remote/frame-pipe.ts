/**
 * Frames over a pair of blocking pipes. Both sides take turns: one writes a frame and then waits for one.
 *
 *     frame   | size of the rest (4) | size of the text (4) | text: JSON in UTF-8 | bytes |
 *
 * The integers are unsigned, 32 bits, big-endian.
 */
import { readSync, writeSync } from 'node:fs';

/** The largest frame that a side accepts, in bytes. Part 1's largest value has 1 MiB. */
const frameBytesMax = 64 * 2 ** 20;

const headerBytes = 8;
const readBytes = 65_536;
const noBytes = new Uint8Array(0);

export interface Frame {
  readonly text: string;
  readonly bytes: Uint8Array;
}

/** The other side has ended, or has closed its pipe. */
export class PipeEnded extends Error {}

/** The other side wrote something that is no frame, or that nobody had asked for. */
export class ProtocolError extends Error {}

export class FramePipe {
  readonly #input: number;
  readonly #output: number;
  // Not from Node's pool: this side's own buffers must not change the memory of buffers that it shares.
  readonly #received = Buffer.allocUnsafeSlow(readBytes);
  #sent = Buffer.allocUnsafeSlow(readBytes);

  /** Two file descriptors, both blocking. */
  constructor({ input, output }: { input: number; output: number }) {
    this.#input = input;
    this.#output = output;
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
    for (let written = 0; written < end; ) {
      try {
        written += writeSync(this.#output, buffer, written, end - written);
      } catch (cause) {
        throw new PipeEnded('the pipe cannot be written to', { cause });
      }
    }
  }

  /** Waits for a frame. Its bytes are a copy. */
  receive(): Frame {
    let have = this.#read(this.#received, 0);
    while (have < headerBytes) have += this.#read(this.#received, have);
    const size = this.#received.readUInt32BE(0);
    const textSize = this.#received.readUInt32BE(4);
    if (size < 4 || size > frameBytesMax || textSize > size - 4) {
      throw new ProtocolError(`this is no frame: sizes ${size} and ${textSize}`);
    }
    const end = size + 4;
    if (have > end) throw new ProtocolError(`${have - end} bytes follow a frame`);
    let frame = this.#received;
    if (end > frame.length) {
      frame = Buffer.allocUnsafeSlow(end);
      this.#received.copy(frame, 0, 0, have);
    }
    while (have < end) have += this.#read(frame, have, end);
    const textEnd = headerBytes + textSize;
    return {
      text: frame.toString('utf8', headerBytes, textEnd),
      bytes: textEnd === end ? noBytes : new Uint8Array(frame.subarray(textEnd, end)),
    };
  }

  #read(buffer: Buffer, offset: number, end = buffer.length): number {
    let count = 0;
    try {
      count = readSync(this.#input, buffer, offset, end - offset, null);
    } catch (cause) {
      throw new PipeEnded('the pipe cannot be read from', { cause });
    }
    if (count === 0) throw new PipeEnded('the other side has closed the pipe');
    return count;
  }
}
