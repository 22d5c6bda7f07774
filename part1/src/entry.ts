import { checkBytes, checkText, TableError, wrongArgument } from '@tablelab/shared';

/**
 * A key and its value (assignment part 1: `Entry`, whose value is a `Data`). The key is a well-formed Unicode string
 * without NUL, see {@link checkKey}. The value is any sequence of bytes; it may be empty.
 */
export interface Entry {
  readonly key: string;
  readonly value: Uint8Array;
}

/**
 * A copy that shares no memory with `data` (assignment part 1: duplicate a `Data`). It is a plain Uint8Array even if
 * `data` is a Buffer. Neither `slice` nor `subarray` of a Buffer would copy anything.
 */
export function duplicateData(data: Uint8Array): Uint8Array {
  checkBytes('a value', data);
  return new Uint8Array(data);
}

/** Whether both are the same bytes. Neither a Uint8Array nor a Buffer is equal to the other for `===`. */
export function isSameData(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && Buffer.compare(one, other) === 0;
}

/** A copy of the entry with a copy of its value. The key needs no copy: strings cannot be changed. */
export function duplicateEntry(entry: Entry): Entry {
  checkEntry(entry);
  return { key: entry.key, value: duplicateData(entry.value) };
}

/**
 * Checks that the key is a string and the value is bytes. A list may hold any string; see {@link checkKey} for the
 * table.
 * @throws TableError BAD_REQUEST
 */
export function checkEntry(entry: unknown): asserts entry is Entry {
  if (typeof entry !== 'object' || entry === null) throw wrongArgument('an entry is { key, value }', entry);
  const { key, value } = entry as Record<keyof Entry, unknown>;
  checkText('a key', key);
  checkBytes('a value', value);
}

/**
 * Checks that `key` is a string that can be serialized and read back: without NUL, which ends a serialized key, and
 * without a lone surrogate, which UTF-8 cannot encode.
 * @throws TableError BAD_REQUEST
 */
export function checkKey(key: unknown): asserts key is string {
  checkText('a key', key);
  if (key.includes('\0')) {
    throw new TableError(
      'BAD_REQUEST',
      `a key must not contain NUL, found one at index ${key.indexOf('\0')}`,
    );
  }
  if (!key.isWellFormed()) {
    throw new TableError('BAD_REQUEST', 'a key must be well-formed Unicode, found a lone surrogate');
  }
}
