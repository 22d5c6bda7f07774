import type { KeyPage, ScanOptions } from './walk-order.ts';

/** What each key takes in a list beside its own bytes, at least: a tag and a length (part 2's messages). */
export const keyOverheadBytes = 2;

/**
 * The interface of a table, implemented by part 1's table of linked lists and by part 3's table in shared memory. One suite
 * of contract tests checks both.
 *
 * Every function refuses a key that is not a string, or a value that is not a Uint8Array, with TableError BAD_REQUEST.
 *
 * Keys are well-formed Unicode strings without NUL (the serialization ends a key with one); the empty string is a
 * key. Values are arbitrary bytes; a value may be empty.
 */
export interface KeyValueTable {
  /**
   * Stores a copy of `value` under `key`; replaces an existing value.
   * @throws TableError BAD_REQUEST for a key with NUL or a lone surrogate; nothing is stored then.
   */
  put(key: string, value: Uint8Array): void;
  /** Stores a copy of `value` under `key` if the key is absent; returns whether it did. Throws as {@link put}. */
  putIfAbsent(key: string, value: Uint8Array): boolean;
  /**
   * Replaces the value under `key` by a copy of `value` if it consists of the same bytes as `expected`; returns whether it did.
   * An absent key has no value. Throws as {@link put}.
   */
  putIfEquals(key: string, expected: Uint8Array, value: Uint8Array): boolean;
  /** Whether the key is present, also with an empty value. */
  has(key: string): boolean;
  /** A copy of the value, or undefined if the key is absent. An empty value is not an absent key. */
  get(key: string): Uint8Array | undefined;
  /** Removes the key; returns whether it was present. */
  del(key: string): boolean;
  /** The number of keys. */
  readonly size: number;
  /** What a list of all keys takes, in bytes: each key in UTF-8, and {@link keyOverheadBytes} more. Known without a walk. */
  readonly keysBytes: number;
  /** All keys, each once, in no particular order. */
  keys(): string[];
  /**
   * Some of the keys, for a walk in steps of bounded length between which the table may change: a key that is there from the
   * first step to the last comes exactly once. A step may bring few keys, or none, before the last.
   * @throws TableError BAD_REQUEST for a `from` that another table has given.
   */
  scan(options: ScanOptions): KeyPage;
}
