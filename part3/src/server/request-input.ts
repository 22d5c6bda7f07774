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

/** What has arrived from one client and is not executed yet. A request that has begun to arrive has a deadline. */
export class RequestInput {
  readonly #decoder: FrameDecoder;
  readonly #parts: RequestInputParts;
  #deadline: NodeJS.Timeout | undefined;

  constructor(parts: RequestInputParts) {
    this.#parts = parts;
    this.#decoder = new FrameDecoder({ frameBytesMax: parts.frameBytesMax });
  }

  /** How many bytes have arrived and were not given out. */
  get bytes(): number {
    return this.#decoder.restBytes;
  }

  /** What {@link bytes} counts. */
  rest(): Uint8Array {
    return this.#decoder.rest();
  }

  append(chunk: Uint8Array): void {
    this.#decoder.append(chunk);
  }

  /**
   * The next whole request's bytes; undefined when there is none.
   * @throws TableError when what has arrived is no frame
   */
  next(): Uint8Array | undefined {
    const payload = this.#decoder.next();
    if (payload !== undefined) this.#clearDeadline();
    return payload;
  }

  /**
   * Says whether the server is ready to take the rest of a request: only then the client's time runs. One that has begun to
   * run goes on until the request is whole.
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

  /** Forgets what is no request yet, and frees its memory. */
  discard(): void {
    this.#clearDeadline();
    this.#decoder.discard();
  }

  #clearDeadline(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }
}
