import { checkKey } from '@tablelab/part1';
import { checkBytes, logicalEntryBytes, TableError } from '@tablelab/shared';
import type { LockedTable } from './locked-table.ts';
import { MemoryAdmission } from './memory-admission.ts';
import { type ExecutionFigures, type ExecutionOptions, TableExecution } from './table-execution.ts';
import type { Task } from './task-queue.ts';
import { WaitingWrites } from './waiting-writes.ts';

/** A write as clients ask for it. */
export type Write = Pick<Task, 'op' | 'key' | 'data'>;

/** What becomes of a write. */
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
 * that has a number is executed, unless the executor dies, which ends the store: {@link failed}.
 */
export class TableStore {
  readonly #execution: TableExecution;
  readonly #memory: MemoryAdmission;
  readonly #waiting = new WaitingWrites((write) => this.#admit(write));
  readonly #executedListeners: ((opCount: number) => void)[] = [];
  /** Main's alone, which is why it needs no lock: the executor learns each number from its task. */
  #lastAssigned = 0;
  /** The last count that listeners were told. */
  #reported = 0;
  #closing: Promise<void> | undefined;

  /**
   * Resolves once the executor is ready.
   * @throws TableError BAD_REQUEST for a limit, or a number of lists, that is out of range; INTERNAL or TIMEOUT when
   *   the executor does not start.
   */
  static async start(options: ExecutionOptions): Promise<TableStore> {
    return new TableStore(await TableExecution.start(options));
  }

  private constructor(execution: TableExecution) {
    this.#execution = execution;
    this.#memory = new MemoryAdmission(execution.table, execution.executedBytes);
    execution.onProgress(() => this.#look());
  }

  /** As the executed writes left it. For reads: writes go through {@link submit}. */
  get table(): LockedTable {
    return this.#execution.reads;
  }

  /** Resolves, with the reason, when the executor has died. All calls fail with it then; {@link close} is still due. */
  get failed(): Promise<TableError> {
    return this.#execution.failed;
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
   * Gives a write its operation number, from 0 up, and queues a copy of it; or says that it has to wait, also for those that
   * came before it and wait already; or refuses it: BAD_REQUEST for a key that no table takes, TOO_LARGE, FULL where the
   * table has no room for it, SHUTTING_DOWN after {@link close}, INTERNAL when the executor is dead.
   */
  submit(write: Write): Admission | Wait {
    return this.#waiting.isEmpty ? this.#admit(write) : mustWait;
  }

  /** As {@link submit}, once there is room; refuses with BUSY what has none within `timeoutMs`, or is too much to wait. */
  submitWhenRoom(write: Write, timeoutMs: number): Promise<Admission> {
    const admission = this.#waiting.add(write, timeoutMs);
    this.#execution.follow();
    return admission;
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
    this.#closing ??= this.#execution.close(this.#lastAssigned);
    // Those that wait are refused now.
    this.#waiting.admit();
    return this.#closing;
  }

  /** Whether a write may come in: asked here and nowhere else. */
  #admit(write: Write): Admission | Wait {
    try {
      return this.#execution.call(() => this.#decide(write));
    } catch (error) {
      if (error instanceof TableError) return { type: 'refused', error };
      throw error;
    }
  }

  #decide({ op, key, data }: Write): Admission | Wait {
    if (this.#closing !== undefined)
      throw new TableError('SHUTTING_DOWN', 'this server takes no more writes');
    checkKey(key);
    checkBytes('a value', data);
    const { queue, table } = this.#execution;
    const put =
      op === 'put' ? { key, bytes: logicalEntryBytes(Buffer.byteLength(key), data.length) } : undefined;
    if (put !== undefined) {
      if (put.bytes > table.logicalCapacity) throw table.noRoom(put.bytes);
      const room = this.#memory.decide(put, this.opCount === this.#lastAssigned);
      if (room === 'wait') return mustWait;
      if (room === 'full') throw table.noRoom(put.bytes);
    }
    const opN = this.#lastAssigned;
    const queuedAtMs = this.#execution.wakeAfterTurn();
    if (!queue.put({ opN, op, key, data, queuedAtMs })) return mustWait;
    if (put !== undefined) this.#memory.take(put);
    this.#lastAssigned += 1;
    return { type: 'admitted', opN };
  }

  /** Looks how far the executor has got; returns whether anybody waits for it still. */
  #look(): boolean {
    this.#report();
    // After each read, too: mostly nobody waits.
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
