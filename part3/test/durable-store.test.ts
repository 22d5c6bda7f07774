/** A store with a disk, in this process (part3/README.md, "Data on disk"). The real processes are in data-directory.test.ts. */
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Outcome } from '@tablelab/part2';
import { TableError } from '@tablelab/shared';
import { type AppendFile, BlockFile, type Disk, logName } from '@tablelab/shared/disk';
import { openNodeDisk } from '@tablelab/shared/node-disk';
import { eventually } from '@tablelab/shared/testing';
import t from 'tap';
import { dataClock } from '../src/data/data-clock.ts';
import { encodeDataBlock } from '../src/data/data-block.ts';
import {
  bytes,
  dataDirectory,
  deadlineMs,
  del,
  execute,
  killed,
  put,
  start,
  submit,
  text,
} from './support/durable-stores.ts';

/** A disk whose files behave as `change` says. */
function openChanged(change: (file: AppendFile, name: string) => Partial<AppendFile>) {
  const changed = (file: AppendFile, name: string): AppendFile => ({
    append: (parts) => file.append(parts),
    sync: () => file.sync(),
    cut: (length) => file.cut(length),
    close: () => file.close(),
    ...change(file, name),
  });
  return async (directory: string): Promise<Disk> => {
    const disk = await openNodeDisk(directory);
    return {
      list: () => disk.list(),
      size: (name) => disk.size(name),
      read: (name, offset, length) => disk.read(name, offset, length),
      create: async (name) => changed(await disk.create(name), name),
      open: async (name) => changed(await disk.open(name), name),
      rename: (from, to) => disk.rename(from, to),
      remove: (name) => disk.remove(name),
      truncate: (name, length) => disk.truncate(name, length),
      syncNames: () => disk.syncNames(),
      freeBytes: () => disk.freeBytes(),
      close: () => disk.close(),
    };
  };
}

t.test(
  'a write is neither confirmed nor shown before the sync of the log has returned (part3/README.md#disk-first)',
  async (t) => {
    let isHeld = false;
    const held: (() => void)[] = [];
    const openDisk = openChanged((file) => ({
      sync: async () => {
        await file.sync();
        if (isHeld) await new Promise<void>((resolve) => held.push(resolve));
      },
    }));
    const store = await start(t, dataDirectory(t), { openDisk });
    await execute(store, put('a', 'old'));
    isHeld = true;
    const opN = await submit(store, put('a', 'new'));
    t.equal(opN, 1, 'it has its number at once');
    await eventually(() => held.length > 0, { deadlineMs });
    for (let round = 0; round < 20; round += 1) await turn();
    t.equal(store.verify(opN), false);
    t.equal(text(store.table.get('a')), 'old');
    isHeld = false;
    for (const release of held) release();
    await eventually(() => store.verify(opN), { deadlineMs });
    t.equal(text(store.table.get('a')), 'new');
  },
);

t.test(
  'a store that has ended in order goes on with its table, numbers and outcomes (part3/README.md#disk-numbers)',
  async (t) => {
    const directory = dataDirectory(t);
    const first = await start(t, directory);
    await execute(
      first,
      put('a', '1'),
      { op: 'putIfAbsent', key: 'a', data: bytes('2') },
      { op: 'putIfEquals', key: 'a', expected: bytes('1'), data: bytes('3') },
      put('b', ''),
      del('b'),
    );
    await first.close();
    const second = await start(t, directory);
    t.equal(text(second.table.get('a')), '3');
    t.equal(second.table.size, 1);
    t.equal(second.lastAssigned, 5);
    t.equal(second.opCount, 5);
    t.same(
      [0, 1, 2, 3, 4].map((opN) => second.outcomeOf(opN)),
      [Outcome.UNKNOWN, Outcome.NOT_APPLIED, Outcome.APPLIED, Outcome.UNKNOWN, Outcome.APPLIED],
    );
    t.same(second.durable?.lost, []);
    t.same(await execute(second, put('c', '4')), [5]);
  },
);

t.test(
  'after a kill, numbers that may have been given to lost writes are not given again (part3/README.md#disk-numbers)',
  async (t) => {
    const directory = dataDirectory(t);
    let isHeld = false;
    const held: (() => void)[] = [];
    const openDisk = openChanged((file) => ({
      append: async (parts) => {
        if (isHeld) await new Promise<void>((resolve) => held.push(resolve));
        await file.append(parts);
      },
    }));
    const first = await start(t, directory, { openDisk });
    await execute(first, put('a', '1'));
    isHeld = true;
    const lost = [await submit(first, put('a', '2')), await submit(first, put('a', '3'))];
    t.same(lost, [1, 2], 'they have numbers, and are not on the disk');
    const image = killed(t, directory);
    isHeld = false;
    for (const release of held) release();

    const second = await start(t, image);
    t.equal(text(second.table.get('a')), '1');
    t.ok(second.verify(0));
    const [range] = second.durable?.lost ?? [];
    t.equal(range?.from, 1);
    t.ok((range?.end ?? 0) > 2);
    const [next = -1] = await execute(second, put('b', '4'));
    t.equal(next, range?.end, 'numbers go on behind all that may have been given');

    const third = await start(t, killed(t, image));
    t.same(third.durable?.lost[0], range, 'the range is known for ever');
    t.equal(third.durable?.lost.length, 2);
    t.equal(text(third.table.get('b')), '4');
  },
);

t.test(
  'numbers are reserved before they are given, and more of them in time (part3/README.md#disk-numbers)',
  async (t) => {
    const directory = dataDirectory(t);
    const store = await start(t, directory, { fsync: 'never' });
    const count = 80_000;
    let last = -1;
    for (let n = 0; n < count; n += 1) last = await submit(store, put(`k${n % 10}`, ''));
    t.equal(last, count - 1);
    const image = killed(t, directory);
    const again = await start(t, image);
    t.ok(again.lastAssigned > last, `${again.lastAssigned} comes after ${last}`);
  },
);

t.test('a torn end is cut, with a line that says how much (part3/README.md#disk-torn)', async (t) => {
  const directory = dataDirectory(t);
  const first = await start(t, directory);
  await execute(first, put('a', '1'));
  const image = killed(t, directory);
  await execute(first, put('b', '2'));
  const longer = killed(t, directory);
  const log = logName(1);
  const whole = statSync(join(image, log)).size;
  truncateSync(join(longer, log), whole + 20);
  const lines: string[] = [];
  const second = await start(t, longer, { onLine: (line) => lines.push(line) });
  t.match(lines, [/^log-00000001: cut 20 bytes at its end/]);
  t.equal(text(second.table.get('a')), '1');
  t.equal(second.table.has('b'), false);
  await execute(second, put('b', '3'));
  await second.close();
  t.equal(text((await start(t, longer)).table.get('b')), '3');
});

t.test(
  'what is damaged, missing, or of another program is refused, and nothing is changed (part3/README.md#disk-damaged)',
  async (t) => {
    const directory = dataDirectory(t);
    const first = await start(t, directory);
    for (const key of ['a', 'b', 'c']) await execute(first, put(key, 'value'));
    await t.rejects(start(t, directory), {
      code: 'BAD_REQUEST',
      message: /another process uses .*: each server needs a directory of its own/,
    });
    await first.close();
    await (await start(t, directory)).close();
    const files = () => readdirSync(directory).map((name) => readFileSync(join(directory, name), 'latin1'));
    const log = join(directory, logName(1));
    const whole = readFileSync(log);
    const refused = async (
      change: () => void,
      error: { code: string; message: RegExp | string },
      what: string,
    ) => {
      change();
      const before = files();
      await t.rejects(start(t, directory), error, what);
      t.same(files(), before, `${what}: nothing is changed`);
      writeFileSync(log, whole);
    };
    const flipped = Buffer.from(whole);
    const place = flipped.indexOf('value');
    flipped.writeUInt8(flipped.readUInt8(place) ^ 1, place);
    const damaged = { code: 'LOST', message: /^log-00000001 is damaged at byte \d+: .*Restore a backup/ };
    await refused(() => writeFileSync(log, flipped), damaged, 'a flipped bit');
    await refused(() => truncateSync(log, whole.length - 1), damaged, 'a shorter log, and another behind it');
    await refused(() => rmSync(log), { code: 'LOST', message: /^log-00000001 is missing/ }, 'a missing log');
    const other = join(directory, 'note.txt');
    await refused(
      () => writeFileSync(other, ''),
      { code: 'BAD_REQUEST', message: 'note.txt is no file of a table server' },
      'a file of somebody else',
    );
    rmSync(other);
    const store = await start(t, directory);
    t.equal(store.table.size, 3, 'the whole log is taken again');
  },
);

t.test('a later version of the format is refused (part3/README.md#disk-damaged)', async (t) => {
  for (const [name, block, message] of [
    [
      'version',
      encodeDataBlock({ type: 'header', version: 2, first: 0, reserved: 9, lost: [] }),
      /^log-00000001: its format is version 2, .*start the program that wrote it$/,
    ],
    [
      'part4',
      { kind: 1, payload: bytes('{}') },
      /^log-00000001: a block of the unknown kind 1: .*another directory$/,
    ],
  ] as const) {
    const directory = dataDirectory(t, name);
    const disk = await openNodeDisk(directory);
    const file = new BlockFile(await disk.create(logName(1)), dataClock);
    await file.add(block);
    await file.close();
    await disk.close();
    await t.rejects(start(t, directory), { code: 'BAD_REQUEST', message });
  }
});

t.test(
  'a failed sync ends the store, and the data are not written again (part3/README.md#disk-failed)',
  async (t) => {
    let isFailing = false;
    let syncs = 0;
    const openDisk = openChanged((file) => ({
      sync: async () => {
        if (!isFailing) return file.sync();
        syncs += 1;
        throw new TableError('INTERNAL', 'the disk is broken');
      },
    }));
    const directory = dataDirectory(t);
    const store = await start(t, directory, { openDisk });
    await execute(store, put('a', '1'));
    isFailing = true;
    const opN = await submit(store, put('a', '2'));
    t.match(await store.failed, { code: 'INTERNAL', message: 'the disk is broken' });
    t.equal(store.verify(opN), false);
    t.equal(text(store.table.get('a')), '1');
    t.match(store.submit(put('a', '3')), { type: 'refused', error: { message: 'the disk is broken' } });
    await store.close();
    t.equal(syncs, 1);
  },
);

t.test(
  'a disk that is full all at once: writes are refused, reads go on, and nothing is lost (part3/README.md#disk-full)',
  async (t) => {
    let isFull = false;
    const openDisk = openChanged((file) => ({
      append: async (parts) => {
        if (isFull) throw new TableError('FULL', 'the disk has no room');
        await file.append(parts);
      },
    }));
    const lines: string[] = [];
    const store = await start(t, dataDirectory(t), { openDisk, onLine: (line) => lines.push(line) });
    await execute(store, put('a', '1'));
    isFull = true;
    const opN = await submit(store, put('a', '2'));
    const isRefused = () => {
      const admission = store.submit(del('other'));
      return admission.type === 'refused' && admission.error.code === 'DISK_FULL';
    };
    await eventually(isRefused, { deadlineMs });
    t.match(lines.join('\n'), /the disk has 0 bytes left, .*: this server takes no writes/);
    t.equal(text(store.table.get('a')), '1');
    t.equal(store.verify(opN), false);
    isFull = false;
    await eventually(() => store.verify(opN), { deadlineMs });
    t.equal(text(store.table.get('a')), '2');
    await eventually(() => store.submit(put('b', '3')).type === 'admitted', { deadlineMs });
  },
);
