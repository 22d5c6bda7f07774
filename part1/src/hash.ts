import { checkText } from '@tablelab/shared';

/**
 * The hash that picks a key's list: HalfSipHash-1-3 (J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast
 * short-input PRF", 2012; the 32-bit variant of the authors' reference code) over the key in UTF-16, little-endian.
 *
 * Why not the sum of the characters, or FNV? Anyone can compute keys that collide under those hashes. A client that
 * sends 50,000 keys which all belong to one list makes every call, of every client, walk up to 50,000 links. It does not
 * help to add or XOR a seed at the start or the end of such a hash: two keys that bring its state to the same value collide
 * under every seed. Here 64 secret bits fill the state, and every step mixes the state with the key. Which keys collide
 * depends on the seed, and a client that does not know the seed cannot compute them.
 */

/** The secret of one table: two unsigned 32-bit numbers. */
export type Seed = readonly [number, number];

/** A random seed from the system's secure source. */
export function randomSeed(): Seed {
  const [low = 0, high = 0] = crypto.getRandomValues(new Uint32Array(2));
  return [low, high];
}

/** Rounds after the last word. With the one round for each word they give the 1-3 in the hash's name. */
const finalRounds = 3;

/** The hash, an unsigned 32-bit number. Two code units of the key make a word. Takes time linear in the key's length. */
export function hashKey(key: string, seed: Seed): number {
  checkText('a key', key);
  return halfSipHash(key, 2 * key.length, seed) >>> 0;
}

/**
 * The hash, over text or over words. One implementation serves both, so that the two cannot differ.
 *
 * @param source text, of which two code units make a word, or words, little-endian, the last one padded with zeros.
 * @param bytes the length of `source` in bytes.
 * @returns a signed 32-bit number.
 */
export function halfSipHash(source: string | Int32Array, bytes: number, seed: Seed): number {
  const wholeWords = bytes >>> 2;
  // The last word holds the length in bytes, modulo 256, above the bytes at the end, if there are any.
  const isText = typeof source === 'string';
  let lastWord = bytes << 24;
  if (isText) {
    if ((bytes & 2) !== 0) lastWord |= source.charCodeAt(2 * wholeWords);
  } else if ((bytes & 3) !== 0) {
    lastWord |= source[wholeWords] as number;
  }
  let v0 = seed[0] | 0;
  let v1 = seed[1] | 0;
  let v2 = 0x6c796765 ^ v0;
  let v3 = 0x74656462 ^ v1;
  for (let step = 0; step <= wholeWords + finalRounds; step += 1) {
    let word = 0;
    if (step < wholeWords) {
      word = isText
        ? source.charCodeAt(2 * step) | (source.charCodeAt(2 * step + 1) << 16)
        : (source[step] as number);
    } else if (step === wholeWords) {
      word = lastWord;
    }
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
