/**
 * The shared table against `Map` and against part 1's table: put, get and delete per second, and memory per entry, at
 * 1,000, 100,000 and 1,000,000 keys of 16 bytes with values of 100:
 *
 *     npx node part3/bench/table.ts [runs]
 *
 * In all three, keys are bytes, as from a socket, and are decoded for each call; values are copied in and out. Each run
 * is a separate process, the three alternate, and medians are compared. The shared table is also measured with writes
 * whose keys stay bytes, as in the executor, and with its lock taken and released for each call. Memory is the heap in
 * use without the keys of the benchmark; for the shared table it is the table's count, which the process's resident
 * memory confirms.
 */
import { execFileSync } from 'node:child_process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type KeyValueTable, Table } from '@tablelab/part1';
import { must, seededRandom } from '@tablelab/shared';
import { SharedTable } from '../src/shared-memory/shared-table.ts';

const keyBytes = 16;
const counts = [1_000, 100_000, 1_000_000];
const operationsMin = 300_000;

interface Contender {
  readonly name: string;
  readonly put: (key: Buffer, value: Uint8Array) => void;
  readonly get: (key: Buffer) => Uint8Array | undefined;
  readonly del: (key: Buffer) => boolean;
  readonly memoryBytes: () => number;
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

function heapBytes(): number {
  // Twice: the first collection's sweep frees the memory of values, and the second one waits for it.
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const text = (key: Buffer) => key.toString('utf8');

function ofTable(name: string, table: KeyValueTable, memoryBytes: () => number): Contender {
  return {
    name,
    put: (key, value) => table.put(text(key), value),
    get: (key) => table.get(text(key)),
    del: (key) => table.del(text(key)),
    memoryBytes,
  };
}

function makeShared(): SharedTable {
  return SharedTable.create({ nLists: 1024, memoryBytesMax: 2 ** 30 });
}

const contenders: Record<string, () => Contender> = {
  map: () => {
    const map = new Map<string, Uint8Array>();
    return {
      name: 'Map',
      put: (key, value) => map.set(text(key), value.slice()),
      get: (key) => map.get(text(key))?.slice(),
      del: (key) => map.delete(text(key)),
      memoryBytes: heapBytes,
    };
  },
  part1: () => ofTable('part 1', new Table(1024), heapBytes),
  shared: () => {
    const table = makeShared();
    return ofTable('shared', table, () => table.memoryBytes);
  },
  locked: () => {
    const table = makeShared();
    const locked = <T>(call: () => T): T => {
      table.mutex.lock();
      const result = call();
      table.mutex.unlock();
      return result;
    };
    return {
      name: 'shared, locked',
      put: (key, value) => locked(() => table.put(text(key), value)),
      get: (key) => locked(() => table.get(text(key))),
      del: (key) => locked(() => table.del(text(key))),
      memoryBytes: () => table.memoryBytes,
    };
  },
  bytes: () => {
    const table = makeShared();
    return {
      name: 'shared, bytes',
      put: (key, value) => table.putBytes(key, value),
      get: (key) => table.get(text(key)),
      del: (key) => table.delBytes(key),
      memoryBytes: () => table.memoryBytes,
    };
  },
};

interface Result {
  readonly put: number;
  readonly get: number;
  readonly del: number;
  readonly bytes: number;
  readonly resident: number;
}

/** Warms up the compiler with a table that is not measured. */
function warmUp({ put, get, del }: Contender, keys: Buffer[], value: Uint8Array): void {
  for (let repeat = 0; repeat < Math.ceil(100_000 / keys.length); repeat += 1) {
    for (const key of keys) put(key, value);
    for (const key of keys) get(key);
    for (const key of keys) del(key);
  }
}

/** Runs in a separate process: puts all keys, gets them in another order, deletes them; microseconds per call. */
function measure(contender: string, count: number): Result {
  const all = Buffer.alloc(count * keyBytes);
  for (let index = 0; index < count; index += 1) {
    all.write(String(index).padStart(keyBytes, 'k'), index * keyBytes, 'latin1');
  }
  const keys = Array.from({ length: count }, (_, index) =>
    all.subarray(index * keyBytes, (index + 1) * keyBytes),
  );
  const random = seededRandom(1);
  const order = Array.from({ length: count }, () => must(keys[random.int(count)], 'a key'));
  const value = new Uint8Array(100).fill(1);
  const repeats = Math.ceil(operationsMin / count);
  const make = must(contenders[contender], 'a contender');
  warmUp(make(), keys.slice(0, 20_000), value);
  const { put, get, del, memoryBytes } = make();
  const time = (work: (key: Buffer) => unknown, on: Buffer[]): number => {
    const start = performance.now();
    for (const key of on) work(key);
    return ((performance.now() - start) * 1000) / on.length;
  };
  const putOne = (key: Buffer) => put(key, value);
  const heapBefore = heapBytes();
  const residentBefore = process.memoryUsage.rss();
  let [putTime, getTime, delTime, bytes, resident] = [0, 0, 0, 0, 0];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    putTime += time(putOne, keys) / repeats;
    if (repeat === 0) {
      bytes = memoryBytes();
      if (memoryBytes === heapBytes) bytes -= heapBefore;
      collectGarbage();
      resident = process.memoryUsage.rss() - residentBefore;
    }
    getTime += time(get, order) / repeats;
    delTime += time(del, keys) / repeats;
  }
  return { put: putTime, get: getTime, del: delTime, bytes: bytes / count, resident: resident / count };
}

function median(values: number[]): number {
  return must(values.sort((a, b) => a - b)[values.length >> 1], 'a value');
}

function compare(runs: number): void {
  for (const count of counts) {
    const results = new Map<string, Result[]>(Object.keys(contenders).map((name) => [name, []]));
    for (let run = 0; run < runs; run += 1) {
      for (const [name, its] of results) {
        const child = [import.meta.filename, 'measure', name, String(count)];
        its.push(JSON.parse(execFileSync(process.execPath, child, { encoding: 'utf8' })) as Result);
      }
    }
    console.log(`${count} keys, medians of ${runs}; in brackets: how many times as fast as Map`);
    const of = (name: string, what: keyof Result) =>
      median(must(results.get(name), 'its results').map((result) => result[what]));
    for (const name of results.keys()) {
      const rate = (what: 'put' | 'get' | 'del') =>
        `${what} ${Math.round(1e6 / of(name, what))}/s (${(of('map', what) / of(name, what)).toFixed(2)})`;
      const memory = `${of(name, 'bytes').toFixed(0)} bytes an entry, resident ${of(name, 'resident').toFixed(0)}`;
      const label = must(contenders[name], 'a contender')().name;
      console.log(`  ${label.padEnd(14)} ${rate('put')}  ${rate('get')}  ${rate('del')}  ${memory}`);
    }
  }
}

const [first, contender, count] = process.argv.slice(2);
if (first === 'measure') console.log(JSON.stringify(measure(contender ?? '', Number(count))));
else compare(Number(first ?? 3));
