import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { type Task, TaskQueue, type TaskQueueOptions } from '../../src/store/task-queue.ts';

/** What the other thread has taken. */
export type Taken = Omit<Task, 'queuedAtMs'>;

/** Puts tasks in this thread, as room comes, and takes them in a worker; returns what the worker has taken, in order. */
export async function passThrough(options: TaskQueueOptions, tasks: readonly Task[]): Promise<Taken[]> {
  const queue = TaskQueue.create(options);
  const { promise: taken, resolve, reject } = Promise.withResolvers<Taken[]>();
  // Without tap's options for Node.
  const worker = new Worker(new URL('./queue-worker.ts', import.meta.url), {
    workerData: queue.handle,
    execArgv: [],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  worker.on('message', resolve);
  worker.on('error', reject);
  worker.on('exit', () => reject(new Error('the thread has ended before it had taken all')));
  let hasEnded = false;
  taken.then(
    () => (hasEnded = true),
    () => (hasEnded = true),
  );
  try {
    for (const task of tasks) {
      while (!hasEnded && !queue.put(task)) await nextTurn();
      queue.wake();
    }
    queue.close();
    return await taken;
  } finally {
    await worker.terminate();
  }
}
