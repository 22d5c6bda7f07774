import type { KeyPage, KeyValueTable, ScanOptions } from '@tablelab/part1';
import type { SharedTable } from '../shared-memory/shared-table.ts';

export interface LockedTableOptions {
  readonly table: SharedTable;
  /** The size limit of all keys in a message, see {@link SharedTable.keys}; clients wait while they are read. */
  readonly keysBytesMax: number;
  /** Takes the lock of the table. Its exceptions become those of the call. */
  readonly lock: () => void;
  /** Called after the lock was released. */
  readonly onUnlocked: () => void;
}

/** Main's access to a shared table: holds the table's lock only during each call. */
export class LockedTable implements KeyValueTable {
  readonly #options: LockedTableOptions;
  readonly #table: SharedTable;

  constructor(options: LockedTableOptions) {
    this.#options = options;
    this.#table = options.table;
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

  putIfAbsent(key: string, value: Uint8Array): boolean {
    this.#lock();
    try {
      return this.#table.putIfAbsent(key, value);
    } finally {
      this.#unlock();
    }
  }

  putIfEquals(key: string, expected: Uint8Array, value: Uint8Array): boolean {
    this.#lock();
    try {
      return this.#table.putIfEquals(key, expected, value);
    } finally {
      this.#unlock();
    }
  }

  has(key: string): boolean {
    this.#lock();
    try {
      return this.#table.has(key);
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

  /** @throws TableError TOO_LARGE if the keys take more than `keysBytesMax` */
  keys(): string[] {
    this.#lock();
    try {
      return this.#table.keys(this.#options.keysBytesMax);
    } finally {
      this.#unlock();
    }
  }

  scan(options: ScanOptions): KeyPage {
    this.#lock();
    try {
      return this.#table.scan(options);
    } finally {
      this.#unlock();
    }
  }

  /** See {@link SharedTable.keysBytes}. */
  get keysBytes(): number {
    return this.#table.keysBytes;
  }

  #lock(): void {
    this.#options.lock();
  }

  #unlock(): void {
    this.#table.mutex.unlock();
    this.#options.onUnlocked();
  }
}
