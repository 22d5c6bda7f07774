/**
 * What an entry adds to a table's logical size besides its key and its value, in bytes. It is the same on every server,
 * so that all servers of a chain agree on how full a table is.
 */
export const entryOverheadBytes = 32;

/** The logical size of an entry, in bytes. `keyBytes`: the length of the key in UTF-8. */
export function logicalEntryBytes(keyBytes: number, valueBytes: number): number {
  return entryOverheadBytes + keyBytes + valueBytes;
}
