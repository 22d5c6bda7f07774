/** The other thread of {@link passThrough}: takes tasks until the queue is closed and empty. */
import { parentPort, workerData } from 'node:worker_threads';
import { TaskQueue, type TaskQueueHandle } from '../../src/store/task-queue.ts';
import type { Taken } from './queue-threads.ts';

const takenAtOnce = 5;
const waitMs = 100;

const queue = TaskQueue.attach(workerData as TaskQueueHandle);
const taken: Taken[] = [];
for (
  let tasks = queue.take(takenAtOnce, waitMs);
  tasks !== undefined;
  tasks = queue.take(takenAtOnce, waitMs)
) {
  for (const { opN, op, key, data, expected } of tasks) {
    const copy = (bytes: Uint8Array) => new Uint8Array(bytes);
    taken.push({ opN, op, key: Buffer.from(key).toString(), data: copy(data), expected: copy(expected) });
  }
  if (tasks.length > 0) queue.release();
}
parentPort?.postMessage(taken);
