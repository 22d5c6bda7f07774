import { Allocator } from './allocator.ts';
import { unitBytes } from './block.ts';
import { Mutex } from './mutex.ts';

/** Where what stands in the memory of a shared table. */

// Two arenas. The first begins with a header, in words:
//
//     0 mutex | 20 growths | 21 size | 22 lists | 23 base | 24 seed | 26 logical bytes | 27 logical capacity
//     28 key bytes | 29 allocator | 476 first node
//
// A node is a block of the allocator; its next node is given by the number of the first unit, 0 = none:
//
//     word 0 allocator's | 1 next | 2 hash | 3 key length | 4 value length | 5 key, padded with zeros to a word
//     then the value
//
// The second arena is the array of lists: for each, the number of its first node, 0 = none.
export const mutexWord = 0;
export const growthsWord = mutexWord + Mutex.words;
export const sizeWord = growthsWord + 1;
export const listsWord = sizeWord + 1;
export const baseWord = listsWord + 1;
export const seedWord = baseWord + 1;
/** Unsigned, as the next one: a table has up to four GiB. */
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

/** Address in bytes of the value of a node with a key of that many bytes. */
export function valueStart(node: number, keyBytes: number): number {
  return (node * 2 + keyWord + Math.ceil(keyBytes / wordBytes)) * wordBytes;
}

/** What a node takes, in units of the allocator. */
export function nodeUnits(keyBytes: number, valueBytes: number): number {
  return Math.ceil(((keyWord + Math.ceil(keyBytes / wordBytes)) * wordBytes + valueBytes) / unitBytes);
}
