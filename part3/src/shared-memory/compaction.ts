import { assert } from '@tablelab/shared';
import { isFreeAt, unitsAt } from './block.ts';

/** The owner of an allocator's blocks in use, which takes part in moving them. */
export interface BlockOwner {
  /** How many units of this block are needed; it may be slightly larger. */
  unitsNeeded(block: number): number;
  /** The block has been moved with its contents: all references to `from` must now refer to `to`. */
  moved(from: number, to: number): void;
}

/** Neighbouring blocks, from the one at `from` up to, but not including, the one at `to`. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** All blocks of an arena, and the block at which the last search ended. */
export interface Blocks {
  readonly words: Int32Array;
  readonly first: number;
  readonly end: number;
  readonly cursor: number;
}

/**
 * A stretch is cheap if at most this many units are moved for each unit gained. In a full table one unit in sixteen is
 * free (capacity.ts), and a stretch may gain up to twice the request. So there are cheap stretches if the request is
 * small compared to the free memory.
 */
const movedPerUnitMax = 32;

/** Blocks visited in one step of the search, which takes a few hundred microseconds. */
const looksPerStep = 50_000;

/**
 * Finds a stretch in which moving blocks together frees `units` in one piece: a cheap one behind the cursor, or else
 * the cheapest of all. Undefined if all blocks together cannot free `units`. Works in steps; between them the caller
 * may do anything except allocate or free.
 *
 * Starting behind the last stretch spreads the work: the search returns to skipped blocks only after it has visited all
 * others. It visits each block once, and moves nothing.
 */
export function* cheapStretch(
  blocks: Blocks,
  units: number,
  owner: BlockOwner,
): Generator<void, Stretch | undefined> {
  const { words, first, end, cursor } = blocks;
  let best: Stretch | undefined;
  let bestMoved = Number.POSITIVE_INFINITY;
  let looks = 0;
  const needed = (block: number) => (isFreeAt(words, block) ? 0 : owner.unitsNeeded(block));
  for (const start of cursor === first ? [first] : [cursor, first]) {
    let from = start;
    let gained = 0;
    let moved = 0;
    for (let to = start; to < end; ) {
      const size = unitsAt(words, to);
      if (size === 0) assert(false, 'blocks follow each other up to the end of the arena');
      const kept = needed(to);
      to += size;
      gained += size - kept;
      moved += kept;
      // What is not needed at the front costs without gaining.
      while (from < to) {
        const frontSize = unitsAt(words, from);
        const frontKept = needed(from);
        const frontGain = frontSize - frontKept;
        if (frontGain > 0 && gained - frontGain < units) break;
        from += frontSize;
        gained -= frontGain;
        moved -= frontKept;
      }
      if (gained >= units && moved < bestMoved) {
        best = { from, to };
        bestMoved = moved;
        if (moved <= units * movedPerUnitMax) return best;
      }
      looks += 1;
      if (looks % looksPerStep === 0) yield;
    }
  }
  return best;
}
