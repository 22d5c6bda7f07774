import { assert } from '@tablelab/shared';
import type { Arena } from './arena.ts';

/** Memory is given out in units of this size, and addressed by the number of the unit. */
export const unitBytes = 8;
/** Four GiB: a block's size and two flags fit in one word, and a byte's address in 32 bits. */
export const arenaBytesMax = 2 ** 32;

/** A free block needs four words: size, next, previous, and its size once more at its end. */
const blockUnitsMin = 2;
/** The memory grows by at least this much, 1 MiB, or by what is left. */
const growthUnits = 2 ** 17;
/** Blocks looked at in the class in which some, but not all, are large enough. */
const looksMax = 4;

// A block, from its first unit on; sizes are in units, the header counted:
//
//     in use: | size * 4 + flags | the owner's bytes ...                          |
//     free:   | size * 4 + flags | next free | previous free | ...         | size |
//
// and behind the last one a header of size 0 that counts as in use.
const isFree = 1;
const previousIsFree = 2;
const nextFree = 1;
const previousFree = 2;

// Classes of free blocks: 16 for each power of two, see `classOf`. Below 32 units each size has a class of its own.
const stepsBits = 4;
const steps = 1 << stepsBits;
const levels = 26;

// The allocator's words, from `index` on:
//
//     0 used | 1 end | 2 limit | 3 levels that have free blocks, a bit each
//     4 ... 29 for each level the steps that have free blocks, a bit each
//     30 ... 445 for each class its first free block, 0 = none
const usedWord = 0;
const endWord = 1;
const limitWord = 2;
const levelsWord = 3;
const stepsWords = levelsWord + 1;
const firstsWords = stepsWords + levels;

/**
 * Gives out blocks of an arena and takes them back: two-level segregated fit (M. Masmano, I. Ripoll, A. Crespo,
 * J. Real, "TLSF: a New Dynamic Memory Allocator for Real-Time Systems", ECRTS 2004). Both take a bounded number
 * of steps, whatever has been given out. Free neighbours are joined at once, so memory does not crumble however long
 * blocks of mixed sizes come and go; a block costs its owner 4 bytes.
 *
 * All state is in the arena; every thread that has one of these over it sees the same. Calls do not lock: the caller
 * holds the mutex of whatever the arena belongs to.
 *
 * Invariants: blocks follow each other without gaps up to `end`; of two neighbours at most one is free; each free block
 * is in the list of its class; a bit is set where a list is not empty; `used` is the size of all blocks in use.
 */
export class Allocator {
  /** How many words of the arena the allocator itself takes. They begin as zeros. */
  static readonly words = firstsWords + levels * steps;

  readonly #arena: Arena;
  readonly #index: number;

  constructor(arena: Arena, index: number) {
    this.#arena = arena;
    this.#index = index;
  }

  /**
   * Makes all of the arena from unit `first` on one free block.
   * @param limit units to which the arena may grow.
   */
  format({ first, limit }: { first: number; limit: number }): void {
    const { words } = this.#arena;
    const end = words.length / 2 - 1;
    assert(first > 0 && first + blockUnitsMin <= end && end < limit, 'the arena has room for a block');
    assert(limit <= arenaBytesMax / unitBytes, 'units are numbered with 29 bits');
    words[this.#index + endWord] = end;
    words[this.#index + limitWord] = limit;
    words[end * 2] = 0;
    this.#insert(first, end - first);
  }

  /** Bytes of all blocks in use. */
  get usedBytes(): number {
    return this.#word(usedWord) * unitBytes;
  }

  /** Bytes to which the arena may grow. */
  get limitBytes(): number {
    return this.#word(limitWord) * unitBytes;
  }

  /** Lowers the limit by so many units, which must not have been grown into. */
  lowerLimit(units: number): void {
    assert(this.#word(limitWord) - units > this.#word(endWord), 'what is given up is not in use');
    this.#setWord(limitWord, this.#word(limitWord) - units);
  }

  /** Units of memory that the arena has not grown into yet. */
  get ungrownUnits(): number {
    return this.#word(limitWord) - this.#word(endWord) - 1;
  }

  /**
   * Blocks that are together no larger than this many units are sure to be had.
   *
   * A block that is not found elsewhere comes out of the free one at the end and of what the arena may still grow by;
   * or else out of the largest free block, which by then has lost no more than the blocks before it. A search passes
   * over free blocks that are less than a sixteenth too large, hence the margin.
   */
  get sureUnits(): number {
    const atEnd = this.#freeAtEnd() + this.ungrownUnits;
    const level = 31 - Math.clz32(this.#word(levelsWord));
    if (level < 0) return atEnd;
    const step = 31 - Math.clz32(this.#word(stepsWords + level));
    const largest = level === 0 ? step : (steps + step) << (level - 1);
    return Math.max(atEnd, Math.floor((largest * steps) / (steps + 1)));
  }

  /** Size of a block in use, which may be a unit more than was asked for. */
  unitsOf(block: number): number {
    return (this.#arena.words[block * 2] as number) >>> 2;
  }

  /**
   * A block of at least `units`; grows the arena where it has to. The block's first word is the allocator's, all
   * others the caller's: they hold whatever was there.
   * @returns the number of its first unit, or 0 where there is no memory left. Nothing has changed then.
   */
  allocate(units: number): number {
    const wanted = Math.max(units, blockUnitsMin);
    const block = this.#find(wanted) || this.#growFor(wanted);
    if (block !== 0) this.#use(block, wanted);
    return block;
  }

  /** Takes back a block that {@link allocate} gave. */
  free(block: number): void {
    const units = this.unitsOf(block);
    this.#setWord(usedWord, this.#word(usedWord) - units);
    this.#release(block, units);
  }

  /** Makes a block free and joins it with free neighbours. */
  #release(block: number, units: number): void {
    const { words } = this.#arena;
    let first = block;
    let size = units;
    if (((words[block * 2] as number) & previousIsFree) !== 0) {
      const before = words[block * 2 - 1] as number;
      first -= before;
      size += before;
      this.#remove(first, before);
    }
    const after = words[(block + units) * 2] as number;
    if ((after & isFree) !== 0) {
      this.#remove(block + units, after >>> 2);
      size += after >>> 2;
    }
    this.#insert(first, size);
  }

  /** A free block of at least `units`, still in its list, or 0. */
  #find(units: number): number {
    const { words } = this.#arena;
    const exact = classOf(units);
    let candidate = words[this.#index + firstsWords + exact] as number;
    for (let look = 0; candidate !== 0 && look < looksMax; look += 1) {
      if (this.unitsOf(candidate) >= units) return candidate;
      candidate = words[candidate * 2 + nextFree] as number;
    }
    // In all classes above, every block is large enough.
    let level = exact >>> stepsBits;
    const aboveInLevel = this.#word(stepsWords + level) & (-2 << (exact & (steps - 1)));
    if (aboveInLevel !== 0) return this.#firstOf(level, aboveInLevel);
    const levelsAbove = this.#word(levelsWord) & (-2 << level);
    if (levelsAbove === 0) return 0;
    level = lowestBit(levelsAbove);
    return this.#firstOf(level, this.#word(stepsWords + level));
  }

  #firstOf(level: number, stepBits: number): number {
    return this.#word(firstsWords + level * steps + lowestBit(stepBits));
  }

  /** Makes the free block at the end large enough; returns it, or 0 where the limit forbids. */
  #growFor(units: number): number {
    const end = this.#word(endWord);
    const atEnd = this.#freeAtEnd();
    const missing = units - atEnd;
    // It may be large enough, but far back in the list of its class.
    if (missing <= 0) return end - atEnd;
    const added = Math.min(Math.max(missing, growthUnits), this.ungrownUnits);
    if (added < missing || !this.#arena.grow((end + added + 1) * unitBytes)) return 0;
    this.#arena.words[(end + added) * 2] = 0;
    this.#setWord(endWord, end + added);
    this.#release(end, added);
    return end - atEnd;
  }

  /** Size of the free block at the end, 0 where the last block is in use. */
  #freeAtEnd(): number {
    const { words } = this.#arena;
    const end = this.#word(endWord);
    return ((words[end * 2] as number) & previousIsFree) === 0 ? 0 : (words[end * 2 - 1] as number);
  }

  /** Takes a free block out of its list, and gives back what it has above `units`. */
  #use(block: number, units: number): void {
    const { words } = this.#arena;
    const size = this.unitsOf(block);
    this.#remove(block, size);
    const isSplit = size - units >= blockUnitsMin;
    const used = isSplit ? units : size;
    // The block before a free one is in use, so no flag is lost here.
    words[block * 2] = used << 2;
    if (isSplit) this.#insert(block + used, size - used);
    else words[(block + size) * 2] = (words[(block + size) * 2] as number) & ~previousIsFree;
    this.#setWord(usedWord, this.#word(usedWord) + used);
  }

  #insert(block: number, units: number): void {
    const { words } = this.#arena;
    const sizeClass = classOf(units);
    const firstWord = this.#index + firstsWords + sizeClass;
    const second = words[firstWord] as number;
    words[block * 2] = (units << 2) | isFree;
    words[block * 2 + nextFree] = second;
    words[block * 2 + previousFree] = 0;
    words[(block + units) * 2 - 1] = units;
    words[(block + units) * 2] = (words[(block + units) * 2] as number) | previousIsFree;
    words[firstWord] = block;
    if (second !== 0) {
      words[second * 2 + previousFree] = block;
      return;
    }
    const level = sizeClass >>> stepsBits;
    this.#setWord(stepsWords + level, this.#word(stepsWords + level) | (1 << (sizeClass & (steps - 1))));
    this.#setWord(levelsWord, this.#word(levelsWord) | (1 << level));
  }

  #remove(block: number, units: number): void {
    const { words } = this.#arena;
    const next = words[block * 2 + nextFree] as number;
    const previous = words[block * 2 + previousFree] as number;
    if (next !== 0) words[next * 2 + previousFree] = previous;
    if (previous !== 0) {
      words[previous * 2 + nextFree] = next;
      return;
    }
    const sizeClass = classOf(units);
    words[this.#index + firstsWords + sizeClass] = next;
    if (next !== 0) return;
    const level = sizeClass >>> stepsBits;
    const left = this.#word(stepsWords + level) & ~(1 << (sizeClass & (steps - 1)));
    this.#setWord(stepsWords + level, left);
    if (left === 0) this.#setWord(levelsWord, this.#word(levelsWord) & ~(1 << level));
  }

  #word(word: number): number {
    return this.#arena.words[this.#index + word] as number;
  }

  #setWord(word: number, value: number): void {
    this.#arena.words[this.#index + word] = value;
  }
}

/**
 * The class of a size: `level * 16 + step`. Level 0 holds the sizes 0 to 15, a step each; level n from 1 up those from
 * 8 * 2^n to 16 * 2^n - 1 in 16 equal steps.
 */
function classOf(units: number): number {
  if (units < steps) return units;
  const shift = 31 - Math.clz32(units) - stepsBits;
  return ((shift + 1) << stepsBits) | ((units >>> shift) & (steps - 1));
}

/** Number of the lowest bit that is set. `bits` is not 0. */
function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
