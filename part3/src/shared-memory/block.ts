/** Memory is given out in units of this size, and addressed by the number of the unit. */
export const unitBytes = 8;

/** A free block needs four words: size, next, previous, and its size once more at its end. */
export const blockUnitsMin = 2;

// A block, from its first unit on; sizes are in units and count the header:
//
//     in use: | size * 4 + flags | the owner's bytes ...                          |
//     free:   | size * 4 + flags | next free | previous free | ...         | size |
//
// Behind the last block stands a header of size 0 that counts as in use.
export const freeFlag = 1;
export const previousFreeFlag = 2;
export const nextFreeWord = 1;
export const previousFreeWord = 2;

/** Size of the block that begins at unit `block`. */
export function unitsAt(words: Int32Array, block: number): number {
  return (words[block * 2] as number) >>> 2;
}

export function isFreeAt(words: Int32Array, block: number): boolean {
  return ((words[block * 2] as number) & freeFlag) !== 0;
}
