import { type ChildProgram, eventually, pauseProcess, startZooKeeper } from '@tablelab/shared/testing';
import t from 'tap';
import { bytes, connectTable, spawnServer, startChain } from './support/chain-programs.ts';

/** /livez and /readyz of real servers, while ZooKeeper is there and while it is away. */

// Three servers are started, one after the other, and wait for ZooKeeper twice.
t.setTimeout(120_000);

const deadlineMs = 30_000;
const options = ['--metrics-port', '0', '--session-timeout', '2000', '--verbose'];

/** Asks a server that has said where its metrics are. */
async function health(
  server: ChildProgram,
): Promise<(path: string) => Promise<{ status: number; text: string }>> {
  const [, url = ''] = await server.waitForLine(/metrics at (\S+)$/, deadlineMs, 'stderr');
  return async (path) => {
    const response = await fetch(url.replace('/metrics', path));
    return { status: response.status, text: (await response.text()).trim() };
  };
}

const ok = { status: 200, text: 'ok' };

t.test(
  'ZooKeeper away: alive, and not ready with a reason; back: ready (part4/README.md#operate-health)',
  async (t) => {
    const { chain, zookeeper, zookeeperServer } = await startChain(t, 3, ...options);
    const table = await connectTable(t, zookeeper);
    await table.put('key', bytes('value'));
    const servers = await Promise.all(chain.map(({ program }) => health(program)));
    for (const ask of servers) {
      t.same(await ask('/readyz'), ok, 'head, middle and tail');
      t.same(await ask('/livez'), ok);
    }
    t.match(await servers[0]?.('/other'), { status: 404 });
    await pauseProcess(zookeeperServer.pid);
    for (const ask of servers) {
      await eventually(async () => (await ask('/readyz')).status === 503, { deadlineMs });
      t.match(await ask('/readyz'), { status: 503, text: /ZooKeeper/ });
      t.same(await ask('/livez'), ok, 'ended now, it would lose its data');
    }
    process.kill(zookeeperServer.pid, 'SIGCONT');
    for (const ask of servers) {
      await eventually(async () => (await ask('/readyz')).status === 200, { deadlineMs });
      t.same(await ask('/livez'), ok);
    }
    t.same(await table.get('key'), bytes('value'), 'nothing is lost');
  },
);

t.test(
  'a server that waits for the chain is alive before it is ready (part4/README.md#operate-health)',
  async (t) => {
    const { chain, zookeeper } = await startChain(t, 1, ...options);
    const table = await connectTable(t, zookeeper);
    await table.put('key', bytes('value'));
    const [only] = chain;
    // The member does not answer, so that nobody admits the other one.
    if (only !== undefined) await pauseProcess(only.program.pid);
    const waiting = spawnServer(zookeeper, ...options);
    t.teardown(() => waiting.stop());
    const ask = await health(waiting);
    t.same(await ask('/livez'), ok);
    const { status, text } = await ask('/readyz');
    t.equal(status, 503);
    t.ok(text.length > 10 && !text.includes('\n'), text);
    if (only !== undefined) process.kill(only.program.pid, 'SIGCONT');
    await eventually(async () => (await ask('/readyz')).status === 200, { deadlineMs });
  },
);

t.test('a server without ZooKeeper from the start is alive while it tries', async (t) => {
  const zookeeper = await startZooKeeper({ tickTimeMs: 200 });
  t.teardown(() => zookeeper.stop());
  await pauseProcess(zookeeper.pid);
  const server = spawnServer(zookeeper.address, ...options);
  t.teardown(() => server.stop());
  const ask = await health(server);
  t.same(await ask('/livez'), ok);
  const isSaid = async () => (await ask('/readyz')).text === 'this server has no session with ZooKeeper';
  await eventually(isSaid, { deadlineMs });
  t.match(await ask('/readyz'), { status: 503 });
  t.same(await ask('/livez'), ok);
  process.kill(zookeeper.pid, 'SIGCONT');
  await eventually(async () => (await ask('/readyz')).status === 200, { deadlineMs });
});
