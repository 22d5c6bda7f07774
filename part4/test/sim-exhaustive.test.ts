/** Every order of events in a small chain: messages, executions, crashes. */
import t from 'tap';
import { fingerprint } from '../sim/exhaustive/fingerprint.ts';
import { explore } from '../sim/exhaustive/search.ts';
import { ChainCore } from '../src/core/chain-core.ts';
import type { ChainEvent } from '../src/core/effects.ts';

const limits = { statesMax: 200_000 };

// `npm run sim -- --exhaustive 3,2,2` goes through 3 servers, 2 writes and 2 crashes.
for (const [servers, writes, crashes] of [
  [3, 2, 0],
  [2, 2, 1],
  [3, 1, 1],
  [3, 2, 1],
] as const) {
  t.test(`${servers} servers, ${writes} writes, ${crashes} crashes: no order breaks a rule`, async (t) => {
    const result = explore({ Core: ChainCore, servers, writes, crashes }, limits);
    t.equal(result.failure, undefined);
    t.ok(result.isComplete, 'all orders were gone through');
    t.ok(result.steps > result.states && result.ends > 0);
    t.comment(`${result.states} states, ${result.steps} steps, ${result.ends} ends`);
  });
}

t.test('a core that answers too early is caught, and one that stops making progress', async (t) => {
  class Careless extends ChainCore {
    override readRefusal(): undefined {
      return undefined;
    }
  }
  class Deaf extends ChainCore {
    override handle(event: ChainEvent, now: number): void {
      // Only where another server has been the head before.
      const isAck = event.type === 'message' && event.message.type === 'ack';
      if (!isAck || !this.isHead || this.id === 0) super.handle(event, now);
    }
  }
  const careless = explore({ Core: Careless, servers: 2, writes: 1, crashes: 0 }, limits);
  t.match(careless.failure?.text, /both answer reads/);
  const deaf = explore({ Core: Deaf, servers: 3, writes: 1, crashes: 1 }, limits);
  t.match(deaf.failure?.text, /at the end/);
  t.match(deaf.failure?.path.join(), /s0 crashes/, 'with what led there');
});

t.test('the fingerprint of a state covers all its contents', async (t) => {
  const state = () => ({ list: [1, { a: 2 }], map: new Map([['x', Uint8Array.of(1, 2)]]) });
  t.equal(fingerprint(state()), fingerprint(state()));
  t.not(fingerprint(state()), fingerprint({ ...state(), list: [1, { a: 3 }] }));
  t.not(fingerprint(state()), fingerprint({ ...state(), map: new Map([['x', Uint8Array.of(1, 3)]]) }));
});
