/** Changes test vectors and other bytes that a text of the kit states, in hexadecimal, to those of an edition. Lengths stay the same. */
import type { Edition } from './choose.ts';

const sizeDigits = 8;

/** The sizes in part 1's format in the other order of bytes: an entry or data, also one that is cut off or malformed. */
export function swappedSizes(hex: string): string {
  let text = hex;
  for (let at = 0; at + sizeDigits <= text.length; ) {
    const digits = text.slice(at, at + sizeDigits);
    const swapped = digits.match(/../g)?.reverse().join('') ?? '';
    text = text.slice(0, at) + swapped + text.slice(at + sizeDigits);
    at += sizeDigits + 2 * Number.parseInt(digits, 16);
  }
  return text;
}

/** How the messages of the kit become those of an edition. */
export interface MessageNumbers {
  /** The edition's field numbers, by the kit's. */
  readonly fields: ReadonlyMap<number, number>;
  /** The same for the opcodes of requests. */
  readonly opcodes: ReadonlyMap<number, number>;
}

const opcodeField = 1;

/** A `message_t` with the edition's numbers, also one that is cut off or malformed: then from its error on as it was. */
export function renumberedMessage(hex: string, numbers: MessageNumbers): string {
  const bytes = Buffer.from(hex, 'hex');
  let at = 0;
  while (at < bytes.length) {
    const tag = varintAt(bytes, at);
    if (tag === undefined) break;
    const [field, wireType] = [Math.floor(tag.value / 8), tag.value % 8];
    writeVarint(bytes, at, tag.bytes, 8 * (numbers.fields.get(field) ?? field) + wireType);
    at += tag.bytes;
    const value = varintAt(bytes, at);
    if (value === undefined || (wireType !== 0 && wireType !== 2)) break;
    if (field === opcodeField && wireType === 0)
      writeVarint(bytes, at, value.bytes, opcodeOf(value.value, numbers));
    at += value.bytes + (wireType === 2 ? value.value : 0);
  }
  return bytes.toString('hex');
}

/** The opcode of a request, or of its reply, which is one more. */
export function opcodeOf(opcode: number, { opcodes }: MessageNumbers): number {
  const reply = opcodes.get(opcode - 1);
  return opcodes.get(opcode) ?? (reply === undefined ? opcode : reply + 1);
}

function varintAt(bytes: Buffer, start: number): { value: number; bytes: number } | undefined {
  let value = 0;
  for (let at = start; at < bytes.length && at < start + 5; at += 1) {
    const byte = bytes[at] ?? 0;
    value += (byte & 127) * 2 ** (7 * (at - start));
    if (byte < 128) return { value, bytes: at + 1 - start };
  }
  return undefined;
}

/** In as many bytes as were there. */
function writeVarint(bytes: Buffer, start: number, length: number, value: number): void {
  let rest = value;
  for (let at = start; at < start + length; at += 1) {
    bytes[at] = (rest % 128) | (at + 1 < start + length ? 128 : 0);
    rest = Math.floor(rest / 128);
  }
}

/** Whether an edition changes part 1's format; the kit's own order is big-endian. */
export function isSwapped({ byteOrder }: Edition): boolean {
  return byteOrder === 'little-endian';
}
