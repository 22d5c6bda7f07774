/**
 * Varints, the variable-length integers of Protocol Buffers: 7 bits a byte, lowest first; the top bit of every byte but
 * the last is 1.
 */

/** How many bytes the varint of `value`, a whole number from 0 to 2^53 - 1, has. */
export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}

/** Writes the varint of `value`, a whole number from 0 to 2^53 - 1, at `at`; returns the offset behind it. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  let next = at;
  // Above 2^31 a shift would lose bits.
  for (; rest > 0x7fffffff; rest = Math.floor(rest / 128)) bytes[next++] = (rest % 128) | 128;
  for (; rest > 127; rest >>>= 7) bytes[next++] = (rest & 127) | 128;
  bytes[next++] = rest;
  return next;
}
