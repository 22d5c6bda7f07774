/** How well `diagnose` names the mistakes of solutions that have two at once. */
import { type Random, seededRandom } from '@tablelab/shared';
import { type Diagnosis, diagnose, type Signature } from '../diagnose.ts';
import { runVariants } from './run-variants.ts';
import { signatureOf } from './signature-of.ts';
import type { Variant } from './variants.ts';

export interface PairResult {
  readonly names: readonly [string, string];
  readonly diagnoses: readonly Diagnosis[];
  readonly failed: number;
}

/** Runs seeded pairs of wrong solutions that change different functions, and yields what is diagnosed for each. */
export async function* diagnosePairs(
  root: string,
  wrong: readonly Variant[],
  signatures: readonly Signature[],
  { count, seed, jobs }: { readonly count: number; readonly seed: number; readonly jobs: number },
): AsyncGenerator<PairResult> {
  const pairs = new Map(
    pairsOf(wrong, { count, random: seededRandom(seed) }).map((pair) => [nameOf(pair), pair]),
  );
  for await (const result of runVariants(root, [...pairs].map(combined), { jobs, isWhole: true })) {
    const { failed } = signatureOf(result);
    const [one, other] = pairs.get(result.variant.name) ?? [];
    if (one === undefined || other === undefined) continue;
    const names = [one.name, other.name] as const;
    yield { names, diagnoses: diagnose(failed, signatures), failed: failed.length };
  }
}

type Pair = readonly [Variant, Variant];

function pairsOf(wrong: readonly Variant[], { count, random }: { count: number; random: Random }): Pair[] {
  const possible = wrong.flatMap((one, index) =>
    wrong.slice(index + 1).flatMap((other): Pair[] => (touchesSame(one, other) ? [] : [[one, other]])),
  );
  const pairs: Pair[] = [];
  while (pairs.length < count && possible.length > 0) {
    pairs.push(...possible.splice(random.int(possible.length), 1));
  }
  return pairs;
}

function touchesSame(one: Variant, other: Variant): boolean {
  return one.edits.some((edit) =>
    other.edits.some(({ file, in: member }) => file === edit.file && member === edit.in),
  );
}

function nameOf([one, other]: Pair): string {
  return `${one.name} + ${other.name}`;
}

function combined([name, [one, other]]: readonly [string, Pair]): Variant {
  return { ...one, name, text: `${one.text} ${other.text}`, edits: [...one.edits, ...other.edits] };
}

/** A line of the table. */
export function pairLine({ names, diagnoses, failed }: PairResult): string {
  const found = diagnoses.map(({ name, fit }) => `${name} (${fit.toFixed(2)})`);
  const hits = names.filter((name) => diagnoses.some((diagnosis) => diagnosis.name === name)).length;
  return `| ${names.join(' + ')} | ${failed} | ${hits} of 2 | ${found.join(', ') || 'none'} |`;
}

export function pairTotal(results: readonly PairResult[]): string {
  const named = results.flatMap(({ names, diagnoses }) => diagnoses.map(({ name }) => names.includes(name)));
  const hits = named.filter(Boolean).length;
  return `${hits} of ${2 * results.length} mistakes named, and ${named.length - hits} that were not made`;
}
