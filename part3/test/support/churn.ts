/**
 * Puts and deletes of mixed sizes over 2,000 keys: measures the memory of the shared table after a tenth of them, and
 * after all. A worker of shared-memory-table.test.ts. It can be run by hand, with any number of operations:
 *
 *     npx node part3/test/support/churn.ts 10000000
 */
import { parentPort, workerData } from 'node:worker_threads';
import { seededRandom } from '@tablelab/shared';
import { SharedTable } from '../../src/shared-memory/shared-table.ts';

export interface ChurnResult {
  /** The size of the arena after a tenth of the operations, and after all, in bytes. */
  readonly early: number;
  readonly late: number;
  /** Bytes in use above those of an empty table, once all keys are deleted. */
  readonly left: number;
}

const keys = 2000;
const valueBytesMax = 2 ** 14;

function churn(operations: number, seed: number): ChurnResult {
  const table = SharedTable.create({ nLists: 1, memoryBytesMax: 2 ** 26 });
  const empty = table.memoryBytes;
  const random = seededRandom(seed);
  const value = new Uint8Array(valueBytesMax);
  let early = 0;
  for (let operation = 0; operation < operations; operation += 1) {
    if (operation === Math.floor(operations / 10)) early = table.handle.entries.byteLength;
    const key = `cart:${random.int(keys)}`;
    if (random.int(3) === 0) table.del(key);
    else table.put(key, value.subarray(0, random.int(1 << random.int(15))));
  }
  const late = table.handle.entries.byteLength;
  for (const key of table.keys()) table.del(key);
  return { early, late, left: table.memoryBytes - empty };
}

if (parentPort === null) {
  console.log(churn(Number(process.argv[2] ?? 1_000_000), 1));
} else {
  const { operations, seed } = workerData as { operations: number; seed: number };
  parentPort.postMessage(churn(operations, seed));
}
