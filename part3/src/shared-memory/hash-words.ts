import type { Seed } from '@tablelab/part1';

/** Rounds after the last word. */
const finalRounds = 3;

/**
 * The hash of part 1, HalfSipHash-1-3, over bytes that stand in words: see part 1's `hashKey` for why this one. A
 * key in UTF-8 has half as many words as in UTF-16, and threads that exchange bytes need no string.
 *
 * @param words the bytes, little-endian, the last word padded with zeros.
 * @param length how many bytes.
 * @returns a signed 32-bit number.
 */
export function hashWords(words: Int32Array, length: number, seed: Seed): number {
  const wholeWords = length >>> 2;
  // The last word holds the length, modulo 256, above the bytes at the end, if there are any.
  const lastWord = (length << 24) | ((length & 3) === 0 ? 0 : (words[wholeWords] as number));
  let v0 = seed[0] | 0;
  let v1 = seed[1] | 0;
  let v2 = 0x6c796765 ^ v0;
  let v3 = 0x74656462 ^ v1;
  for (let step = 0; step <= wholeWords + finalRounds; step += 1) {
    let word = 0;
    if (step < wholeWords) word = words[step] as number;
    else if (step === wholeWords) word = lastWord;
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
    if (step === wholeWords) v2 ^= 0xff;
  }
  return v1 ^ v3;
}
