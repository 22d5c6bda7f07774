/**
 * The bytes of a step of a dump (`OP_DUMP`, shared/proto/sdmessage.proto). Integers are unsigned, 32 bits, big-endian; an entry is in
 * part 1's serialization format.
 *
 *     page      | size of the entries (4) | entries | changes, to the end
 *     change    | 1: put, 0: removed (1) | entry; the value of a removed one is empty
 */
import { bufferToEntry, type Entry, entryToBuffer } from '@tablelab/part1';
import { entriesIn, entryEnd } from '@tablelab/part3/entries-in';
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
  const end = sizeBytes + (bytes.byteLength < sizeBytes ? 0 : sizeOf(bytes));
  if (end > bytes.byteLength) {
    throw new TableError(
      'BAD_REQUEST',
      `the entries of a page end at byte ${end}, and it has ${bytes.byteLength}`,
    );
  }
  const changes: Change[] = [];
  for (let at = end; at < bytes.byteLength; ) {
    const next = entryEnd(bytes, at + 1);
    const { key, value } = bufferToEntry(bytes.subarray(at + 1, next));
    changes.push({ key, value: must(bytes[at], 'in range') === removed ? undefined : value });
    at = next;
  }
  return { entries: [...entriesIn(bytes.subarray(sizeBytes, end))], changes };
}

function sizeOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
}
