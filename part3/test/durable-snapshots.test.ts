/** Snapshots of a store with a disk (part3/README.md, "Data on disk"). */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Outcome } from '@tablelab/part2';
import { SharedTable, type Write } from '@tablelab/part3';
import { seededRandom } from '@tablelab/shared';
import { openNodeDisk } from '@tablelab/shared/node-disk';
import { eventually } from '@tablelab/shared/testing';
import t from 'tap';
import { replay } from '../src/data/replay.ts';
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

/** Random writes: what each does depends on those before it. */
function randomWrites(seed: number, count: number): Write[] {
  const { int: below } = seededRandom(seed);
  const value = () => bytes(`v${below(3)}`.padEnd(below(40) < 1 ? 3_000 : 400, '.'));
  return Array.from({ length: count }, (): Write => {
    const key = `key ${below(800)}`;
    const op = (['put', 'del', 'putIfAbsent', 'putIfEquals'] as const)[below(4)] ?? 'put';
    if (op === 'del') return del(key);
    return op === 'putIfEquals' ? { op, key, data: value(), expected: value() } : { op, key, data: value() };
  });
}

/** What the first `count` writes make, as entries and outcomes. */
function modelOf(writes: readonly Write[], count: number): { entries: Map<string, string>; done: boolean[] } {
  const entries = new Map<string, string>();
  const done: boolean[] = [];
  for (const { op, key, data, expected } of writes.slice(0, count)) {
    const now = entries.get(key);
    const isDone =
      op === 'put' ||
      (op === 'del' && now !== undefined) ||
      (op === 'putIfAbsent' && now === undefined) ||
      (op === 'putIfEquals' && now === text(expected));
    done.push(isDone);
    if (!isDone) continue;
    if (op === 'del') entries.delete(key);
    else entries.set(key, text(data) ?? '');
  }
  return { entries, done };
}

t.test(
  'snapshots under load: each image of a killed store is exactly the state after the writes that it has (part3/README.md#disk-snapshot)',
  async (t) => {
    const directory = dataDirectory(t);
    const lines: string[] = [];
    const onLine = (line: string) => lines.push(line);
    const store = await start(t, directory, { logBytesMax: 300_000, onLine });
    const writes = randomWrites(7, 24_000);
    const images: { path: string; confirmed: number }[] = [];
    for (const [n, write] of writes.entries()) {
      await submit(store, write);
      if (n % 40 === 0) await turn();
      if (n % 600 === 599) {
        const confirmed = store.opCount;
        images.push({ path: killed(t, directory), confirmed });
      }
    }
    await eventually(() => store.opCount === writes.length, { deadlineMs });
    await store.close();
    images.push({ path: directory, confirmed: writes.length });
    let unfinished = 0;
    let snapshots = 0;
    for (const { path, confirmed } of images) {
      const names = readdirSync(path);
      unfinished += names.filter((name) => name.endsWith('.new')).length;
      snapshots += names.filter((name) => /^snapshot-\d+$/.test(name)).length;
      const disk = await openNodeDisk(path);
      const table = SharedTable.create({ nLists: 1, memoryBytesMax: 1 << 22 });
      const outcomes = new Map<number, number>();
      const note = (opN: number, outcome: number) => outcomes.set(opN, outcome);
      const { lost, next } = await replay(disk, { table, outcomes: { note } });
      await disk.close();
      const count = lost[0]?.from ?? next;
      if (count < confirmed) t.fail(`${path} has ${count} writes, and ${confirmed} were confirmed`);
      const { entries, done } = modelOf(writes, count);
      const found = new Map(table.keys().map((key) => [key, text(table.get(key))]));
      if (!t.same(found, entries, `the state after ${count} writes`)) break;
      const wrong = done.findIndex((isDone, opN) => {
        const outcome = writes[opN]?.op === 'put' ? undefined : outcomes.get(opN);
        return outcome !== undefined && outcome !== (isDone ? Outcome.APPLIED : Outcome.NOT_APPLIED);
      });
      t.equal(wrong, -1, 'the outcomes are right');
      t.ok(outcomes.has(count - 1) && outcomes.has(0), 'all of the last 131,072 outcomes are known');
    }
    // How many of each depends on the disk.
    t.ok(unfinished > 0 && snapshots > 0, `${unfinished} unfinished, ${snapshots} whole`);
    t.match(lines.join('\n'), /^snapshot \d+ has \d+ bytes/);
  },
);

t.test(
  'a snapshot of a full table whose entries are replaced meanwhile fits when it is read (part3/README.md#disk-snapshot)',
  async (t) => {
    const directory = dataDirectory(t);
    const store = await start(t, directory, { memoryBytesMax: 1 << 20, logBytesMax: 1 << 20 });
    const value = 'x'.repeat(10_000);
    const generation = (n: number) => Math.floor(n / 80);
    // 80 of these entries nearly fill the table: each generation replaces the one before.
    for (let n = 0; n < 640; n += 1) {
      if (n >= 80) await submit(store, del(`${generation(n) - 1}:${n % 80}`));
      await submit(store, put(`${generation(n)}:${n % 80}`, value));
    }
    await store.close();
    t.ok(
      readdirSync(directory).some((name) => /^snapshot-\d+$/.test(name)),
      'there is a snapshot',
    );
    const again = await start(t, directory, { memoryBytesMax: 1 << 20 });
    t.same(again.table.keys().toSorted(), Array.from({ length: 80 }, (_, n) => `7:${n}`).toSorted());
  },
);

t.test('a damaged snapshot is refused (part3/README.md#disk-damaged)', async (t) => {
  const directory = dataDirectory(t);
  const store = await start(t, directory, { logBytesMax: 10_000 });
  await execute(store, ...Array.from({ length: 200 }, (_, n) => put(`k${n}`, 'x'.repeat(500))));
  const snapshot = () => readdirSync(directory).find((file) => /^snapshot-\d+$/.test(file));
  await eventually(() => snapshot() !== undefined, { deadlineMs });
  await store.close();
  const name = snapshot() ?? '';
  const whole = readFileSync(join(directory, name));
  for (const [what, change] of [
    ['a flipped bit', (copy: Buffer) => copy.writeUInt8(copy.readUInt8(300) ^ 1, 300)],
    ['a missing end', (copy: Buffer) => copy.subarray(0, -1)],
  ] as const) {
    const copy = Buffer.from(whole);
    const changed = change(copy);
    writeFileSync(join(directory, name), typeof changed === 'number' ? copy : changed);
    await t.rejects(start(t, directory), { code: 'LOST', message: /^snapshot-\d+ is damaged/ }, what);
  }
  writeFileSync(join(directory, name), whole);
  t.equal((await start(t, directory)).table.size, 200);
});
