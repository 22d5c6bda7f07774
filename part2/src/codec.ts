import { assert, errorText, TableError } from '@tablelab/shared';
import protobuf from 'protobufjs/minimal.js';
import { message_t } from './generated/sdmessage.js';
import type { Message, MessageFields } from './message.ts';
import { decodePlainMessage, isPlainReply, plainReplyBytesMax, writePlainReply } from './plain-message.ts';

/** Between messages and bytes: by hand where they are plain, else over the generated code. Framing is another module's concern (framing.ts). */

/**
 * The message that `payload` (one frame's content) holds. `data` aliases `payload`. Unknown fields are skipped.
 * @throws TableError BAD_REQUEST for bytes that are no `message_t`, among them a string that is no UTF-8 and a 64-bit
 *   number above 2^53 - 1.
 */
export function decodeMessage(payload: Uint8Array): Message {
  return decodePlainMessage(payload) ?? decodeAnyMessage(payload);
}

function decodeAnyMessage(payload: Uint8Array): Message {
  let decoded: message_t;
  try {
    decoded = message_t.decode(protobuf.Reader.create(payload));
  } catch (error) {
    throw new TableError('BAD_REQUEST', `these bytes are no message: ${errorText(error)}`, { cause: error });
  }
  return {
    opcode: decoded.opcode,
    c_type: decoded.c_type,
    key: decoded.key,
    data: decoded.data,
    result: decoded.result,
    keys: decoded.keys,
    epoch: decoded.epoch,
    client: decoded.client,
    request: safeInteger('request', decoded.request),
    first_incomplete: safeInteger('first_incomplete', decoded.first_incomplete),
    ack: decoded.ack,
    error: decoded.error,
    detail: decoded.detail,
    found: decoded.found,
    sequence: safeInteger('sequence', decoded.sequence),
  };
}

/** The generated code gives 64-bit fields as `Long` objects, whatever its types say. */
function safeInteger(field: string, value: unknown): number {
  const number = (value as { toNumber(): number }).toNumber();
  if (Number.isSafeInteger(number)) return number;
  throw new TableError('BAD_REQUEST', `${field} is above 2^53 - 1`);
}

/** The whole frame of `message`: its length as a varint, then the message. */
export function encodeMessage(message: MessageFields): Uint8Array {
  const batch = new FrameBatch({ payloadBytesMax: Number.POSITIVE_INFINITY });
  batch.append(message);
  return batch.take();
}

/** The first buffer of a batch holds a dozen replies to puts, or two to gets, in bytes. */
const batchBytesMin = 256;

/**
 * Frames that go out in one write. Plain replies are written into a buffer at once. All others are left to a writer of
 * the generated code, which gets what is in the buffer first, so that the order is that of {@link append}.
 */
export class FrameBatch {
  readonly #payloadBytesMax: number;
  #writer = protobuf.Writer.create();
  /** The newest frames, if they are plain: behind those of the writer. None, and no buffer, while there is nothing. */
  #buffer: Buffer | undefined;
  #bufferedBytes = 0;

  constructor({ payloadBytesMax }: { payloadBytesMax: number }) {
    this.#payloadBytesMax = payloadBytesMax;
  }

  /** How many bytes {@link take} would give. */
  get bytes(): number {
    return this.#writer.len + this.#bufferedBytes;
  }

  /**
   * Adds `message` as one frame, or nothing at all when it throws.
   * @throws TableError TOO_LARGE when the payload is above the limit
   */
  append(message: MessageFields): void {
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

  #appendAny(message: MessageFields): void {
    checkFields(message);
    this.#moveBuffer();
    const frameStart = this.#writer.len;
    message_t.encode(message as message_t.$Properties, this.#writer.fork());
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

  /** All frames since the last call. */
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

const int32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };
const uint32 = { min: 0, max: 2 ** 32 - 1 };
const uint53 = { min: 0, max: Number.MAX_SAFE_INTEGER };

/**
 * The generated code would write a field of the wrong type silently as something else: a bug is caught here. Field by
 * field, since a loop over their names costs as much as all of the encoding.
 */
function checkFields(message: MessageFields): void {
  checkInteger('opcode', message.opcode, int32);
  checkInteger('c_type', message.c_type, int32);
  checkInteger('result', message.result, int32);
  checkInteger('epoch', message.epoch, uint32);
  checkInteger('request', message.request, uint53);
  checkInteger('first_incomplete', message.first_incomplete, uint53);
  checkInteger('ack', message.ack, int32);
  checkInteger('error', message.error, int32);
  checkInteger('sequence', message.sequence, uint53);
  checkString('key', message.key);
  checkString('client', message.client);
  checkString('detail', message.detail);
  assert(message.data === undefined || message.data instanceof Uint8Array, 'data must be a Uint8Array');
}

function checkInteger(field: string, value: unknown, { min, max }: { min: number; max: number }): void {
  if (value === undefined) return;
  if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max) return;
  assert(false, `${field} must lie in [${min}, ${max}]`);
}

function checkString(field: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'string') assert(false, `${field} must be a string`);
}
