import t from 'tap';
import { bytes, connectTable, spawnServer, startChain } from './support/chain-programs.ts';

// Only against a run that hangs: each wait has a deadline of its own.
t.setTimeout(55_000);

t.test('two chains share one ZooKeeper, each below a path of its own', async (t) => {
  const { zookeeper } = await startChain(t, 0);
  const chains = await Promise.all(
    ['/course/group-1', '/course/group-2'].map(async (path) => {
      const server = spawnServer(`${zookeeper}${path}`);
      t.teardown(() => server.stop());
      await server.waitForLine(/^listening on/, 20_000);
      return connectTable(t, `${zookeeper}${path}`);
    }),
  );
  for (const [number, table] of chains.entries()) await table.put('key', bytes(`of chain ${number}`));
  for (const [number, table] of chains.entries()) {
    t.same(await table.get('key'), bytes(`of chain ${number}`));
    t.equal(await table.size(), 1);
  }
});
