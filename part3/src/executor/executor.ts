import { Worker } from 'node:worker_threads';
import { errorText, TableError } from '@tablelab/shared';
import { withDeadline } from '@tablelab/shared/process';
import type { ExecutorHandles } from './executor-handles.ts';

const defaultProgram = new URL('./executor-thread.ts', import.meta.url);

/** How long a started thread may take to become ready, in milliseconds. */
const startDeadlineMs = 30_000;

/** The executor's JavaScript heap, in MiB: it holds the tasks of one batch; the table is in shared memory. */
const heapMiBMax = 256;

/**
 * Main's side of the executor's thread: starts it, and detects its end.
 *
 * A thread can end unexpectedly in three ways: by an uncaught error, by a full heap, and by `process.exit`. Node
 * reports all three by 'exit', and the first two by 'error' before. The shared memory can then not be trusted: a lock
 * may never be released, and a change of the table may be incomplete.
 */
export class Executor {
  /** Resolves when the thread has ended: with undefined after {@link expectEnd}, otherwise with an INTERNAL error. */
  readonly ended: Promise<TableError | undefined>;
  readonly #worker: Worker;
  #mayEnd = false;

  /**
   * Resolves once the thread is ready to take tasks.
   * @param program the thread's program; tests pass programs that die.
   * @throws TableError INTERNAL if it dies first, TIMEOUT
   */
  static async start(handles: ExecutorHandles, program: URL = defaultProgram): Promise<Executor> {
    const worker = new Worker(program, {
      workerData: handles,
      resourceLimits: { maxOldGenerationSizeMb: heapMiBMax },
    });
    const executor = new Executor(worker);
    const ready = Promise.withResolvers<void>();
    worker.once('message', () => ready.resolve());
    const outcome = Promise.race([ready.promise, executor.ended]);
    try {
      const error = await withDeadline(outcome, startDeadlineMs, 'the executor thread to start');
      if (error !== undefined) throw error;
      return executor;
    } catch (error) {
      await worker.terminate();
      throw error;
    }
  }

  private constructor(worker: Worker) {
    this.#worker = worker;
    this.ended = new Promise((resolve) => {
      let cause: unknown;
      worker.on('error', (error) => {
        cause = error;
      });
      worker.on('exit', (code) => {
        if (this.#mayEnd && code === 0) return resolve(undefined);
        const why = cause === undefined ? `it ended itself with code ${code}` : errorText(cause);
        resolve(new TableError('INTERNAL', `the executor thread has died: ${why}`, { cause }));
      });
    });
  }

  /** The thread may end from now on, because its queue is being closed. */
  expectEnd(): void {
    this.#mayEnd = true;
  }

  /** Ends the thread at once. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }
}
