import type { MessageFields, Reply } from './message.ts';
import { tags } from './tags.ts';
import { varintBytes, writeVarint } from './varint.ts';

/**
 * Most replies have only numbers and a short value. Hand-written code encodes them into the same bytes as the generated
 * code (shared/proto/sdmessage.proto), in half the time for a reply to a put. bench/codec.ts measures both.
 */

const int32Max = 2 ** 31 - 1;
const uint32Max = 2 ** 32 - 1;

/** The longest value, in bytes, that is copied into the buffer. Replies with longer values use the generated code. */
const dataBytesMax = 4 * 1024;

/**
 * The most bytes for opcode, content type, `found` and outcome, each below 128, for result, epoch and sequence, and for all
 * tags.
 */
const numbersBytesMax = 3 * 2 + 3 + 6 + 6 + 10;
const prefixBytesMax = 2;

/** The longest frame that {@link writePlainReply} writes for a value of `dataBytes` bytes, in bytes. */
export function plainReplyBytesMax(dataBytes: number): number {
  return prefixBytesMax + numbersBytesMax + 3 + dataBytes;
}

/** Whether {@link writePlainReply} can write `message`: it has only numbers and a short value. */
export function isPlainReply(message: Reply): boolean {
  const { opcode, c_type, result = 0, epoch = 0, sequence = 0, outcome = 0, data } = message;
  return (
    message.key === undefined &&
    message.keys === undefined &&
    message.encodedKeys === undefined &&
    (message.client === undefined || message.client === '') &&
    message.request === undefined &&
    message.first_incomplete === undefined &&
    message.ack === undefined &&
    message.error === undefined &&
    message.detail === undefined &&
    message.from === undefined &&
    message.limit === undefined &&
    message.next === undefined &&
    message.server === undefined &&
    message.expected === undefined &&
    isUpTo(opcode, 127) &&
    isUpTo(c_type, 127) &&
    isUpTo(result, int32Max) &&
    isUpTo(epoch, uint32Max) &&
    isUpTo(sequence, Number.MAX_SAFE_INTEGER) &&
    isUpTo(outcome, 127) &&
    (message.found === undefined || typeof message.found === 'boolean') &&
    (data === undefined || (data instanceof Uint8Array && data.length <= dataBytesMax))
  );
}

function isUpTo(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}

/** Writes the frame of a plain reply at `start`, where there must be room for it; returns the offset after it. */
export function writePlainReply(bytes: Buffer, start: number, message: MessageFields): number {
  const { opcode, c_type, data, result = 0, epoch = 0, found = false, sequence = 0, outcome = 0 } = message;
  const dataBytes = data?.length ?? 0;
  const payloadBytes =
    numberBytes(opcode) +
    numberBytes(c_type) +
    (dataBytes > 0 ? numberBytes(dataBytes) + dataBytes : 0) +
    numberBytes(2 * result) +
    numberBytes(epoch) +
    (found ? 2 : 0) +
    (sequence > 0 ? 1 + numberBytes(sequence) : 0) +
    (outcome > 0 ? 1 + numberBytes(outcome) : 0);
  let at = writeVarint(bytes, start, payloadBytes);
  if (opcode > 0) at = writeNumber(bytes, at, tags.opcode, opcode);
  if (c_type > 0) at = writeNumber(bytes, at, tags.c_type, c_type);
  if (data !== undefined && dataBytes > 0) {
    at = writeNumber(bytes, at, tags.data, dataBytes);
    bytes.set(data, at);
    at += dataBytes;
  }
  // Zigzag, see above.
  if (result > 0) at = writeNumber(bytes, at, tags.result, 2 * result);
  if (epoch > 0) at = writeNumber(bytes, at, tags.epoch, epoch);
  if (found) at = writeNumber(bytes, at, tags.found, 1);
  if (sequence > 0) {
    at = writeVarint(bytes, at, tags.sequence);
    at = writeVarint(bytes, at, sequence);
  }
  if (outcome > 0) {
    at = writeVarint(bytes, at, tags.outcome);
    at = writeVarint(bytes, at, outcome);
  }
  return at;
}

/** The size of a number with its tag of one byte, in bytes; 0 is left out. */
function numberBytes(value: number): number {
  return value > 0 ? 1 + varintBytes(value) : 0;
}

function writeNumber(bytes: Buffer, at: number, tag: number, value: number): number {
  bytes[at] = tag;
  return writeVarint(bytes, at + 1, value);
}
