import { assert } from '@tablelab/shared';
import type { Epoch, WriteName } from './update.ts';

export interface EpochStart {
  readonly epoch: Epoch;
  /** The first sequence number of that epoch. */
  readonly seq: number;
}

/**
 * Which head numbered which part of the history: the epochs in the order of their sequence numbers. Two servers that
 * have the same epoch at a sequence number have the same updates up to there, because an epoch is one head's reign and
 * links deliver in order. One entry for each head there has been: it needs no limit.
 *
 * Invariant: epochs and first sequence numbers both rise.
 */
export class EpochTable {
  readonly #starts: EpochStart[];

  constructor(starts: readonly EpochStart[] = []) {
    this.#starts = [...starts];
  }

  get starts(): readonly EpochStart[] {
    return this.#starts;
  }

  /** The newest epoch that has numbered anything, or undefined before the first update. */
  get last(): Epoch | undefined {
    return this.#starts.at(-1)?.epoch;
  }

  /** Takes note that `name` is the next update of the history. */
  add(name: WriteName): void {
    const last = this.#starts.at(-1);
    if (last?.epoch === name.epoch) return;
    assert(
      last === undefined || name.epoch > last.epoch,
      `epoch ${name.epoch} follows ${last?.epoch}: they only rise`,
    );
    this.#starts.push({ epoch: name.epoch, seq: name.seq });
  }

  /**
   * The epoch that owns `seq`, be it there already or not: beyond the end it is the newest epoch's, until a newer one
   * begins. Undefined before the first update.
   */
  epochOf(seq: number): Epoch | undefined {
    return this.#starts.findLast((start) => start.seq <= seq)?.epoch;
  }
}
