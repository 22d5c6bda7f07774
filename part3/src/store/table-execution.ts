import { errorText, TableError } from '@tablelab/shared';
import { withDeadline } from '@tablelab/shared/process';
import type { ReplayTarget } from '../data/replay.ts';
import { Executor } from '../executor/executor.ts';
import { Progress } from '../executor/progress.ts';
import { lockWithRetry } from '../shared-memory/lock-with-retry.ts';
import { Outcomes } from '../shared-memory/outcomes.ts';
import { sharedNowMs } from '../shared-memory/shared-clock.ts';
import { SharedCounter } from '../shared-memory/shared-counter.ts';
import { type Histogram, SharedHistogram } from '../shared-memory/shared-histogram.ts';
import { SharedTable } from '../shared-memory/shared-table.ts';
import { LockedTable } from './locked-table.ts';
import { checkAddressSpace, defaultMemoryBytesMax } from './memory-allowance.ts';
import { TaskQueue } from './task-queue.ts';

export interface ExecutionOptions {
  /** The initial number of lists. */
  readonly nLists: number;
  /** The memory limit of the table, in bytes. */
  readonly memoryBytesMax?: number;
  /** The largest number of tasks that may wait for the executor. */
  readonly tasksMax?: number;
  /** The size of the task queue, in bytes: at least `queueBytesMax` minus 32 MiB of tasks may wait. */
  readonly queueBytesMax?: number;
  /** The program of the executor's thread, for tests. */
  readonly executorProgram?: URL;
  /** Fills the table before the executor starts, and resolves with the number of the next write. Default: an empty table. */
  readonly fill?: (target: ReplayTarget) => Promise<number>;
}

/** Figures of table, queue and executor, for metrics. */
export interface ExecutionFigures {
  readonly queueLength: number;
  readonly waitTime: Histogram;
  readonly executionTime: Histogram;
  readonly tableSize: number;
  readonly tableBytes: number;
  /** How often main found the lock held by the executor and had to wait. */
  readonly tableLockWaits: number;
  readonly queueLockWaits: number;
}

const defaultTasksMax = 65_536;
const defaultQueueBytesMax = 64 * 1024 * 1024;

/** The limit of key and value together, in bytes: no frame carries more. */
const taskBytesMax = 16 * 1024 * 1024;

/** The size limit of all keys, in bytes: no reply carries more, and main holds the table's lock while it reads them. */
const keysBytesMax = taskBytesMax + 1024;

/** How long the executor may take to finish the queue when it ends, in milliseconds. */
const drainDeadlineMs = 30_000;

/** The objects that main and the executor share. */
interface SharedParts {
  readonly table: SharedTable;
  readonly queue: TaskQueue;
  readonly opCount: SharedCounter;
  readonly executedBytes: SharedCounter;
  readonly outcomes: Outcomes;
  readonly progress: Progress;
  readonly waitTime: SharedHistogram;
  readonly executionTime: SharedHistogram;
}

/**
 * Main's side of a table in shared memory and of the executor, the thread that executes tasks on it: reads under the
 * table's lock, the queue, the executor's progress and its death. The user of this class admits and numbers the writes.
 */
export class TableExecution {
  /** For reads, each under the table's lock. Throws {@link failure} once there is one. */
  readonly reads: LockedTable;
  /** Guarded by its mutex; for operations that {@link reads} does not have. */
  readonly table: SharedTable;
  readonly queue: TaskQueue;
  /** The assignment's `op_count`: written by the executor, with the table's lock held. */
  readonly opCount: SharedCounter;
  /** The sum of the logical bytes of the executed puts; written like `opCount`. */
  readonly executedBytes: SharedCounter;
  /** Written like `opCount`. */
  readonly outcomes: Outcomes;
  /**
   * Resolves with the reason when the executor has died. All calls then throw it; the caller must still {@link close}.
   */
  readonly failed: Promise<TableError>;
  readonly #parts: SharedParts;
  readonly #executor: Executor;
  readonly #whenFailed = Promise.withResolvers<TableError>();
  #failure: TableError | undefined;
  #look: () => boolean = () => false;
  #isFollowing = false;
  #isWakeScheduled = false;
  #turnMs = 0;

  /**
   * Resolves once the executor is ready.
   * @throws TableError BAD_REQUEST for a limit, or a number of lists, that is out of range; INTERNAL or TIMEOUT when
   *   the executor does not start.
   */
  static async start(options: ExecutionOptions): Promise<TableExecution> {
    const { nLists, memoryBytesMax = defaultMemoryBytesMax(), executorProgram, fill } = options;
    checkAddressSpace(memoryBytesMax);
    const { tasksMax = defaultTasksMax, queueBytesMax: bytesMax = defaultQueueBytesMax } = options;
    const parts: SharedParts = {
      table: SharedTable.create({ nLists, memoryBytesMax }),
      queue: TaskQueue.create({ tasksMax, bytesMax, taskBytesMax }),
      opCount: new SharedCounter(),
      executedBytes: new SharedCounter(),
      outcomes: new Outcomes(),
      progress: new Progress(),
      waitTime: new SharedHistogram(),
      executionTime: new SharedHistogram(),
    };
    if (fill !== undefined) parts.opCount.value = await fill(parts);
    const handles = {
      table: parts.table.handle,
      queue: parts.queue.handle,
      opCount: parts.opCount.memory,
      executedBytes: parts.executedBytes.memory,
      outcomes: parts.outcomes.memory,
      progress: parts.progress.memory,
      waitTime: parts.waitTime.memory,
      executionTime: parts.executionTime.memory,
    };
    return new TableExecution(parts, await Executor.start(handles, executorProgram));
  }

  private constructor(parts: SharedParts, executor: Executor) {
    this.#parts = parts;
    this.#executor = executor;
    this.table = parts.table;
    this.queue = parts.queue;
    this.opCount = parts.opCount;
    this.executedBytes = parts.executedBytes;
    this.outcomes = parts.outcomes;
    this.failed = this.#whenFailed.promise;
    this.reads = new LockedTable({
      table: parts.table,
      keysBytesMax,
      lock: () => this.#lock(),
      // A read may see writes that have not been reported yet: they are reported before its result is returned.
      onUnlocked: () => this.#look(),
    });
    void executor.ended.then((error) => error !== undefined && this.#fail(error));
  }

  get failure(): TableError | undefined {
    return this.#failure;
  }

  get figures(): ExecutionFigures {
    const { table, queue, waitTime, executionTime } = this.#parts;
    return {
      queueLength: queue.length,
      waitTime: waitTime.read(),
      executionTime: executionTime.read(),
      tableSize: table.size,
      tableBytes: table.memoryBytes,
      tableLockWaits: table.mutex.waits,
      queueLockWaits: queue.lockWaits,
    };
  }

  /**
   * Calls `look` when the executor may have made progress, and after each read. `look` returns whether its user is
   * still waiting for the executor; when the user begins to wait, it must call {@link follow}.
   */
  onProgress(look: () => boolean): void {
    this.#look = look;
  }

  /** For a task that main has executed itself, which is also progress. */
  announce(): void {
    this.#parts.progress.announce();
  }

  /**
   * Runs `work`, which takes a lock. If that throws INTERNAL because the lock is never released, the executor is dead,
   * and the error of its death is thrown.
   */
  call<T>(work: () => T): T {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return work();
    } catch (error) {
      throw isInternal(error) ? this.#explain(error) : error;
    }
  }

  /** Runs `work` under the table's lock; it must be as short as a read. */
  locked<T>(work: (table: SharedTable) => T): T {
    this.#lock();
    try {
      return work(this.table);
    } finally {
      this.table.mutex.unlock();
    }
  }

  /**
   * Wakes the executor once for all tasks of this turn of the event loop: a wake-up costs more than many tasks. Returns
   * the time of this turn's first call, on the clock shared by both threads.
   */
  wakeAfterTurn(): number {
    if (this.#isWakeScheduled) return this.#turnMs;
    this.#isWakeScheduled = true;
    this.#turnMs = sharedNowMs();
    setImmediate(() => {
      this.#isWakeScheduled = false;
      if (this.queue.length > 0) this.queue.wake();
      this.follow();
    });
    return this.#turnMs;
  }

  /** Calls `look` on each progress of the executor until the user no longer waits. */
  follow(): void {
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    void this.#followProgress();
  }

  async #followProgress(): Promise<void> {
    for (;;) {
      const { noted } = this.#parts.progress;
      if (!this.#look() || this.#failure !== undefined) break;
      await this.#parts.progress.since(noted);
    }
    this.#isFollowing = false;
  }

  /**
   * Lets the executor finish the queue, and ends it. `assigned`: the number of tasks that it has got.
   * @throws TableError when the executor dies, or takes too long, before it is done
   */
  async close(assigned: number): Promise<void> {
    if (this.#failure !== undefined) return this.#executor.terminate();
    this.#executor.expectEnd();
    this.queue.close();
    try {
      const death = await withDeadline(this.#executor.ended, drainDeadlineMs, 'the task queue to be drained');
      if (death !== undefined) throw death;
    } finally {
      await this.#executor.terminate();
    }
    // A thread that calls `process.exit(0)` ends without an error, even if it has not finished the queue.
    const left = assigned - this.opCount.value;
    if (left > 0) {
      throw this.#fail(new TableError('INTERNAL', `the executor thread has died: it left ${left} writes`));
    }
    this.#look();
  }

  #lock(): void {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      lockWithRetry(this.table.mutex);
    } catch (error) {
      throw isInternal(error) ? this.#explain(error) : error;
    }
  }

  /** A lock was never released, or the executor's death is known already. */
  #explain(error: TableError): TableError {
    if (error === this.#failure) return error;
    const text = `the executor thread has died: ${errorText(error)}`;
    return this.#fail(new TableError('INTERNAL', text, { cause: error }));
  }

  /** The executor is dead: nothing may wait for it any more. */
  #fail(error: TableError): TableError {
    if (this.#failure === undefined) {
      this.#failure = error;
      this.#whenFailed.resolve(error);
      this.#look();
    }
    return this.#failure;
  }
}

function isInternal(error: unknown): error is TableError {
  return error instanceof TableError && error.code === 'INTERNAL';
}
