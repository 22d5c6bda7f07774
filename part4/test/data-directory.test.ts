/** Real servers with `--data`: what they hold survives the end of all processes (part4/README.md, "Data on disk"). */
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { bytes, connectTable, type ServerProgram, startChain } from './support/chain-programs.ts';

const names = ['first', 'second', 'third'] as const;

async function startAll(
  add: (...args: string[]) => Promise<ServerProgram>,
  directory: string,
): Promise<ServerProgram[]> {
  return await Promise.all(names.map((name) => add('--data', join(directory, name))));
}

async function killAll(servers: readonly ServerProgram[]): Promise<void> {
  await Promise.all(
    servers.map(async ({ program }) => {
      program.kill('SIGKILL');
      await program.exited;
    }),
  );
}

t.test(
  'all servers are killed and started again: everything is there (part4/README.md#disk-restart)',
  async (t: Test) => {
    const directory = t.testdir();
    const { zookeeper, add } = await startChain(t, 0);
    const servers = await startAll(add, directory);
    const table = await connectTable(t, zookeeper);
    const keys = Array.from({ length: 50 }, (_, index) => `key ${index}`);
    await Promise.all(keys.map((key) => table.put(key, bytes(`value of ${key}`))));
    await table.del('key 7');
    await table.disconnect();
    await killAll(servers);
    await startAll(add, directory);
    const again = await connectTable(t, zookeeper);
    t.equal(await again.size(), 49);
    for (const key of keys) {
      const value = await again.get(key);
      t.same(value && Buffer.from(value).toString(), key === 'key 7' ? undefined : `value of ${key}`, key);
    }
    await again.put('key 7', bytes('once more'));
    t.equal(await again.size(), 50);
  },
);
