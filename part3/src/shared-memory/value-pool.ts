/** Small copies share buffers of this size, like those of `Buffer.allocUnsafe`. */
const poolBytes = 8 * 1024;
const pooledBytesMax = poolBytes / 8;

/** Copies values out of shared memory. */
export class ValuePool {
  /** Used up to word `#end`. */
  #words = new Int32Array(poolBytes / 4);
  #end = 0;

  /**
   * A copy of the value that begins at byte `start`, a multiple of 4. Small ones share a buffer and are copied word by
   * word, including the rest of the last word, which belongs to the node. A separate buffer for each would cost three
   * times as much.
   */
  copy(
    { words, bytes }: { words: Int32Array; bytes: Uint8Array },
    start: number,
    length: number,
  ): Uint8Array {
    if (length > pooledBytesMax) return bytes.slice(start, start + length);
    const wordCount = Math.ceil(length / 4);
    if (this.#end + wordCount > this.#words.length) {
      this.#words = new Int32Array(poolBytes / 4);
      this.#end = 0;
    }
    const pool = this.#words;
    const to = this.#end;
    const from = start / 4;
    for (let word = 0; word < wordCount; word += 1) pool[to + word] = words[from + word] as number;
    this.#end += wordCount;
    return new Uint8Array(pool.buffer, to * 4, length);
  }
}
