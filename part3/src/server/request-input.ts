import { FrameDecoder } from '@tablelab/part2';
import { TableError } from '@tablelab/shared';

export interface RequestInputParts {
  /** The longest request, in bytes. */
  readonly frameBytesMax: number;
  /** How long a request may take to arrive once it has begun, in milliseconds. */
  readonly frameTimeoutMs: number;
  /** A request has not arrived in time. */
  onLate(error: TableError): void;
}

/**
 * The received bytes of one client that have not been executed yet. A request that has begun to arrive has a deadline.
 */
export class RequestInput {
  readonly #decoder: FrameDecoder;
  readonly #parts: RequestInputParts;
  #deadline: NodeJS.Timeout | undefined;

  constructor(parts: RequestInputParts) {
    this.#parts = parts;
    this.#decoder = new FrameDecoder({ frameBytesMax: parts.frameBytesMax });
  }

  /** The number of received bytes that were not yet returned. */
  get bytes(): number {
    return this.#decoder.restBytes;
  }

  /** The bytes that {@link bytes} counts. */
  rest(): Uint8Array {
    return this.#decoder.rest();
  }

  append(chunk: Uint8Array): void {
    this.#decoder.append(chunk);
  }

  /**
   * The bytes of the next complete request; undefined if there is none.
   * @throws TableError if the received bytes are not a frame
   */
  next(): Uint8Array | undefined {
    const payload = this.#decoder.next();
    if (payload !== undefined) this.#clearDeadline();
    return payload;
  }

  /**
   * Tells whether the server is ready to receive the rest of a request: the client's deadline starts only then. Once
   * started, it runs until the request is complete.
   */
  awaitRest(isReady: boolean): void {
    if (!isReady || this.#decoder.restBytes === 0) {
      this.#clearDeadline();
    } else if (this.#deadline === undefined) {
      const { frameTimeoutMs, onLate } = this.#parts;
      this.#deadline = setTimeout(() => {
        const text = `a request took longer than ${frameTimeoutMs} ms to arrive`;
        onLate(new TableError('BAD_REQUEST', text));
      }, frameTimeoutMs);
    }
  }

  /** Discards an incomplete request, and frees its memory. */
  discard(): void {
    this.#clearDeadline();
    this.#decoder.discard();
  }

  #clearDeadline(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }
}
