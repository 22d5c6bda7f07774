import { TableError } from '@tablelab/shared';
import t, { type Test } from 'tap';
import { ChainSession } from '../src/adapters/zookeeper/chain-session.ts';
import type { CoordinationSession, TransactionOutcome } from '../src/ports.ts';
import { ManualClock } from './support/manual-clock.ts';

const sessionTimeoutMs = 1_000;
const intervalMs = sessionTimeoutMs / 8;

interface Sent {
  readonly at: number;
  readonly answer: (outcome: TransactionOutcome) => Promise<void>;
  readonly fail: () => Promise<void>;
}

/** Runs the callbacks of settled promises. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A chain's session whose heartbeats the test answers. `sent`: in order; `counted`: by the time of sending. */
function heartbeatsOf(t: Test): {
  clock: ManualClock;
  sent: Sent[];
  counted: number[];
  chain: ChainSession;
} {
  const clock = new ManualClock();
  const sent: Sent[] = [];
  const counted: number[] = [];
  const unused = () => new Promise<never>(() => undefined);
  const session: CoordinationSession = {
    sessionId: '0'.repeat(16),
    sessionTimeoutMs,
    isConnected: true,
    ended: unused(),
    onConnected: () => undefined,
    ensure: unused,
    getData: unused,
    children: unused,
    exists: unused,
    transaction: () =>
      new Promise((resolve, reject) => {
        sent.push({
          at: clock.now(),
          answer: (outcome) => {
            resolve(outcome);
            return settled();
          },
          fail: () => {
            reject(new TableError('TIMEOUT', 'no answer', { mayHaveHappened: true }));
            return settled();
          },
        });
      }),
    close: async () => undefined,
  };
  const chain = new ChainSession(session, {
    paths: { chain: '/chain', joining: '/chain-joining' },
    emit: (event) => {
      if (event.type === 'heartbeat') counted.push(event.sentAt);
    },
    clock,
    log: () => undefined,
  });
  t.teardown(() => chain.stop());
  chain.heartbeats(7);
  return { clock, sent, counted, chain };
}

const confirmed: TransactionOutcome = { committed: true };
const times = (sent: readonly Sent[]) => sent.map(({ at }) => at);

t.test('only one heartbeat is under way: a follower can delay only one', async (t) => {
  const { clock, sent, counted } = heartbeatsOf(t);
  t.same(times(sent), [0], 'at once');
  await sent[0]?.answer(confirmed);
  clock.pass(intervalMs);
  t.same(times(sent), [0, intervalMs], 'the next after an eighth of the time-out');
  clock.pass(0.8 * sessionTimeoutMs);
  t.same(times(sent), [0, intervalMs], 'held up for long, and no other one behind it');
  await sent[1]?.answer(confirmed);
  t.same(counted, [0, intervalMs], 'it counts from its sending');
  clock.pass(0);
  t.same(times(sent), [0, intervalMs, clock.now()], 'the next follows at once');
});

t.test('after a failed heartbeat, which may still be under way, the next one does not count', async (t) => {
  const { clock, sent, counted } = heartbeatsOf(t);
  await sent[0]?.answer(confirmed);
  clock.pass(intervalMs);
  clock.pass(sessionTimeoutMs / 2);
  await sent[1]?.fail();
  clock.pass(0);
  t.equal(sent.length, 3);
  clock.pass(10);
  await sent[2]?.answer(confirmed);
  t.same(counted, [0], 'it shows that nothing is under way any more');
  t.equal(sent.length, 4, 'and the next follows at once');
  const { at } = sent[3] ?? { at: -1 };
  await sent[3]?.answer(confirmed);
  t.same(counted, [0, at]);
});

t.test('heartbeats for another znode, or for none, end the earlier ones', async (t) => {
  const { clock, sent, counted, chain } = heartbeatsOf(t);
  chain.heartbeats(undefined);
  chain.heartbeats(7);
  t.equal(sent.length, 2, 'begun anew');
  await sent[0]?.answer(confirmed);
  t.same(counted, [], 'what was sent before does not count');
  clock.pass(10 * intervalMs);
  t.equal(sent.length, 2, 'nor goes on');
  chain.heartbeats(undefined);
  await sent[1]?.answer(confirmed);
  clock.pass(10 * intervalMs);
  t.equal(sent.length, 2);
  t.same(counted, []);
});
