/**
 * What all connections of a server together may hold of requests that are not whole and replies that are not read.
 * Each connection has limits of its own; a thousand of them at their limits would still be too much.
 */
export class ByteBudget {
  readonly #bytesMax: number;
  #usedBytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get exceeded(): boolean {
    return this.#usedBytes > this.#bytesMax;
  }

  /** One connection holds `nowBytes` where it held `beforeBytes`. */
  change(beforeBytes: number, nowBytes: number): void {
    this.#usedBytes += nowBytes - beforeBytes;
  }
}
