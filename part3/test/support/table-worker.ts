/** The writer of shared-memory-table.test.ts: makes the writes it was given, each under the lock, in order. */
import { parentPort, workerData } from 'node:worker_threads';
import { SharedTable, type SharedTableHandle } from '../../src/shared-memory/shared-table.ts';

const { handle, progress, writes } = workerData as {
  handle: SharedTableHandle;
  progress: Int32Array;
  writes: readonly { key: string; value?: Uint8Array }[];
};
const table = SharedTable.attach(handle);
parentPort?.postMessage('ready');
for (const { key, value } of writes) {
  table.mutex.lockPolitely();
  if (value === undefined) table.del(key);
  else table.put(key, value);
  // Under the lock, so that a reader who holds it knows exactly which writes there have been.
  Atomics.add(progress, 0, 1);
  table.mutex.unlock();
}
