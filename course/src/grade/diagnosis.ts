/** Which common mistakes the failures of a submission look like. */
import { relative } from 'node:path';
import { type Diagnosis, diagnose, type Signature } from '../diagnose.ts';
import { stubErrorStart } from '../stubs.ts';
import { type GradedTest, isSecret, stateOf } from './assess.ts';

/**
 * Only tests whose results the student may see now count, so that a diagnosis tells nothing of the others. Tests that fail because a
 * function is not written yet say nothing about mistakes.
 * @param reference the root of the kit, to which the files in `signatures` are relative
 */
export function diagnosesOf(
  tests: readonly GradedTest[],
  { reference, signatures }: { readonly reference: string; readonly signatures: readonly Signature[] },
): Diagnosis[] {
  const titleOf = ({ file, name }: GradedTest) => `${relative(reference, file)}: ${name}`;
  const telling = tests.filter((test) => !isSecret(test) && !isUnwritten(test));
  const titles = new Set(telling.map(titleOf));
  const known = signatures
    .map((signature) => ({ ...signature, failed: signature.failed.filter((title) => titles.has(title)) }))
    .filter(({ failed }) => failed.length > 0);
  const failed = telling.filter((test) => stateOf(test) === 'failed');
  // Where nothing works, not even what a mistake leaves alone, no mistake in particular is behind it.
  if (failed.length > 1 && failed.length === telling.length) return [];
  return diagnose(failed.map(titleOf), known);
}

function isUnwritten({ runs }: GradedTest): boolean {
  return runs.some(({ failures }) => failures.some(({ got }) => got.includes(stubErrorStart)));
}

/** One sentence for each. */
export function diagnosisText({ mistake, fit }: Diagnosis): string {
  return `The failed tests look like a common mistake: ${mistake} (fit ${fit.toFixed(2)}, of at most 1)`;
}
