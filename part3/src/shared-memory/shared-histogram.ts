/** Counts of durations, as read at some moment. */
export interface Histogram {
  /** For each of {@link boundsMs}, the number of durations up to it. Longer ones are only in `count`. */
  readonly atMost: readonly number[];
  readonly count: number;
  readonly sumMs: number;
}

/** The upper bounds of the buckets, in milliseconds. */
export const boundsMs = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000,
  10_000,
] as const;

const nanosecondsPerMs = 1e6;
/** After the buckets: the number of longer durations, and the sum of all in nanoseconds. */
const beyondWord = boundsMs.length;
const sumWord = beyondWord + 1;

/** A histogram in shared memory that one thread fills and another one reports. */
export class SharedHistogram {
  /** For passing it to another thread. */
  readonly memory: SharedArrayBuffer;
  readonly #words: BigInt64Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(8 * (sumWord + 1))) {
    this.memory = memory;
    this.#words = new BigInt64Array(memory);
  }

  /** Counts `times` durations of `durationMs` each. */
  observe(durationMs: number, times: number): void {
    const found = boundsMs.findIndex((bound) => durationMs <= bound);
    Atomics.add(this.#words, found < 0 ? beyondWord : found, BigInt(times));
    Atomics.add(this.#words, sumWord, BigInt(Math.round(durationMs * nanosecondsPerMs) * times));
  }

  read(): Histogram {
    let count = 0;
    const atMost = boundsMs.map((_, index) => {
      count += this.#load(index);
      return count;
    });
    count += this.#load(beyondWord);
    return { atMost, count, sumMs: this.#load(sumWord) / nanosecondsPerMs };
  }

  #load(word: number): number {
    return Number(Atomics.load(this.#words, word));
  }
}
