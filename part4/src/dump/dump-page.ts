/**
 * The bytes of a step of a dump (`OP_DUMP`, shared/proto/sdmessage.proto). Integers are unsigned, 32 bits, big-endian; an entry is in
 * part 1's serialization format.
 *
 *     page      | size of the entries (4) | entries | changes, to the end
 *     change    | 1: put, 0: removed (1) | entry; the value of a removed one is empty
 */
import { bufferToEntry, type Entry, entryToBuffer } from '@tablelab/part1';
import { must, TableError } from '@tablelab/shared';

/** What an update has done to the table. */
export interface Change {
  readonly key: string;
  /** Undefined: the key is removed. */
  readonly value: Uint8Array | undefined;
}

export interface DumpPage {
  readonly entries: readonly Entry[];
  readonly changes: readonly Change[];
}

const sizeBytes = 4;
const removed = 0;
const put = 1;
const noBytes = new Uint8Array(0);

/** `entries`: in part 1's format, one after the other. */
export function encodeDumpPage(entries: Uint8Array, changes: readonly Uint8Array[]): Uint8Array {
  const size = new Uint8Array(sizeBytes);
  new DataView(size.buffer).setUint32(0, entries.byteLength);
  return Buffer.concat([size, entries, ...changes]);
}

export function encodeChange({ key, value }: Change): Uint8Array {
  const kind = Uint8Array.of(value === undefined ? removed : put);
  return Buffer.concat([kind, entryToBuffer({ key, value: value ?? noBytes })]);
}

/** @throws TableError BAD_REQUEST for bytes that are no page */
export function decodeDumpPage(bytes: Uint8Array): DumpPage {
  const end = sizeBytes + uint32At(bytes, 0);
  if (end > bytes.byteLength) throw truncated(0, bytes.byteLength);
  const entries: Entry[] = [];
  for (let at = sizeBytes; at < end; ) {
    const next = entryEnd(bytes, at);
    if (next > end) throw truncated(at, end);
    entries.push(bufferToEntry(bytes.subarray(at, next)));
    at = next;
  }
  const changes: Change[] = [];
  for (let at = end; at < bytes.byteLength; ) {
    const next = entryEnd(bytes, at + 1);
    const { key, value } = bufferToEntry(bytes.subarray(at + 1, next));
    changes.push({ key, value: must(bytes[at], 'in range') === removed ? undefined : value });
    at = next;
  }
  return { entries, changes };
}

/** Where the entry at `start` ends. */
function entryEnd(bytes: Uint8Array, start: number): number {
  const valueAt = start + sizeBytes + uint32At(bytes, start);
  const end = valueAt + sizeBytes + uint32At(bytes, valueAt);
  if (end > bytes.byteLength) throw truncated(start, bytes.byteLength);
  return end;
}

function uint32At(bytes: Uint8Array, at: number): number {
  if (at + sizeBytes > bytes.byteLength) throw truncated(at, bytes.byteLength);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at);
}

function truncated(at: number, end: number): TableError {
  return new TableError('BAD_REQUEST', `what begins at byte ${at} extends beyond the end, ${end}`);
}
