import { testSeed } from '@tablelab/part1/testing';
import { encodeFrame, FrameDecoder } from '@tablelab/part2';
import { must } from '@tablelab/shared';
import fc from 'fast-check';
import t from 'tap';
import {
  decodeChainMessage,
  encodeChainFrame,
  encodeChainMessage,
} from '../src/adapters/links/chain-codec.ts';
import { decodeUpdates } from '../src/adapters/links/updates-codec.ts';
import { writeText } from '../src/adapters/links/write-text.ts';
import type { Update } from '../src/core/update.ts';
import { chain_message_t } from '../src/generated/chain.js';

/** Numbers of every length as a varint. */
const uint53 = fc.oneof(
  fc.maxSafeNat(),
  fc.nat({ max: 300 }),
  fc.nat({ max: 53 }).map((bits) => Math.min(2 ** bits, Number.MAX_SAFE_INTEGER)),
  fc.nat({ max: 52 }).map((bits) => 2 ** bits - 1),
);
const uint32 = uint53.map((number) => number % 2 ** 32);
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.string({ minLength: 120, maxLength: 140, size: 'max' }),
);
const bytes = fc.oneof(fc.uint8Array(), fc.uint8Array({ minLength: 120, maxLength: 140, size: 'max' }));
const anyUpdate = fc.record({
  seq: uint53,
  epoch: uint32,
  client: fc.stringMatching(/^([0-9a-f]{16})?$/),
  request: uint53,
  firstIncomplete: uint53,
  op: fc.constantFrom('put', 'del', 'open', 'putIfAbsent', 'putIfEquals'),
  key: text,
  data: bytes,
  expected: bytes,
  isApplied: fc.boolean(),
});
const update = anyUpdate.map(
  (one) => ({ ...one, expected: one.op === 'putIfEquals' ? one.expected : undefined }) as Update,
);

function payloadOf(frame: Uint8Array): Uint8Array {
  const decoder = new FrameDecoder();
  const payloads = [...decoder.push(frame)];
  t.equal(payloads.length, 1, 'one frame');
  t.equal(decoder.restBytes, 0, 'and nothing behind it');
  return must(payloads[0], 'there is one');
}

function plain(updates: readonly Update[]): unknown {
  return updates.map((one) => ({ ...one, data: [...one.data], expected: one.expected && [...one.expected] }));
}

/** Decodes a payload with the generated code only. */
function generated(payload: Uint8Array): unknown {
  const ops = ['', 'put', 'del', 'open', 'putIfAbsent', 'putIfEquals'];
  return (chain_message_t.decode(payload).updates?.updates ?? []).map((one) => {
    const { seq, epoch, client, request, first_incomplete: firstIncomplete, op, key, data } = one;
    const name = ops[op ?? 0];
    return {
      seq: Number(seq),
      epoch,
      client,
      request: Number(request),
      firstIncomplete: Number(firstIncomplete),
      op: name,
      key,
      data: [...(data ?? [])],
      expected: name === 'putIfEquals' ? [...(one.expected ?? [])] : undefined,
      isApplied: !one.not_applied,
    };
  });
}

t.test('updates are encoded byte for byte as by the generated code, and decoded again', async (t) => {
  fc.assert(
    fc.property(fc.array(update, { maxLength: 20, size: 'max' }), (updates) => {
      const message = { type: 'updates', updates } as const;
      const payload = payloadOf(encodeChainFrame(message));
      t.equal(Buffer.compare(payload, encodeChainMessage(message)), 0);
      const decoded = decodeChainMessage(payload);
      t.same(decoded.type === 'updates' && plain(decoded.updates), plain(updates));
    }),
    { seed: testSeed, numRuns: 500 },
  );
});

function decodedOrRefused(payload: Uint8Array): Update[] | undefined {
  try {
    return decodeUpdates(payload);
  } catch (error) {
    t.match(error, { name: 'TableError', code: 'BAD_REQUEST' });
    return undefined;
  }
}

t.test(
  'for every other payload, the hand-written reader gives the generated code’s result, or refuses it',
  async (t) => {
    let byHand = 0;
    const check = (payload: Uint8Array) => {
      const updates = decodedOrRefused(payload);
      if (updates === undefined) return;
      byHand += 1;
      t.same(plain(updates), generated(payload), Buffer.from(payload).toString('hex'));
    };
    const damage = fc.array(
      fc.oneof(
        fc.record({ type: fc.constant('change' as const), at: fc.nat(), byte: fc.nat({ max: 255 }) }),
        fc.record({ type: fc.constant('cut' as const), at: fc.nat() }),
        fc.record({
          type: fc.constant('insert' as const),
          at: fc.nat(),
          bytes: fc.uint8Array({ maxLength: 12, size: 'max' }),
        }),
        fc.record({ type: fc.constant('remove' as const), at: fc.nat() }),
      ),
      { minLength: 1, maxLength: 3, size: 'max' },
    );
    fc.assert(
      fc.property(
        fc.array(update, { minLength: 1, maxLength: 3, size: 'max' }),
        damage,
        (updates, damages) => {
          let bytes = [...encodeChainMessage({ type: 'updates', updates })];
          for (const one of damages) {
            const at = one.at % (bytes.length + 1);
            if (one.type === 'change' && at < bytes.length) bytes[at] = one.byte;
            if (one.type === 'cut') bytes = bytes.slice(0, at);
            if (one.type === 'insert') bytes.splice(at, 0, ...one.bytes);
            if (one.type === 'remove') bytes.splice(at, 1);
          }
          check(Uint8Array.from(bytes));
        },
      ),
      { seed: testSeed, numRuns: 2_500 },
    );
    t.ok(byHand > 100, `${byHand} were read by hand`);
  },
);

t.test('fields beyond the end, and numbers too large for their field, are refused', async (t) => {
  const refused = { name: 'TableError', code: 'BAD_REQUEST' };
  const wire = (first: number[], second: number[] = [0x28, 1]) => {
    const updates = [first, second].flatMap((one) => [0x0a, one.length, ...one]);
    return Uint8Array.of(0x32, updates.length, ...updates);
  };
  t.equal(decodeUpdates(wire([0x28, 1, 0x40, 1])).length, 2);
  t.equal(decodeUpdates(wire([0x28, 1, 0x10, 255, 255, 255, 255, 15]))[0]?.epoch, 2 ** 32 - 1);
  t.throws(() => decodeUpdates(wire([0x28, 1, 0x10, 128, 128, 128, 128, 16])), refused, 'epoch 2^32');
  t.throws(() => decodeUpdates(wire([0x28, 1, 0x88, 128, 128, 128, 128, 0, 1])), refused, 'a tag of 6 bytes');
  // The next update begins inside of it, and would be the rest of it.
  t.throws(() => decodeUpdates(wire([0x28, 1, 0x32, 4])), refused, 'a key that reaches into the next update');
  t.throws(() => decodeUpdates(wire([0x28, 1, 0x3a, 4])), refused, 'a value that does');
  t.throws(() => decodeUpdates(wire([0x28, 1, 0x08, 0x80])), refused, 'a number that does');
});

t.test('a frame of millions of empty updates, or of client sessions, is refused at once', async (t) => {
  const million = 1 << 20;
  // A frame is a field without its tag.
  const inField = (tag: number, content: Uint8Array) =>
    Buffer.concat([Uint8Array.of(tag), encodeFrame(content)]);
  const floods = {
    updates: inField(0x32, Buffer.alloc(16 * million, '0a00', 'hex')),
    'updates with an operation': inField(0x32, Buffer.alloc(16 * million, '0a022801', 'hex')),
    'fields of one update': inField(0x32, inField(0x0a, Buffer.alloc(16 * million, '2801', 'hex'))),
    'unknown fields of one update': inField(0x32, inField(0x0a, Buffer.alloc(16 * million, '5801', 'hex'))),
    'client sessions': inField(0x42, Buffer.alloc(16 * million, '1a00', 'hex')),
    'epochs of a snapshot': inField(0x42, Buffer.alloc(16 * million, '1200', 'hex')),
    'outcomes of one session': inField(0x42, inField(0x1a, inField(0x1a, Buffer.alloc(16 * million, 1)))),
    acknowledgements: Buffer.alloc(16 * million, '3a00', 'hex'),
  };
  for (const [name, payload] of Object.entries(floods)) {
    // Read to the end it would be refused for another reason, or not at all.
    const refusal = {
      name: 'TableError',
      code: 'BAD_REQUEST',
      message: /too many fields|more than \d+ |unknown operation/,
    };
    t.throws(() => decodeChainMessage(payload), refusal, name);
  }
});

t.test('unusual updates: read correctly, or refused', async (t) => {
  const wire = (...update: number[]) =>
    Uint8Array.of(0x32, update.length + 2, 0x0a, update.length, ...update);
  const refused = { name: 'TableError', code: 'BAD_REQUEST' };
  const fields = (payload: Uint8Array) => {
    const message = decodeChainMessage(payload);
    return message.type === 'updates' ? message.updates[0] : undefined;
  };
  t.match(fields(wire(0x08, 1, 0x08, 2, 0x28, 1)), { seq: 2, op: 'put' }, 'the last of two counts');
  t.match(fields(wire(0x28, 1, 0x08, 0x81, 0)), { seq: 1 }, 'a number that is longer than it need be');
  t.match(fields(wire(0x28, 1, 0x78, 5)), { op: 'put' }, 'an unknown field is skipped');
  t.match(fields(wire(0x28, 2, 0x32, 2, 0xc3, 0xb6)), { op: 'del', key: 'ö' }, 'UTF-8');
  t.throws(() => fields(wire(0x28, 1, 0x32, 2, 0xc3, 0x28)), refused, 'no UTF-8');
  t.throws(() => fields(wire(0x28, 6)), refused, 'an operation that there is not');
  t.throws(() => fields(wire(0x28, 1, 0x3a, 5, 1)), refused, 'a value that is cut off');
  t.throws(() => fields(wire(0x28, 1, 0x08, 0x80)), refused, 'a number that is cut off');
  t.throws(() => fields(Uint8Array.of(0x32, 4, 0x0a, 4, 0x28, 1)), refused, 'an update that is cut off');
  const large = wire(0x28, 1, 0x08, 255, 255, 255, 255, 255, 255, 255, 127);
  t.throws(() => fields(large), refused, 'a number that JavaScript cannot count to');
  const two = Uint8Array.of(...wire(0x28, 1), ...wire(0x28, 2));
  const both = decodeChainMessage(two);
  t.equal(both.type === 'updates' && both.updates.length, 2, 'two messages of a kind are one');
});

t.test('texts are written as UTF-8, short and long ones', async (t) => {
  for (const text of ['', 'cart:1', 'é', '日本 🛒', 'k'.repeat(100)]) {
    const length = Buffer.byteLength(text);
    const bytes = Buffer.alloc(length + 2);
    t.equal(writeText(bytes, 1, text, length), length + 1);
    t.equal(bytes.toString('utf8', 1, length + 1), text);
  }
});
