import { TableError } from '@tablelab/shared';
import { type Outcomes, outcomesKept } from '../shared-memory/outcomes.ts';

/** The outcomes of writes while they are executed: of those before `first` that are known, and of all from there on. */
export class OutcomeTrail {
  readonly #outcomes: Pick<Outcomes, 'of'>;
  readonly #from: number;
  #pieces: Uint8Array[] = [];
  #opCount: number;

  constructor(outcomes: Pick<Outcomes, 'of'>, { first, opCount }: { first: number; opCount: number }) {
    this.#outcomes = outcomes;
    this.#from = Math.max(0, Math.min(first, opCount - outcomesKept));
    this.#opCount = this.#from;
    this.follow(opCount);
  }

  /**
   * `opCount` writes have been executed.
   * @throws TableError BUSY when so many have been executed since the last call that some outcomes are no longer known
   */
  follow(opCount: number): void {
    if (opCount - this.#opCount > outcomesKept)
      throw new TableError('BUSY', 'writes are executed faster than their outcomes can be written');
    const piece = new Uint8Array(opCount - this.#opCount);
    for (const index of piece.keys()) piece[index] = this.#outcomes.of(this.#opCount + index, opCount);
    this.#pieces.push(piece);
    this.#opCount = opCount;
  }

  end(): { outcomesFrom: number; executed: number; outcomes: Uint8Array } {
    const outcomes = new Uint8Array(Buffer.concat(this.#pieces));
    this.#pieces = [];
    return { outcomesFrom: this.#from, executed: this.#opCount, outcomes };
  }
}
