import { assert } from '@tablelab/shared';
import type { Arena } from './arena.ts';
import { blockUnitsMin, freeFlag, isFreeAt, previousFreeFlag, unitBytes, unitsAt } from './block.ts';
import { type BlockOwner, cheapStretch } from './compaction.ts';
import { FreeLists } from './free-lists.ts';

/** Four GiB: a block's size and two flags fit in one word, and a byte's address in 32 bits. */
export const arenaBytesMax = 2 ** 32;

/** The memory grows by at least this much, 1 MiB, or by the rest. */
const growthUnits = 2 ** 17;

/**
 * The limits of one step of compaction: this many blocks, and this many units (1 MiB) plus the block that exceeds them.
 */
const stepBlocksMax = 1_000;
const stepUnitsMax = 2 ** 17;

// The allocator's words, from `index` on:
//
//     0 used | 1 first | 2 end | 3 limit | 4 cursor | 5 free lists
const usedWord = 0;
const firstWord = 1;
const endWord = 2;
const limitWord = 3;
const cursorWord = 4;
const freeListsWord = 5;

/** The unit after the last block, with the final header. */
export const endUnits = 1;

/**
 * Allocates and frees blocks of an arena: two-level segregated fit (M. Masmano, I. Ripoll, A. Crespo, J. Real, "TLSF: a
 * New Dynamic Memory Allocator for Real-Time Systems", ECRTS 2004). {@link allocate} and {@link free} take a bounded
 * number of steps. Free neighbours are merged at once; the overhead of a block is 4 bytes.
 *
 * Memory can still become fragmented, so that no free block is large enough although enough memory is free: then
 * {@link gather} moves blocks together.
 *
 * All state is in the arena, so all threads see the same state. Methods do not lock: the caller must hold the mutex of
 * the arena's owner.
 *
 * Invariants: blocks follow each other without gaps from `first` to `end`; of two neighbours at most one is free; each
 * free block is in {@link FreeLists}; `used` is the size of all blocks in use; at `cursor` a block begins.
 */
export class Allocator {
  /** The number of words of the arena that the allocator uses. Initially zeros. */
  static readonly words = freeListsWord + FreeLists.words;

  readonly #arena: Arena;
  readonly #index: number;
  readonly #freeLists: FreeLists;

  constructor(arena: Arena, index: number) {
    this.#arena = arena;
    this.#index = index;
    this.#freeLists = new FreeLists(arena, index + freeListsWord);
  }

  /**
   * Turns the arena from unit `first` on into one free block.
   * @param limit units to which the arena may grow.
   */
  format({ first, limit }: { first: number; limit: number }): void {
    const { words } = this.#arena;
    const end = words.length / 2 - endUnits;
    assert(first > 0 && first + blockUnitsMin <= end && end < limit, 'the arena has room for a block');
    assert(limit <= arenaBytesMax / unitBytes, 'units are numbered with 29 bits');
    words[this.#index + firstWord] = first;
    words[this.#index + endWord] = end;
    words[this.#index + limitWord] = limit;
    words[this.#index + cursorWord] = first;
    words[end * 2] = 0;
    this.#insert(first, end - first);
  }

  /** Bytes of all blocks in use. */
  get usedBytes(): number {
    return this.#word(usedWord) * unitBytes;
  }

  /** The number of free units, in all pieces, in the present size of the arena. */
  get freeUnits(): number {
    return this.#word(endWord) - this.#word(firstWord) - this.#word(usedWord);
  }

  /** The number of units by which the arena may still grow. */
  get ungrownUnits(): number {
    return this.#word(limitWord) - this.#word(endWord) - endUnits;
  }

  /** The size of a block in use, which may be one unit larger than requested. */
  unitsOf(block: number): number {
    return unitsAt(this.#arena.words, block);
  }

  /**
   * Allocates a block of at least `units`; grows the arena if necessary. The first word of the block belongs to the
   * allocator, the others to the caller; their contents are undefined.
   * @returns the number of its first unit, or 0 if there is no free block of that size. The arena may have grown.
   */
  allocate(units: number): number {
    const wanted = Math.max(units, blockUnitsMin);
    const block = this.#freeLists.find(wanted) || this.#growFor(wanted);
    if (block !== 0) this.#use(block, wanted);
    return block;
  }

  /**
   * Use this if {@link allocate} has returned 0: it first moves blocks in use together.
   * @returns 0 if fewer than `units` are free in total. Nothing has changed then.
   */
  allocateByMoving(units: number, owner: BlockOwner): number {
    const gathering = this.gather(units, owner);
    while (!gathering.next().done);
    return this.allocate(units);
  }

  /**
   * Moves blocks in use together until `units` are free in one piece, if that many are free. Also frees the part of a
   * block that its owner does not need. Works in steps of about a millisecond; between them the caller may do anything
   * except allocate or free.
   */
  *gather(units: number, owner: BlockOwner): Generator<void, void> {
    const blocks = {
      words: this.#arena.words,
      first: this.#word(firstWord),
      end: this.#word(endWord),
      cursor: this.#word(cursorWord),
    };
    const stretch = yield* cheapStretch(blocks, Math.max(units, blockUnitsMin), owner);
    if (stretch === undefined) return;
    let gap = stretch.from;
    for (let to = gap; to < stretch.to; to = gap + this.unitsOf(gap)) {
      if (to > gap) yield;
      gap = this.#close(gap, this.#stepFrom(to, stretch.to), owner);
      this.#setWord(cursorWord, gap);
    }
  }

  /** The end of a step that begins to move blocks at `block`. */
  #stepFrom(block: number, end: number): number {
    const { words } = this.#arena;
    let to = block;
    for (let blocks = 0; to < end && blocks < stepBlocksMax && to - block < stepUnitsMax; blocks += 1) {
      to += unitsAt(words, to);
    }
    return to;
  }

  /** Frees a block from {@link allocate}. */
  free(block: number): void {
    const units = this.unitsOf(block);
    this.#setWord(usedWord, this.#word(usedWord) - units);
    this.#release(block, units);
  }

  /** Moves the blocks in use from `from` to `to` to the beginning; returns the free block behind them. */
  #close(from: number, to: number, owner: BlockOwner): number {
    const { words } = this.#arena;
    let flags = (words[from * 2] as number) & previousFreeFlag;
    let end = from;
    for (let block = from; block < to; ) {
      const units = unitsAt(words, block);
      if (isFreeAt(words, block)) {
        this.#freeLists.remove(block, units);
      } else {
        const needed = owner.unitsNeeded(block);
        if (end !== block) words.copyWithin(end * 2, block * 2, (block + needed) * 2);
        words[end * 2] = (needed << 2) | flags;
        if (end !== block) owner.moved(block, end);
        this.#setWord(usedWord, this.#word(usedWord) - (units - needed));
        flags = 0;
        end += needed;
      }
      block += units;
    }
    words[end * 2] = flags;
    this.#release(end, to - end);
    return end;
  }

  /** Marks a block as free and merges it with free neighbours. */
  #release(block: number, units: number): void {
    const { words } = this.#arena;
    let first = block;
    let size = units;
    if (((words[block * 2] as number) & previousFreeFlag) !== 0) {
      const before = words[block * 2 - 1] as number;
      first -= before;
      size += before;
      this.#freeLists.remove(first, before);
    }
    const after = words[(block + units) * 2] as number;
    if ((after & freeFlag) !== 0) {
      this.#freeLists.remove(block + units, after >>> 2);
      size += after >>> 2;
    }
    const cursor = this.#word(cursorWord);
    if (cursor > first && cursor < first + size) this.#setWord(cursorWord, first);
    this.#insert(first, size);
  }

  /** Grows the free block at the end to the required size; returns it, or 0 if that would exceed the limit. */
  #growFor(units: number): number {
    const end = this.#word(endWord);
    const atEnd = this.#freeAtEnd();
    const missing = units - atEnd;
    // The block at the end may be large enough, but far back in the list of its class.
    if (missing <= 0) return end - atEnd;
    const added = Math.min(Math.max(missing, growthUnits), this.ungrownUnits);
    // What is left of the limit may be less than a block, behind one in use.
    const isBlock = added > 0 && atEnd + added >= blockUnitsMin;
    if (!isBlock || !this.#arena.grow((end + added + endUnits) * unitBytes)) return 0;
    this.#arena.words[(end + added) * 2] = 0;
    this.#setWord(endWord, end + added);
    this.#release(end, added);
    return added < missing ? 0 : end - atEnd;
  }

  /** The size of the free block at the end, 0 if the last block is in use. */
  #freeAtEnd(): number {
    const { words } = this.#arena;
    const end = this.#word(endWord);
    return ((words[end * 2] as number) & previousFreeFlag) === 0 ? 0 : (words[end * 2 - 1] as number);
  }

  /** Removes a free block from its list, and frees its part above `units`. */
  #use(block: number, units: number): void {
    const { words } = this.#arena;
    const size = unitsAt(words, block);
    this.#freeLists.remove(block, size);
    const isSplit = size - units >= blockUnitsMin;
    const used = isSplit ? units : size;
    // The block before a free one is in use, so no flag is lost here.
    words[block * 2] = used << 2;
    if (isSplit) this.#insert(block + used, size - used);
    else words[(block + size) * 2] = (words[(block + size) * 2] as number) & ~previousFreeFlag;
    this.#setWord(usedWord, this.#word(usedWord) + used);
  }

  #insert(block: number, units: number): void {
    const { words } = this.#arena;
    words[block * 2] = (units << 2) | freeFlag;
    words[(block + units) * 2 - 1] = units;
    words[(block + units) * 2] = (words[(block + units) * 2] as number) | previousFreeFlag;
    this.#freeLists.insert(block, units);
  }

  #word(word: number): number {
    return this.#arena.words[this.#index + word] as number;
  }

  #setWord(word: number, value: number): void {
    this.#arena.words[this.#index + word] = value;
  }
}
