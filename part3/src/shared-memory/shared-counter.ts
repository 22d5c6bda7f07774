/** A whole number in shared memory that one thread writes and others read. Initially 0. */
export class SharedCounter {
  /** For passing it to another thread. */
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
