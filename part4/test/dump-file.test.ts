/** Dumps in files, and the bytes of their steps on the wire (part4/README.md, "Dump and load"). */
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Entry, entryToBuffer } from '@tablelab/part1';
import { cases } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { DumpReader, type DumpHeader, writeDump } from '../src/dump/dump-file.ts';
import { decodeDumpPage, encodeChange, encodeDumpPage } from '../src/dump/dump-page.ts';
import { ScratchEntries } from '../src/dump/scratch-entries.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const entries: readonly Entry[] = [
  { key: '', value: bytes('under the empty key') },
  { key: 'a "quoted" key\n', value: bytes('olá\n') },
  { key: 'bytes', value: Uint8Array.of(0, 255, 254, 10) },
  { key: 'empty', value: new Uint8Array(0) },
  { key: 'mark', value: bytes('\ufeffa byte order mark is kept') },
];

/** Longer than what is read at once. */
const long: Entry = { key: 'long', value: new Uint8Array(1_500_000).fill(7) };

async function write(path: string, body: DumpHeader['body'], written = entries): Promise<void> {
  const header = { body, chain: 'c0ffee', updates: 12, entries: written.length };
  await writeDump(path, header, written, () => undefined);
}

/** As text: comparing large values byte by byte takes long. */
const shown = (read: readonly Entry[]) =>
  read.map(({ key, value }) => `${key}: ${Buffer.from(value).toString('base64')}`);

async function readAll(path: string): Promise<Entry[]> {
  const reader = await DumpReader.open(path);
  const read: Entry[] = [];
  try {
    for await (const entry of reader.entries()) read.push(entry);
  } finally {
    await reader.close();
  }
  return read;
}

t.test('a dump is read as it was written (part4/README.md#dump-file)', async (t) => {
  for (const body of cases(t, ['lines', 'binary'] as const)) {
    const path = join(t.testdir(), 'table');
    const written = [...entries, long, { key: 'z', value: bytes('the last') }];
    await write(path, body, written);
    t.ok(shown(await readAll(path)).join() === shown(written).join(), body);
    const reader = await DumpReader.open(path);
    t.equal(reader.header.updates, 12);
    await reader.close();
    await t.rejects(write(path, body), { code: 'BAD_REQUEST', message: /exists/ }, 'nothing is overwritten');
    t.equal((await readAll(path)).length, written.length);
  }
});

t.test('a damaged dump is refused, wherever the damage is (part4/README.md#dump-file)', async (t: Test) => {
  for (const body of cases(t, ['lines', 'binary'] as const)) {
    const path = join(t.testdir(), 'table');
    await write(path, body);
    const whole = readFileSync(path);
    const places = whole.keys();
    for (const at of places) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      writeFileSync(path, damaged);
      await t.rejects(readAll(path), { code: 'BAD_REQUEST' }, `${body}, byte ${at}`);
    }
    for (let length = 0; length < whole.length; length += 7) {
      writeFileSync(path, whole);
      truncateSync(path, length);
      await t.rejects(readAll(path), { code: 'BAD_REQUEST' }, `${body}, cut off after ${length} bytes`);
    }
  }
});

t.test('a step of a dump: entries and changes', async (t) => {
  const [one, other] = [
    { key: 'one', value: bytes('1') },
    { key: 'other', value: new Uint8Array(0) },
  ];
  const data = encodeDumpPage(Buffer.concat([entryToBuffer(one), entryToBuffer(other)]), [
    encodeChange({ key: 'gone', value: undefined }),
    encodeChange({ key: 'empty', value: new Uint8Array(0) }),
  ]);
  t.same(decodeDumpPage(data), {
    entries: [one, other],
    changes: [
      { key: 'gone', value: undefined },
      { key: 'empty', value: new Uint8Array(0) },
    ],
  });
  for (let length = 0; length < data.length; length += 1) {
    try {
      const page = decodeDumpPage(data.subarray(0, length));
      t.ok(page.changes.length < 2, 'cut off between two changes');
    } catch (error) {
      t.match(error, { code: 'BAD_REQUEST' }, `${length} bytes`);
    }
  }
});

t.test('a scratch file has the newest value of each key, in the order of the keys', async (t) => {
  const scratch = new ScratchEntries(join(t.testdir(), 'scratch'));
  for (let round = 0; round < 3; round += 1)
    for (let key = 0; key < 500; key += 1)
      scratch.set({ key: `key ${key}`, value: new Uint8Array(2_000).fill(round) });
  for (let key = 0; key < 500; key += 2) scratch.delete(`key ${key}`);
  scratch.set({ key: 'key 4', value: bytes('again') });
  const found = [...scratch.sorted()];
  t.equal(found.length, scratch.size);
  t.equal(scratch.size, 251);
  t.same(
    found.map(({ key }) => key),
    found.map(({ key }) => key).sort(),
  );
  for (const { key, value } of cases(t, found))
    t.same(value, key === 'key 4' ? bytes('again') : new Uint8Array(2_000).fill(2), key);
  scratch.close();
});
