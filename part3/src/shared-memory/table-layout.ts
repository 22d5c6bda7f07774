import { Allocator } from './allocator.ts';
import { unitBytes } from './block.ts';
import { Mutex } from './mutex.ts';

/** The layout of a shared table's memory. */

// Two arenas. The first begins with a header, in words:
//
//     0 mutex | 20 growths | 21 size | 22 lists | 23 base | 24 seed | 26 logical bytes | 27 logical capacity
//     28 key bytes | 29 allocator | 476 first node
//
// A node is a block of the allocator. `next` is the number of the first unit of the next node, 0 = none:
//
//     word 0 allocator's | 1 next | 2 hash | 3 key length | 4 value length | 5 key, padded with zeros to a word
//     then the value
//
// The second arena is the array of lists: for each list the number of its first node, 0 = none.
export const mutexWord = 0;
export const growthsWord = mutexWord + Mutex.words;
export const sizeWord = growthsWord + 1;
export const listsWord = sizeWord + 1;
export const baseWord = listsWord + 1;
export const seedWord = baseWord + 1;
/** Unsigned, like the next one: a table has up to 4 GiB. */
export const logicalBytesWord = seedWord + 2;
export const logicalCapacityWord = logicalBytesWord + 1;
/** The keys' alone; unsigned, too. */
export const keyBytesWord = logicalCapacityWord + 1;
export const allocatorWord = keyBytesWord + 1;
export const headerUnits = Math.ceil((allocatorWord + Allocator.words) / 2);

export const next = 1;
export const hash = 2;
export const keyLength = 3;
export const valueLength = 4;
export const keyWord = 5;

export const wordBytes = 4;
/** A list is one word. */
export const listBytes = 4;

/** The byte address of the value of a node with a key of that many bytes. */
export function valueStart(node: number, keyBytes: number): number {
  return (node * 2 + keyWord + Math.ceil(keyBytes / wordBytes)) * wordBytes;
}

/** The size of a node, in units of the allocator. */
export function nodeUnits(keyBytes: number, valueBytes: number): number {
  return Math.ceil(((keyWord + Math.ceil(keyBytes / wordBytes)) * wordBytes + valueBytes) / unitBytes);
}
