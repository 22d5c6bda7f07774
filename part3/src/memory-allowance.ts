import { lockPatiently } from './patient-lock.ts';
import type { SharedCounter } from './shared-counter.ts';
import type { SharedTable } from './shared-memory/shared-table.ts';

/**
 * Keeps the promise that a write which has its number will find memory, though it is executed later: main lets in no
 * more than the table is sure to have room for when all the writes in the queue have been executed.
 *
 * How much that is must be read under the table's lock. It is read once, and then only again when what was left then
 * has been given away: far from the limit hardly ever, near to it with each write. What the table is sure of counts
 * the worst case, so near the limit a write may have to wait until none is in the queue, and the sum is exact.
 */
export class MemoryAllowance {
  readonly #table: SharedTable;
  /** What the executed writes may have taken; the executor's, changed under the table's lock. */
  readonly #executedBytes: SharedCounter;
  /** What all writes that were let in may take. */
  #assignedBytes = 0;
  /** What may still be given away as of the last look. */
  #leftBytes = 0;

  constructor(table: SharedTable, executedBytes: SharedCounter) {
    this.#table = table;
    this.#executedBytes = executedBytes;
  }

  /**
   * Whether a write of so many bytes is sure to find memory.
   * @throws TableError INTERNAL when the executor holds the table's lock and is dead.
   */
  has(bytes: number): boolean {
    if (bytes > this.#leftBytes) this.#look();
    return bytes <= this.#leftBytes;
  }

  /** A write of so many bytes has been let in. */
  take(bytes: number): void {
    this.#assignedBytes += bytes;
    this.#leftBytes -= bytes;
  }

  #look(): void {
    lockPatiently(this.#table.mutex);
    const queuedBytes = this.#assignedBytes - this.#executedBytes.value;
    this.#leftBytes = this.#table.logicalCapacity - this.#table.logicalBytes - queuedBytes;
    this.#table.mutex.unlock();
  }
}
