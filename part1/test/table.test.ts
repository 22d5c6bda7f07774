import { randomSeed, type Seed, Table } from '@tablelab/part1';
import { syncTest, tableContract } from '@tablelab/part1/testing';
import { cases } from '@tablelab/shared/testing';
import t from 'tap';
import { halfSipHash, hashKey } from '../src/hash.ts';
import { SegmentedArray } from '../src/segmented-array.ts';
import { listsAtStartMax } from '../src/table.ts';
import { checkAgainstMap } from '../testing/table-model.ts';

tableContract(t, 'Table', (lists) => new Table(lists));

syncTest(t, 'the comparison with a Map finds a bug and shows a shortest sequence of calls', (t) => {
  class Forgetful extends Table {
    override put(key: string, value: Uint8Array): void {
      if (this.size < 3 || super.get(key) !== undefined) super.put(key, value);
    }
  }
  class Blank extends Table {
    override get(key: string): Uint8Array | undefined {
      return super.get(key)?.fill(0);
    }
  }
  t.throws(() => checkAgainstMap((lists) => new Forgetful(lists)), { message: /Counterexample: .*put\("/ });
  const error = t.throws(() => checkAgainstMap((lists) => new Blank(lists)));
  const [, counterexample] = /Counterexample: (.*)/.exec(String(error)) ?? [];
  t.match(counterexample, /^\[\d+,put\("[^(]+\),get\("[^(]+\)/, 'one put and one get will do');
});

syncTest(t, 'a table with too many initial lists is refused (part1/README.md#table-lists)', (t) => {
  t.throws(() => new Table(listsAtStartMax + 1), { name: 'TableError', code: 'BAD_REQUEST' });
});

syncTest(t, 'iteration yields copies of the entries (part1/README.md#table-iteration)', (t) => {
  const table = new Table(2);
  for (const [index, key] of ['a', 'b', 'c'].entries()) table.put(key, Uint8Array.of(index));
  for (const { value } of table) value.fill(9);
  const entries = [...table].sort((one, other) => (one.key < other.key ? -1 : 1));
  t.same(
    entries,
    ['a', 'b', 'c'].map((key, index) => ({ key, value: Uint8Array.of(index) })),
  );
});

syncTest(t, 'a table may change during iteration (part1/README.md#table-iteration)', (t) => {
  const table = new Table(1);
  const keys = Array.from({ length: 100 }, (_, index) => `old:${index}`);
  for (const key of keys) table.put(key, Uint8Array.of(1));
  const seen: string[] = [];
  const outdated: string[] = [];
  for (const { key, value } of table) {
    if (seen.length === 0) {
      // Growing moves entries between lists, so iterating over the lists would yield some twice.
      for (let index = 0; index < 1000; index += 1) table.put(`new:${index}`, Uint8Array.of(2));
      for (const other of keys) if (other !== key) table.put(other, Uint8Array.of(3));
    } else if (value[0] !== 3) {
      outdated.push(key);
    }
    seen.push(key);
    table.del(keys.find((other) => !seen.includes(other)) ?? '');
  }
  t.same(outdated, [], 'each comes with the value that it has at its turn');
  t.equal(new Set(seen).size, seen.length, 'no key comes twice');
  t.ok(seen.length >= 50 && seen.every((key) => keys.includes(key)), 'only keys of the beginning come');
  t.equal(table.size, 1000 + seen.length, 'deleted keys did not come');
});

syncTest(
  t,
  'lists stay short, because the table adds one with each entry (part1/README.md#table-growth)',
  (t) => {
    for (const [listsAtStart, entries] of [
      [1, 1],
      [1, 5000],
      [3, 5000],
      [1000, 5000],
      [7, 3584],
      [6000, 5000],
    ] as const) {
      const table = new Table(listsAtStart);
      let most = 0;
      for (let index = 0; index < entries; index += 1) {
        const before = index % 500 === 0 ? table.listLengths().length : 0;
        table.put(`cart:${index}`, Uint8Array.of());
        if (before > 0) most = Math.max(most, table.listLengths().length - before);
      }
      const lengths = table.listLengths();
      const lists = Math.max(listsAtStart, entries);
      t.equal(lengths.length, lists, `n = ${listsAtStart}: ${entries} entries, ${lists} lists`);
      t.ok(most <= 1, 'a put adds one list at most');
      t.equal(
        lengths.reduce((sum, length) => sum + length, 0),
        entries,
        'each entry is in one list',
      );
      // Lists that are not split yet have 2 entries on average; 16 occur once in millions.
      t.ok(Math.max(...lengths) < 16, `a list has fewer than 16 entries, not ${Math.max(...lengths)}`);
    }
  },
);

syncTest(t, 'every table has its own seed (part1/README.md#table-seed)', (t) => {
  const lengths = (options?: { seed: Seed }) => {
    const table = new Table(1, options);
    for (let index = 0; index < 512; index += 1) table.put(`cart:${index}`, Uint8Array.of());
    return table.listLengths().join();
  };
  t.not(lengths(), lengths(), 'two tables put the same keys into different lists');
  const seed = randomSeed();
  t.equal(lengths({ seed }), lengths({ seed }), 'with one seed they are alike');
  t.not(lengths({ seed: randomSeed() }), lengths({ seed }), 'and with another one they are not');
});

syncTest(t, 'the hash is HalfSipHash-1-3, of a key in UTF-16 and of bytes', (t) => {
  // The Linux kernel's vectors for a 32-bit hsiphash: bytes 0, 1, 2 ..., key 00 01 ... 07.
  const hashes: [number, number][] = [
    [0, 0x5814c896],
    [1, 0xe7e864ca],
    [2, 0xbc4b0e30],
    [3, 0x01539939],
    [4, 0x7e059ea6],
    [5, 0x88e3d89b],
    [6, 0xa0080b65],
    [7, 0x9d38d9d6],
    [8, 0x577999b1],
  ];
  const seed: Seed = [0x03020100, 0x07060504];
  for (const [length, hash] of cases(t, hashes)) {
    const bytes = Buffer.from(Array.from({ length }, (_, index) => index));
    const words = new Int32Array(3);
    new Uint8Array(words.buffer).set(bytes);
    t.equal(halfSipHash(words, length, seed) >>> 0, hash, `${length} bytes`);
    if (length % 2 === 0) t.equal(hashKey(bytes.toString('utf16le'), seed), hash, `${length} bytes of text`);
  }
});

syncTest(t, 'keys that collide under one seed do not under another (part1/README.md#table-seed)', (t) => {
  const lists = 64;
  const colliding: string[] = [];
  for (let index = 0; colliding.length < 250; index += 1) {
    const key = `cart:${index}`;
    if (hashKey(key, [0, 0]) % lists === 0) colliding.push(key);
  }
  for (const seed of cases(t, [[0, 1], [1, 0], [0x80000000, 0], randomSeed()] as const)) {
    const counts = new Array<number>(lists).fill(0);
    for (const key of colliding) {
      const list = hashKey(key, seed) % lists;
      counts[list] = (counts[list] ?? 0) + 1;
    }
    // About 4 are expected; 25 in one of 64 lists are less likely than once in 10^11 seeds.
    t.ok(
      Math.max(...counts) < 25,
      `seed ${seed}: a list has fewer than 25 of 250 keys, not ${Math.max(...counts)}`,
    );
  }
});

syncTest(t, 'a segmented array behaves like an array that grows at its end', (t) => {
  const array = new SegmentedArray<number>();
  const wanted = Array.from({ length: 5000 }, (_, index) => index * 3);
  for (const item of wanted) array.push(item);
  t.equal(array.length, wanted.length);
  t.same([...array], wanted);
  t.same(
    wanted.map((_, index) => array.at(index)),
    wanted,
  );
  for (const index of cases(t, [-1, 5000, 0.5])) {
    t.throws(() => array.at(index), { name: 'AssertionFailure' }, `there is no index ${index}`);
  }
});
