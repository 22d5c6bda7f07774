/** The writer of shared-memory-table.test.ts: executes its writes in order, each under the lock. */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '@tablelab/shared';
import { SharedTable } from '../../src/shared-memory/shared-table.ts';
import type { SharedTableHandle } from '../../src/shared-memory/table-memory.ts';

const { handle, progress, writes } = workerData as {
  handle: SharedTableHandle;
  progress: Int32Array;
  writes: readonly { key: string; value?: Uint8Array }[];
};
const writesAtOnce = 500;
const table = SharedTable.attach(handle);
parentPort?.postMessage('ready');
for (const { key, value } of writes) {
  table.mutex.lockLowPriority();
  if (value === undefined) table.del(key);
  else table.put(key, value);
  // Under the lock, so that a reader that holds it knows exactly which writes have been executed.
  const made = Atomics.add(progress, 0, 1);
  table.mutex.unlock();
  if (made % writesAtOnce === 0) {
    // Waits until main has read once more, so that reads come between writes with any scheduling.
    const reads = Atomics.load(progress, 1);
    assert(Atomics.wait(progress, 1, reads, 10_000) !== 'timed-out', 'main reads on');
  }
}
