import { lockWithRetry } from '../shared-memory/lock-with-retry.ts';
import type { SharedCounter } from '../shared-memory/shared-counter.ts';
import type { SharedTable } from '../shared-memory/shared-table.ts';

interface Put {
  readonly key: string;
  /** Its logical bytes. */
  readonly bytes: number;
}

/**
 * Guarantees that a numbered write, which is executed later, will fit into the table: main admits a write only if it
 * fits into the table's logical capacity after all writes in the queue.
 *
 * While the queue has writes, their replacements and deletions are unknown, so each put counts fully. If the queue is
 * empty, the sum is exact, and a put counts only for the growth of the entry that it replaces.
 *
 * The free bytes must be read under the table's lock. They are read again only when the last result has been used up:
 * rarely far from the capacity, for each put close to it.
 */
export class MemoryAdmission {
  readonly #table: SharedTable;
  /** The sum of the executed puts. The executor changes it under the table's lock. */
  readonly #executedBytes: SharedCounter;
  /** The sum of all admitted puts. */
  #admittedBytes = 0;
  /** The bytes that may still be admitted, as last read. */
  #leftBytes = 0;

  constructor(table: SharedTable, executedBytes: SharedCounter) {
    this.#table = table;
    this.#executedBytes = executedBytes;
  }

  /**
   * Decides whether there is room for the put now, possibly later, or not at all. `isIdle`: all writes have been
   * executed.
   * @throws TableError INTERNAL if the executor died while it held the table's lock
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

  /** The put has been numbered. The size of the value that it replaces is unknown until the next read. */
  take({ bytes }: Put): void {
    this.#admittedBytes += bytes;
    this.#leftBytes -= bytes;
  }
}
