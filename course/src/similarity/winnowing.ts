/**
 * Fingerprints of a row of tokens: "Winnowing: Local Algorithms for Document Fingerprinting", Schleimer, Wilkerson and Aiken, SIGMOD
 * 2003. Of each window of hashes the smallest is kept, the rightmost one of several. So each common row of
 * {@link guaranteedTokens} or more tokens is found, and none shorter than {@link tokensPerHash}.
 */
import { createHash } from 'node:crypto';
import type { Token } from './tokens.ts';

/** Shorter rows say nothing: two people write the same loop. */
const tokensPerHash = 20;
const hashesPerWindow = 8;
export const guaranteedTokens = tokensPerHash + hashesPerWindow - 1;

export interface Fingerprint {
  readonly hash: number;
  /** The token with which its row begins. */
  readonly at: number;
}

export function fingerprintsOf(tokens: readonly Token[], without: ReadonlySet<number>): Fingerprint[] {
  const hashes = hashesOf(tokens);
  const chosen: Fingerprint[] = [];
  let last = -1;
  for (let start = 0; start + hashesPerWindow <= hashes.length; start += 1) {
    let at = start;
    for (let index = start; index < start + hashesPerWindow; index += 1) {
      if ((hashes[index] ?? 0) <= (hashes[at] ?? 0)) at = index;
    }
    if (at === last) continue;
    last = at;
    chosen.push({ hash: hashes[at] ?? 0, at });
  }
  return chosen.filter(({ hash }) => !without.has(hash));
}

/** All hashes, not only those that are kept: what the hand-out has is taken out wherever a window begins. */
export function allHashes(tokens: readonly Token[]): Set<number> {
  return new Set(hashesOf(tokens));
}

/** One for each row of {@link tokensPerHash} tokens. A row's hash is computed from that of its neighbour (Karp and Rabin). */
function hashesOf(tokens: readonly Token[]): number[] {
  const codes = tokens.map(({ kind }) => codeOf(kind));
  const hashes: number[] = [];
  let hash = 0;
  for (const [index, code] of codes.entries()) {
    const left = index >= tokensPerHash ? (codes[index - tokensPerHash] ?? 0) : 0;
    // Modulo 2^32; the product of the token that leaves has had its factor tokensPerHash times.
    hash = (Math.imul(hash, factor) + code - Math.imul(left, leavingFactor)) >>> 0;
    if (index >= tokensPerHash - 1) hashes.push(mixed(hash));
  }
  return hashes;
}

const factor = 0x01000193;
const leavingFactor = Array.from({ length: tokensPerHash }).reduce<number>(
  (power) => Math.imul(power, factor),
  1,
);

/** So that a small hash says nothing about the row's last token. */
function mixed(hash: number): number {
  let bits = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

const codes = new Map<string, number>();

/** The same in every run. */
function codeOf(kind: string): number {
  const known = codes.get(kind);
  if (known !== undefined) return known;
  const code = createHash('sha256').update(kind).digest().readUInt32BE();
  codes.set(kind, code);
  return code;
}
