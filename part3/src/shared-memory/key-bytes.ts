import { checkText } from '@tablelab/shared';

/** A longer key gets a separate buffer, so that it does not keep memory forever. */
const keptBytes = 1024;

/**
 * The key of the present call: UTF-8, padded with zeros to whole words. A table encodes each key once, and then
 * compares, hashes and copies it word by word. The buffer is reused for the next key.
 */
export class KeyBytes {
  readonly #keptBytes = new Uint8Array(keptBytes);
  readonly #keptWords = new Int32Array(this.#keptBytes.buffer);
  readonly #encoder = new TextEncoder();
  #bytes = this.#keptBytes;
  #words = this.#keptWords;
  #length = 0;

  /** Bytes of the key, without the padding. */
  get length(): number {
    return this.#length;
  }

  /** The words of the key, the last one padded; the words after them are undefined. */
  get words(): Int32Array {
    return this.#words;
  }

  /**
   * Returns whether this is a valid key, see part 1's `checkKey`; if not, no key is set.
   * @throws TableError BAD_REQUEST if it is not a string
   */
  set(key: string): boolean {
    checkText('a key', key);
    this.#reserve(key.length);
    const bytes = this.#bytes;
    for (let index = 0; index < key.length; index += 1) {
      const unit = key.charCodeAt(index);
      if (unit === 0 || unit > 0x7f) return this.#encode(key);
      bytes[index] = unit;
    }
    this.#pad(key.length);
    return true;
  }

  /** Sets a valid key that is already in UTF-8. */
  setBytes(key: Uint8Array): void {
    this.#reserve(key.length);
    this.#bytes.set(key);
    this.#pad(key.length);
  }

  /** For keys that are not ASCII. */
  #encode(key: string): boolean {
    if (key.includes('\0') || !key.isWellFormed()) return false;
    this.#reserve(key.length * 3);
    this.#pad(this.#encoder.encodeInto(key, this.#bytes).written);
    return true;
  }

  #reserve(bytes: number): void {
    if (bytes <= keptBytes) {
      this.#bytes = this.#keptBytes;
      this.#words = this.#keptWords;
    } else {
      this.#bytes = new Uint8Array(Math.ceil(bytes / 4) * 4);
      this.#words = new Int32Array(this.#bytes.buffer);
    }
  }

  #pad(length: number): void {
    this.#length = length;
    for (let index = length; (index & 3) !== 0; index += 1) this.#bytes[index] = 0;
  }
}
