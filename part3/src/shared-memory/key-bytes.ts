import { checkText } from '@tablelab/shared';

/** Longer keys get a buffer of their own each time, so that one long key does not hold memory for ever. */
const keptBytes = 1024;

/**
 * The key of the call in hand: UTF-8, padded with zeros to whole words. A table encodes each key once, compares and
 * hashes it word by word, and copies it from here; the buffer is used again for the next key.
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

  /** The words of the key, the last one padded; what comes after them means nothing. */
  get words(): Int32Array {
    return this.#words;
  }

  /**
   * Says whether this is a key that a table takes, see part 1's `checkKey`; if not, there is no key in hand.
   * @throws TableError BAD_REQUEST for what is no string
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

  /** Sets a key that is in UTF-8 already, and known to be one that a table takes. */
  setBytes(key: Uint8Array): void {
    this.#reserve(key.length);
    this.#bytes.set(key);
    this.#pad(key.length);
  }

  /** For what the loop over ASCII does not do. */
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
