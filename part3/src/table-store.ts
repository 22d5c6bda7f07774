import { checkKey, type KeyValueTable, Table } from '@tablelab/part1';
import { assert, TableError, unreachable } from '@tablelab/shared';
import { TaskQueue } from './task-queue.ts';

/** A write that has its operation number and waits to be executed (assignment part 3, `task_t`). */
export interface Task {
  readonly opN: number;
  readonly op: 'put' | 'del';
  readonly key: string;
  /** The value of a put, no bytes for a del. */
  readonly data: Uint8Array;
}

export interface TableStoreOptions {
  /** How many lists the table begins with. */
  readonly nLists: number;
  /** Tasks that may wait for the executor. */
  readonly tasksMax?: number;
}

/** Tasks executed in one go, before whatever else waits for the thread gets its turn. */
const batchTasksMax = 256;

/**
 * The table with asynchronous writes (assignment part 3): a write is numbered and queued at once and executed later,
 * in the order of its number; a read sees what has been executed.
 *
 * Invariant: `opCount <= lastAssigned`, and the writes between the two are the tasks in the queue, in order.
 *
 * In this stage the executor runs on the main thread, between the turns of the event loop. A later one moves it into a
 * worker thread, with table and queue in shared memory; what callers see here stays the same.
 */
export class TableStore {
  /** As the executed writes left it. For reads: whoever writes goes through {@link submit}. */
  readonly table: KeyValueTable;
  readonly #queue: TaskQueue<Task>;
  readonly #executedListeners: ((opCount: number) => void)[] = [];
  #lastAssigned = 0;
  #opCount = 0;
  #isScheduled = false;
  #isClosed = false;
  #whenIdle: (() => void)[] = [];
  readonly #whenRoom = new Set<() => void>();

  /** @throws TableError BAD_REQUEST for a number of lists, or of tasks, that is not a whole number from 1 up. */
  constructor({ nLists, tasksMax = 65_536 }: TableStoreOptions) {
    this.table = new Table(nLists);
    this.#queue = new TaskQueue<Task>(tasksMax);
  }

  /** The number that the next write gets (the assignment's `last_assigned`). */
  get lastAssigned(): number {
    return this.#lastAssigned;
  }

  /** How many writes have been executed (the assignment's `op_count`). */
  get opCount(): number {
    return this.#opCount;
  }

  /** Whether the next write has to wait for {@link room}. */
  get isFull(): boolean {
    return this.#queue.isFull;
  }

  /** Whether write `opN` has been executed (assignment part 3, `verify`). */
  verify(opN: number): boolean {
    return opN >= 0 && opN < this.#opCount;
  }

  /**
   * Numbers a write and queues it; returns its operation number, from 0 up. The value is copied.
   * @throws TableError BAD_REQUEST for a key that no table takes, BUSY when the queue is full, SHUTTING_DOWN after
   *   {@link close}; it has no number then and will never be executed.
   */
  submit(write: { op: 'put' | 'del'; key: string; data: Uint8Array }): number {
    if (this.#isClosed) throw new TableError('SHUTTING_DOWN', 'this server takes no more writes');
    checkKey(write.key);
    const opN = this.#lastAssigned;
    this.#queue.put({ opN, op: write.op, key: write.key, data: write.data.slice() });
    this.#lastAssigned += 1;
    this.#schedule();
    return opN;
  }

  /**
   * Resolves to true once the executor has made room in the queue, which others may have taken again by then, or to
   * false after `timeoutMs`. Callers bound how many wait.
   */
  room(timeoutMs: number): Promise<boolean> {
    if (!this.isFull) return Promise.resolve(true);
    return new Promise((resolve) => {
      const waiter = () => {
        clearTimeout(timer);
        this.#whenRoom.delete(waiter);
        resolve(true);
      };
      const timer = setTimeout(() => {
        this.#whenRoom.delete(waiter);
        resolve(false);
      }, timeoutMs);
      this.#whenRoom.add(waiter);
    });
  }

  /** Calls `listener` after every batch, with `opCount`. */
  onExecuted(listener: (opCount: number) => void): void {
    this.#executedListeners.push(listener);
  }

  /** Takes no more writes; resolves once all that were numbered have been executed. */
  close(): Promise<void> {
    this.#isClosed = true;
    if (this.#queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#executeBatch());
  }

  #executeBatch(): void {
    this.#isScheduled = false;
    for (const task of this.#queue.take(batchTasksMax)) {
      assert(
        task.opN === this.#opCount,
        `writes are executed in order: ${task.opN} after ${this.#opCount - 1}`,
      );
      this.#execute(task);
      this.#opCount += 1;
    }
    if (this.#queue.length > 0) this.#schedule();
    for (const resolve of [...this.#whenRoom]) resolve();
    for (const listener of this.#executedListeners) listener(this.#opCount);
    if (this.#queue.length === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  #execute(task: Task): void {
    switch (task.op) {
      case 'put':
        return this.table.put(task.key, task.data);
      case 'del':
        // An absent key is no failure here: the client was answered long ago.
        this.table.del(task.key);
        return;
      default:
        return unreachable(task.op);
    }
  }
}
