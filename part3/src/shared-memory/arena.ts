import { TableError } from '@tablelab/shared';

/**
 * A block of shared memory that grows in place, as one thread sees it. What stands in it never moves.
 *
 * The views have a fixed length: views that follow the length of a growable SharedArrayBuffer are three times slower.
 * So each thread makes them anew when another one has grown the memory; how it learns of that is its owner's
 * business (the shared table counts growths in its header).
 */
export class Arena {
  /** For handing the memory to another thread. */
  readonly buffer: SharedArrayBuffer;
  #words: Int32Array;
  #bytes: Uint8Array;

  /** The arena in memory that another thread has made. */
  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer, 0, buffer.byteLength >>> 2);
    this.#bytes = new Uint8Array(buffer, 0, buffer.byteLength);
  }

  /**
   * Zeros, that may grow to `bytesMax`. Address space is taken for all of them at once, memory only for `bytes`.
   * Both are multiples of 8.
   * @throws TableError BAD_REQUEST where the system does not give that much.
   */
  static create({ bytes, bytesMax }: { bytes: number; bytesMax: number }): Arena {
    try {
      return new Arena(new SharedArrayBuffer(bytes, { maxByteLength: bytesMax }));
    } catch (cause) {
      throw new TableError('BAD_REQUEST', `no shared memory of ${bytesMax} bytes is to be had`, { cause });
    }
  }

  get words(): Int32Array {
    return this.#words;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Grows to `byteLength`, at most `bytesMax`; says whether the system gave the memory. */
  grow(byteLength: number): boolean {
    try {
      this.buffer.grow(byteLength);
    } catch {
      // V8 has one error for it all, a RangeError; the caller keeps to the maximum, so this is the system's refusal.
      return false;
    }
    this.renew();
    return true;
  }

  /** Makes the views as long as the memory is now. */
  renew(): void {
    this.#words = new Int32Array(this.buffer, 0, this.buffer.byteLength >>> 2);
    this.#bytes = new Uint8Array(this.buffer, 0, this.buffer.byteLength);
  }
}
