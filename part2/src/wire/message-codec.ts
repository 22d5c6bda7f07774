import { assert, errorText, TableError } from '@tablelab/shared';
import protobuf from 'protobufjs/minimal.js';
import { message_t } from './generated/sdmessage.js';
import type { Message, MessageFields } from './message.ts';

/**
 * The message that `payload` (one frame's content) holds. `data` aliases `payload`. Unknown fields are skipped.
 * @throws TableError BAD_REQUEST for bytes that are no `message_t`, among them a string that is no UTF-8 and a 64-bit
 *   number above 2^53 - 1.
 */
export function decodeMessage(payload: Uint8Array): Message {
  let decoded: message_t;
  try {
    decoded = message_t.decode(reader.over(payload));
  } catch (error) {
    throw new TableError('BAD_REQUEST', `these bytes are not a message: ${errorText(error)}`, {
      cause: error,
    });
  }
  reader.buf = nothing;
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

/** Longer text is read in one piece anyway, in bytes. */
const shortTextMax = 64;

/**
 * Reads short ASCII text in one piece. protobufjs concatenates it from pieces of eight characters, which is quick only
 * until the text is used: to hash or copy such a string costs the server 200 ns more a request.
 */
class MessageReader extends protobuf.BufferReader {
  declare buf: Buffer;

  /** This reader, at the beginning of `payload`: one for all messages saves a tenth of the time of reading one. */
  over(payload: Uint8Array): this {
    this.buf = payload instanceof Buffer ? payload : asBuffer(payload);
    this.pos = 0;
    this.len = payload.length;
    return this;
  }

  override stringVerify(): string {
    const length = this.buf[this.pos] ?? shortTextMax;
    const start = this.pos + 1;
    const end = start + length;
    if (length >= shortTextMax || end > this.len || !isAscii(this.buf, start, end))
      return super.stringVerify();
    this.pos = end;
    return this.buf.toString('latin1', start, end);
  }
}

const nothing = Buffer.alloc(0);
const reader = new MessageReader(nothing);

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function isAscii(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if ((bytes[at] as number) > 127) return false;
  return true;
}

/** What the generated code gives for a 64-bit field that is not there. */
const zero = message_t.prototype.request;

/** The generated code gives 64-bit fields as `Long` objects, whatever its types say. */
function safeInteger(field: string, value: unknown): number {
  if (value === zero) return 0;
  const number = (value as { toNumber(): number }).toNumber();
  if (Number.isSafeInteger(number)) return number;
  throw new TableError('BAD_REQUEST', `${field} is above 2^53 - 1`);
}

/** The whole frame of `message`: its length as a varint, then the message. */
export function encodeMessage(message: MessageFields): Uint8Array {
  checkFields(message);
  return message_t
    .encode(message as message_t.$Properties, protobuf.Writer.create().fork())
    .ldelim()
    .finish();
}

const int32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };
const uint32 = { min: 0, max: 2 ** 32 - 1 };
const uint53 = { min: 0, max: Number.MAX_SAFE_INTEGER };

/**
 * Catches a bug: the generated code would silently write a field of the wrong type as something else. Field by field,
 * since a loop over their names costs as much as all of the encoding.
 */
export function checkFields(message: MessageFields): void {
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
