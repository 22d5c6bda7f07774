/** The thread that takes the tasks of bench/queue.ts and discards them. */
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
