import type { Writable } from 'node:stream';

/**
 * Writes lines to a stream, as fast as its reader takes them. A reader that has gone (`... | head -1`) is no error:
 * {@link gone} is true then, and later lines are dropped.
 */
export class LineOutput {
  readonly #stream: Writable;
  #gone = false;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('error', () => {
      this.#gone = true;
    });
  }

  get gone(): boolean {
    return this.#gone;
  }

  /** Writes `text` and a newline. Resolves when the stream has accepted them. */
  async print(text: string): Promise<void> {
    if (this.#gone) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stream.write(`${text}\n`, () => resolve());
    await promise;
  }
}
