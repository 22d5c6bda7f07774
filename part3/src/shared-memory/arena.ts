import { TableError } from '@tablelab/shared';

/**
 * One thread's views of a block of shared memory that grows in place. Its contents never move.
 *
 * The views have a fixed length: views that follow the length of a growable SharedArrayBuffer are three times slower.
 * So each thread renews its views after another one has grown the memory; the owner must tell it (the shared table
 * counts growths in its header).
 */
export class Arena {
  /** For passing the memory to another thread. */
  readonly buffer: SharedArrayBuffer;
  #words: Int32Array;
  #bytes: Uint8Array;

  /** The arena in memory that another thread has created. */
  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer, 0, buffer.byteLength >>> 2);
    this.#bytes = new Uint8Array(buffer, 0, buffer.byteLength);
  }

  /**
   * An arena of zeros that may grow to `bytesMax`. It reserves address space for `bytesMax` at once, but memory only
   * for `bytes`. Both are multiples of 8.
   * @throws TableError BAD_REQUEST if the system does not provide that much
   */
  static create({ bytes, bytesMax }: { bytes: number; bytesMax: number }): Arena {
    try {
      return new Arena(new SharedArrayBuffer(bytes, { maxByteLength: bytesMax }));
    } catch (cause) {
      throw new TableError('BAD_REQUEST', `the system provides no ${bytesMax} bytes of shared memory`, {
        cause,
      });
    }
  }

  get words(): Int32Array {
    return this.#words;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Grows to `byteLength`, at most `bytesMax`; returns whether the system provided the memory. */
  grow(byteLength: number): boolean {
    try {
      this.buffer.grow(byteLength);
    } catch {
      // V8 throws a RangeError for all failures; the caller respects the maximum, so the system has refused.
      return false;
    }
    this.renew();
    return true;
  }

  /** Extends the views to the present size of the memory. */
  renew(): void {
    this.#words = new Int32Array(this.buffer, 0, this.buffer.byteLength >>> 2);
    this.#bytes = new Uint8Array(this.buffer, 0, this.buffer.byteLength);
  }
}
