/**
 * The executor's word to the main thread that it has got on: tasks have been executed and their places in the queue are
 * free again. Main cannot sleep on a lock for it, since it has sockets to serve: it gets a promise.
 *
 * One number, raised with each word. Why none is lost: main notes the number before it looks at what it waits for, and
 * waits for another one; a word that came since has changed it, and the promise resolves at once.
 */
export class Progress {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  /** For main: to be noted before it looks whether it has to wait. */
  get noted(): number {
    return Atomics.load(this.#words, 0);
  }

  /** For main: resolves once there has been a word since `noted`. Does not keep the process running. */
  async since(noted: number): Promise<void> {
    await Atomics.waitAsync(this.#words, 0, noted).value;
  }

  /** For the executor. Costs next to nothing while nobody waits. */
  announce(): void {
    Atomics.add(this.#words, 0, 1);
    Atomics.notify(this.#words, 0);
  }
}
