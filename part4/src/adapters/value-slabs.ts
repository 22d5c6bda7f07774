/** What values share, in bytes. */
const slabBytes = 64 * 1024;

/** A longer value gets a buffer of its own: little of a slab is left unused, and one value keeps little of it alive. */
const sharedBytesMax = 4 * 1024;

/**
 * Copies of values, many in one buffer: a buffer for each costs more than all else that is done with a small value. The
 * log lets go of values in the order in which it got them, so that no slab is kept alive for a single old one.
 */
export class ValueSlabs {
  #slab = Buffer.allocUnsafeSlow(0);
  #used = 0;

  /** A copy of `value`, which nobody may write to. */
  copy(value: Uint8Array): Uint8Array {
    if (value.length > sharedBytesMax) return value.slice();
    if (this.#used + value.length > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(slabBytes);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += value.length;
    this.#slab.set(value, start);
    return this.#slab.subarray(start, this.#used);
  }
}
