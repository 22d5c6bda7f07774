import protobuf from 'protobufjs/minimal.js';

/**
 * The largest number of fields and numbers in a message between servers, including nested messages: a snapshot with all
 * the client sessions and outcomes that the chain remembers (core/limits.ts) has 870,000.
 */
const itemsMax = 1_000_000;

/** The wire type of groups, which protobuf no longer has. */
const groupStart = 3;

/**
 * A reader for the generated code, which by itself accepts any number of fields and truncates numbers that are too
 * large. This one refuses both, as for clients' messages.
 */
export class BoundedReader extends protobuf.BufferReader {
  #itemsLeft = itemsMax;

  constructor(payload: Uint8Array) {
    super(Buffer.from(payload.buffer, payload.byteOffset, payload.length));
    this.discardUnknown = true;
  }

  override tag(): number {
    this.#count();
    return super.tag();
  }

  override uint32(): number {
    this.#count();
    const start = this.pos;
    const value = super.uint32();
    if (this.pos - start <= 4) return value;
    const [fifth = 0] = this.buf.subarray(start + 4);
    if (this.pos - start > 5 || fifth > 15) throw new Error('a number beyond 32 bits');
    return value;
  }

  override uint64(): ReturnType<protobuf.BufferReader['uint64']> {
    this.#count();
    return super.uint64();
  }

  override skipType(...args: [wireType: number, depth?: number, fieldNumber?: number]): this {
    if (args[0] === groupStart) throw new Error('a group');
    return super.skipType(...args) as this;
  }

  #count(): void {
    if (this.#itemsLeft === 0) throw new Error(`more than ${itemsMax} fields and numbers`);
    this.#itemsLeft -= 1;
  }
}
