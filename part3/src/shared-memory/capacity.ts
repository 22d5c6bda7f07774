import { TableError } from '@tablelab/shared';
import { arenaBytesMax, endUnits } from './allocator.ts';
import { unitBytes } from './block.ts';
import { headerUnits, listBytes } from './table-layout.ts';

/** The least that `memoryBytesMax` may be. */
const memoryBytesMin = 2 ** 20;

/** By so much the array of lists grows; it begins with no less. */
export const listsGrowthBytes = 2 ** 14;

/**
 * Lists that are added take up to a 32nd of the memory. That is a list for each entry where entries are larger than about
 * a hundred bytes, and one for every three where they are as small as can be.
 */
const listsPart = 1 / 32;

/**
 * What nodes may take of their part of the memory. The sixteenth that is left is what makes it cheap to move nodes together
 * (compaction.ts): for each byte that is wanted in one piece some sixteen have to be moved, not the whole table.
 */
const nodesPart = 15 / 16;

/** How much memory a table may take, and with how many lists it begins. */
export interface TableSize {
  readonly memoryBytesMax: number;
  readonly nLists: number;
}

/** What of a table's memory is whose, in bytes. Neither part depends on what has been in the table. */
export interface MemoryParts {
  /** A power of two, so that a list is found with a mask and not a division. */
  readonly nListsRounded: number;
  readonly listsBytes: number;
  readonly listsBytesMax: number;
  /** Header and nodes. */
  readonly entriesBytesMax: number;
}

/** With how many lists a table may begin: a power of two, whose lists take half of the memory at most. */
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
 * How many logical bytes (shared/src/logical-size.ts) are sure to find room in a table of this size: any entries of no
 * more than that together, by whatever history of puts and deletes the table comes to them.
 *
 * Why: a node takes no more than its entry's logical bytes (its fields are 20 bytes, the key is padded to words, which
 * adds up to 3, and the whole rounded up to units, which adds up to 7: 30, of the 32 that an entry is counted for). Lists
 * never take from the memory of nodes. And where free memory is in pieces, nodes are moved together: what is free is
 * free in one piece.
 * @throws TableError BAD_REQUEST for sizes out of range
 */
export function logicalCapacity(size: TableSize): number {
  const roomBytes = memoryParts(size).entriesBytesMax - (headerUnits + endUnits) * unitBytes;
  return Math.floor(roomBytes * nodesPart);
}

/** Why an entry of `bytes` does not come into a table of which so many logical bytes are in use. */
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
