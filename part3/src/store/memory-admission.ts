import { lockWithRetry } from '../shared-memory/lock-with-retry.ts';
import type { SharedCounter } from '../shared-memory/shared-counter.ts';
import type { SharedTable } from '../shared-memory/shared-table.ts';

interface Put {
  readonly key: string;
  /** Its logical bytes. */
  readonly bytes: number;
}

/**
 * Keeps the promise that a write which has its number will find room in the table, though it is executed later: main
 * admits no more than the table's logical capacity holds once all writes in the queue have been executed.
 *
 * As long as there are such writes, it is not known what they will replace and delete: each put counts whole. Only when
 * there are none the sum is exact, and a put counts for what it adds to the entry that it replaces.
 *
 * What is left must be read under the table's lock. It is read once, and again only when what was left then has been
 * given away: far from the capacity hardly ever, near to it for each put.
 */
export class MemoryAdmission {
  readonly #table: SharedTable;
  /** What the executed puts counted; the executor's, changed under the table's lock. */
  readonly #executedBytes: SharedCounter;
  /** What all puts counted that were admitted. */
  #admittedBytes = 0;
  /** What may still be admitted as of the last look. */
  #leftBytes = 0;

  constructor(table: SharedTable, executedBytes: SharedCounter) {
    this.#table = table;
    this.#executedBytes = executedBytes;
  }

  /**
   * Whether there is room for the put, there may be later, or there is none. `isIdle`: all writes have been executed.
   * @throws TableError INTERNAL when the executor holds the table's lock and is dead.
   */
  decide({ key, bytes }: Put, isIdle: boolean): 'admitted' | 'wait' | 'full' {
    if (bytes <= this.#leftBytes) return 'admitted';
    lockWithRetry(this.#table.mutex);
    try {
      const queuedBytes = this.#admittedBytes - this.#executedBytes.value;
      this.#leftBytes = this.#table.logicalCapacity - this.#table.logicalBytes - queuedBytes;
      if (bytes <= this.#leftBytes) return 'admitted';
      if (!isIdle) return 'wait';
      return bytes - this.#table.logicalBytesOf(key) <= this.#leftBytes ? 'admitted' : 'full';
    } finally {
      this.#table.mutex.unlock();
    }
  }

  /** The put has been given its number. What it replaces is not known here: the next look finds it. */
  take({ bytes }: Put): void {
    this.#admittedBytes += bytes;
    this.#leftBytes -= bytes;
  }
}
