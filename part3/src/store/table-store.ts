import { checkKey } from '@tablelab/part1';
import { Outcome } from '@tablelab/part2';
import { checkBytes, logicalEntryBytes, TableError } from '@tablelab/shared';
import { type DataOptions, DurableWrites } from '../data/durable-writes.ts';
import type { LockedTable } from './locked-table.ts';
import { MemoryAdmission } from './memory-admission.ts';
import { type ExecutionFigures, type ExecutionOptions, TableExecution } from './table-execution.ts';
import type { Task } from './task-queue.ts';
import { WaitingWrites } from './waiting-writes.ts';

export interface StoreOptions extends ExecutionOptions {
  /** Where the table is kept on a disk. Default: in memory only. */
  readonly data?: DataOptions | undefined;
}

/** A client's write. */
export type Write = Pick<Task, 'op' | 'key' | 'data' | 'expected'>;

/** The decision about a write. */
export type Admission =
  /** It has this operation number, and will be executed. */
  | { readonly type: 'admitted'; readonly opN: number }
  /** It has no number, and will never be executed. */
  | { readonly type: 'refused'; readonly error: TableError };

/** There may be room for the write later: see {@link TableStore.submitWhenRoom}. */
export interface Wait {
  readonly type: 'wait';
}

const mustWait: Wait = { type: 'wait' };

/**
 * The table with asynchronous writes (assignment part 3): a write is numbered and queued at once and executed later,
 * by the executor's thread, in the order of its number; a read sees what has been executed.
 *
 * Invariant: `opCount <= lastAssigned`, and the writes between the two are the tasks in the queue, in order. A write
 * that has a number is executed, unless the executor dies, which ends the store: {@link failed}. With a disk, the later ones
 * of these writes are not in the queue yet, but on their way to the disk, and the end of the process can lose them.
 */
export class TableStore {
  readonly #execution: TableExecution;
  /** Undefined: the table is in memory only. */
  readonly #durable: DurableWrites | undefined;
  readonly #memory: MemoryAdmission;
  readonly #waiting = new WaitingWrites((write) => this.#admit(write));
  readonly #executedListeners: ((opCount: number) => void)[] = [];
  /** Used only by main, so it needs no lock: the executor gets each number with its task. */
  #lastAssigned: number;
  /** The last count reported to the listeners. */
  #reported: number;
  #closing: Promise<void> | undefined;

  /**
   * Resolves once the executor is ready.
   * @throws TableError BAD_REQUEST for a limit, or a number of lists, that is out of range; INTERNAL or TIMEOUT when
   *   the executor does not start. With a disk, what {@link DurableWrites.start} throws.
   */
  static async start({ data, ...options }: StoreOptions): Promise<TableStore> {
    if (data === undefined) return new TableStore(await TableExecution.start(options));
    const { execution, durable } = await DurableWrites.start(options, data);
    return new TableStore(execution, durable);
  }

  private constructor(execution: TableExecution, durable?: DurableWrites) {
    this.#execution = execution;
    this.#durable = durable;
    this.#lastAssigned = durable?.first ?? 0;
    this.#reported = this.#lastAssigned;
    this.#memory = new MemoryAdmission(execution.table, execution.executedBytes);
    if (durable === undefined) execution.onProgress(() => this.#look());
    else {
      execution.onProgress(() => {
        const isWaiting = durable.give();
        return this.#look() || isWaiting;
      });
    }
  }

  /** The table after the executed writes, for reads; writes go through {@link submit}. */
  get table(): LockedTable {
    return this.#execution.reads;
  }

  /**
   * Resolves with the reason when the executor has died, or the disk has failed. All calls then fail with it, or only writes
   * if it is the disk; the caller must still {@link close}.
   */
  get failed(): Promise<TableError> {
    const { failed } = this.#execution;
    return this.#durable === undefined ? failed : Promise.race([failed, this.#durable.failed]);
  }

  /** What keeps the writes on a disk; undefined: the table is in memory only. */
  get durable(): Pick<DurableWrites, 'disk' | 'log' | 'lost' | 'hasRoom'> | undefined {
    return this.#durable;
  }

  /** The number that the next write gets (the assignment's `last_assigned`). */
  get lastAssigned(): number {
    return this.#lastAssigned;
  }

  /** How many writes have been executed (the assignment's `op_count`). */
  get opCount(): number {
    return this.#execution.opCount.value;
  }

  get figures(): ExecutionFigures {
    return this.#execution.figures;
  }

  /** Whether write `opN` has been executed (assignment part 3, `verify`). */
  verify(opN: number): boolean {
    return opN >= 0 && opN < this.opCount;
  }

  /**
   * What an executed write has done that depends on the table, as a number of {@link Outcome}; UNKNOWN for a put without a
   * condition, while the write is waiting, and if it is longer ago than {@link outcomesKept} writes.
   */
  outcomeOf(opN: number): number {
    const { outcomes } = this.#execution;
    return this.verify(opN) ? outcomes.of(opN, this.opCount) : Outcome.UNKNOWN;
  }

  /**
   * Gives a write its operation number, from 0, and queues a copy of it. Or returns that it has to wait, possibly
   * because earlier writes are waiting. Or refuses it: BAD_REQUEST for an invalid key, TOO_LARGE, FULL if the table has
   * no room for it, SHUTTING_DOWN after {@link close}, INTERNAL if the executor is dead.
   */
  submit(write: Write): Admission | Wait {
    return this.#waiting.isEmpty ? this.#admit(write) : mustWait;
  }

  /**
   * Like {@link submit}, but waits for room; refuses with BUSY if there is none within `timeoutMs`, or if too much is
   * waiting.
   */
  submitWhenRoom(write: Write, timeoutMs: number): Promise<Admission> {
    const admission = this.#waiting.add(write, timeoutMs);
    this.#execution.follow();
    return admission;
  }

  /** Calls `listener` with `opCount` when one or more writes have been executed. */
  onExecuted(listener: (opCount: number) => void): void {
    this.#executedListeners.push(listener);
  }

  /**
   * Accepts no more writes; resolves once all numbered writes have been executed.
   * @throws TableError when the executor dies, or takes too long, before it is done, or when the disk does
   */
  close(): Promise<void> {
    this.#closing ??=
      this.#durable === undefined
        ? this.#execution.close(this.#lastAssigned)
        : this.#closeDurable(this.#durable);
    // This refuses the waiting writes.
    if (!this.#waiting.isEmpty) this.#waiting.admit();
    return this.#closing;
  }

  async #closeDurable(durable: DurableWrites): Promise<void> {
    try {
      try {
        await durable.drain();
      } finally {
        await this.#execution.close(durable.given);
      }
    } finally {
      await durable.close();
    }
  }

  /** The only place where a write is admitted. */
  #admit(write: Write): Admission | Wait {
    try {
      return this.#execution.call(() => this.#decide(write));
    } catch (error) {
      if (error instanceof TableError) return { type: 'refused', error };
      throw error;
    }
  }

  #decide({ op, key, data, expected }: Write): Admission | Wait {
    if (this.#closing !== undefined)
      throw new TableError('SHUTTING_DOWN', 'this server takes no more writes');
    checkKey(key);
    checkBytes('a value', data);
    if (op === 'putIfEquals') checkBytes('an expected value', expected);
    const { table } = this.#execution;
    const queue = this.#durable ?? this.#execution.queue;
    // A put on condition is counted as if the condition were met, here and when it has been executed.
    const put =
      op !== 'del' ? { key, bytes: logicalEntryBytes(Buffer.byteLength(key), data.length) } : undefined;
    if (put !== undefined) {
      if (put.bytes > table.logicalCapacity) throw table.noRoom(put.bytes);
      const room = this.#memory.decide(put, this.opCount === this.#lastAssigned);
      if (room === 'wait') return mustWait;
      if (room === 'full') throw table.noRoom(put.bytes);
    }
    const opN = this.#lastAssigned;
    const queuedAtMs = this.#execution.wakeAfterTurn();
    if (!queue.put({ opN, op, key, data, expected, queuedAtMs })) return mustWait;
    if (put !== undefined) this.#memory.take(put);
    this.#lastAssigned += 1;
    return { type: 'admitted', opN };
  }

  /** Reads the executor's progress; returns whether a write or a report is still waiting. */
  #look(): boolean {
    this.#report();
    // This also runs after each read; mostly nothing is waiting.
    if (!this.#waiting.isEmpty) {
      this.#waiting.admit();
      if (!this.#waiting.isEmpty) return true;
    }
    return this.#executedListeners.length > 0 && this.#reported < this.#lastAssigned;
  }

  #report(): void {
    if (this.#executedListeners.length === 0 || this.#reported === this.#lastAssigned) return;
    const { opCount } = this;
    if (opCount === this.#reported) return;
    this.#reported = opCount;
    for (const listener of this.#executedListeners) listener(opCount);
  }
}
