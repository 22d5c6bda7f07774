/**
 * Tells the main thread that the executor has made progress: tasks have been executed and their places in the queue are
 * free. Main cannot block on a lock, because it serves sockets, so it gets a promise.
 *
 * Each announcement raises a number. None is lost: main reads the number before it checks its condition, and then waits
 * for a different number. If an announcement came in between, the number differs, and the promise resolves at once.
 */
export class Progress {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  /** For main: read this before checking whether to wait. */
  get noted(): number {
    return Atomics.load(this.#words, 0);
  }

  /** For main: resolves once there has been an announcement since `noted`. Does not keep the process alive. */
  async since(noted: number): Promise<void> {
    await Atomics.waitAsync(this.#words, 0, noted).value;
  }

  /** For the executor. Cheap while main is not waiting. */
  announce(): void {
    Atomics.add(this.#words, 0, 1);
    Atomics.notify(this.#words, 0);
  }
}
