import { Worker } from 'node:worker_threads';
import { Mutex } from '../../src/shared-memory/mutex.ts';

/** The jobs of a worker of lock-worker.ts. */
export type Job =
  | { readonly kind: 'count'; readonly threads: number; readonly isLowPriority: boolean }
  | {
      readonly kind: 'hand-over';
      readonly isProducer: boolean;
      readonly rounds: number;
      readonly capacity: number;
    }
  /** Exits with code 3 while it holds the lock. */
  | { readonly kind: 'die' };

/** The layout of the memory that the threads share. */
export const places = {
  mutex: 0,
  notEmpty: Mutex.words,
  notFull: Mutex.words + 1,
  counter: Mutex.words + 2,
  items: Mutex.words + 3,
  /** The number of threads that have waited often enough. */
  met: Mutex.words + 4,
};

export function sharedWords(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * (Mutex.words + 5)));
}

/** A worker that runs a job. `ended` is the job's result; it rejects with what the worker throws. */
export interface RunningJob {
  readonly threadId: number;
  readonly ended: Promise<number>;
}

/** Starts a worker; resolves once it runs its job. */
export async function startJob(words: Int32Array, job: Job): Promise<RunningJob> {
  // Without tap's options for Node: measuring coverage would make the worker ten times slower.
  const worker = new Worker(new URL('./lock-worker.ts', import.meta.url), {
    workerData: { job, words },
    execArgv: [],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const { promise: ended, resolve, reject } = Promise.withResolvers<number>();
  const { promise: started, resolve: isReady } = Promise.withResolvers<void>();
  worker.on('message', (message: 'ready' | number) => (message === 'ready' ? isReady() : resolve(message)));
  worker.on('error', reject);
  worker.on('exit', resolve);
  const { threadId } = worker;
  // What the worker throws is for the caller, who may wait for the result later.
  ended.catch(() => undefined);
  await Promise.race([started, ended]);
  return { threadId, ended };
}

/** Runs all jobs at once, each in a worker; their results. */
export async function runJobs(words: Int32Array, jobs: readonly Job[]): Promise<number[]> {
  const running = await Promise.all(jobs.map((job) => startJob(words, job)));
  return Promise.all(running.map(({ ended }) => ended));
}
