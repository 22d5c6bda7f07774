/** What a server writes to its disk, and reads from it when it starts (part4/README.md, "Data on disk"). */
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addDiskMetrics } from '@tablelab/part3';
import { errorText, must, TableError } from '@tablelab/shared';
import { type AppendFile, BlockWriter, type Disk } from '@tablelab/shared/disk';
import { openNodeDisk, openStoppedDisk } from '@tablelab/shared/node-disk';
import { eventually, TextSink } from '@tablelab/shared/testing';
import { Registry } from 'prom-client';
import t, { type Test } from 'tap';
import { encodeBlock } from '../src/adapters/disk/journal-block.ts';
import { type Data, openJournal } from '../src/adapters/disk/open-journal.ts';
import { nodeClock } from '../src/adapters/node/node-clock.ts';
import { TableReplicaStore } from '../src/adapters/store/table-replica-store.ts';
import type { WriteReply } from '../src/core/effects.ts';
import { defaultChainLimits } from '../src/core/limits.ts';
import type { WriteRequest } from '../src/core/update.ts';
import { runCheck } from '../src/programs/check-data.ts';
import { SoloDriver, type SoloOptions } from './support/solo-driver.ts';

// Only against a run that hangs: each wait has a deadline of its own.
t.setTimeout(55_000);

const deadlineMs = 15_000;
const nothing = { chain: undefined, isWhole: true, record: undefined, successor: undefined, newChain: '' };
const nameOf = (letter: string) => letter.repeat(16);

function put(key: string, value: string): WriteRequest {
  return { client: '', request: 0, firstIncomplete: 0, op: 'put', key, data: Buffer.from(value) };
}

function del(key: string): WriteRequest {
  return { ...put(key, ''), op: 'del' };
}

class HeldDisk {
  #release: (() => void) | undefined;
  #held: Promise<void> | undefined;
  failure: TableError | undefined;

  /** Syncs wait from now on. */
  hold(): void {
    this.#held = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  release(): void {
    this.#held = undefined;
    this.#release?.();
  }

  wrap(disk: Disk): Disk {
    const file = (under: AppendFile): AppendFile => ({
      append: (parts) => under.append(parts),
      cut: (bytes) => under.cut(bytes),
      sync: async () => {
        await this.#held;
        if (this.failure !== undefined) throw this.failure;
        await under.sync();
      },
      close: () => under.close(),
    });
    return {
      list: () => disk.list(),
      size: (name) => disk.size(name),
      read: (...args) => disk.read(...args),
      create: async (name) => file(await disk.create(name)),
      open: async (name) => file(await disk.open(name)),
      rename: (...args) => disk.rename(...args),
      remove: (name) => disk.remove(name),
      truncate: (...args) => disk.truncate(...args),
      syncNames: () => disk.syncNames(),
      freeBytes: () => disk.freeBytes(),
      close: () => disk.close(),
    };
  }
}

interface Opened {
  readonly data: Data;
  readonly lines: string[];
  readonly held: HeldDisk;
}

async function open(t: Test, directory: string): Promise<Opened> {
  const held = new HeldDisk();
  const disk = held.wrap(await openNodeDisk(directory));
  t.teardown(() => disk.close());
  const lines: string[] = [];
  try {
    const data = await openJournal({
      disk,
      policy: 'always',
      clock: nodeClock,
      newStore: () => TableReplicaStore.start({ nLists: 1, memoryBytesMax: 64 << 20 }),
      limits: defaultChainLimits,
      names: { member: nameOf('a'), newChain: nameOf('b') },
      log: (line) => lines.push(line),
    });
    return { data, lines, held };
  } catch (error) {
    await disk.close();
    throw error;
  }
}

async function start(
  t: Test,
  directory: string,
  options: SoloOptions = {},
): Promise<Opened & { solo: SoloDriver }> {
  const opened = await open(t, directory);
  const solo = (await SoloDriver.start(t, { ...options, data: opened.data })).found();
  t.ok(await solo.driver.until(() => solo.driver.core.isMember, deadlineMs), 'it is in the chain');
  return { ...opened, solo };
}

async function stop({ solo, data }: { solo: SoloDriver; data: Data }): Promise<void> {
  await solo.driver.close();
  await data.disk.close();
}

/** Without a server. */
async function close({ journal, disk, recovered }: Data): Promise<void> {
  await journal.close();
  await recovered.store.close();
  await disk.close();
}

async function replyTo(solo: SoloDriver, write: WriteRequest): Promise<WriteReply> {
  return await solo.driver.write(write, 'committed');
}

function valueUnder(solo: SoloDriver, key: string): string | undefined {
  const value = must(solo.driver.table, 'a table').get(key);
  return value === undefined ? undefined : Buffer.from(value).toString();
}

async function errorOf(promise: Promise<unknown>): Promise<TableError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof TableError) return error;
  throw new Error(`no TableError: ${errorText(error)}`);
}

/** A directory in which a server has written a few keys; each is in a group of its own. */
async function written(t: Test, count = 3): Promise<{ directory: string; log: string; last: string }> {
  const directory = t.testdir();
  const first = await start(t, directory);
  for (let index = 0; index < count; index += 1)
    await replyTo(first.solo, put(`key ${index}`, `value ${index}`));
  await stop(first);
  return { directory, log: join(directory, 'log-00000001'), last: `key ${count - 1}` };
}

t.test(
  'a server that starts again has its table, numbers, sessions and its place in the chain (part4/README.md#disk-restart)',
  async (t) => {
    const directory = t.testdir();
    const first = await start(t, directory);
    const opened = await replyTo(first.solo, { ...put('', ''), op: 'open', client: nameOf('c') });
    t.match(opened, { type: 'committed', name: { seq: 0 } });
    const named = { ...put('a', '1'), client: nameOf('c'), request: 1, firstIncomplete: 1 };
    const reply = await replyTo(first.solo, named);
    await replyTo(first.solo, put('b', '2'));
    await replyTo(first.solo, del('b'));
    await replyTo(first.solo, put('c', '3'));
    const { record } = first.solo;
    const { chain } = first.solo.driver.core;
    await stop(first);

    const second = await start(t, directory, { record });
    const { core } = second.solo.driver;
    t.equal(core.received, 5);
    t.equal(core.chain, chain);
    t.ok(core.isMember, 'it begins the chain again, since the record names it');
    t.equal(valueUnder(second.solo, 'a'), '1');
    t.equal(valueUnder(second.solo, 'b'), undefined);
    t.equal(valueUnder(second.solo, 'c'), '3');
    t.same(await replyTo(second.solo, named), reply, 'a repeat of a write gets its first answer');
    t.match(await replyTo(second.solo, put('d', '4')), { type: 'committed', name: { seq: 5 } });
    t.same(second.solo.stops, []);
    await stop(second);
  },
);

t.test('nothing is shown or answered before it is synced (part4/README.md#disk-first)', async (t) => {
  const { solo, held, data } = await start(t, t.testdir());
  held.hold();
  const committed = solo.driver.write(put('a', '1'), 'committed');
  const assigned = solo.driver.write(put('b', '2'), 'assigned');
  const answers: string[] = [];
  void Promise.resolve(committed).then(({ type }) => answers.push(type));
  void Promise.resolve(assigned).then(({ type }) => answers.push(type));
  await eventually(async () => (await data.disk.size('log-00000001')) > 300, { deadlineMs });
  t.same(answers, []);
  t.equal(valueUnder(solo, 'a'), undefined);
  t.equal(solo.driver.core.executed, 0, 'so it is not passed on, either');
  held.release();
  t.match(await assigned, { type: 'assigned' });
  t.match(await committed, { type: 'committed' });
  t.equal(valueUnder(solo, 'a'), '1');
});

t.test('a failed sync ends the server, and no write is answered (part4/README.md#disk-failed)', async (t) => {
  const { solo, held } = await start(t, t.testdir());
  await replyTo(solo, put('a', '1'));
  held.failure = new TableError('INTERNAL', 'EIO: i/o error, fdatasync');
  t.match(await replyTo(solo, put('b', '2')), { type: 'unknown' });
  t.equal(solo.stops.length, 1);
  t.match(solo.stops[0], /EIO/);
});

t.test('a torn end is cut, and what was cut is logged (part4/README.md#disk-torn)', async (t) => {
  const { directory, log, last } = await written(t);
  appendFileSync(log, Buffer.alloc(100, 7));
  const { data, lines } = await open(t, directory);
  t.match(lines.join(), /log-00000001: cut 100 bytes/);
  t.ok(data.recovered.store.table.has(last));
  await close(data);
  const again = await open(t, directory);
  t.same(again.lines, [], 'once');
  await close(again.data);
});

t.test('damage and a missing file are refused, with advice (part4/README.md#disk-damaged)', async (t) => {
  const { directory, log } = await written(t);
  const whole = readFileSync(log);
  const damaged = Buffer.from(whole);
  const at = whole.indexOf('value 0');
  damaged[at] = (damaged[at] ?? 0) ^ 1;
  writeFileSync(log, damaged);
  t.match(await errorOf(open(t, directory)), {
    code: 'LOST',
    message: /log-00000001 is damaged at byte \d+.*move this directory away/,
  });
  writeFileSync(log, whole);
  writeFileSync(join(directory, 'log-00000003'), '');
  t.match(await errorOf(open(t, directory)), { code: 'LOST', message: /log-00000002 is missing/ });
});

t.test('a directory of a later version is refused (part4/README.md#disk-damaged)', async (t) => {
  const directory = t.testdir();
  const disk = await openNodeDisk(directory);
  const writer = new BlockWriter({
    file: await disk.create('log-00000001'),
    offset: 0,
    policy: 'always',
    clock: nodeClock,
    onKept: () => undefined,
    onFailed: (error) => t.fail(error.message),
  });
  const header = encodeBlock({ type: 'header', version: 2, member: nameOf('a'), lasting: nothing });
  writer.add(header.kind, header.payload);
  await writer.close();
  await disk.close();
  t.match(await errorOf(open(t, directory)), { code: 'BAD_REQUEST', message: /version 2 .* reads 1/ });
});

t.test('a file of another program is refused (part4/README.md#disk-damaged)', async (t) => {
  const { directory } = await written(t);
  writeFileSync(join(directory, 'notes.txt'), 'mine');
  t.match(await errorOf(open(t, directory)), { code: 'BAD_REQUEST', message: /notes\.txt/ });
});

t.test('snapshots take the place of logs (part4/README.md#disk-snapshot)', async (t) => {
  const directory = t.testdir();
  const first = await start(t, directory, { logBytesMax: 20_000, keptLogBytesMax: 0 });
  const value = 'v'.repeat(500);
  for (let index = 0; index < 200; index += 1)
    await replyTo(first.solo, put(`key ${index % 50}`, `${index} ${value}`));
  await eventually(async () => (await first.data.disk.list()).some((name) => /^snapshot-\d+$/.test(name)), {
    deadlineMs,
  });
  const { record } = first.solo;
  await stop(first);
  const second = await start(t, directory, { record });
  const names = await second.data.disk.list();
  t.notOk(names.includes('log-00000001'), names.join());
  t.equal(second.solo.driver.core.received, 200);
  t.equal(must(second.solo.driver.table, 'a table').size, 50);
  for (let index = 150; index < 200; index += 1)
    t.equal(valueUnder(second.solo, `key ${index % 50}`), `${index} ${value}`);
  await stop(second);
});

interface Checked {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** `table-server --check` */
async function check(...argv: readonly string[]): Promise<Checked> {
  const [stdout, stderr] = [new TextSink(), new TextSink()];
  const code = await runCheck({ name: 'table-server', usage: 'usage', argv, stdout, stderr });
  return { code, out: stdout.text, error: stderr.text };
}

t.test('--check says what a directory holds, and changes nothing (part4/README.md#disk-check)', async (t) => {
  const { directory } = await written(t, 12);
  const second = await start(t, directory, { logBytesMax: 1 });
  await replyTo(second.solo, put('key 0', 'longer value'));
  await replyTo(second.solo, del('key 1'));
  await eventually(() => readdirSync(directory).some((name) => /^snapshot-\d+$/.test(name)), { deadlineMs });
  t.match(await check('--check', directory), { code: 1, error: /another process uses/ });
  await stop(second);
  const names = readdirSync(directory);
  const { code, out } = await check('--check', directory);
  t.equal(code, 0);
  t.match(out, /^member a{16} of chain b{16}$/m);
  t.match(out, /^files snapshot-\d+ \(\d+ bytes\), log-\d+ \(\d+ bytes\)/m);
  t.match(out, /^entries 11, \d+ logical bytes$/m);
  t.match(out, /^updates 14, the last is \d+:13; client sessions 0$/m);
  t.match(out, /^kept for servers that were away log-00000001 /m);
  t.match(out, /\nwhole\n$/);
  const last = names.findLast((name) => name.startsWith('log-')) ?? '';
  appendFileSync(join(directory, last), Buffer.alloc(100, 7));
  t.match(await check(`--check=${directory}`), {
    code: 0,
    out: new RegExp(`^torn 100 bytes at the end of ${last}`, 'm'),
  });
  t.match(await check('--check', directory), { code: 0, out: /^torn 100/m }, 'it is still there');
  t.same(readdirSync(directory), names);
});

t.test('--check names damage by file and position (part4/README.md#disk-check)', async (t) => {
  const { directory, log } = await written(t);
  const whole = readFileSync(log);
  const flip = (text: string) => {
    const bytes = Buffer.from(whole);
    const at = whole.indexOf(text);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(log, bytes);
  };
  flip('value 1');
  const block = whole.indexOf('value 0');
  const { code, error } = await check('--check', directory);
  t.equal(code, 1);
  const position = Number(/log-00000001 is damaged at byte (\d+)/.exec(error)?.[1]);
  t.ok(position > block && position < whole.indexOf('value 1'), 'where the block begins');
  writeFileSync(log, whole);
  writeFileSync(join(directory, 'log-00000003'), '');
  t.match(await check('--check', directory), { code: 1, error: /log-00000002 is missing/ });
  t.match(await check('--check', t.testdir({})), { code: 1, error: /holds no server’s data/ });
  t.match(await check('--check', join(directory, 'nowhere')), { code: 1, error: /nowhere/ });
  t.notOk(existsSync(join(directory, 'nowhere')), 'and makes none');
  for (const argv of [
    ['--check'],
    ['--check', ''],
    ['--check', directory, '2181'],
    ['--check', directory, '--data', 'x'],
  ])
    t.equal((await check(...argv)).code, 2, argv.slice(0, 1).concat(argv.slice(2)).join(' '));
});

t.test(
  'a directory that is being checked cannot be used by a server (part4/README.md#disk-check)',
  async (t) => {
    const { directory } = await written(t);
    const disk = await openStoppedDisk(directory);
    t.match(await errorOf(openNodeDisk(directory)), { code: 'BAD_REQUEST', message: /another process uses/ });
    await disk.close();
    await close((await open(t, directory)).data);
  },
);

t.test('metrics of the disk (part4/README.md#operate-metrics)', async (t) => {
  const { solo, data } = await start(t, t.testdir());
  const registry = new Registry();
  const hasRoom = () => solo.driver.core.state.room === 'enough';
  addDiskMetrics(registry, { disk: data.disk, log: data.journal, hasRoom });
  await replyTo(solo, put('a', '1'));
  const text = await registry.metrics();
  t.match(text, /^tablelab_disk_sync_seconds_count [1-9]\d*$/m);
  t.match(text, /^tablelab_disk_log_bytes [1-9]\d+$/m);
  t.match(text, /^tablelab_disk_free_bytes [1-9]\d+$/m);
  t.match(text, /^tablelab_disk_room 1$/m);
  solo.driver.handle({ type: 'room', room: 'low' });
  t.match(await registry.metrics(), /^tablelab_disk_room 0$/m);
});
