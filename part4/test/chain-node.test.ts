import t from 'tap';
import { ChainNode } from '../src/adapters/chain-node.ts';
import { nodeRandomness } from '../src/adapters/node/node-randomness.ts';
import { socketTransport } from '../src/adapters/node/socket-transport.ts';
import { TableReplicaStore } from '../src/adapters/store/table-replica-store.ts';
import { ManualClock } from './support/manual-clock.ts';
import { RecordedConnection } from './support/recorded-connection.ts';

t.test('a neighbour counts as gone after a session time-out of silence, and not before 2 s', async (t) => {
  for (const { sessionTimeoutMs, silenceMs } of [
    { sessionTimeoutMs: 4_000, silenceMs: 4_000 },
    { sessionTimeoutMs: 500, silenceMs: 2_000 },
  ]) {
    const clock = new ManualClock();
    const newStore = () => TableReplicaStore.start({ nLists: 1 });
    const node = new ChainNode({
      address: '127.0.0.1:1',
      sessionTimeoutMs,
      onTotalLoss: 'wait',
      totalLossGraceMs: 0,
      onStop: () => t.fail('it stays'),
      onLeft: () => t.fail('it stays'),
      log: () => undefined,
      ports: {
        clock,
        randomness: nodeRandomness,
        transport: socketTransport,
        coordination: { open: () => Promise.reject(new Error('not used here')) },
        store: await newStore(),
        newStore,
      },
    });
    t.teardown(() => node.close().catch(() => undefined));
    const neighbour = new RecordedConnection();
    node.accept(neighbour, new Uint8Array(0));
    clock.pass(0.9 * silenceMs);
    t.notOk(neighbour.isGone, `a session of ${sessionTimeoutMs} ms: silence is no reason yet`);
    clock.pass(0.6 * silenceMs);
    t.ok(neighbour.isGone, `silent for more than ${silenceMs} ms`);
  }
});
