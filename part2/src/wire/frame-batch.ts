import { TableError } from '@tablelab/shared';
import protobuf from 'protobufjs/minimal.js';
import { message_t } from './generated/sdmessage.js';
import type { Reply } from './message.ts';
import { checkFields } from './message-codec.ts';
import { isPlainReply, plainReplyBytesMax, writePlainReply } from './plain-reply.ts';
import { tags } from './tags.ts';

/** The size of a batch's first buffer, in bytes: enough for a dozen replies to puts, or two to gets. */
const batchBytesMin = 256;

const nothing = new Uint8Array(0);

/** From this size on, the content of a server's reply is sent from where it is, in bytes. */
export const longContentBytes = 64 * 1024;

/**
 * Frames that leave in one write. Plain replies are written into a buffer directly; all others by a writer of the generated
 * code, after it has taken over the buffer's content, so that the frames are in the order of {@link append}.
 */
export class FrameBatch {
  readonly #payloadBytesMax: number;
  readonly #longBytesMin: number;
  /** The oldest frames: those before and with content that is not copied. */
  #parts: Uint8Array[] = [];
  #partsBytes = 0;
  #writer = protobuf.Writer.create();
  /** The newest frames, if they are plain; they come after those of the writer. Undefined if there are none. */
  #buffer: Buffer | undefined;
  #bufferedBytes = 0;

  /**
   * @param options.longBytesMin a value or list of keys from this size on, in bytes, is not copied: nobody may change it
   *   before it has been sent. Default: all are copied.
   */
  constructor(options: { payloadBytesMax: number; longBytesMin?: number }) {
    this.#payloadBytesMax = options.payloadBytesMax;
    this.#longBytesMin = options.longBytesMin ?? Number.POSITIVE_INFINITY;
  }

  /** The number of bytes that {@link take} would return. */
  get bytes(): number {
    return this.#partsBytes + this.#writer.len + this.#bufferedBytes;
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
    const content = message.encodedKeys ?? message.data;
    if (content !== undefined && content.length >= this.#longBytesMin) {
      this.#appendLong(message, content);
      return;
    }
    const frameStart = this.#writer.len;
    message_t.encode(message as message_t.$Properties, this.#writer.fork());
    if (message.encodedKeys !== undefined) this.#writer.raw(message.encodedKeys);
    const payloadBytes = this.#writer.len - frameStart - 1;
    if (payloadBytes > this.#payloadBytesMax) {
      this.#writer.reset();
      throw this.#tooLarge(payloadBytes);
    }
    this.#writer.ldelim();
  }

  /** The content becomes a part of its own, at the end of its frame. */
  #appendLong({ data, encodedKeys, ...fields }: Reply, content: Uint8Array): void {
    const head = message_t.encode(fields as message_t.$Properties, protobuf.Writer.create());
    if (encodedKeys === undefined) head.uint32(tags.data).uint32(content.length);
    const payloadBytes = head.len + content.length;
    if (payloadBytes > this.#payloadBytesMax) throw this.#tooLarge(payloadBytes);
    this.#writer.uint32(payloadBytes).raw(head.finish(true));
    this.#addPart(this.#writer.finish(true));
    this.#addPart(content);
    this.#writer = protobuf.Writer.create();
  }

  #addPart(part: Uint8Array): void {
    this.#parts.push(part);
    this.#partsBytes += part.length;
  }

  #tooLarge(payloadBytes: number): TableError {
    const text = `a message of ${payloadBytes} bytes; the limit is ${this.#payloadBytesMax}`;
    return new TableError('TOO_LARGE', text);
  }

  /** Returns all frames since the last call, as one piece. */
  take(): Uint8Array {
    const [first = nothing, ...more] = this.takeParts();
    return more.length === 0 ? first : Buffer.concat([first, ...more]);
  }

  /** Returns all frames since the last call; long content is in pieces of its own. */
  takeParts(): readonly Uint8Array[] {
    const rest = this.#takeRest();
    if (this.#parts.length === 0) return [rest];
    if (rest.length > 0) this.#parts.push(rest);
    const parts = this.#parts;
    this.#parts = [];
    this.#partsBytes = 0;
    return parts;
  }

  #takeRest(): Uint8Array {
    if (this.#writer.len === 0) {
      const bytes = this.#buffer?.subarray(0, this.#bufferedBytes) ?? nothing;
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
