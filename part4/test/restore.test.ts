import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnProgram, startZooKeeper } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { spawnServer, startClient } from './support/chain-programs.ts';

/** What docs/operations.md says of backups and of the loss of everything, with the real programs. */

// Ten programs are started, one after the other.
t.setTimeout(120_000);

const deadlineMs = 30_000;
const names = ['a', 'b'];

async function startStore(t: Test) {
  const zookeeper = await startZooKeeper({ tickTimeMs: 200 });
  t.teardown(() => zookeeper.stop());
  const folder = t.testdir();
  const spawn = (name: string) => {
    const data = ['--data', join(folder, name), '--session-timeout', '2000', '--verbose'];
    const server = spawnServer(zookeeper.address, ...data);
    t.teardown(() => server.stop());
    return server;
  };
  const client = async (...command: string[]) => {
    const program = startClient(zookeeper.address, ...command);
    t.match(await program.exited, { code: 0 }, `table-client ${command.join(' ')}`);
    return program.stdoutLines;
  };
  const servers = [];
  for (const name of names) {
    const server = spawn(name);
    await server.waitForLine(/^listening on/, deadlineMs);
    servers.push(server);
  }
  await client('put', 'order:1', 'two apples');
  return { zookeeper, folder, spawn, client, servers };
}

t.test('all disks are gone: begin empty, and load the last dump', async (t) => {
  const { zookeeper, folder, spawn, client, servers } = await startStore(t);
  const file = join(folder, 'dump');
  await client('dump', file);
  await client('put', 'order:2', 'after the dump');
  for (const server of servers) server.kill('SIGKILL');
  await Promise.all(servers.map(({ exited }) => exited));
  for (const name of names) await rm(join(folder, name), { recursive: true });

  const again = names.map(spawn);
  for (const server of again) await server.waitForLine(/wait/, deadlineMs, 'stderr');
  const admin = fileURLToPath(new URL('../src/programs/table-admin.ts', import.meta.url));
  const recover = spawnProgram(admin, [zookeeper.address, 'recover', '--begin-empty']);
  t.match(await recover.exited, { code: 0 }, recover.stderrLines.join('\n'));
  for (const server of again) await server.waitForLine(/^listening on/, deadlineMs);
  await client('load', file);
  t.same(await client('get', 'order:1'), ['two apples']);
  t.same(await client('has', 'order:2'), ['no']);
});
