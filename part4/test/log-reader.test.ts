/** Reading older updates from a server's logs (part4/README.md#disk-restart). */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openNodeDisk } from '@tablelab/shared/node-disk';
import { eventually } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { Journal } from '../src/adapters/disk/journal.ts';
import { LogReader } from '../src/adapters/disk/log-reader.ts';
import { type Data, openJournal } from '../src/adapters/disk/open-journal.ts';
import { nodeClock } from '../src/adapters/node/node-clock.ts';
import { TableReplicaStore } from '../src/adapters/store/table-replica-store.ts';
import { defaultChainLimits } from '../src/core/limits.ts';
import type { Update } from '../src/core/update.ts';
import { put } from './support/core-script.ts';
import { SoloDriver } from './support/solo-driver.ts';

const deadlineMs = 15_000;
const lasting = {
  chain: 'c'.repeat(16),
  isWhole: true,
  record: undefined,
  successor: undefined,
  newChain: '',
};
const member = 'a'.repeat(16);
const limits = { end: Number.MAX_SAFE_INTEGER, countMax: 1_000, bytesMax: 1 << 20 };

interface Log {
  readonly journal: Journal;
  readonly reader: LogReader;
  readonly directory: string;
  readonly lines: string[];
  /** Adds blocks with one update each, and waits until they are kept. */
  write(from: number, to: number, epoch?: number): Promise<void>;
}

async function logIn(t: Test): Promise<Log> {
  const directory = t.testdir();
  const disk = await openNodeDisk(directory);
  t.teardown(() => disk.close());
  const options = { disk, policy: 'never', clock: nodeClock, member } as const;
  const journal = await Journal.begin(options, { number: 1, seq: 0, index: [] }, lasting);
  let kept = 0;
  journal.listen({
    kept: (blocks) => {
      kept = blocks;
    },
    full: () => t.fail('full'),
    failed: (error) => t.fail(error.message),
  });
  const lines: string[] = [];
  const reader = new LogReader({ disk, journal, log: (line) => lines.push(line) });
  const write = async (from: number, to: number, epoch = 0) => {
    let last = 0;
    for (let seq = from; seq < to; seq += 1)
      last = journal.add({ type: 'updates', updates: [put(seq, epoch)] });
    await eventually(() => kept >= last, { deadlineMs });
  };
  t.teardown(() => journal.close());
  return { journal, reader, directory, lines, write };
}

const namesOf = (updates: readonly Update[]) => updates.map(({ epoch, seq }) => `${epoch}:${seq}`);

/** Everything from `seq` on, in as many reads as it takes. */
async function all(reader: LogReader, seq: number, end: number, countMax = 1_000): Promise<string[]> {
  const names: string[] = [];
  for (let next = seq; next < end; ) {
    const updates = await reader.read({ ...limits, seq: next, end, countMax });
    if (updates.length === 0) break;
    names.push(...namesOf(updates));
    next += updates.length;
  }
  return names;
}

const range = (from: number, to: number, epoch = 0) =>
  Array.from({ length: to - from }, (_, index) => `${epoch}:${from + index}`);

t.test('updates of several files, from anywhere, in parts', async (t) => {
  const { journal, reader, write } = await logIn(t);
  await write(0, 10);
  await journal.rotate(() => lasting);
  await write(10, 15);
  await write(15, 25);
  await journal.rotate(() => lasting);
  await write(25, 30);
  for (const from of [0, 7, 10, 24, 25, 29]) {
    t.same(await all(reader, from, 30), range(from, 30), `from ${from}`);
    t.same(await all(reader, from, 27, 3), range(from, 27), `from ${from}, three at a time, below 27`);
  }
  await write(30, 40);
  t.same(await all(reader, 26, 40), range(26, 40), 'the file has become longer');
  t.same(await all(reader, 27, 40), range(27, 40), 'and again, from further back');
  t.same(await reader.read({ ...limits, seq: 0, bytesMax: 1 }).then(namesOf), ['0:0'], 'one at least');
});

t.test('a log that goes on while it is read', async (t) => {
  const { reader, write } = await logIn(t);
  await write(0, 5);
  t.same(await all(reader, 0, 5), range(0, 5));
  await write(5, 8);
  t.same(await all(reader, 5, 8), range(5, 8));
});

t.test('what was written before the state began anew is not read', async (t) => {
  const { journal, reader, write } = await logIn(t);
  await write(0, 10);
  journal.add({
    type: 'begin',
    snapshot: { type: 'snapshot', seq: 5, epochs: [], sessions: [], sessionsSeq: 5 },
  });
  await write(5, 12, 1);
  t.same(await all(reader, 4, 12), [], 'an update of the old state');
  t.same(await all(reader, 5, 12), range(5, 12, 1));
  await journal.rotate(() => lasting);
  await write(12, 14, 1);
  t.same(await all(reader, 5, 14), range(5, 14, 1));
});

t.test('damage: nothing is read, and a line says so', async (t) => {
  const { journal, reader, directory, lines, write } = await logIn(t);
  await write(0, 3);
  await write(3, 6);
  await journal.rotate(() => lasting);
  const log = join(directory, 'log-00000001');
  const bytes = readFileSync(log);
  const at = bytes.length - 40;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(log, bytes);
  t.same(await all(reader, 5, 6), []);
  t.match(lines, [/cannot be read, and a snapshot is sent instead/]);
});

async function open(directory: string): Promise<Data> {
  return await openJournal({
    disk: await openNodeDisk(directory),
    policy: 'never',
    clock: nodeClock,
    newStore: () => TableReplicaStore.start({ nLists: 1, memoryBytesMax: 64 << 20 }),
    limits: defaultChainLimits,
    names: { member, newChain: 'b'.repeat(16) },
    log: () => undefined,
  });
}

const isFourth = (name: string) => /^snapshot-0000000[4-9]$/.test(name);

/** A server that has written its fourth snapshot, and has ended. Returns the number of updates. */
async function serve(t: Test, data: Data, keptLogBytesMax: number): Promise<number> {
  const solo = (await SoloDriver.start(t, { data, logBytesMax: 10_000, keptLogBytesMax })).found();
  const { driver } = solo;
  t.ok(await driver.until(() => driver.core.isMember, deadlineMs));
  const put = { client: '', request: 0, firstIncomplete: 0, op: 'put', data: Buffer.alloc(100, 1) } as const;
  for (let index = 0; !(await data.disk.list()).some(isFourth); index += 1) {
    if (index === 10_000) throw new Error('no fourth snapshot');
    await driver.write({ ...put, key: `key ${index % 7}` }, 'committed');
  }
  await driver.close();
  return driver.core.received;
}

/** The first update that the logs have. All from there on must be readable. */
async function reachOf(t: Test, { disk, journal }: Data, end: number): Promise<number> {
  const reader = new LogReader({ disk, journal, log: (line) => t.comment(line) });
  let from = 0;
  while (from < end && journal.fileWith(from) === undefined) from += 1;
  t.same(await all(reader, from, end), range(from, end), `all from ${from} on`);
  return from;
}

for (const { kept, isAll } of [
  { kept: 64 << 20, isAll: true },
  { kept: 15_000, isAll: false },
]) {
  t.test(
    `older logs are kept up to ${kept} bytes, also over a restart (part4/README.md#disk-snapshot)`,
    async (t) => {
      const directory = t.testdir();
      const first = await open(directory);
      const end = await serve(t, first, kept);
      const reach = await reachOf(t, first, end);
      if (isAll) t.equal(reach, 0);
      else t.ok(reach > 0 && reach < end, `from ${reach} on, of ${end}`);
      await first.disk.close();
      const second = await open(directory);
      t.equal(await reachOf(t, second, end), reach, 'the same');
      await second.journal.close();
      await second.recovered.store.close();
      await second.disk.close();
    },
  );
}
