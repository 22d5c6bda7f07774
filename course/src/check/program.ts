/** `npm run course:check`: checks the hand-outs, and runs the wrong and right solutions, see {@link usage}. */

import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { integerArgument, parseArguments, UsageError } from '@tablelab/shared/command-line';
import type { Signature } from '../diagnose.ts';
import { loadSignatures } from '../signatures.ts';
import { diagnosePairs, pairLine, type PairResult, pairTotal } from './pairs.ts';
import { checkHandouts } from './handout-checks.ts';
import { runVariants, type VariantResult } from './run-variants.ts';
import { signatureOf } from './signature-of.ts';
import type { FailedTest } from './test-run.ts';
import { loadVariants, type Variant } from './variants.ts';
import { runProgram } from '../programs/run-program.ts';

const usage = `usage: npm run course:check -- [options]

Checks the hand-outs of each part: each step alone and all together type-check, hold no line of a solution, earn nothing as they are, and all
points with the reference. Every rule has a step, or is one of given code. Then
runs the solutions of course/wrong and course/right: a wrong one must fail a test of its rule, a right one must pass all tests.

  --part N            only those of this part, 1 to 4
  --only NAME,...     only these solutions
  --handouts          only the hand-outs
  --jobs N            how many run at the same time (default: one for each processor)
  --signatures FILE   the wrong ones run all graded tests of their part; what fails for each is written to FILE
  --pairs COUNT       instead: runs COUNT solutions that have two of the mistakes of a part, and prints which the diagnosis names
  --seed N            chooses the pairs (default: 1)
`;

const root = join(import.meta.dirname, '../../..');
const jobsMax = 1_000;
const pairsMax = 1_000;
const seedMax = 2 ** 31 - 1;
const problemsShownMax = 20;

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArguments(args, {
    part: { type: 'string' },
    only: { type: 'string' },
    handouts: { type: 'boolean' },
    signatures: { type: 'string' },
    pairs: { type: 'string' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(availableParallelism()) },
  });
  const part =
    values.part === undefined
      ? undefined
      : integerArgument('--part', String(values.part), { min: 1, max: 4 });
  const jobs = integerArgument('--jobs', String(values.jobs), { min: 1, max: jobsMax });
  const signaturesFile = values.signatures === undefined ? undefined : String(values.signatures);
  const signatures: Signature[] = [];
  const names = values.only === undefined ? undefined : String(values.only).split(',');
  const variants = loadVariants(join(root, 'course')).filter(
    (one) => (part ?? one.part) === one.part && (names?.includes(one.name) ?? true),
  );
  const unknown = names?.filter((name) => !variants.some((one) => one.name === name)) ?? [];
  if (unknown.length > 0) {
    throw new UsageError(
      `there is no solution ${unknown.join(', ')}${part === undefined ? '' : ` of part ${part}`}`,
    );
  }
  if (values.pairs !== undefined) {
    if (part === undefined) throw new UsageError('--pairs needs --part');
    const count = integerArgument('--pairs', String(values.pairs), { min: 1, max: pairsMax });
    const seed = integerArgument('--seed', String(values.seed), { min: 0, max: seedMax });
    return runPairs(part, variants, { count, seed, jobs });
  }
  const parts = part === undefined ? [1, 2, 3, 4] : [part];
  const isWhole = names === undefined && signaturesFile === undefined;
  const handouts = isWhole ? await checkAll(parts) : { passed: 0, failed: 0 };
  if (values.handouts === true) {
    if (!isWhole) throw new UsageError('--handouts goes with --part only');
    return summed(handouts);
  }
  let unexpected = 0;
  for await (const result of runVariants(root, variants, {
    jobs,
    isWhole: signaturesFile !== undefined,
  })) {
    if (!result.isAsExpected) unexpected += 1;
    for (const line of report(result)) console.log(line);
    if (result.variant.kind === 'wrong') signatures.push(signatureOf(result));
  }
  if (signaturesFile !== undefined) {
    signatures.sort((one, other) => one.name.localeCompare(other.name));
    writeFileSync(signaturesFile, `${JSON.stringify(signatures, undefined, 2)}\n`);
  }
  const passed = handouts.passed + variants.length - unexpected;
  return summed({ passed, failed: handouts.failed + unexpected });
}

interface Sums {
  readonly passed: number;
  readonly failed: number;
}

function summed({ passed, failed }: Sums): number {
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** The hand-outs. */
async function checkAll(parts: readonly number[]): Promise<Sums> {
  let [passed, failed] = [0, 0];
  for (const part of parts) {
    for await (const { check, problems, elapsedMs } of checkHandouts(root, part)) {
      const isMet = problems.length === 0;
      if (isMet) passed += 1;
      else failed += 1;
      console.log(
        `${isMet ? 'ok    ' : 'FAILED'}  part ${part}, ${check}, ${(elapsedMs / 1_000).toFixed(1)} s`,
      );
      for (const problem of problems.slice(0, problemsShownMax)) console.log(`          ${problem}`);
    }
  }
  return { passed, failed };
}

async function runPairs(
  part: number,
  variants: readonly Variant[],
  options: { count: number; seed: number; jobs: number },
): Promise<number> {
  const wrong = variants.filter(({ kind }) => kind === 'wrong');
  const signatures = loadSignatures(root, part);
  const results: PairResult[] = [];
  console.log('| mistakes | failed tests | named | diagnosis |\n| --- | --- | --- | --- |');
  for await (const result of diagnosePairs(root, wrong, signatures, options)) {
    console.log(pairLine(result));
    results.push(result);
  }
  console.log(pairTotal(results));
  return 0;
}

function report({ variant, isAsExpected, failed, elapsedMs }: VariantResult): string[] {
  const { name, kind, part, rule } = variant;
  const seconds = `${(elapsedMs / 1_000).toFixed(1)} s`;
  if (kind === 'right') {
    const verdict = isAsExpected ? 'all tests pass' : `${failed.length} tests do not pass`;
    return [
      `${isAsExpected ? 'ok    ' : 'FAILED'}  part ${part} right ${name}: ${verdict}, ${seconds}`,
      ...failed.slice(0, 10).map(line),
    ];
  }
  const wanted = `part${part}/README.md#${rule}`;
  const by = failed.find(({ rules, state }) => state === 'failed' && rules.includes(wanted));
  if (by !== undefined) return [`ok      part ${part} wrong ${name}: ${by.title}, ${seconds}`];
  return [
    `FAILED  part ${part} wrong ${name}: no test of #${rule} fails, ${seconds}`,
    ...failed.slice(0, 10).map(line),
  ];
}

function line({ file, title, details: [first = ''] }: FailedTest): string {
  return `          ${file}: ${title}: ${first}`;
}

await runProgram('course:check', usage, run);
