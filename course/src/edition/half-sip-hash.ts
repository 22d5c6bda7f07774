/**
 * HalfSipHash-c-d, written after its definition (J.-P. Aumasson and D. J. Bernstein, "SipHash", 2012; the 32-bit variant of the authors'
 * reference code), byte by byte. It is slow, and independent of part 1's: an edition's test vectors come from here.
 */
export function halfSipHashOfBytes(
  bytes: Uint8Array,
  [low, high]: readonly [number, number],
  { wordRounds, finalRounds }: { wordRounds: number; finalRounds: number },
): number {
  const v: [number, number, number, number] = [low, high, 0x6c796765 ^ low, 0x74656462 ^ high];
  const padded = new Uint8Array(4 * Math.floor(bytes.length / 4) + 4);
  padded.set(bytes);
  padded[padded.length - 1] = bytes.length;
  const view = new DataView(padded.buffer);
  for (let at = 0; at < padded.length; at += 4) {
    const word = view.getUint32(at, true);
    v[3] ^= word;
    for (let round = 0; round < wordRounds; round += 1) sipRound(v);
    v[0] ^= word;
  }
  v[2] ^= 0xff;
  for (let round = 0; round < finalRounds; round += 1) sipRound(v);
  return (v[1] ^ v[3]) >>> 0;
}

function sipRound(v: [number, number, number, number]): void {
  v[0] += v[1];
  v[1] = rotated(v[1], 5) ^ v[0];
  v[0] = rotated(v[0], 16);
  v[2] += v[3];
  v[3] = rotated(v[3], 8) ^ v[2];
  v[0] += v[3];
  v[3] = rotated(v[3], 7) ^ v[0];
  v[2] += v[1];
  v[1] = rotated(v[1], 13) ^ v[2];
  v[2] = rotated(v[2], 16);
}

function rotated(value: number, bits: number): number {
  return (value << bits) | ((value | 0) >>> (32 - bits));
}

/** Of the bytes 0, 1, 2 ... under the key of the authors' vectors. */
export function hashVector(length: number, finalRounds: number): string {
  const bytes = Uint8Array.from({ length }, (_, index) => index);
  const hash = halfSipHashOfBytes(bytes, [0x03020100, 0x07060504], { wordRounds: 1, finalRounds });
  return `0x${hash.toString(16).padStart(8, '0')}`;
}
