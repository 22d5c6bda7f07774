/** Memory is allocated in units of this size, and addressed by unit number. */
export const unitBytes = 8;

/** A free block needs four words: size, next, previous, and its size once more at its end. */
export const blockUnitsMin = 2;

// The layout of a block. Sizes are in units and include the header:
//
//     in use: | size * 4 + flags | the owner's bytes ...                          |
//     free:   | size * 4 + flags | next free | previous free | ...         | size |
//
// After the last block follows a header of size 0 that counts as in use.
export const freeFlag = 1;
export const previousFreeFlag = 2;
export const nextFreeWord = 1;
export const previousFreeWord = 2;

/** The size of the block that begins at unit `block`. */
export function unitsAt(words: Int32Array, block: number): number {
  return (words[block * 2] as number) >>> 2;
}

export function isFreeAt(words: Int32Array, block: number): boolean {
  return ((words[block * 2] as number) & freeFlag) !== 0;
}
