import { checkBytes, TableError } from '@tablelab/shared';

/** Bytes of an unsigned 32-bit big-endian integer. */
export const uint32Bytes = 4;

/**
 * Reads a buffer from front to back. Every read first checks that the bytes are there. So it never reads past the end, and
 * never allocates memory for a size that the buffer only claims to have. All methods throw TableError BAD_REQUEST, which
 * says what was expected at which offset.
 */
export class BufferReader {
  readonly #buffer: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(buffer: Uint8Array) {
    checkBytes('a buffer', buffer);
    this.#buffer = buffer;
    this.#view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }

  /** Where the next read begins, in bytes. */
  get offset(): number {
    return this.#offset;
  }

  /** An unsigned 32-bit big-endian integer. `what` names it in the error. */
  uint32(what: string): number {
    return this.#view.getUint32(this.#take(uint32Bytes, what));
  }

  /** The next `length` bytes: a view of the buffer, not a copy. `what` names them in the error. */
  bytes(length: number, what: string): Uint8Array {
    const start = this.#take(length, what);
    return this.#buffer.subarray(start, start + length);
  }

  /** Checks that nothing is left. */
  end(): void {
    const left = this.#buffer.byteLength - this.#offset;
    if (left > 0) throw malformed(this.#offset, 'the end of the buffer', `${left} more bytes`);
  }

  /** Moves on by `length` bytes; returns where they begin. */
  #take(length: number, what: string): number {
    const start = this.#offset;
    const left = this.#buffer.byteLength - start;
    if (left < length) throw malformed(start, `${length} bytes of ${what}`, `${left} left`);
    this.#offset = start + length;
    return start;
  }
}

/** The error for a buffer that does not contain what the format requires at `offset`, in bytes. */
export function malformed(offset: number, expected: string, found: string, cause?: unknown): TableError {
  return new TableError('BAD_REQUEST', `expected ${expected} at offset ${offset}, found ${found}`, { cause });
}
