/**
 * What a table is, whichever way it is built: part 1's table of linked lists, part 3's table in shared memory. One
 * suite of contract tests holds both to it.
 *
 * Keys are well-formed Unicode strings without NUL (the serialization ends a key with one); the empty string is a
 * key. Values are arbitrary bytes, none at all included.
 */
export interface KeyValueTable {
  /**
   * Stores a copy of `value` under `key`, in place of the value that was there.
   * @throws TableError BAD_REQUEST for a key with NUL or a lone surrogate; nothing is stored then.
   */
  put(key: string, value: Uint8Array): void;
  /** A copy of the value, or undefined where the key is absent. An empty value is not an absent one. */
  get(key: string): Uint8Array | undefined;
  /** Removes the key; says whether it was there. */
  del(key: string): boolean;
  /** How many keys there are. */
  readonly size: number;
  /** All keys, each once, in no particular order. */
  keys(): string[];
}
