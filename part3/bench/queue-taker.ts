/** The thread that bench/queue.ts hands tasks to: takes them and does nothing with them. */
import { workerData } from 'node:worker_threads';
import { TaskQueue, type TaskQueueHandle } from '@tablelab/part3';
import { Progress } from '../src/executor/progress.ts';

const { handle, memory }: { handle: TaskQueueHandle; memory: SharedArrayBuffer } = workerData;
const queue = TaskQueue.attach(handle);
const progress = new Progress(memory);
while (queue.take(256, 60_000) !== undefined) {
  queue.release();
  progress.announce();
}
