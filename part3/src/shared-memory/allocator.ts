import { assert } from '@tablelab/shared';
import type { Arena } from './arena.ts';
import { blockUnitsMin, freeFlag, isFreeAt, previousFreeFlag, unitBytes, unitsAt } from './block.ts';
import { type BlockOwner, cheapStretch } from './compaction.ts';
import { FreeLists } from './free-lists.ts';

/** Four GiB: a block's size and two flags fit in one word, and a byte's address in 32 bits. */
export const arenaBytesMax = 2 ** 32;

/** The memory grows by at least this much, 1 MiB, or by what is left. */
const growthUnits = 2 ** 17;

/** In one step of compaction so many blocks are moved at most, or so many units, 1 MiB, and the block that crosses that. */
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

/** Units that are not blocks: the header behind the last one. */
export const endUnits = 1;

/**
 * Gives out blocks of an arena and takes them back: two-level segregated fit (M. Masmano, I. Ripoll, A. Crespo,
 * J. Real, "TLSF: a New Dynamic Memory Allocator for Real-Time Systems", ECRTS 2004). {@link allocate} and {@link free}
 * take a bounded number of steps, whatever has been given out. Free neighbours are joined at once; a block costs its
 * owner 4 bytes.
 *
 * Memory can be cut up all the same, so that no free block is large enough though there is enough in all: then
 * {@link gather} moves blocks together.
 *
 * All state is in the arena; every thread that has one of these over it sees the same. Calls do not lock: the caller
 * holds the mutex of what the arena belongs to.
 *
 * Invariants: blocks follow each other without gaps from `first` to `end`; of two neighbours at most one is free; each
 * free block is in {@link FreeLists}; `used` is the size of all blocks in use; at `cursor` a block begins.
 */
export class Allocator {
  /** How many words of the arena the allocator itself takes. They begin as zeros. */
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
   * Makes all of the arena from unit `first` on one free block.
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

  /** Units that are free, in pieces, of the memory that the arena has grown into. */
  get freeUnits(): number {
    return this.#word(endWord) - this.#word(firstWord) - this.#word(usedWord);
  }

  /** Units of memory that the arena has not grown into yet. */
  get ungrownUnits(): number {
    return this.#word(limitWord) - this.#word(endWord) - endUnits;
  }

  /** Size of a block in use, which may be a unit more than was asked for. */
  unitsOf(block: number): number {
    return unitsAt(this.#arena.words, block);
  }

  /**
   * A block of at least `units`; grows the arena where it has to. The block's first word is the allocator's, all
   * others the caller's: they hold what happened to be there.
   * @returns the number of its first unit, or 0 where there is no free block of that size. The arena may have grown.
   */
  allocate(units: number): number {
    const wanted = Math.max(units, blockUnitsMin);
    const block = this.#freeLists.find(wanted) || this.#growFor(wanted);
    if (block !== 0) this.#use(block, wanted);
    return block;
  }

  /**
   * As {@link allocate}, where that has found nothing: moves blocks in use together first.
   * @returns 0 where there are no `units` in all. Nothing has changed then.
   */
  allocateByMoving(units: number, owner: BlockOwner): number {
    const gathering = this.gather(units, owner);
    while (!gathering.next().done);
    return this.allocate(units);
  }

  /**
   * Moves blocks in use together until `units` are free in one piece, if there are so many. What a block has more than its
   * owner needs is taken from it, too. In steps of about a millisecond: as long as nothing is given out or taken back,
   * whatever else may be done between them.
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

  /** Where a step ends that begins to move blocks at `block`. */
  #stepFrom(block: number, end: number): number {
    const { words } = this.#arena;
    let to = block;
    for (let blocks = 0; to < end && blocks < stepBlocksMax && to - block < stepUnitsMax; blocks += 1) {
      to += unitsAt(words, to);
    }
    return to;
  }

  /** Takes back a block that {@link allocate} gave. */
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

  /** Makes a block free and joins it with free neighbours. */
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

  /** Makes the free block at the end large enough; returns it, or 0 where the limit forbids. */
  #growFor(units: number): number {
    const end = this.#word(endWord);
    const atEnd = this.#freeAtEnd();
    const missing = units - atEnd;
    // It may be large enough, but far back in the list of its class.
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

  /** Size of the free block at the end, 0 where the last block is in use. */
  #freeAtEnd(): number {
    const { words } = this.#arena;
    const end = this.#word(endWord);
    return ((words[end * 2] as number) & previousFreeFlag) === 0 ? 0 : (words[end * 2 - 1] as number);
  }

  /** Takes a free block out of its list, and gives back what it has above `units`. */
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
