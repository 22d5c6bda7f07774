import { testSeed } from '@tablelab/part1/testing';
import fc from 'fast-check';
import t from 'tap';
import {
  decodeChainMessage,
  encodeChainMessage,
  isLinkPreface,
  linkPreface,
} from '../src/adapters/links/chain-codec.ts';
import { defaultLinkLimits } from '../src/adapters/links/links.ts';
import { suspendAwareClock } from '../src/adapters/node/suspend-aware-clock.ts';
import { leaseAfter, noLease } from '../src/core/lease.ts';
import { defaultChainLimits } from '../src/core/limits.ts';
import type { ChainMessage } from '../src/core/messages.ts';
import type { Update } from '../src/core/update.ts';
import { chain_message_t } from '../src/generated/chain.js';
import { formatName, nameFields, nameOf, parseName } from '../src/write-name.ts';

const uint32 = fc.nat({ max: 2 ** 32 - 1 });
const uint53 = fc.maxSafeNat();
const hexName = fc.stringMatching(/^[0-9a-f]{16}$/);
const update: fc.Arbitrary<Update> = fc.record({
  seq: uint53,
  epoch: uint32,
  client: fc.stringMatching(/^([0-9a-f]{16})?$/),
  request: uint53,
  firstIncomplete: uint53,
  op: fc.constantFrom('put' as const, 'putIfAbsent' as const, 'del' as const, 'open' as const),
  key: fc.string({ unit: 'grapheme' }),
  data: fc.uint8Array(),
  expected: fc.constant(undefined),
  isApplied: fc.boolean(),
});
const session = fc.record({
  client: hexName,
  firstIncomplete: uint53,
  outcomes: fc.array(
    fc.record({ request: uint53, epoch: uint32, seq: uint53, digest: uint32, isApplied: fc.boolean() }),
  ),
});
const message: fc.Arbitrary<ChainMessage> = fc.oneof(
  fc.record({
    type: fc.constant('hello' as const),
    session: fc.stringMatching(/^[0-9a-f]{16}$/),
    id: uint32,
    viewVersion: uint32,
    chain: hexName,
    joining: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('welcome' as const),
    received: uint53,
    lastEpoch: fc.option(uint32, { nil: undefined }),
    whole: fc.boolean(),
    stable: uint53,
    member: fc.boolean(),
  }),
  fc.record({ type: fc.constant('reject' as const), viewVersion: uint32 }),
  fc.record({ type: fc.constant('refuse' as const), detail: fc.string() }),
  fc.record({ type: fc.constant('handover' as const), seq: uint53 }),
  fc.record({ type: fc.constant('updates' as const), updates: fc.array(update) }),
  fc.record({ type: fc.constant('ack' as const), stable: uint53 }),
  fc.record({
    type: fc.constant('snapshot' as const),
    seq: uint53,
    epochs: fc.array(fc.record({ epoch: uint32, seq: uint53 })),
    sessions: fc.array(session),
    sessionsSeq: uint53,
  }),
  fc.record({ type: fc.constant('chunk' as const), entries: fc.uint8Array() }),
  fc.record({ type: fc.constant('invite' as const), seq: uint53 }),
  fc.record({ type: fc.constant('progress' as const), executed: uint53, chunks: uint53 }),
);

/** Compares only the bytes, because values may be Buffers on one side. */
function plain(value: ChainMessage): unknown {
  if (value.type === 'chunk') return { ...value, entries: [...value.entries] };
  if (value.type !== 'updates') return value;
  return { ...value, updates: value.updates.map((one) => ({ ...one, data: [...one.data] })) };
}

t.test('messages between servers: every type survives encoding and decoding', async (t) => {
  fc.assert(
    fc.property(message, (sent) => {
      t.same(plain(decodeChainMessage(encodeChainMessage(sent))), plain(sent));
    }),
    { seed: testSeed, numRuns: 300 },
  );
});

t.test('messages between servers: anything else is refused, and nothing crashes', async (t) => {
  const refused = { name: 'TableError', code: 'BAD_REQUEST' };
  t.throws(() => decodeChainMessage(new Uint8Array(0)), refused, 'an empty message');
  t.throws(() => decodeChainMessage(linkPreface), refused, 'a preface in the wrong place');
  const noOp = chain_message_t.encode({ updates: { updates: [{ seq: 1 }] } }).finish();
  t.throws(() => decodeChainMessage(noOp), refused, 'an update that does nothing');
  const unequal = { client: 'c'.repeat(16), requests: [1, 2], seqs: [1, 2], epochs: [1] };
  const lists = chain_message_t.encode({ snapshot: { sessions: [unequal] } }).finish();
  t.throws(() => decodeChainMessage(lists), refused, 'outcomes whose lists differ in length');
  const noChain = chain_message_t.encode({ hello: { id: 1, chain: 'mine' } }).finish();
  t.throws(() => decodeChainMessage(noChain), refused, 'a HELLO that names no chain');
  const tooLarge = Uint8Array.of(0x3a, 9, 8, 255, 255, 255, 255, 255, 255, 255, 127);
  t.throws(() => decodeChainMessage(tooLarge), refused, 'a number that JavaScript cannot count to');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100, size: 'max' }), (payload) => {
      try {
        decodeChainMessage(payload);
      } catch (error) {
        t.match(error, refused);
      }
    }),
    { seed: testSeed, numRuns: 2_000 },
  );
  t.equal(isLinkPreface(linkPreface), true);
  for (const other of [linkPreface.slice(1), Uint8Array.from([...linkPreface, 0]), new Uint8Array(16)]) {
    t.equal(isLinkPreface(other), false);
  }
});

t.test('a write’s name: as fields of a message and as text, with and without an epoch', async (t) => {
  for (const name of [
    { number: 0, epoch: 0 },
    { number: 0, epoch: undefined },
    { number: 2 ** 31, epoch: 7 },
    { number: 12, epoch: 2 ** 31 },
  ]) {
    const fields = nameFields(name);
    t.same(
      nameOf({ result: fields.result ?? 0, sequence: fields.sequence ?? 0, epoch: fields.epoch ?? 0 }),
      name,
    );
    const text =
      name.epoch === undefined ? `${name.number}` : formatName({ number: name.number, epoch: name.epoch });
    t.same(parseName(text), name, text);
  }
  for (const text of ['', ':', '1:', ':1', 'a', '-1', '1:2:3', '1 2', '9'.repeat(16)]) {
    t.throws(() => parseName(text), { code: 'BAD_REQUEST' }, `no name: ${JSON.stringify(text)}`);
  }
});

t.test('the largest SNAPSHOT there can be fits into a frame of a link', async (t) => {
  const { outcomesMax, sessionsMax, outcomesPerSessionMax } = defaultChainLimits;
  const largest = Number.MAX_SAFE_INTEGER;
  const sessions = Array.from({ length: sessionsMax }, (_, place) => ({
    client: 'f'.repeat(16),
    firstIncomplete: largest,
    outcomes: Array.from(
      { length: Math.min(outcomesPerSessionMax, Math.max(0, outcomesMax - place * outcomesPerSessionMax)) },
      () => ({ request: largest, epoch: 2 ** 32 - 1, seq: largest, digest: 2 ** 32 - 1, isApplied: false }),
    ),
  }));
  const bytes = encodeChainMessage({ type: 'snapshot', seq: 0, epochs: [], sessions, sessionsSeq: 0 });
  t.ok(bytes.length > 20 * outcomesMax, `${bytes.length} bytes`);
  t.ok(bytes.length < defaultLinkLimits.frameBytesMax, `${bytes.length} bytes`);
});

t.test('the clock includes the time while the machine is suspended, so an old lease is over', async (t) => {
  const times = { monotonic: 1_000.5, timeOfDay: 1_700_000_000_000 };
  const now = suspendAwareClock({ monotonic: () => times.monotonic, timeOfDay: () => times.timeOfDay });
  const pass = (monotonic: number, timeOfDay: number) => {
    times.monotonic += monotonic;
    times.timeOfDay += timeOfDay;
    return now();
  };
  const start = now();
  const until = leaseAfter(noLease, { sentAt: start, sessionTimeoutMs: 4_000 });
  t.equal(pass(100, 100), start + 100);
  t.equal(pass(100, 110), start + 200, 'the time of day is not that exact');
  t.equal(pass(100, -3_600_000), start + 300, 'somebody has put it back');
  t.ok(pass(100, 100) < until);
  t.equal(pass(1, 60_001), start + 60_401, 'suspended for a minute');
  t.notOk(now() < until, 'the lease is over with the first look');
  t.equal(pass(100, 100), start + 60_501, 'and it goes on from there');
});
