import { Worker } from 'node:worker_threads';
import { errorText, TableError } from '@tablelab/shared';
import { withDeadline } from '@tablelab/shared/process';
import type { ExecutorHandles } from './executor-handles.ts';

const defaultProgram = new URL('./executor-thread.ts', import.meta.url);

/** Until a started thread says that it is ready, in milliseconds. */
const startDeadlineMs = 30_000;

/** JavaScript objects of the executor, in MiB: the tasks of one batch, and no tables, which lie in shared memory. */
const heapMiBMax = 256;

/**
 * Main's side of the executor's thread: starts it, and notices when it is gone.
 *
 * A thread can end on its own in three ways: an error that nobody caught, its heap being full, and `process.exit`
 * within. Node tells of each by 'exit', and of the first two before by 'error'. What such a thread left in shared
 * memory cannot be trusted: a lock may be held for ever, the table be half changed.
 */
export class Executor {
  /** Resolves when the thread is gone: to undefined when it was told that it may end, else to an INTERNAL error. */
  readonly ended: Promise<TableError | undefined>;
  readonly #worker: Worker;
  #mayEnd = false;

  /**
   * Resolves once the thread is ready to take tasks.
   * @param program the thread's program; tests have others, which die.
   * @throws TableError INTERNAL when it dies before, TIMEOUT
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

  /** From now on the thread may end, since its queue is being closed. */
  expectEnd(): void {
    this.#mayEnd = true;
  }

  /** Ends the thread wherever it is. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }
}
