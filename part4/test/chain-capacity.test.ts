/** Full servers with different memory sizes (part4/README.md#chain-capacity): only the head refuses writes. */
import { must, seededRandom, TableError } from '@tablelab/shared';
import { startZooKeeper } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import type { ChainTable } from '../src/client/chain-table.ts';
import { connectTable, spawnServerOf } from './support/chain-programs.ts';

t.setTimeout(300_000);

const startDeadlineMs = 40_000;

/** Sizes of values, in bytes: empty, short and long ones, and some that are a large part of the table. */
const valueSizes = [0, 1, 7, 60, 100, 1_000, 4_097, 65_536, 300_000, 1_500_000];

/** The number of writes that a client has under way. */
const writesAtOnce = 16;

/** After this many refusals in a row, of values of all sizes, the table counts as full. */
const refusalsInRow = 200;

const random = seededRandom(11);

/** The expected contents of the table: the value's size and the byte that it consists of, by key. */
type Model = Map<string, { readonly size: number; readonly byte: number }>;

/** Puts values of mixed sizes, under new and old keys, until there is no room for any. */
async function fill(table: ChainTable, model: Model): Promise<number> {
  let [refused, inRow] = [0, 0];
  while (inRow < refusalsInRow) {
    const keys = new Set(Array.from({ length: writesAtOnce }, () => `key ${random.int(40_000)}`));
    await Promise.all(
      [...keys].map(async (key) => {
        const entry = { size: random.pick(valueSizes), byte: random.int(256) };
        try {
          await table.put(key, new Uint8Array(entry.size).fill(entry.byte));
          model.set(key, entry);
          inRow = 0;
        } catch (error) {
          if (!(error instanceof TableError) || error.code !== 'FULL' || error.mayHaveHappened) throw error;
          refused += 1;
          inRow += 1;
        }
      }),
    );
  }
  return refused;
}

/** Deletes about half of the entries. */
async function deleteHalf(table: ChainTable, model: Model): Promise<void> {
  const keys = [...model.keys()].filter(() => random.int(2) === 0);
  for (const key of keys) model.delete(key);
  while (keys.length > 0) await Promise.all(keys.splice(0, writesAtOnce).map((key) => table.del(key)));
}

async function check(t: Test, table: ChainTable, model: Model): Promise<void> {
  t.equal(await table.size(), model.size);
  const wrong: string[] = [];
  const keys = [...model.keys()];
  while (keys.length > 0) {
    await Promise.all(
      keys.splice(0, writesAtOnce).map(async (key) => {
        const { size, byte } = must(model.get(key), 'it is a key of the model');
        const value = await table.get(key);
        if (value?.length !== size || value.some((other) => other !== byte)) wrong.push(key);
      }),
    );
  }
  t.same(wrong, [], `all ${model.size} values are there, as they were written`);
}

t.test('a full chain of unequal servers loses no data and no server', async (t) => {
  const zookeeper = await startZooKeeper({ tickTimeMs: 200 });
  t.teardown(() => zookeeper.stop());
  const ended: number[] = [];
  const start = async (nLists: number, memoryMiB: number) => {
    const options = ['--session-timeout', '4000', '--memory-max', String(memoryMiB)];
    const server = spawnServerOf(nLists, zookeeper.address, ...options);
    t.teardown(() => server.stop());
    void server.exited.then(() => ended.push(memoryMiB));
    await server.waitForLine(/^listening on/, startDeadlineMs);
    return server;
  };
  // The first server determines the chain's capacity.
  const servers = [await start(10, 24), await start(100_000, 64)];
  const table = await connectTable(t, zookeeper.address);
  const model: Model = new Map();
  t.ok((await fill(table, model)) >= refusalsInRow, 'FULL, definite, at once');
  t.ok(model.size > 100, `${model.size} entries are there by then`);
  await check(t, table, model);

  await deleteHalf(table, model);
  await table.put('after', new Uint8Array(60).fill(1));
  model.set('after', { size: 60, byte: 1 });
  await fill(table, model);

  servers.push(await start(3, 32));
  await check(t, table, model);
  for (let round = 0; round < 3; round += 1) {
    await deleteHalf(table, model);
    await fill(table, model);
  }
  await check(t, table, model);
  t.equal(ended.length, 0, 'nobody has left');

  const small = spawnServerOf(3, zookeeper.address, '--memory-max', '12');
  t.teardown(() => small.stop());
  t.match(
    await small.exited,
    { code: 1 },
    'a server that may not be able to hold the chain’s capacity does not join',
  );
  t.match(small.stderrLines.join('\n'), /may hold \d+ bytes.*more memory/);

  // The server that joined with a copy is the last one left, and has everything.
  for (const server of servers.slice(0, 2)) {
    server.kill('SIGKILL');
    await server.exited;
  }
  await check(t, table, model);
});
