import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { halfSipHash, hashKey, Table } from '@tablelab/part1';
import { sameBytes, syncTest, tableContract, testSeed } from '@tablelab/part1/testing';
import { logicalEntryBytes, seededRandom } from '@tablelab/shared';
import t from 'tap';
import { arenaBytesMax } from '../src/shared-memory/allocator.ts';
import { listsAtStartMax } from '../src/shared-memory/capacity.ts';
import { SharedTable } from '../src/shared-memory/shared-table.ts';
import type { ChurnResult } from './support/churn.ts';

const mebibyte = 2 ** 20;

tableContract(t, 'shared table (part3/README.md#memory-contract)', (nLists) =>
  SharedTable.create({ nLists, memoryBytesMax: 16 * mebibyte }),
);
tableContract(t, 'shared table, attached (part3/README.md#memory-contract)', (nLists) =>
  SharedTable.attach(SharedTable.create({ nLists, memoryBytesMax: 16 * mebibyte }).handle),
);

syncTest(t, 'hash: the same as part 1, over bytes (part3/README.md#memory-contract)', (t) => {
  const seed = [0x01020304, 0xf0e0d0c0] as const;
  for (let units = 0; units <= 40; units += 1) {
    const key = Array.from({ length: units }, (_, index) => String.fromCharCode(0x4e00 + index * 37)).join(
      '',
    );
    const bytes = new Uint8Array(Math.ceil(units / 2) * 4);
    Buffer.from(key, 'utf16le').copy(bytes);
    t.equal(halfSipHash(new Int32Array(bytes.buffer), units * 2, seed) >>> 0, hashKey(key, seed));
  }
  t.equal(halfSipHash(Int32Array.of(0x636261), 3, seed), halfSipHash(Int32Array.of(0x636261, 99), 3, seed));
  t.not(halfSipHash(Int32Array.of(0x636261), 3, seed), halfSipHash(Int32Array.of(0x636261), 4, seed));
});

/** A worker without the options that tap gives to Node: one whose coverage is measured runs ten times as long. */
function startWorker(url: URL, workerData: unknown): Worker {
  return new Worker(url, { workerData, execArgv: [], env: { ...process.env, NODE_OPTIONS: '' } });
}

t.test(
  'shared table: adding and removing entries of mixed sizes does not grow the memory (part3/README.md#memory-churn)',
  async (t) => {
    const worker = startWorker(new URL('./support/churn.ts', import.meta.url), {
      operations: 1_000_000,
      seed: testSeed,
    });
    const [{ early, late, left }] = (await once(worker, 'message')) as [ChurnResult];
    // Memory grows by 1 MiB at a time; after a tenth of the operations not all sizes have occurred together.
    t.ok(late <= early + 2 * mebibyte, `${early} bytes after 100,000 operations, ${late} after 1,000,000`);
    t.ok(left <= 2048 * 4, `of an emptied table only lists are left: ${left} bytes`);
  },
);

syncTest(
  t,
  'shared table: returned values never change, whatever later calls do (part3/README.md#memory-contract)',
  (t) => {
    const random = seededRandom(testSeed);
    const table = SharedTable.create({ nLists: 4, memoryBytesMax: 16 * mebibyte });
    const given: { value: Uint8Array; wanted: Uint8Array }[] = [];
    for (let index = 0; index < 3_000; index += 1) {
      // Around the size up to which returned values share a buffer.
      const wanted = new Uint8Array(random.pick([0, 1, 3, 7, 100, 1023, 1024, 1025, 3000])).fill(index);
      table.put(`key ${index % 50}`, wanted);
      const value = table.get(`key ${index % 50}`);
      if (value === undefined || !sameBytes(value, wanted))
        throw new Error(`value ${index} is not what was put`);
      given.push({ value, wanted: new Uint8Array(wanted) });
      if (value.buffer instanceof SharedArrayBuffer) throw new Error(`value ${index} lies in shared memory`);
    }
    const changed = given.filter(({ value, wanted }) => !sameBytes(value, wanted));
    t.equal(changed.length, 0, 'none has changed since');
    for (const { value } of given) value.fill(0xff);
    const last = table.get('key 49');
    t.ok(
      sameBytes(last, given.at(-1)?.wanted ?? new Uint8Array()),
      'who writes into his copy changes no other',
    );
  },
);

syncTest(
  t,
  'shared table: a value of another size replaces the old one exactly (part3/README.md#memory-blocks)',
  (t) => {
    const value = (length: number, mark: number) => new Uint8Array(length).fill(mark);
    for (let before = 0; before <= 40; before += 1) {
      for (let after = 0; after <= 40; after += 1) {
        const table = SharedTable.create({ nLists: 1, memoryBytesMax: mebibyte });
        for (const key of ['a', 'b', 'c']) table.put(key, value(before, 1));
        table.put('b', value(after, 2));
        const isRight =
          sameBytes(table.get('a'), value(before, 1)) &&
          sameBytes(table.get('b'), value(after, 2)) &&
          sameBytes(table.get('c'), value(before, 1));
        if (!isRight)
          throw new Error(`${before} bytes replaced by ${after}: neighbours or the value are damaged`);
      }
    }
    const table = SharedTable.create({ nLists: 1, memoryBytesMax: mebibyte });
    table.put('a', value(10_000, 1));
    const before = table.memoryBytes;
    table.put('a', value(1, 1));
    t.ok(before - table.memoryBytes > 9000, 'a smaller value gives memory back');
  },
);

syncTest(
  t,
  'shared table: growths of both arenas are counted for the other threads (part3/README.md#memory-growth)',
  (t) => {
    const table = SharedTable.create({ nLists: 1, memoryBytesMax: 16 * mebibyte });
    const { entries, lists } = table.handle;
    const header = new Int32Array(entries, 0, 32);
    const growths = () => header[20];
    t.equal(growths(), 0);
    table.put('large', new Uint8Array(mebibyte));
    t.equal(growths(), 1, 'the entries grew');
    const before = lists.byteLength;
    let seen = 1;
    for (let index = 0; lists.byteLength === before && index < 2 ** 17; index += 1) {
      const entriesBefore = entries.byteLength;
      table.put(`${index}`, new Uint8Array());
      if (entries.byteLength !== entriesBefore) seen += 1;
    }
    t.equal(growths(), seen + 1, 'the lists grew');
  },
);

syncTest(
  t,
  'shared table: a thread sees all puts of another one, even if lists or entries have grown (part3/README.md#memory-growth)',
  (t) => {
    const table = SharedTable.create({ nLists: 1, memoryBytesMax: 16 * mebibyte });
    const other = SharedTable.attach(table.handle);
    t.equal(other.get('0'), undefined, 'its views are as long as the memory is now');
    const keys = 20_000;
    for (let index = 0; index < keys; index += 1) table.put(`${index}`, Uint8Array.of(index));
    let missed = 0;
    for (let index = 0; index < keys; index += 1) {
      if (other.get(`${index}`)?.[0] !== (index & 0xff)) missed += 1;
    }
    t.equal(missed, 0, `${missed} of ${keys} keys are missed`);
    t.equal(other.keys().length, keys);
    other.put('large', new Uint8Array(2 * mebibyte).fill(1));
    t.equal(table.get('large')?.at(-1), 1, 'and the other way round');
  },
);

syncTest(
  t,
  'shared table: a system that provides no more memory acts like a limit (part3/README.md#memory-limit)',
  (t) => {
    const table = SharedTable.create({ nLists: 1, memoryBytesMax: 16 * mebibyte });
    const refuse = () => {
      throw new RangeError('out of memory');
    };
    const { entries, lists } = table.handle;
    lists.grow = refuse;
    for (let index = 0; index < 5000; index += 1) table.put(`${index}`, new Uint8Array());
    t.equal(table.size, 5000, 'no more lists: they become longer');
    t.equal(lists.byteLength, 2 ** 14);
    entries.grow = refuse;
    const full = { code: 'FULL', message: /the system gives no more memory/ };
    const { logicalBytes, memoryBytes } = table;
    t.throws(() => table.put('large', new Uint8Array(2 * mebibyte)), full, 'no more entries');
    t.throws(() => table.put('7', new Uint8Array(2 * mebibyte)), full, 'and no larger ones');
    t.same(table.get('7'), new Uint8Array(), 'what was to be replaced is there still');
    t.equal(new Set(table.keys()).size, 5000);
    t.same(
      { logicalBytes, memoryBytes },
      { logicalBytes: table.logicalBytes, memoryBytes: table.memoryBytes },
    );
  },
);

syncTest(
  t,
  'shared table: large values, keys in bytes, bad arguments (part3/README.md#memory-contract)',
  (t) => {
    const table = SharedTable.create({ nLists: 5, memoryBytesMax: 64 * mebibyte });
    const large = new Uint8Array(16 * mebibyte).fill(9);
    for (let round = 0; round < 20; round += 1) table.put('large', large.subarray(round));
    t.ok(sameBytes(table.get('large'), large.subarray(19)), '16 MiB, replaced again and again in 64 MiB');
    const key = Buffer.from('日本');
    table.putBytes(key, large.subarray(0, 3));
    t.same(table.get('日本'), Uint8Array.of(9, 9, 9));
    t.equal(table.delBytes(key), true);
    t.equal(table.get('日本'), undefined);
    t.equal(table.get('\uFFFD'), undefined);
    table.put('\uFFFD', large.subarray(0, 1));
    t.equal(table.get('\uD800'), undefined, 'a lone surrogate is not the character that stands for one');
    for (const memoryBytesMax of [0, mebibyte - 1, arenaBytesMax + 8, Number.NaN]) {
      t.throws(() => SharedTable.create({ nLists: 1, memoryBytesMax }), { code: 'BAD_REQUEST' });
    }
  },
);

syncTest(
  t,
  'shared table: its initial lists take at most half of its memory (part3/README.md#memory-limit)',
  (t) => {
    for (const memoryBytesMax of [mebibyte, mebibyte + 8, 3 * mebibyte, 5 * mebibyte - 8]) {
      const nLists = listsAtStartMax(memoryBytesMax);
      const table = SharedTable.create({ nLists, memoryBytesMax });
      t.ok(table.handle.lists.byteLength * 2 <= memoryBytesMax, `${nLists} lists in ${memoryBytesMax} bytes`);
      table.put('a', new Uint8Array(memoryBytesMax / 4));
      t.equal(table.size, 1, 'and the rest is for entries');
      t.throws(() => SharedTable.create({ nLists: nLists + 1, memoryBytesMax }), {
        code: 'BAD_REQUEST',
        message: `a table begins with 1 to ${nLists} lists, not with ${nLists + 1}`,
      });
    }
  },
);

syncTest(
  t,
  'shared table: keys stops as soon as the keys do not fit into a message (part3/README.md#threads-short)',
  (t) => {
    const table = SharedTable.create({ nLists: 4, memoryBytesMax: mebibyte });
    for (const key of ['a', 'bc', '日本']) table.put(key, new Uint8Array());
    // 1, 2 and 6 bytes in UTF-8, and two for each key.
    t.same(table.keys(15).sort(), ['a', 'bc', '日本']);
    t.throws(() => table.keys(14), { code: 'TOO_LARGE', message: '3 keys take more than 14 bytes' });
  },
);

syncTest(
  t,
  'shared table: a circular list is an error, not an endless loop (part3/README.md#threads-hang)',
  (t) => {
    const seed = [0, 0] as const;
    const table = SharedTable.create({ nLists: 2, memoryBytesMax: mebibyte, seed });
    /** Keys of the list with that number, of two. */
    const keysOf = (list: number) =>
      Array.from({ length: 50 }, (_, number) => String(1000 + number)).filter(
        (key) =>
          (halfSipHash(new Int32Array(Uint8Array.from(Buffer.from(key)).buffer), 4, seed) & 1) === list,
      );
    const [here, absent] = keysOf(0) as [string, string];
    const [other, another] = keysOf(1) as [string, string];
    table.put(here, new Uint8Array());
    const { entries, lists } = table.handle;
    const node = new Int32Array(lists)[0] as number;
    t.ok(node > 0, `${here} is in the first list`);
    const words = new Int32Array(entries);
    words[node * 2 + 1] = node;
    const endless = /no more nodes than the table has entries/;
    t.throws(() => table.get(absent), endless);
    t.throws(() => table.keys(), endless);
    table.put(other, new Uint8Array());
    t.doesNotThrow(() => table.put(another, new Uint8Array()), 'the list is divided into two, which ends');
  },
);

syncTest(t, 'shared table: colliding keys are distinguished (part3/README.md#memory-contract)', (t) => {
  const seed = [0, 0] as const;
  const table = SharedTable.create({ nLists: 1, memoryBytesMax: 4 * mebibyte, seed });
  const byHash = new Map<number, string>();
  const keys: string[] = [];
  // Among about 80,000 keys, a pair with the same 32-bit hash is expected.
  for (let number = 0; keys.length < 4 && number < 2 ** 20; number += 1) {
    const key = String(number).padStart(8, '0');
    const hash = halfSipHash(new Int32Array(Uint8Array.from(Buffer.from(key)).buffer), 8, seed);
    const other = byHash.get(hash);
    if (other !== undefined) keys.push(other, key);
    byHash.set(hash, key);
  }
  for (const [index, key] of keys.entries()) table.put(key, Uint8Array.of(index));
  const values = () => keys.map((key) => table.get(key)?.[0]);
  t.same(values(), [0, 1, 2, 3], `${keys} in pairs have the same hash`);
  t.equal(table.del(keys[0] as string), true);
  t.same(values(), [undefined, 1, 2, 3]);
  table.put(keys[0] as string, new Uint8Array(100));
  t.same(values(), [0, 1, 2, 3]);
});

/** Puts and deletes that never exceed `capacity` logical bytes. */
function writesWithin(capacity: number): { key: string; value?: Uint8Array }[] {
  const random = seededRandom(testSeed);
  const model = new Map<string, number>();
  let bytes = 0;
  return Array.from({ length: 60_000 }, (_, index) => {
    const key = `cart:${random.int(readKeys)}`;
    const valueBytes = random.int(500);
    const without = bytes - (model.get(key) ?? 0);
    const entryBytes = logicalEntryBytes(key.length, valueBytes);
    model.delete(key);
    bytes = without;
    if (random.int(4) === 0 || without + entryBytes > capacity) return { key };
    model.set(key, entryBytes);
    bytes += entryBytes;
    return { key, value: new Uint8Array(valueBytes).fill(index) };
  });
}

const readKeys = 6_000;

for (const memoryBytesMax of [64 * mebibyte, mebibyte]) {
  t.test(
    `shared table of ${memoryBytesMax} bytes: a reader on main sees exactly the writes that came before, in order (part3/README.md#memory-growth)`,
    async (t) => {
      const table = SharedTable.create({ nLists: 1, memoryBytesMax });
      const writes = writesWithin(table.logicalCapacity);
      const random = seededRandom(testSeed);
      const progress = new Int32Array(new SharedArrayBuffer(8));
      const worker = startWorker(new URL('./support/table-worker.ts', import.meta.url), {
        handle: table.handle,
        progress,
        writes,
      });
      // If the reader fails while it holds the lock, the writer would wait for it.
      t.teardown(() => worker.terminate());
      const ended = once(worker, 'exit');
      await once(worker, 'message');
      const model = new Table(1);
      const deadline = performance.now() + 25_000;
      let done = 0;
      let readsBetween = 0;
      while (done < writes.length) {
        // This thread blocks without a turn of the event loop, so only this limit ends it.
        if (performance.now() > deadline) throw new Error(`the writer has stopped after ${done} writes`);
        const probe = `cart:${random.int(readKeys)}`;
        table.mutex.lock();
        const upTo = Atomics.load(progress, 0);
        const found = table.get(probe);
        const { size } = table;
        table.mutex.unlock();
        Atomics.add(progress, 1, 1);
        Atomics.notify(progress, 1);
        if (upTo > done && upTo < writes.length) readsBetween += 1;
        for (const { key, value } of writes.slice(done, upTo)) {
          if (value === undefined) model.del(key);
          else model.put(key, value);
        }
        done = upTo;
        const wanted = model.get(probe);
        const isRight = wanted === undefined ? found === undefined : sameBytes(found, wanted);
        if (!isRight || size !== model.size) {
          t.fail(`after write ${upTo}, get(${probe}) or size is not what the writes so far make it`);
          break;
        }
      }
      t.ok(readsBetween >= 100, `${readsBetween} reads while writes were made`);
      t.same(await ended, [0]);
      t.same(table.keys().sort(), model.keys().sort());
      t.ok(table.handle.entries.byteLength > 2 ** 16, 'the arena did grow under the reader');
    },
  );
}
