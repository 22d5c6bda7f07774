import { varintBytes, writeVarint } from '@tablelab/part2';
import { must } from '@tablelab/shared';
import type { Update } from '../../core/update.ts';
import { update_t } from '../../generated/chain.js';
import { notPlain, PlainFieldReader, writeText } from './plain-fields.ts';

/**
 * `updates`, the message between servers that carries the writes, by hand (part4/proto/chain.proto): the same bytes as
 * the generated code's, written in half of its time and read a little faster.
 *
 *     frame    length | 0x32 length | as often as there are updates: 0x0a length | update
 *     update   0x08 seq | 0x10 epoch | 0x1a length client | 0x20 request | 0x28 op | 0x32 length key | 0x3a length data
 *              | 0x40 first_incomplete                     each but for op only where it is not 0 and not empty
 */

const tags = {
  updates: 0x32,
  update: 0x0a,
  seq: 0x08,
  epoch: 0x10,
  client: 0x1a,
  request: 0x20,
  op: 0x28,
  key: 0x32,
  data: 0x3a,
  firstIncomplete: 0x40,
} as const;

const opNumbers = { put: update_t.Op.PUT, del: update_t.Op.DEL, open: update_t.Op.OPEN } as const;
const opsByNumber = [undefined, 'put', 'del', 'open'] as const;

const epochMax = 2 ** 32 - 1;
const noBytes = new Uint8Array(0);

/** Lengths of one update, from {@link measure}: of it all, of its client and of its key, in bytes. */
const lengthsEach = 3;

/** A whole frame: the payload's length and the payload, which is that of a chain_message_t. */
export function encodeUpdatesFrame(updates: readonly Update[]): Uint8Array {
  const lengths = new Uint32Array(updates.length * lengthsEach);
  let inner = 0;
  for (let index = 0; index < updates.length; index += 1) {
    const bytes = measure(must(updates[index], 'in range'), lengths, index * lengthsEach);
    inner += 1 + varintBytes(bytes) + bytes;
  }
  const payload = 1 + varintBytes(inner) + inner;
  const frame = Buffer.allocUnsafe(varintBytes(payload) + payload);
  let at = writeVarint(frame, 0, payload);
  at = writeNumber(frame, at, tags.updates, inner);
  for (let index = 0; index < updates.length; index += 1)
    at = write(frame, at, must(updates[index], 'in range'), lengths, index * lengthsEach);
  return frame;
}

function measure(update: Update, lengths: Uint32Array, at: number): number {
  const { seq, epoch, client, request, firstIncomplete, key, data } = update;
  const clientBytes = Buffer.byteLength(client);
  const keyBytes = Buffer.byteLength(key);
  const opBytes = 2;
  const bytes =
    opBytes +
    numberBytes(seq) +
    numberBytes(epoch) +
    contentBytes(clientBytes) +
    numberBytes(request) +
    contentBytes(keyBytes) +
    contentBytes(data.length) +
    numberBytes(firstIncomplete);
  lengths[at] = bytes;
  lengths[at + 1] = clientBytes;
  lengths[at + 2] = keyBytes;
  return bytes;
}

function write(frame: Buffer, start: number, update: Update, lengths: Uint32Array, index: number): number {
  const { seq, epoch, client, request, firstIncomplete, op, key, data } = update;
  const clientBytes = must(lengths[index + 1], 'measured');
  const keyBytes = must(lengths[index + 2], 'measured');
  let at = writeNumber(frame, start, tags.update, must(lengths[index], 'measured'));
  if (seq > 0) at = writeNumber(frame, at, tags.seq, seq);
  if (epoch > 0) at = writeNumber(frame, at, tags.epoch, epoch);
  if (clientBytes > 0) {
    at = writeNumber(frame, at, tags.client, clientBytes);
    at = writeText(frame, at, client, clientBytes);
  }
  if (request > 0) at = writeNumber(frame, at, tags.request, request);
  at = writeNumber(frame, at, tags.op, opNumbers[op]);
  if (keyBytes > 0) {
    at = writeNumber(frame, at, tags.key, keyBytes);
    at = writeText(frame, at, key, keyBytes);
  }
  if (data.length > 0) {
    at = writeNumber(frame, at, tags.data, data.length);
    frame.set(data, at);
    at += data.length;
  }
  return firstIncomplete > 0 ? writeNumber(frame, at, tags.firstIncomplete, firstIncomplete) : at;
}

function numberBytes(value: number): number {
  return value > 0 ? 1 + varintBytes(value) : 0;
}

function contentBytes(length: number): number {
  return length > 0 ? 1 + varintBytes(length) + length : 0;
}

function writeNumber(frame: Buffer, at: number, tag: number, value: number): number {
  frame[at] = tag;
  return writeVarint(frame, at + 1, value);
}

const reader = new PlainFieldReader();

/**
 * The updates in a frame's payload; undefined for another message, and for all that the encoder above would not write,
 * which the generated code reads or refuses. Values alias the payload.
 */
export function decodeUpdates(payload: Uint8Array): Update[] | undefined {
  if (payload[0] !== tags.updates) return undefined;
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  reader.begin(bytes);
  reader.at = 1;
  const inner = reader.varint();
  if (inner !== bytes.length - reader.at) return undefined;
  const updates: Update[] = [];
  while (reader.at < bytes.length) {
    if (bytes[reader.at++] !== tags.update) return undefined;
    const length = reader.varint();
    if (length === notPlain) return undefined;
    const update = readUpdate(bytes, reader.at + length);
    if (update === undefined) return undefined;
    updates.push(update);
  }
  return updates;
}

/** Those of the last field of a kind count, as ever; what runs beyond `end` is not plain. */
function readUpdate(bytes: Buffer, end: number): Update | undefined {
  if (end > bytes.length) return undefined;
  let seq = 0;
  let epoch = 0;
  let client: string | undefined = '';
  let request = 0;
  let firstIncomplete = 0;
  let op: Update['op'] | undefined;
  let key: string | undefined = '';
  let data: Uint8Array | undefined = noBytes;
  while (reader.at < end) {
    const tag = bytes[reader.at++];
    const value = reader.varint();
    if (value === notPlain) return undefined;
    switch (tag) {
      case tags.seq:
        seq = value;
        break;
      case tags.epoch:
        if (value > epochMax) return undefined;
        epoch = value;
        break;
      case tags.client:
        client = reader.ascii(value);
        if (client === undefined) return undefined;
        break;
      case tags.request:
        request = value;
        break;
      case tags.op:
        op = opsByNumber[value];
        break;
      case tags.key:
        key = reader.ascii(value);
        if (key === undefined) return undefined;
        break;
      case tags.data:
        data = reader.slice(value);
        if (data === undefined) return undefined;
        break;
      case tags.firstIncomplete:
        firstIncomplete = value;
        break;
      default:
        return undefined;
    }
  }
  if (reader.at !== end || op === undefined) return undefined;
  return { client, request, firstIncomplete, op, key, data, seq, epoch };
}
