/**
 * `npm run course:check -- [--part N] [--only NAME,...] [--jobs N] [--signatures FILE]`: runs the wrong and right solutions.
 * With `--signatures` the wrong ones run all graded tests of their part, and what fails for each is written to FILE.
 */

import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { errorText, TableError } from '@tablelab/shared';
import { parseArguments } from '@tablelab/shared/command-line';
import type { Signature } from '../diagnose.ts';
import { runVariants, type VariantResult } from './run-variants.ts';
import type { FailedTest } from './test-run.ts';
import { loadVariants } from './variants.ts';

const root = join(import.meta.dirname, '../../..');

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  console.error(errorText(error));
  process.exitCode = 2;
}

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArguments(args, {
    part: { type: 'string' },
    only: { type: 'string' },
    signatures: { type: 'string' },
    jobs: { type: 'string', default: String(availableParallelism()) },
  });
  const signaturesFile = values.signatures === undefined ? undefined : String(values.signatures);
  const signatures: Signature[] = [];
  const names = values.only === undefined ? undefined : String(values.only).split(',');
  const variants = loadVariants(join(root, 'course')).filter(
    ({ part, name }) =>
      (values.part ?? String(part)) === String(part) && (names === undefined || names.includes(name)),
  );
  if (variants.length === 0) throw new TableError('BAD_REQUEST', 'no solution has that part and name');
  let unexpected = 0;
  for await (const result of runVariants(root, variants, {
    jobs: Number(values.jobs),
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
  console.log(`${variants.length - unexpected} passed, ${unexpected} failed`);
  return unexpected === 0 ? 0 : 1;
}

/** A test that was not run, because another one hung, says nothing about the mistake. */
function signatureOf({ variant: { name, text }, failed }: VariantResult): Signature {
  const titles = failed
    .filter(({ state }) => state === 'failed')
    .map(({ file, title }) => `${file}: ${title}`);
  return { name, mistake: text, failed: [...new Set(titles)].sort() };
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
