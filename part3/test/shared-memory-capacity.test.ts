import { totalmem } from 'node:os';
import { sameBytes, syncTest, testSeed } from '@tablelab/part1/testing';
import { assert, entryOverheadBytes, logicalEntryBytes, seededRandom, TableError } from '@tablelab/shared';
import { cases } from '@tablelab/shared/testing';
import fc from 'fast-check';
import t from 'tap';
import { Allocator } from '../src/shared-memory/allocator.ts';
import { unitBytes } from '../src/shared-memory/block.ts';
import { listsAtStartMax, logicalCapacity, type TableSize } from '../src/shared-memory/capacity.ts';
import { SharedTable } from '../src/shared-memory/shared-table.ts';
import { nodeUnits } from '../src/shared-memory/table-layout.ts';
import { checkAddressSpace, defaultMemoryBytesMax, memoryAllowance } from '../src/store/memory-allowance.ts';

const mebibyte = 2 ** 20;

/**
 * A table and its expected contents. Every call is checked: a put is refused if and only if it would exceed the
 * capacity.
 */
class CheckedTable {
  readonly table: SharedTable;
  readonly capacity: number;
  readonly model = new Map<string, Uint8Array>();
  readonly #memoryBytesMax: number;
  bytes = 0;

  constructor(size: TableSize) {
    this.table = SharedTable.create(size);
    this.capacity = logicalCapacity(size);
    this.#memoryBytesMax = size.memoryBytesMax;
  }

  /** The remaining logical bytes. */
  get room(): number {
    return this.capacity - this.bytes;
  }

  bytesOf(key: string): number {
    const value = this.model.get(key);
    return value === undefined ? 0 : logicalEntryBytes(Buffer.byteLength(key), value.length);
  }

  put(key: string, value: Uint8Array): boolean {
    const entryBytes = logicalEntryBytes(Buffer.byteLength(key), value.length);
    const bytes = this.bytes - this.bytesOf(key) + entryBytes;
    let refusal: string | undefined;
    if (bytes > this.capacity) refusal = entryBytes > this.capacity ? 'TOO_LARGE' : 'FULL';
    let refused: string | undefined;
    try {
      this.table.put(key, value);
    } catch (error) {
      if (!(error instanceof TableError)) throw error;
      refused = error.code;
    }
    assert(
      refused === refusal,
      `a put that takes ${bytes} of ${this.capacity} bytes: ${refused}, not ${refusal}`,
    );
    if (refusal === undefined) {
      this.model.set(key, value);
      this.bytes = bytes;
    }
    assert(this.table.logicalBytes === this.bytes, 'the logical bytes are those of all entries');
    assert(this.table.logicalBytesOf(key) === this.bytesOf(key), 'and those of one');
    return refusal === undefined;
  }

  del(key: string): void {
    this.bytes -= this.bytesOf(key);
    assert(this.table.del(key) === this.model.delete(key), 'del says whether the key was there');
    assert(this.table.logicalBytes === this.bytes, 'what is deleted counts no more');
  }

  /** Puts entries `<prefix>0`, `<prefix>1`, ... of this size until there is no room for another one. */
  fill(prefix: string, valueBytes: number): void {
    for (let number = 0; this.put(`${prefix}${number}`, pattern(valueBytes, number)); number += 1);
  }

  /** Deletes all that `isPicked`. */
  delete(isPicked: (number: number) => boolean): void {
    for (const [number, key] of [...this.model.keys()].entries()) if (isPicked(number)) this.del(key);
  }

  /** Compares all entries. */
  check(): void {
    const { entries, lists } = this.table.handle;
    assert(entries.byteLength + lists.byteLength <= this.#memoryBytesMax, 'the memory keeps to its limit');
    assert(this.table.size === this.model.size, 'as many entries as there should be');
    for (const [key, value] of this.model) {
      assert(
        sameBytes(this.table.get(key), value),
        `the value of ${key}, of ${value.length} bytes, is as it was put`,
      );
    }
  }
}

/** A unique value. */
function pattern(bytes: number, number: number): Uint8Array {
  const value = new Uint8Array(bytes).fill(number * 7 + (number >>> 8));
  for (let at = 0; at < Math.min(4, bytes); at += 1) value[at] = number >>> (8 * at);
  return value;
}

const sizes: readonly TableSize[] = [
  { memoryBytesMax: mebibyte, nLists: 1 },
  { memoryBytesMax: 2 * mebibyte - 3, nLists: listsAtStartMax(mebibyte) },
];

const rule = '(part3/README.md#memory-capacity)';
const name = ({ memoryBytesMax, nLists }: TableSize) => `${memoryBytesMax} bytes and ${nLists} lists`;

syncTest(t, `the logical size of an entry is at least the size of its node ${rule}`, (t) => {
  let closest = Number.POSITIVE_INFINITY;
  for (let keyBytes = 0; keyBytes <= 24; keyBytes += 1) {
    for (let valueBytes = 0; valueBytes <= 24; valueBytes += 1) {
      const spare = logicalEntryBytes(keyBytes, valueBytes) - nodeUnits(keyBytes, valueBytes) * unitBytes;
      closest = Math.min(closest, spare);
    }
  }
  t.ok(
    closest >= 0 && closest < unitBytes,
    `the constant of ${entryOverheadBytes} is ${closest} too large at most`,
  );
});

syncTest(t, `the capacity is 90 % of the memory, minus the initial lists ${rule}`, (t) => {
  for (const memoryBytesMax of [mebibyte, 64 * mebibyte, 1024 * mebibyte, 4096 * mebibyte]) {
    const ratio = logicalCapacity({ memoryBytesMax, nLists: 1 }) / memoryBytesMax;
    t.ok(ratio > 0.9 && ratio < 0.91, `${memoryBytesMax} bytes: ${ratio}`);
    const nLists = listsAtStartMax(memoryBytesMax);
    const halved = logicalCapacity({ memoryBytesMax, nLists }) / memoryBytesMax;
    t.ok(halved > 0.46 && halved < 0.47, `${nLists} lists in ${memoryBytesMax} bytes: ${halved}`);
  }
  t.throws(() => logicalCapacity({ memoryBytesMax: 1, nLists: 1 }), { code: 'BAD_REQUEST' });
});

for (const size of sizes) {
  syncTest(t, `${name(size)}: full of small ones, every other deleted, full of larger ones ${rule}`, (t) => {
    for (const [small, large] of [
      [1, 60],
      [100, 300],
      [1_000, 5_000],
      [60, Math.floor(size.memoryBytesMax / 8)],
    ] as const) {
      const checked = new CheckedTable(size);
      checked.fill('small ', small);
      checked.delete((number) => number % 2 === 0);
      checked.fill('large ', large);
      checked.check();
      checked.delete((number) => number % 3 !== 0);
      checked.fill('small again ', small);
      checked.check();
    }
    t.pass();
  });

  syncTest(t, `${name(size)}: full of values that have each become a little shorter ${rule}`, (t) => {
    const checked = new CheckedTable(size);
    // Nine bytes of key, and one byte of the value in a new unit: the node is as large as the logical size.
    const keyOf = (number: number) => `${number}`.padStart(9);
    let number = 0;
    for (; checked.put(keyOf(number), pattern(9, number)); number += 1);
    // In its place, which stays as large as it was.
    for (const key of checked.model.keys()) checked.put(key, pattern(1, 1));
    for (; checked.put(keyOf(number), pattern(1, number)); number += 1);
    checked.check();
    t.ok(checked.room < logicalEntryBytes(9, 1));
  });

  syncTest(t, `${name(size)}: the largest value, while all free memory is in small pieces ${rule}`, (t) => {
    const checked = new CheckedTable(size);
    checked.fill('small ', 40);
    const largest = Math.floor(checked.capacity / 2);
    const wanted = logicalEntryBytes('large'.length, largest);
    for (const key of [...checked.model.keys()].reverse()) {
      if (checked.room >= wanted) break;
      if (Number(key.split(' ')[1]) % 5 !== 0) checked.del(key);
    }
    t.equal(checked.put('large', pattern(largest, 1)), true);
    checked.check();
    t.equal(checked.put('larger', new Uint8Array(checked.capacity)), false);
    checked.check();
    checked.delete(() => true);
    t.equal(
      checked.put('all', pattern(checked.capacity - logicalEntryBytes(3, 0), 2)),
      true,
      'up to the last byte',
    );
    checked.check();
  });

  syncTest(
    t,
    `${name(size)}: values are replaced in a full table, by longer and by shorter ones ${rule}`,
    (t) => {
      const random = seededRandom(testSeed);
      const checked = new CheckedTable(size);
      checked.fill('key ', 200);
      const keys = [...checked.model.keys()];
      let replaced = 0;
      for (let step = 0; step < 5_000; step += 1) {
        // One value shrinks, and the other one takes all the room that this leaves.
        const [key, other] = [random.pick(keys), random.pick(keys)];
        if (key === other) continue;
        checked.put(key, pattern(random.int(step % 100 === 0 ? 20_000 : 400), step));
        const rest = checked.room + checked.bytesOf(other) - logicalEntryBytes(other.length, 0);
        assert(checked.put(other, pattern(rest, step)), 'it fits exactly');
        assert(checked.room === 0, 'the table is full');
        replaced += 1;
      }
      t.ok(replaced > 4_500);
      checked.check();
    },
  );
}

syncTest(
  t,
  `many small entries leave long arrays of lists behind, and large entries still fit ${rule}`,
  (t) => {
    const checked = new CheckedTable({ memoryBytesMax: 2 * mebibyte, nLists: 1 });
    checked.fill('', 0);
    t.ok(checked.model.size > 45_000, `${checked.model.size} entries`);
    checked.check();
    checked.delete(() => true);
    checked.fill('large ', 100_000);
    checked.check();
  },
);

syncTest(t, `64 MiB: a value of 16 MiB replaces others, among entries of mixed sizes ${rule}`, () => {
  const random = seededRandom(testSeed);
  const checked = new CheckedTable({ memoryBytesMax: 64 * mebibyte, nLists: 1_000 });
  for (let number = 0; checked.room > 20 * mebibyte; number += 1) {
    checked.put(`mixed ${number}`, pattern(random.int(1 << random.int(16)), number));
  }
  for (let round = 0; round < 4; round += 1) {
    checked.put('large', pattern(16 * mebibyte - round * 1_000, round));
    for (let number = 0; checked.put(`more ${number}`, pattern(random.int(2_000), number)); number += 1);
    checked.delete((number) => number % 4 === round);
  }
  checked.check();
});

syncTest(
  t,
  'room for a large value is made in steps, between which the table is consistent (part3/README.md#threads-short)',
  (t) => {
    const random = seededRandom(testSeed);
    const checked = new CheckedTable({ memoryBytesMax: 4 * mebibyte, nLists: 1 });
    const large = pattern(mebibyte, 7);
    const key = Buffer.from('large');
    checked.fill('', 100);
    const entries = [...checked.model];
    while (checked.room < logicalEntryBytes(key.length, large.length)) checked.del(random.pick(entries)[0]);
    const gathered = t.capture(Allocator.prototype, 'gather', Allocator.prototype.gather);
    let steps = 0;
    for (const _ of checked.table.makeRoom(key, large.length)) {
      steps += 1;
      checked.check();
    }
    t.ok(steps >= 5, `${steps} steps for some 8,000 nodes`);
    t.equal(gathered().length, 1);
    t.equal(checked.put('large', large), true);
    t.equal(gathered().length, 0, 'the put finds its room made');
    for (const _ of checked.table.makeRoom(Buffer.from('small'), 10))
      t.fail('where there is room, there is nothing to do');
    checked.check();
  },
);

syncTest(
  t,
  `after any history, a put is refused if and only if it would exceed the capacity ${rule}`,
  (t) => {
    const valueBytes = fc.oneof(
      { weight: 6, arbitrary: fc.nat(300) },
      { weight: 3, arbitrary: fc.nat(10_000) },
      { weight: 1, arbitrary: fc.nat(500_000) },
    );
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ key: fc.nat(400), bytes: valueBytes, times: fc.integer({ min: 1, max: 40 }) }),
      },
      { weight: 2, arbitrary: fc.record({ every: fc.integer({ min: 1, max: 5 }) }) },
    );
    let [puts, refused] = [0, 0];
    fc.assert(
      fc.property(
        fc.constantFrom(1, 4_096, listsAtStartMax(mebibyte)),
        fc.array(step, { maxLength: 60, size: 'max' }),
        (nLists, steps) => {
          const checked = new CheckedTable({ memoryBytesMax: mebibyte, nLists });
          for (const [number, one] of steps.entries()) {
            if ('every' in one) {
              checked.delete((index) => index % 5 < one.every);
              continue;
            }
            const value = pattern(one.bytes, number);
            for (let time = 0; time < one.times; time += 1) {
              puts += 1;
              if (!checked.put(`key ${one.key + time}`, value)) refused += 1;
            }
          }
          checked.check();
        },
      ),
      { numRuns: 100, seed: testSeed, interruptAfterTimeLimit: 8_000, markInterruptAsFailure: true },
    );
    t.ok(refused > puts / 20 && refused < puts / 2, `${refused} of ${puts} puts were refused`);
  },
);

syncTest(t, 'by default a table takes what its process may have (part3/README.md#memory-default)', (t) => {
  const [mib, gib] = [2 ** 20, 2 ** 30];
  const none = Number.POSITIVE_INFINITY;
  for (const [memoryBytes, addressBytes, wanted] of cases(t, [
    [64 * gib, none, gib],
    [2 * gib, none, 512 * mib],
    [200 * mib, none, 50 * mib],
    [32 * mib, none, 16 * mib],
    [64 * gib, 8 * gib, 512 * mib],
    [64 * gib, 4 * gib, 16 * mib],
    [200 * mib, 8 * gib, 50 * mib],
  ] as const)) {
    t.equal(defaultMemoryBytesMax({ memoryBytes, addressBytes }), wanted, `${memoryBytes}, ${addressBytes}`);
  }
  const { memoryBytes, addressBytes } = memoryAllowance();
  t.ok(memoryBytes > 0 && memoryBytes <= totalmem(), `${memoryBytes} bytes of memory`);
  t.ok(addressBytes > 0);
  const allowance = { memoryBytes: 64 * gib, addressBytes: 8 * gib };
  t.doesNotThrow(() => checkAddressSpace(512 * mib, allowance));
  t.throws(() => checkAddressSpace(gib, allowance), {
    code: 'BAD_REQUEST',
    message:
      /^a server with a table of 1024 MiB takes 8704 MiB of address space, .* may have 8192 \(ulimit -v\)$/,
  });
});
