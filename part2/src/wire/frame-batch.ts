import { TableError } from '@tablelab/shared';
import protobuf from 'protobufjs/minimal.js';
import { message_t } from './generated/sdmessage.js';
import type { Reply } from './message.ts';
import { checkFields } from './message-codec.ts';
import { isPlainReply, plainReplyBytesMax, writePlainReply } from './plain-reply.ts';

/** The size of a batch's first buffer, in bytes: enough for a dozen replies to puts, or two to gets. */
const batchBytesMin = 256;

/**
 * Frames that leave in one write. Plain replies are written into a buffer directly; all others by a writer of the generated
 * code, after it has taken over the buffer's content, so that the frames are in the order of {@link append}.
 */
export class FrameBatch {
  readonly #payloadBytesMax: number;
  #writer = protobuf.Writer.create();
  /** The newest frames, if they are plain; they come after those of the writer. Undefined if there are none. */
  #buffer: Buffer | undefined;
  #bufferedBytes = 0;

  constructor({ payloadBytesMax }: { payloadBytesMax: number }) {
    this.#payloadBytesMax = payloadBytesMax;
  }

  /** The number of bytes that {@link take} would return. */
  get bytes(): number {
    return this.#writer.len + this.#bufferedBytes;
  }

  /**
   * Adds `message` as one frame. If it throws, nothing is added.
   * @throws TableError TOO_LARGE when the payload is above the limit
   */
  append(message: Reply): void {
    if (isPlainReply(message)) {
      const bytesMax = plainReplyBytesMax(message.data?.length ?? 0);
      if (bytesMax <= this.#payloadBytesMax) {
        const buffer = this.#bufferWithRoom(bytesMax);
        this.#bufferedBytes = writePlainReply(buffer, this.#bufferedBytes, message);
        return;
      }
    }
    this.#appendAny(message);
  }

  #appendAny(message: Reply): void {
    checkFields(message);
    this.#moveBuffer();
    const frameStart = this.#writer.len;
    message_t.encode(message as message_t.$Properties, this.#writer.fork());
    if (message.encodedKeys !== undefined) this.#writer.raw(message.encodedKeys);
    const payloadBytes = this.#writer.len - frameStart - 1;
    if (payloadBytes > this.#payloadBytesMax) {
      this.#writer.reset();
      throw new TableError(
        'TOO_LARGE',
        `a message of ${payloadBytes} bytes; the limit is ${this.#payloadBytesMax}`,
      );
    }
    this.#writer.ldelim();
  }

  /** Returns all frames since the last call. */
  take(): Uint8Array {
    if (this.#writer.len === 0) {
      const bytes = this.#buffer?.subarray(0, this.#bufferedBytes) ?? new Uint8Array(0);
      this.#buffer = undefined;
      this.#bufferedBytes = 0;
      return bytes;
    }
    this.#moveBuffer();
    const bytes = this.#writer.finish(true);
    this.#writer = protobuf.Writer.create();
    return bytes;
  }

  #bufferWithRoom(bytes: number): Buffer {
    const neededBytes = this.#bufferedBytes + bytes;
    const old = this.#buffer;
    if (old !== undefined && old.length >= neededBytes) return old;
    const buffer = Buffer.allocUnsafe(Math.max(batchBytesMin, 2 * neededBytes));
    old?.copy(buffer, 0, 0, this.#bufferedBytes);
    this.#buffer = buffer;
    return buffer;
  }

  #moveBuffer(): void {
    if (this.#buffer === undefined) return;
    this.#writer.raw(this.#buffer.subarray(0, this.#bufferedBytes));
    this.#buffer = undefined;
    this.#bufferedBytes = 0;
  }
}
