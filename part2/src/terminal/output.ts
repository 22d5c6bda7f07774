import type { Writable } from 'node:stream';

/**
 * Lines to a stream, at the pace of whoever reads them. A reader that has gone away (`... | head -1`) is no error:
 * {@link gone} says so, and what is written then is dropped.
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

  /** Writes `text` and a newline; resolves once the stream takes more. */
  async print(text: string): Promise<void> {
    if (this.#gone) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stream.write(`${text}\n`, () => resolve());
    await promise;
  }
}
