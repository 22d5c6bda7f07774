import { errorText, TableError } from '@tablelab/shared';
import { withDeadline } from '@tablelab/shared/process';
import { Executor } from '../executor/executor.ts';
import { Progress } from '../executor/progress.ts';
import { lockWithRetry } from '../shared-memory/lock-with-retry.ts';
import { sharedNowMs } from '../shared-memory/shared-clock.ts';
import { SharedCounter } from '../shared-memory/shared-counter.ts';
import { type Histogram, SharedHistogram } from '../shared-memory/shared-histogram.ts';
import { SharedTable } from '../shared-memory/shared-table.ts';
import { LockedTable } from './locked-table.ts';
import { TaskQueue } from './task-queue.ts';

export interface ExecutionOptions {
  /** How many lists the table begins with. */
  readonly nLists: number;
  /** What the table may take of memory, in bytes. */
  readonly memoryBytesMax?: number;
  /** Tasks that may wait for the executor. */
  readonly tasksMax?: number;
  /** The task queue's size in bytes: at least `queueBytesMax` less 32 MiB of tasks may wait for the executor. */
  readonly queueBytesMax?: number;
  /** The program of the executor's thread, for tests. */
  readonly executorProgram?: URL;
}

/** What can be seen of table, queue and executor from outside. */
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

const defaultMemoryBytesMax = 1024 ** 3;
const defaultTasksMax = 65_536;
const defaultQueueBytesMax = 64 * 1024 * 1024;

/** The longest key and value together: no frame carries more, in bytes. */
const taskBytesMax = 16 * 1024 * 1024;

/** What all keys together may take, in bytes: no reply carries more, and main holds the table's lock as it reads them. */
const keysBytesMax = taskBytesMax + 1024;

/** Until the executor has done what is in the queue when it is to end, in milliseconds. */
const drainDeadlineMs = 30_000;

/** All that main and the executor share. */
interface SharedParts {
  readonly table: SharedTable;
  readonly queue: TaskQueue;
  readonly opCount: SharedCounter;
  readonly executedBytes: SharedCounter;
  readonly progress: Progress;
  readonly waitTime: SharedHistogram;
  readonly executionTime: SharedHistogram;
}

/**
 * Main's side of a table in shared memory and of the executor, the thread that executes tasks on it: reads under the
 * table's lock, the queue, the executor's progress and its death. Which writes come in, and under which number, is for
 * its user to decide.
 */
export class TableExecution {
  /** For reads, each under the table's lock. Throws {@link failure} once there is one. */
  readonly reads: LockedTable;
  /** Guarded by its mutex; for what {@link reads} does not do. */
  readonly table: SharedTable;
  readonly queue: TaskQueue;
  /** The assignment's `op_count`: written by the executor, with the table's lock held. */
  readonly opCount: SharedCounter;
  /** What the executed puts counted in logical bytes; as `opCount`. */
  readonly executedBytes: SharedCounter;
  /** Resolves, with the reason, when the executor has died. All calls throw the same then; {@link close} is still due. */
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
    const { nLists, memoryBytesMax = defaultMemoryBytesMax, executorProgram } = options;
    const { tasksMax = defaultTasksMax, queueBytesMax: bytesMax = defaultQueueBytesMax } = options;
    const parts: SharedParts = {
      table: SharedTable.create({ nLists, memoryBytesMax }),
      queue: TaskQueue.create({ tasksMax, bytesMax, taskBytesMax }),
      opCount: new SharedCounter(),
      executedBytes: new SharedCounter(),
      progress: new Progress(),
      waitTime: new SharedHistogram(),
      executionTime: new SharedHistogram(),
    };
    const handles = {
      table: parts.table.handle,
      queue: parts.queue.handle,
      opCount: parts.opCount.memory,
      executedBytes: parts.executedBytes.memory,
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
    this.failed = this.#whenFailed.promise;
    this.reads = new LockedTable({
      table: parts.table,
      keysBytesMax,
      lock: () => this.#lock(),
      // A read may see writes of which nobody has been told yet: they are told before its outcome gets out.
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
   * Calls `look` when the executor may have got on, and after each read; it says whether anybody waits for the executor
   * still. Also to be called through {@link follow} when somebody begins to wait.
   */
  onProgress(look: () => boolean): void {
    this.#look = look;
  }

  /** For a task that main has executed itself: that is progress, too. */
  announce(): void {
    this.#parts.progress.announce();
  }

  /**
   * Does what takes a lock. Which throws INTERNAL when the lock is held for ever: then the executor is dead, and the
   * error is that of its death.
   */
  call<T>(work: () => T): T {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return work();
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** Does several things under one lock of the table; as short as a read. */
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
   * when this turn has called it first, on the clock that both threads read alike.
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

  /** Has the executor's progress looked at until nobody waits for it any more. */
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
   * Has the executor do what is in the queue, and ends it. `assigned`: how many tasks it has been given.
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
    // A thread that calls `process.exit(0)` ends as if it had done everything.
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
      throw this.#explain(error);
    }
  }

  #explain(error: unknown): unknown {
    if (!(error instanceof TableError && error.code === 'INTERNAL') || error === this.#failure) return error;
    const text = `the executor thread has died: ${errorText(error)}`;
    return this.#fail(new TableError('INTERNAL', text, { cause: error }));
  }

  /** The executor is dead: nobody may wait for it any more. */
  #fail(error: TableError): TableError {
    if (this.#failure === undefined) {
      this.#failure = error;
      this.#whenFailed.resolve(error);
      this.#look();
    }
    return this.#failure;
  }
}
