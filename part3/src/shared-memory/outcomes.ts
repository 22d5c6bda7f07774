import { Outcome } from '@tablelab/part2';

/** What the last writes have done is known for at least this many of them. */
export const outcomesKept = 131_072;

/** Twice as many, so that what is read is never being written: the executor is at most a batch ahead of `op_count`. */
const slots = 2 * outcomesKept;

/**
 * What the last writes have done that depends on the table, in memory that two threads share: one byte for each, with the
 * numbers of {@link Outcome}. The executor writes the byte of a write before it counts the write as executed.
 */
export class Outcomes {
  /** For passing it to another thread. */
  readonly memory: SharedArrayBuffer;
  readonly #bytes: Uint8Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(slots)) {
    this.memory = memory;
    this.#bytes = new Uint8Array(memory);
  }

  /** For the executor. */
  note(opN: number, outcome: number): void {
    this.#bytes[opN % slots] = outcome;
  }

  /** For main: the outcome of an executed write; UNKNOWN if it is too long ago. `opCount`: how many have been executed. */
  of(opN: number, opCount: number): number {
    return opN + outcomesKept < opCount ? Outcome.UNKNOWN : (this.#bytes[opN % slots] as number);
  }
}
