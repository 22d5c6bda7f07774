import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorText, must, TableError } from '@tablelab/shared';
import { type CoursePart, loadPart } from '../course-file.ts';
import { rulesOfTestFile } from '../rules.ts';
import { applyEdit } from './edit.ts';
import { KitCopy } from './kit-copy.ts';
import { type FailedTest, runTestFile } from './test-run.ts';
import type { Variant } from './variants.ts';

export interface VariantResult {
  readonly variant: Variant;
  /** A wrong solution is caught by a test of its rule; with a right one, all tests that name a graded rule run and pass. */
  readonly isAsExpected: boolean;
  readonly failed: readonly FailedTest[];
  readonly elapsedMs: number;
}

export interface RunOptions {
  /** How many variants are run at once. */
  readonly jobs: number;
  /** Whether a wrong solution runs all graded tests of its part, also when it has been caught. */
  readonly isWhole?: boolean;
}

/** Runs variants, and yields each result as soon as it is there. */
export async function* runVariants(
  root: string,
  variants: readonly Variant[],
  { jobs, isWhole = false }: RunOptions,
): AsyncGenerator<VariantResult> {
  const waiting = [...variants];
  for (const variant of variants) checkEdits(root, variant);
  const parts = new Map([1, 2, 3, 4].map((part) => [part, loadPart(part, root)]));
  const partOf = ({ part }: Variant) => must(parts.get(part), 'one of four parts');
  const running = new Map<KitCopy, Promise<{ kit: KitCopy; result: VariantResult }>>();
  const start = (kit: KitCopy) => {
    const variant = waiting.shift();
    if (variant === undefined) kit.remove();
    else
      running.set(
        kit,
        runVariant(kit, variant, partOf(variant), isWhole).then((result) => ({ kit, result })),
      );
  };
  try {
    for (let made = 0; made < Math.min(jobs, variants.length); made += 1) start(new KitCopy(root));
    while (running.size > 0) {
      const { kit, result } = await Promise.race(running.values());
      running.delete(kit);
      start(kit);
      yield result;
    }
  } finally {
    await Promise.allSettled(running.values());
    for (const kit of running.keys()) kit.remove();
  }
}

/**
 * Before anything runs.
 * @throws TableError BAD_REQUEST for a variant whose edits do not fit the reference any more
 */
function checkEdits(root: string, { name, edits }: Variant): void {
  const sources = new Map<string, string>();
  try {
    for (const edit of edits) {
      const source = sources.get(edit.file) ?? readFileSync(join(root, edit.file), 'utf8');
      sources.set(edit.file, applyEdit(source, edit));
    }
  } catch (cause) {
    throw new TableError('BAD_REQUEST', `${name}: ${errorText(cause)}`, { cause });
  }
}

async function runVariant(
  kit: KitCopy,
  variant: Variant,
  { steps }: CoursePart,
  isWhole: boolean,
): Promise<VariantResult> {
  const started = performance.now();
  kit.change(variant.edits);
  const { part, rule } = variant;
  const gradedBy = steps.filter(({ rules }) => isWhole || rule === undefined || rules.includes(rule));
  const anchors = steps.flatMap(({ rules }) => rules.map((name) => `part${part}/README.md#${name}`));
  const wanted = `part${part}/README.md#${rule}`;
  // A test that was not run has caught nothing.
  const isCatching = ({ rules, state }: FailedTest) => state === 'failed' && rules.includes(wanted);
  const failed: FailedTest[] = [];
  const files = [...new Set(gradedBy.flatMap(({ tests }) => tests))];
  // The files that cite the rule come first: the run ends with the first test that catches the solution.
  const isCiting = (file: string) =>
    rule !== undefined && rulesOfTestFile(kit.folder, file, part).includes(rule);
  for (const file of [...files.filter(isCiting), ...files.filter((file) => !isCiting(file))]) {
    const all = await runTestFile(kit.folder, file);
    failed.push(...all.filter(({ rules }) => rules.some((name) => anchors.includes(name))));
    if (!isWhole && rule !== undefined && failed.some(isCatching)) break;
  }
  const isCaught = failed.some(isCatching);
  const isAsExpected = rule === undefined ? failed.length === 0 : isCaught;
  return { variant, isAsExpected, failed, elapsedMs: performance.now() - started };
}
