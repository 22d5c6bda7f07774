import { bufferToEntry, type Entry } from '@tablelab/part1';
import { TableError } from '@tablelab/shared';

/**
 * The entries in `bytes`, one after the other, each in part 1's serialization format.
 * @throws TableError BAD_REQUEST, during the iteration, for malformed bytes
 */
export function* entriesIn(bytes: Uint8Array): Generator<Entry> {
  for (let start = 0; start < bytes.byteLength; ) {
    const end = entryEnd(bytes, start);
    yield bufferToEntry(bytes.subarray(start, end));
    start = end;
  }
}

/**
 * Where the entry that begins at `start` ends.
 * @throws TableError BAD_REQUEST if it extends beyond the end of `bytes`
 */
export function entryEnd(bytes: Uint8Array, start: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const uint32At = (offset: number): number => {
    if (offset + 4 > bytes.byteLength) throw truncated(start, bytes.byteLength);
    return view.getUint32(offset);
  };
  const valueSizeAt = start + 4 + uint32At(start);
  const end = valueSizeAt + 4 + uint32At(valueSizeAt);
  if (end > bytes.byteLength) throw truncated(start, bytes.byteLength);
  return end;
}

function truncated(start: number, length: number): TableError {
  return new TableError('BAD_REQUEST', `the entry at byte ${start} extends beyond the end, ${length}`);
}
