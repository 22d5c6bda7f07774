import { assert } from '@tablelab/shared';
import { hashKey, type Seed } from '../src/hash.ts';

/** The seed that an attacker assumes who does not know that there is one. */
export const noSeed: Seed = [0, 0];

const keyUnits = 3;
/** The characters of the keys: U+4E00 and the 20,991 after it, one code unit each. */
const alphabet = { from: 0x4e00, size: 0x5200 };

/**
 * Finds `count` keys of three characters whose unseeded hashes are 0 modulo `modulus`, a power of two: an attack on
 * a table with that many lists. Only one key in `modulus` qualifies, so this is written for speed: the state after the first
 * two characters is computed once for all third characters.
 */
export function collidingKeys(count: number, modulus: number): string[] {
  const keys: string[] = [];
  for (let prefix = 0; keys.length < count; prefix += 1) {
    const first = alphabet.from + (prefix % alphabet.size);
    const second = alphabet.from + Math.floor(prefix / alphabet.size);
    const state = stateAfter(first | (second << 16));
    for (const third of thirdUnits(state, modulus - 1)) keys.push(String.fromCharCode(first, second, third));
  }
  keys.length = count;
  assert(
    keys.every((key) => hashKey(key, noSeed) % modulus === 0),
    'the attacker computes the same hash as the table',
  );
  return keys;
}

type State = readonly [number, number, number, number];

/** The unseeded state after a key's first two characters, which make one word. */
function stateAfter(word: number): State {
  let v0 = 0;
  let v1 = 0;
  let v2 = 0x6c796765;
  let v3 = 0x74656462 ^ word;
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
  return [v0 ^ word, v1, v2, v3];
}

/** The third characters for which the hash has no bit of `mask`, given the state after the first two. */
function thirdUnits([a0, a1, a2, a3]: State, mask: number): number[] {
  const found: number[] = [];
  for (let unit = alphabet.from; unit < alphabet.from + alphabet.size; unit += 1) {
    const last = (keyUnits << 25) | unit;
    let v0 = a0 | 0;
    let v1 = a1 | 0;
    let v2 = a2 | 0;
    let v3 = a3 ^ last;
    for (let round = 0; round < 4; round += 1) {
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
      if (round === 0) {
        v0 ^= last;
        v2 ^= 0xff;
      }
    }
    if (((v1 ^ v3) & mask) === 0) found.push(unit);
  }
  return found;
}
