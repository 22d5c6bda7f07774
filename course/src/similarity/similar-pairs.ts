/** Pairs of submissions that have more in common than the task explains. What they mean is for a person to decide. */

import { type Sources, type Token, tokensOf } from './tokens.ts';
import { allHashes, type Fingerprint, fingerprintsOf } from './winnowing.ts';

export interface SimilarPair {
  readonly one: string;
  readonly other: string;
  /** How much of the smaller one's fingerprints the other one has, too: from 0 to 1. */
  readonly share: number;
  /** The longest come first. */
  readonly places: readonly Place[];
}

/** What both have, in each of them. */
export interface Place {
  readonly one: Passage;
  readonly other: Passage;
  readonly tokens: number;
}

export interface Passage {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

interface Program {
  readonly student: string;
  readonly sources: Sources;
  readonly tokens: readonly Token[];
  readonly fingerprints: readonly Fingerprint[];
  readonly hashes: ReadonlySet<number>;
}

/** With less than that a share says nothing: a fourth of a small program may be one loop. */
const fingerprintsMin = 12;
export const shareMin = 0.5;
const placesMax = 8;

export interface SimilarityOptions {
  readonly students: ReadonlyMap<string, Sources>;
  /** The same files as the hand-out has them: what stands there is nobody's. */
  readonly template: Sources;
}

/** The most similar come first. */
export function similarPairs({ students, template }: SimilarityOptions): SimilarPair[] {
  const given = allHashes(tokensOf(template));
  const programs = [...students].map(([student, sources]): Program => {
    const tokens = tokensOf(sources);
    const fingerprints = fingerprintsOf(tokens, given);
    return { student, sources, tokens, fingerprints, hashes: new Set(fingerprints.map(({ hash }) => hash)) };
  });
  const large = programs.filter(({ hashes }) => hashes.size >= fingerprintsMin);
  const pairs = large.flatMap((one, index) =>
    large.slice(index + 1).flatMap((other) => {
      const share = shareOf(one, other);
      return share < shareMin
        ? []
        : [{ one: one.student, other: other.student, share, places: placesOf(one, other) }];
    }),
  );
  return pairs.sort((one, other) => other.share - one.share);
}

function shareOf(one: Program, other: Program): number {
  const [small, large] = one.hashes.size <= other.hashes.size ? [one, other] : [other, one];
  const common = [...small.hashes].filter((hash) => large.hashes.has(hash)).length;
  return common / small.hashes.size;
}

/** Each common fingerprint is extended in both directions, as far as the tokens are the same. */
function placesOf(one: Program, other: Program): Place[] {
  const positions = Map.groupBy(other.fingerprints, ({ hash }) => hash);
  const places: (Place & { readonly from: number })[] = [];
  let coveredTo = -1;
  for (const { hash, at } of one.fingerprints) {
    if (at < coveredTo) continue;
    const extended = (positions.get(hash) ?? []).map((match) =>
      extend(one.tokens, other.tokens, at, match.at),
    );
    const [best] = extended.sort((left, right) => right.length - left.length);
    if (best === undefined) continue;
    coveredTo = best.one + best.length;
    places.push({
      one: passage(one, best.one, best.length),
      other: passage(other, best.other, best.length),
      tokens: best.length,
      from: best.one,
    });
  }
  return places
    .sort((left, right) => right.tokens - left.tokens || left.from - right.from)
    .slice(0, placesMax);
}

function extend(
  one: readonly Token[],
  other: readonly Token[],
  oneAt: number,
  otherAt: number,
): { one: number; other: number; length: number } {
  const isSame = (offset: number) => {
    const [left, right] = [one[oneAt + offset], other[otherAt + offset]];
    // A passage lies in one file.
    return (
      left !== undefined &&
      left.kind === right?.kind &&
      left.file === one[oneAt]?.file &&
      right.file === other[otherAt]?.file
    );
  };
  let from = 0;
  while (isSame(from - 1)) from -= 1;
  let to = 0;
  while (isSame(to)) to += 1;
  return { one: oneAt + from, other: otherAt + from, length: to - from };
}

function passage({ sources, tokens }: Program, at: number, length: number): Passage {
  const [first, ...rest] = tokens.slice(at, at + length);
  if (first === undefined) return { file: '', line: 0, text: '' };
  const source = sources.get(first.file) ?? '';
  // The first node of a passage may be around it and around more, as a class is; its inner nodes end with the passage.
  const leaves = rest.filter((token, index) => (rest[index + 1]?.start ?? token.end) >= token.end);
  const end = Math.max(first.start, ...leaves.map((token) => token.end));
  const lineStart = source.lastIndexOf('\n', first.start - 1) + 1;
  const lineEnd = source.indexOf('\n', end);
  return {
    file: first.file,
    line: source.slice(0, lineStart).split('\n').length,
    text: source.slice(lineStart, lineEnd === -1 ? source.length : lineEnd),
  };
}
