import { TableError } from '@tablelab/shared';

/**
 * A key and its value (assignment part 1: `Entry`, whose value is a `Data`). The key is a well-formed Unicode string
 * without NUL, see {@link checkKey}; the value is any bytes, none at all included.
 */
export interface Entry {
  readonly key: string;
  readonly value: Uint8Array;
}

/**
 * A copy that shares no memory with `data` (assignment part 1: duplicate a `Data`). It is a plain Uint8Array even
 * where `data` is a Buffer: a Buffer's own `slice` would share its memory, and its `subarray` stay a Buffer.
 */
export function duplicateData(data: Uint8Array): Uint8Array {
  return new Uint8Array(data);
}

/** A copy of the entry with a copy of its value; the key is a string, which nobody can change. */
export function duplicateEntry(entry: Entry): Entry {
  return { key: entry.key, value: duplicateData(entry.value) };
}

/**
 * Refuses what could not be written and read back: the serialization ends a key with NUL, so a key cannot hold one,
 * and a lone surrogate has no UTF-8 form.
 * @throws TableError BAD_REQUEST
 */
export function checkKey(key: string): void {
  if (key.includes('\0')) {
    throw new TableError('BAD_REQUEST', `a key holds no NUL, found one at index ${key.indexOf('\0')}`);
  }
  if (!key.isWellFormed()) {
    throw new TableError('BAD_REQUEST', 'a key is well-formed Unicode, found a lone surrogate');
  }
}
