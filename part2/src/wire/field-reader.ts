import { TableError } from '@tablelab/shared';

/** How a field's value is encoded (protobuf's wire types 0, 1, 2 and 5; no message has groups, 3 and 4). */
export const WireType = Object.freeze({ VARINT: 0, FIXED64: 1, LENGTH: 2, FIXED32: 5 });

/** The longest varint, and the longest tag or length, in bytes. */
const varintBytesMax = 10;
const shortVarintBytesMax = 5;

/** The largest tenth byte of a varint: the 64th bit. */
const lastByteMax = 1;

const shortTextBytesMax = 64;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const nothing = Buffer.alloc(0);

/** The position of a field's content in its message. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads the fields of Protocol Buffers messages one by one, in place of the generated code: that reads millions of fields before
 * the server can refuse them, and truncates numbers that do not fit.
 *
 *     field    tag (a varint: field number << 3 | wire type) | value
 *     value wire type 0: a varint | 1: 8 bytes | 2: length (a varint), that many bytes | 5: 4 bytes
 *
 * It accepts only unambiguous encodings: a tag or a length has at most 5 bytes, a number at most 10. A number that does
 * not fit into its field is refused, not truncated. All methods throw TableError BAD_REQUEST.
 *
 * One reader serves all messages: it has no state between them.
 */
export class FieldReader {
  #bytes: Buffer = nothing;
  #at = 0;
  #end = 0;
  #fieldsLeft = 0;
  /** The tag of the field that {@link next} found. */
  #tag = 0;
  /** The last varint: its lower and its upper 32 bits. */
  #low = 0;
  #high = 0;

  /** Starts to read `bytes`; refuses more than `fieldsMax` fields. */
  begin(bytes: Uint8Array, fieldsMax: number): void {
    this.#bytes = bytes instanceof Buffer ? bytes : asBuffer(bytes);
    this.#at = 0;
    this.#end = bytes.length;
    this.#fieldsLeft = fieldsMax;
  }

  /** Releases the message. */
  end(): void {
    this.#bytes = nothing;
  }

  /**
   * Moves to the next field, whose value the caller reads or skips. Returns its tag: the field number and, in the
   * lowest three bits, the wire type. Returns 0 at the end of the message.
   */
  next(): number {
    if (this.#at >= this.#end) return 0;
    if (this.#fieldsLeft === 0) throw malformed('too many fields');
    this.#fieldsLeft -= 1;
    const start = this.#at;
    this.#varint();
    if (this.#high !== 0 || this.#at - start > shortVarintBytesMax) throw malformed('a tag beyond 32 bits');
    this.#tag = this.#low;
    if (this.#tag < 8) throw malformed('field number 0');
    return this.#tag;
  }

  skip(): void {
    switch (this.#tag & 7) {
      case WireType.VARINT:
        return this.#varint();
      case WireType.FIXED64:
        return this.#take(8);
      case WireType.LENGTH:
        return this.#take(this.length());
      case WireType.FIXED32:
        return this.#take(4);
      default:
        throw malformed(`wire type ${this.#tag & 7}`);
    }
  }

  /** Whole numbers from -2^31 to 2^31 - 1, negative ones in ten bytes. */
  int32(): number {
    this.#varint();
    const value = this.#low | 0;
    if (this.#high === (value < 0 ? 0xffffffff : 0)) return value;
    throw malformed('a number beyond 32 bits');
  }

  /** The same, with the sign in the lowest bit. */
  sint32(): number {
    const value = this.uint32();
    return (value >>> 1) ^ -(value & 1);
  }

  uint32(): number {
    this.#varint();
    if (this.#high === 0) return this.#low;
    throw malformed('a number beyond 32 bits');
  }

  /** Up to 2^53 - 1. */
  uint53(): number {
    this.#varint();
    const value = this.#high * 2 ** 32 + this.#low;
    if (Number.isSafeInteger(value)) return value;
    throw malformed('a number above 2^53 - 1');
  }

  bool(): boolean {
    this.#varint();
    return (this.#low | this.#high) !== 0;
  }

  /** The bytes of a field with a length, as a view. */
  bytes(): Buffer {
    const length = this.length();
    const start = this.#at;
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
  }

  /** Text in UTF-8. */
  text(): string {
    return this.textAt(this.span());
  }

  /** Skips the content of a field with a length, and returns its position: {@link textAt} reads it later. */
  span(): Span {
    const length = this.length();
    const start = this.#at;
    this.#at += length;
    return { start, end: this.#at };
  }

  textAt({ start, end }: Span): string {
    if (start === end) return '';
    const bytes = this.#bytes;
    let at = start;
    // Most text is short ASCII, which this reads in half the time.
    if (end - start <= shortTextBytesMax) while (at < end && (bytes[at] as number) < 128) at += 1;
    if (at === end) return bytes.toString('latin1', start, end);
    try {
      return utf8.decode(bytes.subarray(start, end));
    } catch (error) {
      throw new TableError('BAD_REQUEST', 'these bytes are no message: text that is no UTF-8', {
        cause: error,
      });
    }
  }

  /** Enters the message in this field; returns the argument for {@link leave}. */
  enter(): number {
    const outerEnd = this.#end;
    const length = this.length();
    this.#end = this.#at + length;
    return outerEnd;
  }

  /** Leaves an entered message after its last field. */
  leave(outerEnd: number): void {
    this.#end = outerEnd;
  }

  /** The length of the field; all its bytes are present. */
  length(): number {
    const start = this.#at;
    this.#varint();
    if (this.#at - start > shortVarintBytesMax) throw malformed('a length beyond 32 bits');
    if (this.#high !== 0 || this.#low > this.#end - this.#at) throw malformed('a field is cut off');
    return this.#low;
  }

  #take(bytes: number): void {
    if (bytes > this.#end - this.#at) throw malformed('a field is cut off');
    this.#at += bytes;
  }

  #varint(): void {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = this.#at;
    if (at >= end) throw malformed('a field is cut off');
    let byte = bytes[at++] as number;
    let low = byte & 127;
    let high = 0;
    for (let shift = 7; byte > 127; shift += 7) {
      if (at >= end) throw malformed('a field is cut off');
      byte = bytes[at++] as number;
      if (shift < 28) low |= (byte & 127) << shift;
      else if (shift === 28) {
        low |= (byte & 15) << 28;
        high = (byte & 127) >>> 4;
      } else if (shift < 7 * (varintBytesMax - 1)) high |= (byte & 127) << (shift - 32);
      else if (byte <= lastByteMax) high |= byte << 31;
      else throw malformed('a number beyond 64 bits');
    }
    this.#at = at;
    this.#low = low >>> 0;
    this.#high = high >>> 0;
  }
}

function malformed(what: string): TableError {
  return new TableError('BAD_REQUEST', `these bytes are no message: ${what}`);
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
