import { assert, errorText, TableError } from '@tablelab/shared';
import protobuf from 'protobufjs/minimal.js';
import { message_t } from './generated/sdmessage.js';
import type { Message, MessageFields } from './message.ts';

/** Between messages and bytes, over the generated code; framing is another module's concern (framing.ts). */

/**
 * The message that `payload` (one frame's content) holds. `data` aliases `payload`. Unknown fields are skipped.
 * @throws TableError BAD_REQUEST for bytes that are no `message_t`, among them a string that is no UTF-8 and a 64-bit
 *   number above 2^53 - 1.
 */
export function decodeMessage(payload: Uint8Array): Message {
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

/** Frames that go out in one write. Many messages in one writer cost half of what each in its own would. */
export class FrameBatch {
  readonly #payloadBytesMax: number;
  #writer = protobuf.Writer.create();

  constructor({ payloadBytesMax }: { payloadBytesMax: number }) {
    this.#payloadBytesMax = payloadBytesMax;
  }

  /** How many bytes {@link take} would give. */
  get bytes(): number {
    return this.#writer.len;
  }

  /**
   * Adds `message` as one frame, or nothing at all when it throws.
   * @throws TableError TOO_LARGE when the payload is above the limit
   */
  append(message: MessageFields): void {
    checkFields(message);
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
    const bytes = this.#writer.finish(true);
    this.#writer = protobuf.Writer.create();
    return bytes;
  }
}

const int32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };
const uint32 = { min: 0, max: 2 ** 32 - 1 };
const uint53 = { min: 0, max: Number.MAX_SAFE_INTEGER };

const integerRanges = [
  ['opcode', int32],
  ['c_type', int32],
  ['result', int32],
  ['epoch', uint32],
  ['request', uint53],
  ['first_incomplete', uint53],
  ['ack', int32],
  ['error', int32],
  ['sequence', uint53],
] as const;

/** The generated code would write a field of the wrong type silently as something else: a bug is caught here. */
function checkFields(message: MessageFields): void {
  for (const [field, { min, max }] of integerRanges) {
    const value = message[field];
    if (value === undefined) continue;
    assert(Number.isInteger(value) && value >= min && value <= max, `${field} must lie in [${min}, ${max}]`);
  }
  for (const field of ['key', 'client', 'detail'] as const) {
    const value = message[field];
    assert(value === undefined || typeof value === 'string', `${field} must be a string`);
  }
  assert(message.data === undefined || message.data instanceof Uint8Array, 'data must be a Uint8Array');
}
