import { TableError } from '@tablelab/shared';
import { arenaBytesMax, endUnits } from './allocator.ts';
import { unitBytes } from './block.ts';
import { headerUnits, listBytes } from './table-layout.ts';

/** The minimum of `memoryBytesMax`. */
const memoryBytesMin = 2 ** 20;

/** The array of lists grows by this much, which is also its minimum. */
export const listsGrowthBytes = 2 ** 14;

/**
 * Added lists take up to 1/32 of the memory. That is one list for each entry if entries are larger than about a hundred
 * bytes, and one for every three of the smallest entries.
 */
const listsPart = 1 / 32;

/**
 * The fraction of their memory that nodes may use. The remaining sixteenth makes compaction cheap (compaction.ts):
 * about sixteen bytes are moved for each byte needed in one piece, instead of the whole table.
 */
const nodesPart = 15 / 16;

/** The memory limit of a table, and its initial number of lists. */
export interface TableSize {
  readonly memoryBytesMax: number;
  readonly nLists: number;
}

/** The division of a table's memory, in bytes. It does not depend on the table's contents. */
export interface MemoryParts {
  /** A power of two, so that a list is found with a mask instead of a division. */
  readonly nListsRounded: number;
  readonly listsBytes: number;
  readonly listsBytesMax: number;
  /** Header and nodes. */
  readonly entriesBytesMax: number;
}

/** The largest initial number of lists: a power of two; these lists take at most half of the memory. */
export function listsAtStartMax(memoryBytesMax: number): number {
  return 2 ** Math.floor(Math.log2(memoryBytesMax / (2 * listBytes)));
}

/** @throws TableError BAD_REQUEST for sizes out of range */
export function memoryParts({ memoryBytesMax, nLists }: TableSize): MemoryParts {
  if (!(memoryBytesMax >= memoryBytesMin && memoryBytesMax <= arenaBytesMax)) {
    const range = `${memoryBytesMin} to ${arenaBytesMax}`;
    throw new TableError('BAD_REQUEST', `a table takes ${range} bytes of memory, not ${memoryBytesMax}`);
  }
  const nListsMax = listsAtStartMax(memoryBytesMax);
  if (!Number.isInteger(nLists) || nLists < 1 || nLists > nListsMax) {
    throw new TableError('BAD_REQUEST', `a table begins with 1 to ${nListsMax} lists, not with ${nLists}`);
  }
  const bytesMax = multipleOf(unitBytes, memoryBytesMax);
  const nListsRounded = 2 ** Math.ceil(Math.log2(nLists));
  const listsBytes = Math.max(nListsRounded * listBytes, listsGrowthBytes);
  const listsBytesMax = Math.max(listsBytes, multipleOf(listsGrowthBytes, bytesMax * listsPart));
  return { nListsRounded, listsBytes, listsBytesMax, entriesBytesMax: bytesMax - listsBytesMax };
}

/**
 * How many logical bytes (shared/src/logical-size.ts) certainly fit into a table of this size: any set of entries up to
 * this sum, after any history of puts and deletes.
 *
 * Proof: a node takes no more than its entry's logical bytes. Its fields are 20 bytes, padding the key to words adds up
 * to 3, and rounding up to units adds up to 7: together 30 of the 32 bytes that count for each entry. Lists never use
 * the memory of nodes. And compaction turns fragmented free memory into one piece.
 * @throws TableError BAD_REQUEST for sizes out of range
 */
export function logicalCapacity(size: TableSize): number {
  const roomBytes = memoryParts(size).entriesBytesMax - (headerUnits + endUnits) * unitBytes;
  return Math.floor(roomBytes * nodesPart);
}

/** The error for an entry of `bytes` that does not fit into a table with `used` logical bytes in use. */
export function noRoom(bytes: number, { used, capacity }: { used: number; capacity: number }): TableError {
  if (bytes > capacity) {
    return new TableError('TOO_LARGE', `an entry of ${bytes} bytes, in a table of ${capacity}`);
  }
  const text = `the table has no room for an entry of ${bytes} bytes: ${used} of ${capacity} bytes are in use`;
  return new TableError('FULL', text);
}

function multipleOf(unit: number, bytes: number): number {
  return Math.floor(bytes / unit) * unit;
}
