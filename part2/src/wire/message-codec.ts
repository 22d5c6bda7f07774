import { assert, TableError } from '@tablelab/shared';
import protobuf from 'protobufjs/minimal.js';
import { FieldReader, type Span } from './field-reader.ts';
import { message_t } from './generated/sdmessage.js';
import type { Message, MessageFields } from './message.ts';
import { operationWithOpcode } from './operations.ts';
import { tags } from './tags.ts';

/** The largest number of fields in a request. A request has only a few; the largest frame could hold eight million. */
const requestFieldsMax = 64;

/** The longest `client` of a request, in bytes: the name of a client session has 32. */
const clientBytesMax = 64;

const nothing: Span = Object.freeze({ start: 0, end: 0 });
const noBytes = Buffer.alloc(0);
const noKeys: readonly string[] = Object.freeze([]);
const reader = new FieldReader();

/**
 * Decodes the message in `payload` (one frame's content). `data` and `expected` alias `payload`. If a field occurs twice, the last
 * one counts. Unknown fields, and those with a wire type other than the .proto file's, are skipped.
 * @throws TableError BAD_REQUEST for bytes that are not a `message_t`, see {@link FieldReader}
 */
export function decodeMessage(payload: Uint8Array): Message {
  return readMessage(payload, { isRequest: false });
}

/**
 * The same for a request; reads only the fields that its operation needs: `key` stays empty if the operation has none,
 * and so do `keys` and `detail`, which only replies have.
 * @throws TableError BAD_REQUEST also for more than {@link requestFieldsMax} fields, and for too long a `client`
 */
export function decodeRequest(payload: Uint8Array): Message {
  return readMessage(payload, { isRequest: true });
}

function readMessage(payload: Uint8Array, { isRequest }: { isRequest: boolean }): Message {
  let opcode = 0;
  let c_type = 0;
  let key = nothing;
  let data: Uint8Array = noBytes;
  let result = 0;
  let keys: string[] | undefined;
  let epoch = 0;
  let client = nothing;
  let request = 0;
  let first_incomplete = 0;
  let ack = 0;
  let error = 0;
  let detail = nothing;
  let found = false;
  let sequence = 0;
  let from = 0;
  let limit = 0;
  let next = 0;
  let server = nothing;
  let expected: Uint8Array = noBytes;
  let outcome = 0;
  reader.begin(payload, isRequest ? requestFieldsMax : Number.POSITIVE_INFINITY);
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    switch (tag) {
      case tags.opcode:
        opcode = reader.int32();
        break;
      case tags.c_type:
        c_type = reader.int32();
        break;
      case tags.key:
        key = anotherText(key);
        break;
      case tags.data:
        data = reader.bytes();
        break;
      case tags.result:
        result = reader.sint32();
        break;
      case tags.keys:
        if (isRequest) {
          reader.skip();
        } else {
          keys ??= [];
          keys.push(reader.text());
        }
        break;
      case tags.epoch:
        epoch = reader.uint32();
        break;
      case tags.client:
        client = anotherText(client);
        break;
      case tags.request:
        request = reader.uint53();
        break;
      case tags.first_incomplete:
        first_incomplete = reader.uint53();
        break;
      case tags.ack:
        ack = reader.int32();
        break;
      case tags.error:
        error = reader.int32();
        break;
      case tags.detail:
        detail = anotherText(detail);
        break;
      case tags.found:
        found = reader.bool();
        break;
      case tags.sequence:
        sequence = reader.uint53();
        break;
      case tags.from:
        from = reader.uint53();
        break;
      case tags.limit:
        limit = reader.uint32();
        break;
      case tags.next:
        next = reader.uint53();
        break;
      case tags.server:
        server = anotherText(server);
        break;
      case tags.expected:
        expected = reader.bytes();
        break;
      case tags.outcome:
        outcome = reader.int32();
        break;
      default:
        reader.skip();
    }
  }
  if (isRequest) {
    if (client.end - client.start > clientBytesMax) {
      throw new TableError('BAD_REQUEST', `\`client\` has at most ${clientBytesMax} bytes`);
    }
    if (operationWithOpcode(opcode)?.takesKey !== true) key = nothing;
    detail = nothing;
    server = nothing;
  }
  const message = {
    opcode,
    c_type,
    key: reader.textAt(key),
    data,
    result,
    keys: keys ?? noKeys,
    epoch,
    client: reader.textAt(client),
    request,
    first_incomplete,
    ack,
    error,
    detail: reader.textAt(detail),
    found,
    sequence,
    from,
    limit,
    next,
    server: reader.textAt(server),
    expected,
    outcome,
  };
  reader.end();
  return message;
}

/** The text of a field, of which `before` came earlier in the message: that must be UTF-8 as well, although the last one counts. */
function anotherText(before: Span): Span {
  reader.textAt(before);
  return reader.span();
}

/** The whole frame of `message`: its length as a varint, then the message. */
export function encodeMessage(message: MessageFields): Uint8Array {
  checkFields(message);
  return message_t
    .encode(message as message_t.$Properties, protobuf.Writer.create().fork())
    .ldelim()
    .finish();
}

/** The fields `keys` of a message, without the rest of it. */
export function encodeKeys(keys: readonly string[]): Uint8Array {
  return message_t.encode({ keys } as message_t.$Properties, protobuf.Writer.create()).finish();
}

const int32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };
const uint32 = { min: 0, max: 2 ** 32 - 1 };
const uint53 = { min: 0, max: Number.MAX_SAFE_INTEGER };

/**
 * Detects bugs: the generated code would silently encode a field of the wrong type incorrectly. The checks are written
 * out, because a loop over the names would cost as much as the whole encoding.
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
  checkInteger('from', message.from, uint53);
  checkInteger('limit', message.limit, uint32);
  checkInteger('next', message.next, uint53);
  checkInteger('outcome', message.outcome, int32);
  checkString('key', message.key);
  checkString('client', message.client);
  checkString('detail', message.detail);
  checkString('server', message.server);
  checkBytesField('data', message.data);
  checkBytesField('expected', message.expected);
}

function checkBytesField(field: string, value: unknown): void {
  if (value !== undefined && !(value instanceof Uint8Array)) assert(false, `${field} must be a Uint8Array`);
}

function checkInteger(field: string, value: unknown, { min, max }: { min: number; max: number }): void {
  if (value === undefined) return;
  if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max) return;
  assert(false, `${field} must lie in [${min}, ${max}]`);
}

function checkString(field: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'string') assert(false, `${field} must be a string`);
}
