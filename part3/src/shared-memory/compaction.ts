import { assert } from '@tablelab/shared';
import { isFreeAt, unitsAt } from './block.ts';

/** Who has the blocks in use of an allocator, and can tell about them when they are to be moved. */
export interface BlockOwner {
  /** What of this block is needed, in units: it may have been given a little more. */
  unitsNeeded(block: number): number;
  /** The block has been moved, with all that stands in it: all that points to `from` has to point to `to` from now on. */
  moved(from: number, to: number): void;
}

/** Neighbouring blocks, from the one at `from` up to, not including, the one at `to`. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** All blocks of an arena, and the one at which the last search ended. */
export interface Blocks {
  readonly words: Int32Array;
  readonly first: number;
  readonly end: number;
  readonly cursor: number;
}

/**
 * A stretch is cheap when no more than this has to be moved for each unit that it gains. In a table that is as full as
 * can be one unit in sixteen is free (capacity.ts), and a stretch may gain up to twice what it is for: so, where what is
 * wanted is small beside all that is free, cheap stretches are to be found.
 */
const movedPerUnitMax = 32;

/** Blocks looked at in one step of the search: a few hundred microseconds. */
const looksPerStep = 50_000;

/**
 * Where `units` can be had in one piece by moving blocks in use together: a cheap stretch behind the cursor, or else the
 * cheapest there is. Undefined where all blocks together have no `units` to spare. In steps: as long as nothing is given
 * out or taken back, whatever else may be done between them.
 *
 * Starting behind the last stretch spreads the work: the search comes back to blocks that it has passed over only after
 * it has been through all others. It costs a look at each block that it passes, and moves nothing.
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
