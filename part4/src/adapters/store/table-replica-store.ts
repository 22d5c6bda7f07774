import type { KeyValueTable } from '@tablelab/part1';
import { type ExecutionFigures, type ExecutionOptions, TableExecution, TableWalk } from '@tablelab/part3';
import { errorText } from '@tablelab/shared';
import type { ReplicaStore, StoreEntries, StoreWrite } from '../../ports.ts';

export interface TableReplicaStoreOptions extends ExecutionOptions {
  /**
   * How many short writes main executes itself in one turn of the event loop while the executor is idle. A write in a
   * chain is answered once the last server has executed it, and waking an executor on each server takes as long as
   * about twenty writes. The executor gets the longer writes, and all beyond this number, so that reads are not
   * delayed.
   */
  readonly mainWritesMax?: number;
}

const defaultMainWritesMax = 64;

/** The longest value of a write that main executes itself, in bytes. */
const mainValueBytesMax = 4_096;

const noData = new Uint8Array(0);

/**
 * The table of a server of the chain: part 3's table in shared memory, and its executor. It numbers writes as part 3's
 * store does, but refuses none: the chain's head admits only writes that fit.
 *
 * Invariant: writes are executed in the order in which they were submitted, by the executor or by main: main executes one
 * only when all before it have been executed.
 */
export class TableReplicaStore implements ReplicaStore {
  readonly #execution: TableExecution;
  readonly #walk: TableWalk;
  readonly #mainWritesMax: number;
  readonly #roomListeners: (() => void)[] = [];
  readonly #executedListeners: ((executed: number) => void)[] = [];
  #submitted = 0;
  /** The last count reported to the listeners. */
  #reported = 0;
  /** The length of the queue when it had no room for a write. */
  #fullLength: number | undefined;
  /** How many writes main has executed in the turn that began at `#turnMs`. */
  #mainWrites = 0;
  #turnMs = 0;

  /** @throws TableError as {@link TableExecution.start} */
  static async start(options: TableReplicaStoreOptions): Promise<TableReplicaStore> {
    const { mainWritesMax = defaultMainWritesMax, ...executionOptions } = options;
    return new TableReplicaStore(await TableExecution.start(executionOptions), mainWritesMax);
  }

  private constructor(execution: TableExecution, mainWritesMax: number) {
    this.#execution = execution;
    this.#walk = new TableWalk(execution.table.handle);
    this.#mainWritesMax = mainWritesMax;
    execution.onProgress(() => this.#look());
  }

  get table(): KeyValueTable {
    return this.#execution.reads;
  }

  get figures(): ExecutionFigures {
    return this.#execution.figures;
  }

  get submitted(): number {
    return this.#submitted;
  }

  get executed(): number {
    return this.#execution.opCount.value;
  }

  get logicalBytes(): number {
    return this.#execution.table.logicalBytes;
  }

  get keysBytes(): number {
    return this.#execution.table.keysBytes;
  }

  get logicalCapacityBytes(): number {
    return this.#execution.table.logicalCapacity;
  }

  logicalBytesOf(key: string): number {
    return this.#execution.locked((table) => table.logicalBytesOf(key));
  }

  hasValue(key: string, value: Uint8Array): boolean {
    return this.#execution.locked((table) => table.hasValue(key, value));
  }

  submit(write: StoreWrite): boolean {
    // A dead executor makes no room; `onFailed` reports it.
    if (this.#execution.failure !== undefined) return false;
    try {
      return this.#execution.call(() => this.#give(write));
    } catch (error) {
      if (error === this.#execution.failure) return false;
      throw error;
    }
  }

  onRoom(listener: () => void): void {
    this.#roomListeners.push(listener);
  }

  onExecuted(listener: (executed: number) => void): void {
    this.#executedListeners.push(listener);
  }

  onFailed(listener: (detail: string) => void): void {
    void this.#execution.failed.then((error) => listener(errorText(error)));
  }

  readEntries(cursor: number, bytesMax: number): StoreEntries & { readonly executed: number } {
    return this.#execution.locked(() => ({
      ...this.#walk.read(cursor, bytesMax),
      executed: this.executed,
    }));
  }

  close(): Promise<void> {
    return this.#execution.close(this.#submitted);
  }

  #give(write: StoreWrite): boolean {
    const { queue } = this.#execution;
    const opN = this.#submitted;
    const queuedAtMs = this.#execution.wakeAfterTurn();
    const data = write.op === 'put' ? write.data : noData;
    if (this.#isForMain(data, queuedAtMs)) {
      this.#execute(write);
    } else if (!queue.put({ opN, op: write.op, key: write.key, data, queuedAtMs })) {
      this.#fullLength = queue.length;
      this.#execution.follow();
      return false;
    }
    this.#submitted += 1;
    return true;
  }

  #isForMain(data: Uint8Array, turnMs: number): boolean {
    if (turnMs !== this.#turnMs) {
      this.#turnMs = turnMs;
      this.#mainWrites = 0;
    }
    if (this.#mainWrites >= this.#mainWritesMax || data.length > mainValueBytesMax) return false;
    return this.executed === this.#submitted;
  }

  /** The executor is waiting for a task, so only this thread changes the count. */
  #execute(write: StoreWrite): void {
    this.#mainWrites += 1;
    this.#execution.locked((table) => {
      if (write.op === 'put') table.put(write.key, write.data);
      else table.del(write.key);
      this.#execution.opCount.value = this.#submitted + 1;
    });
    // A listener may submit a write in turn, as after the executor's writes.
    this.#execution.announce();
  }

  /** Reads the executor's progress; returns whether a report is still due. */
  #look(): boolean {
    this.#report();
    if (this.#fullLength !== undefined && this.#execution.queue.length < this.#fullLength) {
      this.#fullLength = undefined;
      for (const listener of this.#roomListeners) listener();
    }
    return this.#fullLength !== undefined || this.#reported < this.#submitted;
  }

  #report(): void {
    // This runs after each read; mostly there is nothing new to report.
    if (this.#reported === this.#submitted) return;
    const { executed } = this;
    if (executed === this.#reported) return;
    this.#reported = executed;
    for (const listener of this.#executedListeners) listener(executed);
  }
}
