/**
 * Protocol Buffers fields by hand, for the one message that makes up nearly all of the traffic between servers: the
 * generated code makes a `Long` of every 64-bit number and a list entry of every field. The generated code stays the
 * authority: the reader takes only what cannot be read in two ways, and leaves the rest to it.
 */

/** What {@link PlainFieldReader} returns for what it does not read. */
export const notPlain = -1;

/** Reads varints and ASCII text from a buffer, as far as they are plain. Made once: it has no state between messages. */
export class PlainFieldReader {
  #bytes: Buffer = Buffer.alloc(0);
  #end = 0;
  /** Where the next byte is read. */
  at = 0;

  /** Goes on to read `bytes`, from the beginning. */
  begin(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#end = bytes.length;
    this.at = 0;
  }

  /** A varint of at most 2^53 - 1, or {@link notPlain}: it is longer, or cut off. */
  varint(): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = this.at;
    if (at >= end) return notPlain;
    let byte = bytes[at++] as number;
    let value = byte & 127;
    // Not by shifting: the fifth byte goes beyond 32 bits. The eighth ends at 2^56.
    for (let scale = 128; byte > 127; scale *= 128) {
      if (at >= end || scale > 2 ** 49) return notPlain;
      byte = bytes[at++] as number;
      value += (byte & 127) * scale;
    }
    if (value > Number.MAX_SAFE_INTEGER) return notPlain;
    this.at = at;
    return value;
  }

  /** `length` bytes of ASCII text, or undefined: some byte is none, or missing. */
  ascii(length: number): string | undefined {
    const bytes = this.#bytes;
    const start = this.at;
    const end = start + length;
    if (end > this.#end) return undefined;
    for (let at = start; at < end; at += 1) if ((bytes[at] as number) > 127) return undefined;
    this.at = end;
    return bytes.toString('latin1', start, end);
  }

  /** The next `length` bytes, where they lie, or undefined: some are missing. */
  slice(length: number): Buffer | undefined {
    const start = this.at;
    const end = start + length;
    if (end > this.#end) return undefined;
    this.at = end;
    return this.#bytes.subarray(start, end);
  }
}

/** Short texts, names and keys mostly, are written faster here than by a call out of JavaScript. */
const shortText = 32;

/** Writes `text`, which takes `length` bytes of UTF-8, at `at`; returns where it ends. */
export function writeText(bytes: Buffer, at: number, text: string, length: number): number {
  if (length === text.length && length <= shortText) {
    for (let index = 0; index < length; index += 1) bytes[at + index] = text.charCodeAt(index);
  } else {
    bytes.write(text, at, length, 'utf8');
  }
  return at + length;
}
