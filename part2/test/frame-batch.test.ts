import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { syncTest, testSeed } from '@tablelab/part1/testing';
import {
  decodeMessage,
  encodeKeys,
  encodeMessage,
  FrameDecoder,
  type Message,
  type MessageFields,
  Opcode,
  type Reply,
} from '@tablelab/part2';
import fc from 'fast-check';
import protobuf from 'protobufjs/minimal.js';
import t from 'tap';
import { FrameBatch } from '../src/wire/frame-batch.ts';
import { message_t } from '../src/wire/generated/sdmessage.js';
import { isPlainReply } from '../src/wire/plain-reply.ts';

/** Numbers of every length as a varint. */
const uint53 = fc.oneof(
  fc.maxSafeNat(),
  fc.nat({ max: 300 }),
  fc.nat({ max: 53 }).map((bits) => Math.min(2 ** bits, Number.MAX_SAFE_INTEGER)),
  fc.nat({ max: 53 }).map((bits) => 2 ** bits - 1),
);
const int32 = fc.oneof(fc.integer(), fc.integer({ min: -70, max: 130 }));
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.string({ minLength: 120, maxLength: 140, size: 'max' }),
);
const data = fc.oneof(
  fc.uint8Array(),
  fc.uint8Array({ minLength: 120, maxLength: 140, size: 'max' }),
  fc.constantFrom(4_095, 4_096, 4_097).map((length) => new Uint8Array(length).fill(7)),
);
/** Any fields, most of them left out, as in requests and replies. */
const fields: fc.Arbitrary<MessageFields> = fc.record(
  {
    opcode: int32,
    c_type: int32,
    key: text,
    data,
    result: int32,
    keys: fc.array(text, { maxLength: 3, size: 'max' }),
    epoch: uint53.map((number) => number % 2 ** 32),
    client: text,
    request: uint53,
    first_incomplete: uint53,
    ack: int32,
    error: int32,
    detail: text,
    found: fc.boolean(),
    sequence: uint53,
    from: uint53,
    limit: uint53.map((number) => number % 2 ** 32),
    next: uint53,
    server: text,
    expected: data,
    outcome: fc.constantFrom(0, 1, 2),
  },
  { requiredKeys: ['opcode', 'c_type'] },
);
const plainReply: fc.Arbitrary<MessageFields> = fc.record(
  {
    opcode: fc.nat({ max: 127 }),
    c_type: fc.nat({ max: 127 }),
    data,
    result: fc.nat({ max: 2 ** 31 - 1 }),
    epoch: uint53.map((number) => number % 2 ** 32),
    client: fc.constant(''),
    found: fc.boolean(),
    sequence: uint53,
    outcome: fc.constantFrom(0, 1, 2),
  },
  { requiredKeys: ['opcode', 'c_type'] },
);

/** Encodes them with the generated code only. */
function generatedFrame(message: MessageFields): Uint8Array {
  return message_t
    .encode(message as message_t.$Properties, protobuf.Writer.create().fork())
    .ldelim()
    .finish();
}

function generatedMessage(payload: Uint8Array): unknown {
  const decoded = message_t.decode(protobuf.Reader.create(payload));
  const { request, first_incomplete, sequence, from, next } = decoded;
  const numbers = {
    request: Number(request),
    first_incomplete: Number(first_incomplete),
    sequence: Number(sequence),
    from: Number(from),
    next: Number(next),
  };
  const names = [
    'opcode',
    'c_type',
    'key',
    'result',
    'epoch',
    'client',
    'ack',
    'error',
    'detail',
    'found',
    'limit',
    'server',
    'outcome',
  ] as const;
  const rest = Object.fromEntries(names.map((name) => [name, decoded[name]]));
  return {
    ...rest,
    ...numbers,
    keys: [...decoded.keys],
    data: [...decoded.data],
    expected: [...decoded.expected],
  };
}

function comparable(message: Message): unknown {
  return { ...message, keys: [...message.keys], data: [...message.data], expected: [...message.expected] };
}

/** A frame's payload as a socket gives it. */
function payloadOf(frame: Uint8Array): Buffer {
  const prefix = frame.findIndex((byte) => byte < 128) + 1;
  return Buffer.from(frame.subarray(prefix));
}

syncTest(t, 'frames of a batch: byte for byte those of the generated code, in order, plain and not', (t) => {
  let plainReplies = 0;
  const messages = fc.array(fc.oneof(plainReply, plainReply, fields), { maxLength: 30, size: 'max' });
  fc.assert(
    fc.property(messages, (replies) => {
      const batch = new FrameBatch({ payloadBytesMax: 2 ** 20 });
      let bytes = 0;
      for (const reply of replies) {
        if (isPlainReply(reply)) plainReplies += 1;
        batch.append(reply);
        bytes += generatedFrame(reply).length;
        assert.equal(batch.bytes, bytes, 'it says how much it holds');
      }
      const expected = Buffer.concat(replies.map(generatedFrame));
      assert.equal(Buffer.compare(batch.take(), expected), 0);
      assert.equal(batch.bytes, 0);
      assert.equal(batch.take().length, 0, 'each frame is given once');
    }),
    { seed: testSeed, numRuns: 300 },
  );
  t.ok(plainReplies > 500, `${plainReplies} plain replies`);
});

syncTest(
  t,
  'long content is sent from where it is, between the other frames (part2/README.md#wire-order)',
  (t) => {
    const batch = new FrameBatch({ payloadBytesMax: 2 ** 20, longBytesMin: 1_000 });
    const value = { opcode: Opcode.OP_GET + 1, c_type: 20, data: new Uint8Array(5_000).fill(7), found: true };
    const keys = Array.from({ length: 500 }, (_, index) => `key:${index}`);
    const replies: Reply[] = [
      { opcode: Opcode.OP_SIZE + 1, c_type: 50, result: 3 },
      value,
      { opcode: Opcode.OP_GETKEYS + 1, c_type: 40, encodedKeys: encodeKeys(keys) },
      { opcode: Opcode.OP_ERROR, c_type: 60, detail: 'no' },
      { ...value, data: value.data.subarray(0, 999) },
    ];
    for (const reply of replies) batch.append(reply);
    t.throws(() => batch.append({ ...value, data: new Uint8Array(2 ** 20) }), { code: 'TOO_LARGE' });
    const bytes = batch.bytes;
    const parts = batch.takeParts();
    t.ok(parts.includes(value.data), 'the value itself');
    t.ok(parts.includes(replies[2]?.encodedKeys as Uint8Array), 'and the keys');
    const all = Buffer.concat(parts);
    t.same([all.length, batch.bytes, batch.take().length], [bytes, 0, 0]);
    const received = [...new FrameDecoder().push(all)].map((payload) => decodeMessage(payload));
    t.same(
      received.map(({ opcode, result, data, keys: list }) => [opcode, result, data.length, list.length]),
      [
        [Opcode.OP_SIZE + 1, 3, 0, 0],
        [Opcode.OP_GET + 1, 0, 5_000, 0],
        [Opcode.OP_GETKEYS + 1, 0, 0, 500],
        [Opcode.OP_ERROR, 0, 0, 0],
        [Opcode.OP_GET + 1, 0, 999, 0],
      ],
    );
    t.equal(Buffer.compare(received[1]?.data ?? Buffer.alloc(0), value.data), 0);
    t.equal(received[1]?.found, true);
    t.same(received[2]?.keys, keys);
  },
);

syncTest(
  t,
  'a batch refuses messages that are too long or have fields of the wrong type, and keeps the rest',
  (t) => {
    const batch = new FrameBatch({ payloadBytesMax: 200 });
    const small = { opcode: Opcode.OP_SIZE + 1, c_type: 50, result: 1 };
    const tooLarge = { opcode: Opcode.OP_GET + 1, c_type: 20, data: new Uint8Array(200) };
    const fits = { opcode: Opcode.OP_GET + 1, c_type: 20, data: new Uint8Array(193) };
    batch.append(small);
    t.throws(() => batch.append(tooLarge), { code: 'TOO_LARGE' });
    batch.append(fits);
    t.throws(() => batch.append({ ...small, opcode: 1.5 }), { message: /opcode/ });
    t.throws(() => batch.append({ ...small, result: 2 ** 31 }), { message: /result/ });
    t.throws(() => batch.append({ ...small, epoch: -1 }), { message: /epoch/ });
    t.throws(() => batch.append({ ...small, sequence: 2 ** 53 }), { message: /sequence/ });
    batch.append(small);
    const expected = Buffer.concat([small, fits, small].map(generatedFrame));
    t.equal(Buffer.compare(batch.take(), expected), 0);
  },
);

syncTest(t, 'every message comes back as the generated code reads it', () => {
  fc.assert(
    fc.property(fields, (message) => {
      const payload = payloadOf(encodeMessage(message));
      assert.deepEqual(comparable(decodeMessage(payload)), generatedMessage(payload));
    }),
    { seed: testSeed, numRuns: 1_000 },
  );
});

syncTest(t, 'whatever is in a payload: it is read as the generated code reads it, or refused', (t) => {
  const change = fc.oneof(
    fc.record({ removed: fc.constant(1), at: fc.nat(), bytes: fc.uint8Array({ maxLength: 1, size: 'max' }) }),
    fc.record({
      removed: fc.constant(0),
      at: fc.nat(),
      bytes: fc.uint8Array({ maxLength: 11, size: 'max' }),
    }),
  );
  const changes = fc.array(change, { minLength: 1, maxLength: 3, size: 'max' });
  let read = 0;
  let refused = 0;
  fc.assert(
    fc.property(fc.oneof(plainReply, fields), changes, (message, changes) => {
      const bytes = [...payloadOf(generatedFrame(message))];
      for (const { removed, at, bytes: inserted } of changes)
        bytes.splice(at % (bytes.length + 1), removed, ...inserted);
      const payload = Buffer.from(bytes);
      const expected = readOrRefused(() => generatedMessage(payload));
      const found = readOrRefused(() => comparable(decodeMessage(payload)));
      if (found === 'refused') refused += 1;
      else read += 1;
      // The generated code also reads what it must cut off to fit into a field, or could be read in another way.
      if (found === 'refused') return;
      if (!isDeepStrictEqual(found, expected)) throw new Error(payload.toString('hex'));
    }),
    { seed: testSeed, numRuns: 3_000 },
  );
  t.ok(read > 300 && refused > 300, `${read} were read, ${refused} refused`);
});

function readOrRefused(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return 'refused';
  }
}
