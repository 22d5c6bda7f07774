/** A whole number that one thread writes and others read, in memory they share. Begins at 0. */
export class SharedCounter {
  /** What another thread needs to read it. */
  readonly memory: SharedArrayBuffer;
  readonly #word: BigInt64Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.memory = memory;
    this.#word = new BigInt64Array(memory);
  }

  get value(): number {
    return Number(Atomics.load(this.#word, 0));
  }

  set value(value: number) {
    Atomics.store(this.#word, 0, BigInt(value));
  }
}
