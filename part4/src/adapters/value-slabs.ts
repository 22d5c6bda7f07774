import { duplicateData } from '@tablelab/part1';

/** The size of a slab, in bytes. */
const slabBytes = 64 * 1024;

/**
 * A longer value gets a separate buffer, so that little of a slab stays unused and one value keeps little memory alive.
 */
const sharedBytesMax = 4 * 1024;

/**
 * Copies many values into one buffer: allocating a buffer for each small value would cost more than all other work on
 * it. The log releases values in the order in which it got them, so no slab is kept alive for a single old value.
 */
export class ValueSlabs {
  #slab = Buffer.allocUnsafeSlow(0);
  #used = 0;

  /** Returns a copy of `value`. It must not be changed. */
  copy(value: Uint8Array): Uint8Array {
    if (value.length > sharedBytesMax) return duplicateData(value);
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
