/**
 * `npm test` in a hand-out: runs the tests of a part's steps, and shows for each step how many rules are met. Without arguments:
 * the part that is handed out. `part1`: that part; a test file or a folder: only that, and the rules that it tests. `--all` shows all failures, not only the first.
 * Exits with 0 if all rules that were tested are met.
 */

import { join } from 'node:path';
import { errorText } from '@tablelab/shared';
import { type HandoutPart, readHandout } from './handout.ts';
import { wordsIn } from './handout-rules.ts';
import { namedTests } from './named-tests.ts';
import { runFiles, testFilesOf } from './run-files.ts';
import { allFailureLines, nextLines, stepResults, tableLines, testedSteps } from './step-table.ts';
import type { TestResult } from './test-results.ts';

const usage = `usage: npm test [-- [--all] [part1 ...] [FILE or FOLDER ...]]

Runs the tests of the part that was handed out, and shows the steps, and the first rule that is not met.

  --all             shows every rule that is not met
  part1             the tests of that part
  FILE or FOLDER    only these tests: part1/test/list.test.ts`;

/** A run in which a solution loops without end takes long; after this time, the first test that did not end is shown at once. */
const patienceMs = 10_000;

/** How a failure says that a call, or a test, has not ended. */
const tookTooLong = /is not done after|stopped here|timeout/;

const root = join(import.meta.dirname, '../..');

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  console.error(errorText(error));
  process.exitCode = 2;
}
// The open channel to the bootstrap would keep this process alive.
if (process.connected) process.disconnect();

async function run(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    console.log(usage);
    return 0;
  }
  const handout = readHandout(root);
  const options = args.filter((arg) => arg.startsWith('-'));
  const unknown = options.find((option) => option !== '--all');
  if (unknown !== undefined) throw new Error(`there is no option ${unknown}; npm test -- --help shows all`);
  const names = args.filter((arg) => !arg.startsWith('-'));
  const isPart = (name: string) => /^part\d$/.test(name);
  const files = names.filter((name) => !isPart(name)).flatMap((name) => namedTests(root, name));
  const wanted = names.filter(isPart);
  const isWanted = ({ part, steps }: HandoutPart) => {
    if (files.length > 0) return steps.some(({ tests }) => tests.some((file) => files.includes(file)));
    return wanted.length === 0 ? part === handout.part : wanted.includes(`part${part}`);
  };
  const parts = handout.parts.filter(isWanted);
  const strayFile = files.find((file) => !parts.some(({ steps }) => testFilesOf(steps).includes(file)));
  if (strayFile !== undefined) throw new Error(`${strayFile} is not a test file of a step`);
  if (parts.length === 0) throw new Error(`there is no ${wanted.join(' and no ')} in this hand-out`);
  let isMet = true;
  for (const part of parts) {
    const steps = part.steps.filter(
      ({ tests }) => files.length === 0 || tests.some((file) => files.includes(file)),
    );
    const tests = testFilesOf(steps).filter((file) => files.length === 0 || files.includes(file));
    const fileResults = await runFiles(root, tests, { isFresh: true, onTest: earlyNotice() });
    const tested = files.length === 0 ? steps : testedSteps({ ...part, steps }, fileResults);
    const results = stepResults({ ...part, steps: tested }, fileResults);
    isMet &&= results.every(({ failures }) => failures.length === 0);
    const lines = options.includes('--all') ? allFailureLines(results) : [];
    const next = options.includes('--all') ? [] : nextLines(results, wordsIn(root));
    console.log([...lines, ...tableLines(part, results), ...next].join('\n'));
  }
  return isMet ? 0 : 1;
}

function earlyNotice(): (result: TestResult) => void {
  const begun = performance.now();
  let isSaid = false;
  return ({ state, title, details }) => {
    if (
      state !== 'failed' ||
      !details.some((line) => tookTooLong.test(line)) ||
      isSaid ||
      performance.now() - begun < patienceMs
    )
      return;
    isSaid = true;
    console.log(
      [`not met: ${title}`, ...details.slice(0, 1).map((line) => `  ${line}`), 'still running ...'].join(
        '\n',
      ),
    );
  };
}
