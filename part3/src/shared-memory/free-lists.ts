import type { Arena } from './arena.ts';
import { nextFreeWord, previousFreeWord, unitsAt } from './block.ts';

/** Blocks visited in the class in which only some are large enough. */
const looksMax = 4;

// Classes of free blocks: 16 for each power of two, see `classOf`. Below 32 units each size has its own class.
const stepsBits = 4;
const steps = 1 << stepsBits;
const levels = 26;

// The words of the lists, from `index` on:
//
//     0 levels that have free blocks, a bit each
//     1 ... 26 for each level the steps that have free blocks, a bit each
//     27 ... 442 for each class its first free block, 0 = none
const levelsWord = 0;
const stepsWords = 1;
const firstsWords = stepsWords + levels;

/**
 * The free blocks of an arena, in lists by size class. A block of at least a given size is found in a bounded number of
 * steps, by the two levels of bit maps of TLSF (see {@link Allocator}).
 *
 * Invariants: each free block is in the list of its class; a bit is set if and only if its list is not empty.
 */
export class FreeLists {
  /** The number of words of the arena that they use. Initially zeros. */
  static readonly words = firstsWords + levels * steps;

  readonly #arena: Arena;
  readonly #index: number;

  constructor(arena: Arena, index: number) {
    this.#arena = arena;
    this.#index = index;
  }

  /**
   * A free block of at least `units`, which stays in its list, or 0. May miss a block that is less than a sixteenth
   * larger than `units`.
   */
  find(units: number): number {
    const { words } = this.#arena;
    const exact = classOf(units);
    let candidate = words[this.#index + firstsWords + exact] as number;
    for (let look = 0; candidate !== 0 && look < looksMax; look += 1) {
      if (unitsAt(words, candidate) >= units) return candidate;
      candidate = words[candidate * 2 + nextFreeWord] as number;
    }
    // In all higher classes every block is large enough.
    let level = exact >>> stepsBits;
    const aboveInLevel = this.#word(stepsWords + level) & (-2 << (exact & (steps - 1)));
    if (aboveInLevel !== 0) return this.#firstOf(level, aboveInLevel);
    const levelsAbove = this.#word(levelsWord) & (-2 << level);
    if (levelsAbove === 0) return 0;
    level = lowestBit(levelsAbove);
    return this.#firstOf(level, this.#word(stepsWords + level));
  }

  insert(block: number, units: number): void {
    const { words } = this.#arena;
    const sizeClass = classOf(units);
    const firstWord = this.#index + firstsWords + sizeClass;
    const second = words[firstWord] as number;
    words[block * 2 + nextFreeWord] = second;
    words[block * 2 + previousFreeWord] = 0;
    words[firstWord] = block;
    if (second !== 0) {
      words[second * 2 + previousFreeWord] = block;
      return;
    }
    const level = sizeClass >>> stepsBits;
    this.#setWord(stepsWords + level, this.#word(stepsWords + level) | (1 << (sizeClass & (steps - 1))));
    this.#setWord(levelsWord, this.#word(levelsWord) | (1 << level));
  }

  remove(block: number, units: number): void {
    const { words } = this.#arena;
    const next = words[block * 2 + nextFreeWord] as number;
    const previous = words[block * 2 + previousFreeWord] as number;
    if (next !== 0) words[next * 2 + previousFreeWord] = previous;
    if (previous !== 0) {
      words[previous * 2 + nextFreeWord] = next;
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

  #firstOf(level: number, stepBits: number): number {
    return this.#word(firstsWords + level * steps + lowestBit(stepBits));
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

/** The number of the lowest set bit. `bits` must not be 0. */
function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
