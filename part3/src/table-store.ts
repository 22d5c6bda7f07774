import { checkKey, type KeyValueTable } from '@tablelab/part1';
import { errorText, TableError } from '@tablelab/shared';
import { withDeadline } from '@tablelab/shared/process';
import { writeBytes } from './executor/execute-tasks.ts';
import { Executor } from './executor/executor.ts';
import { Progress } from './executor/progress.ts';
import { LockedTable } from './locked-table.ts';
import { MemoryAllowance } from './memory-allowance.ts';
import { lockPatiently } from './patient-lock.ts';
import { sharedNowMs } from './shared-clock.ts';
import { SharedCounter } from './shared-counter.ts';
import { type Histogram, SharedHistogram } from './shared-histogram.ts';
import { SharedTable } from './shared-memory/shared-table.ts';
import { type Cursor, type EntriesRead, TableWalk } from './shared-memory/table-walk.ts';
import { type Task, TaskQueue } from './task-queue.ts';

export interface TableStoreOptions {
  /** How many lists the table begins with. */
  readonly nLists: number;
  /** Tasks that may wait for the executor. */
  readonly tasksMax?: number;
  /** The task queue's size in bytes: at least `queueBytesMax` less 32 MiB of tasks may wait for the executor. */
  readonly queueBytesMax?: number;
  /** What the table may take of memory, in bytes. */
  readonly memoryBytesMax?: number;
  /**
   * How many short writes main executes itself in one turn of the event loop while the executor has nothing to do; 0
   * unless told otherwise. To wake the executor and to hear from it costs as much as twenty writes: worth it where
   * clients need not wait for them to be executed, and where main has enough to do meanwhile.
   */
  readonly mainWritesMax?: number;
  /** The program of the executor's thread, for tests. */
  readonly executorProgram?: URL;
}

/** A write as clients ask for it. */
export type Write = Pick<Task, 'op' | 'key' | 'data'>;

/** What can be seen of a store from outside, for whoever watches over it. */
export interface StoreFigures {
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
const defaultMemoryBytesMax = 1024 ** 3;

/** The longest key and value together: no frame carries more, in bytes. */
const taskBytesMax = 16 * 1024 * 1024;

/** The longest value of a write that main executes itself, in bytes. */
const mainValueBytesMax = 4_096;

/** What all keys together may take, in bytes: no reply carries more, and main holds the table's lock as it reads them. */
const keysBytesMax = taskBytesMax + 1024;

/** Until the executor has done what is in the queue when the store closes, in milliseconds. */
const drainDeadlineMs = 30_000;

/**
 * The table with asynchronous writes (assignment part 3): a write is numbered and queued at once and executed later,
 * by the executor's thread, in the order of its number; a read sees what has been executed.
 *
 * Invariant: `opCount <= lastAssigned`, and the writes between the two are the tasks in the queue, in order. A write
 * that has a number is executed, unless the executor dies, which ends the store: {@link failed}.
 */
export class TableStore {
  /** As the executed writes left it. For reads: whoever writes goes through {@link submit}. */
  readonly table: KeyValueTable;
  readonly #locked: LockedTable;
  readonly #walk: TableWalk;
  /** Resolves, with the reason, when the executor has died. All calls throw the same then; {@link close} is still due. */
  readonly failed: Promise<TableError>;
  readonly #shared: SharedTable;
  readonly #memoryBytesMax: number;
  readonly #mainWritesMax: number;
  readonly #queue: TaskQueue;
  readonly #executor: Executor;
  readonly #opCount: SharedCounter;
  readonly #executedBytes: SharedCounter;
  readonly #allowance: MemoryAllowance;
  readonly #progress: Progress;
  readonly #waitTime: SharedHistogram;
  readonly #executionTime: SharedHistogram;
  readonly #executedListeners: ((opCount: number) => void)[] = [];
  /** Main's alone, which is why it needs no lock: the executor learns each number from its task. */
  #lastAssigned = 0;
  /** The last count that listeners were told. */
  #reported = 0;
  #failure: TableError | undefined;
  readonly #whenFailed = Promise.withResolvers<TableError>();
  #closing: Promise<void> | undefined;
  #isWakeScheduled = false;
  /** When this turn of the event loop took its first write. */
  #turnMs = 0;
  /** How many writes main has executed itself in this turn. */
  #mainWrites = 0;
  #isFollowing = false;
  readonly #whenRoom = new Set<{ readonly write: Write; readonly wake: () => void }>();

  /**
   * Resolves once the executor is ready.
   * @throws TableError BAD_REQUEST for a limit, or a number of lists, that is out of range; INTERNAL or TIMEOUT when
   *   the executor does not start.
   */
  static async start(options: TableStoreOptions): Promise<TableStore> {
    const { nLists, memoryBytesMax = defaultMemoryBytesMax, mainWritesMax = 0 } = options;
    const { tasksMax = defaultTasksMax, queueBytesMax: bytesMax = defaultQueueBytesMax } = options;
    const parts = {
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
    return new TableStore({
      ...parts,
      memoryBytesMax,
      mainWritesMax,
      executor: await Executor.start(handles, options.executorProgram),
    });
  }

  private constructor(parts: {
    memoryBytesMax: number;
    mainWritesMax: number;
    table: SharedTable;
    queue: TaskQueue;
    executor: Executor;
    opCount: SharedCounter;
    executedBytes: SharedCounter;
    progress: Progress;
    waitTime: SharedHistogram;
    executionTime: SharedHistogram;
  }) {
    this.#shared = parts.table;
    this.#memoryBytesMax = parts.memoryBytesMax;
    this.#mainWritesMax = parts.mainWritesMax;
    this.#queue = parts.queue;
    this.#executor = parts.executor;
    this.#opCount = parts.opCount;
    this.#executedBytes = parts.executedBytes;
    this.#allowance = new MemoryAllowance(parts.table, parts.executedBytes);
    this.#progress = parts.progress;
    this.#waitTime = parts.waitTime;
    this.#executionTime = parts.executionTime;
    this.failed = this.#whenFailed.promise;
    this.#walk = new TableWalk(parts.table.handle);
    this.#locked = new LockedTable({
      table: parts.table,
      keysBytesMax,
      check: () => this.#checkAlive(),
      onLockLost: (cause) => this.#loseLock(cause),
      // Whoever counts executed writes hears of each before the outcome of a read that saw it gets out.
      onUnlocked: () => this.#report(),
    });
    this.table = this.#locked;
    void parts.executor.ended.then((error) => error !== undefined && this.#fail(error));
  }

  /** The number that the next write gets (the assignment's `last_assigned`). */
  get lastAssigned(): number {
    return this.#lastAssigned;
  }

  /** How many writes have been executed (the assignment's `op_count`). */
  get opCount(): number {
    return this.#opCount.value;
  }

  /**
   * Whether this write has to wait for {@link room}: in the queue, or for the writes before it to show what they leave
   * of the memory. What will never be let in need not wait: {@link submit} says why.
   */
  mustWait(write: Write): boolean {
    if (this.#failure !== undefined) return false;
    return this.#guarded(() => this.#queue.isFull || (!this.#allowance.has(bytesOf(write)) && this.#isBusy));
  }

  /** Why the table would never take this write as things are, or undefined: its memory is full. */
  memoryRefusal(write: Write): TableError | undefined {
    if (this.#failure !== undefined || this.#isBusy) return undefined;
    return this.#guarded(() => (this.#allowance.has(bytesOf(write)) ? undefined : this.#memoryFull()));
  }

  get figures(): StoreFigures {
    return {
      queueLength: this.#queue.length,
      waitTime: this.#waitTime.read(),
      executionTime: this.#executionTime.read(),
      tableSize: this.#shared.size,
      tableBytes: this.#shared.memoryBytes,
      tableLockWaits: this.#shared.mutex.waits,
      queueLockWaits: this.#queue.lockWaits,
    };
  }

  /** Whether write `opN` has been executed (assignment part 3, `verify`). */
  verify(opN: number): boolean {
    return opN >= 0 && opN < this.opCount;
  }

  /**
   * Some entries of a walk through the table that begins with cursor 0, see {@link TableWalk} for what it guarantees. They
   * are as the writes below `opCount` have left them, no more and no fewer.
   */
  readEntries(cursor: Cursor, bytesMax: number): EntriesRead & { readonly opCount: number } {
    return this.#locked.locked(() => ({ ...this.#walk.read(cursor, bytesMax), opCount: this.opCount }));
  }

  /**
   * Numbers a write and queues it, or executes it at once, see {@link TableStoreOptions.mainWritesMax}; returns its
   * operation number, from 0 up. The value is copied. Listeners hear of it in a later turn in any case.
   * @throws TableError BAD_REQUEST for a key that no table takes, TOO_LARGE, BUSY when the write {@link mustWait} or the
   *   table's memory is full, SHUTTING_DOWN after {@link close}, INTERNAL when the executor is dead; it has no number
   *   then and will never be executed.
   */
  submit(write: Write): number {
    this.#checkAlive();
    if (this.#closing !== undefined)
      throw new TableError('SHUTTING_DOWN', 'this server takes no more writes');
    const { op, key, data } = write;
    checkKey(key);
    const bytes = bytesOf(write);
    const opN = this.#lastAssigned;
    this.#scheduleWake();
    this.#guarded(() => {
      if (!this.#allowance.has(bytes)) throw this.#memoryFull();
      if (this.#isForMain(data)) this.#execute(write, bytes);
      else this.#queue.put({ opN, op, key, data, queuedAtMs: this.#turnMs });
    });
    this.#allowance.take(bytes);
    this.#lastAssigned += 1;
    return opN;
  }

  /**
   * For a write that {@link mustWait}: resolves to true once the executor has made room for it, which others may have
   * taken again by then, or to false after `timeoutMs`. Callers bound how many wait.
   */
  room(write: Write, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (hasRoom: boolean) => {
        clearTimeout(timer);
        this.#whenRoom.delete(waiter);
        resolve(hasRoom);
      };
      const waiter = { write, wake: () => end(true) };
      const timer = setTimeout(() => end(false), timeoutMs);
      this.#whenRoom.add(waiter);
      this.#follow();
    });
  }

  /** Calls `listener` with `opCount` when writes have been executed, some or many at a time. */
  onExecuted(listener: (opCount: number) => void): void {
    this.#executedListeners.push(listener);
  }

  /**
   * Takes no more writes; resolves once all that were numbered have been executed.
   * @throws TableError when the executor dies, or takes too long, before it is done
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#failure === undefined) {
      this.#executor.expectEnd();
      this.#queue.close();
      try {
        const death = await withDeadline(
          this.#executor.ended,
          drainDeadlineMs,
          'the task queue to be drained',
        );
        if (death !== undefined) throw death;
      } finally {
        await this.#executor.terminate();
      }
      // A thread that calls `process.exit(0)` ends as if it were done.
      if (this.#isBusy) {
        const left = this.#lastAssigned - this.opCount;
        throw this.#fail(new TableError('INTERNAL', `the executor thread has died: it left ${left} writes`));
      }
      this.#look();
    } else {
      await this.#executor.terminate();
    }
  }

  /** Only while the executor has nothing to do: writes are executed in the order of their numbers. */
  #isForMain(data: Uint8Array): boolean {
    return this.#mainWrites < this.#mainWritesMax && data.length <= mainValueBytesMax && !this.#isBusy;
  }

  /** What the executor does otherwise, which meanwhile waits for a task: so nobody else changes the counters. */
  #execute({ op, key, data }: Write, bytes: number): void {
    this.#mainWrites += 1;
    lockPatiently(this.#shared.mutex);
    try {
      if (op === 'put') this.#shared.put(key, data);
      else if (op === 'del') this.#shared.del(key);
      this.#opCount.value = this.#lastAssigned + 1;
      this.#executedBytes.value += bytes;
    } finally {
      this.#shared.mutex.unlock();
    }
  }

  #checkAlive(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Whether writes have their numbers and are not executed. */
  get #isBusy(): boolean {
    return this.opCount < this.#lastAssigned;
  }

  #memoryFull(): TableError {
    const { memoryBytes } = this.#shared;
    return new TableError(
      'BUSY',
      `the table has no memory for this write: ${memoryBytes} of ${this.#memoryBytesMax} bytes are in use`,
    );
  }

  /** What throws INTERNAL here has found a lock held for ever, and so the executor dead. */
  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof TableError && error.code === 'INTERNAL') throw this.#loseLock(error);
      throw error;
    }
  }

  /** A lock is held for ever: whatever became of the executor, it is of no use any more. */
  #loseLock(cause: unknown): TableError {
    return this.#fail(
      new TableError('INTERNAL', `the executor thread has died: ${errorText(cause)}`, { cause }),
    );
  }

  /** The end of the store: nobody may wait for the executor any more. */
  #fail(error: TableError): TableError {
    if (this.#failure === undefined) {
      this.#failure = error;
      this.#whenFailed.resolve(error);
      for (const { wake } of [...this.#whenRoom]) wake();
    }
    return this.#failure;
  }

  /** Wakes the executor once for all tasks of this turn of the event loop: a wake-up costs more than many tasks. */
  #scheduleWake(): void {
    if (this.#isWakeScheduled) return;
    this.#isWakeScheduled = true;
    this.#turnMs = sharedNowMs();
    setImmediate(() => {
      this.#isWakeScheduled = false;
      this.#mainWrites = 0;
      if (this.#isBusy) this.#queue.wake();
      this.#follow();
    });
  }

  /** Follows the executor's progress while somebody wants to know. */
  #follow(): void {
    if (this.#isFollowing || !this.#isAwaited()) return;
    this.#isFollowing = true;
    void this.#followProgress();
  }

  async #followProgress(): Promise<void> {
    for (;;) {
      const { noted } = this.#progress;
      this.#look();
      if (!this.#isAwaited()) break;
      await this.#progress.since(noted);
    }
    this.#isFollowing = false;
  }

  #isAwaited(): boolean {
    if (this.#failure !== undefined) return false;
    return (
      this.#whenRoom.size > 0 || (this.#executedListeners.length > 0 && this.#reported < this.#lastAssigned)
    );
  }

  #look(): void {
    this.#report();
    for (const { write, wake } of [...this.#whenRoom]) if (!this.mustWait(write)) wake();
  }

  #report(): void {
    // After each read: most of the time there is nothing that they have not heard of.
    if (this.#executedListeners.length === 0 || this.#reported === this.#lastAssigned) return;
    const opCount = this.opCount;
    if (opCount === this.#reported) return;
    this.#reported = opCount;
    for (const listener of this.#executedListeners) listener(opCount);
  }
}

function bytesOf({ op, key, data }: Write): number {
  return writeBytes(op, Buffer.byteLength(key), data.length);
}
