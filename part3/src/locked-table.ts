import type { KeyValueTable } from '@tablelab/part1';
import type { TableError } from '@tablelab/shared';
import { lockPatiently } from './patient-lock.ts';
import type { SharedTable } from './shared-memory/shared-table.ts';

export interface LockedTableParts {
  readonly table: SharedTable;
  /** What all keys together may take in a message, see {@link SharedTable.keys}; while they are read, clients wait. */
  readonly keysBytesMax: number;
  /** Called before the lock is taken. @throws what every call then throws: the table is not to be trusted any more. */
  readonly check: () => void;
  /** The lock was not to be had: whoever holds it is dead. Returns what the call throws. */
  readonly onLockLost: (cause: unknown) => TableError;
  /** Called after the lock was released. */
  readonly onUnlocked: () => void;
}

/** Main's view of a table that several threads use: takes the table's lock for each call, and for no longer. */
export class LockedTable implements KeyValueTable {
  readonly #parts: LockedTableParts;
  readonly #table: SharedTable;

  constructor(parts: LockedTableParts) {
    this.#parts = parts;
    this.#table = parts.table;
  }

  get size(): number {
    this.#lock();
    try {
      return this.#table.size;
    } finally {
      this.#unlock();
    }
  }

  get(key: string): Uint8Array | undefined {
    this.#lock();
    try {
      return this.#table.get(key);
    } finally {
      this.#unlock();
    }
  }

  put(key: string, value: Uint8Array): void {
    this.#lock();
    try {
      this.#table.put(key, value);
    } finally {
      this.#unlock();
    }
  }

  del(key: string): boolean {
    this.#lock();
    try {
      return this.#table.del(key);
    } finally {
      this.#unlock();
    }
  }

  /** @throws TableError TOO_LARGE when the keys take more than `keysBytesMax`. */
  keys(): string[] {
    this.#lock();
    try {
      return this.#table.keys(this.#parts.keysBytesMax);
    } finally {
      this.#unlock();
    }
  }

  /** Does several things under one lock; as short as all else. */
  locked<T>(work: () => T): T {
    this.#lock();
    try {
      return work();
    } finally {
      this.#unlock();
    }
  }

  #lock(): void {
    const { check, table, onLockLost } = this.#parts;
    check();
    try {
      lockPatiently(table.mutex);
    } catch (error) {
      throw onLockLost(error);
    }
  }

  #unlock(): void {
    this.#table.mutex.unlock();
    this.#parts.onUnlocked();
  }
}
