import { runFile } from '../../../scripts/student/run-file.ts';
import type { TestResult } from '../../../scripts/student/test-results.ts';

/** A test that names a rule and did not pass. */
export interface FailedTest extends TestResult {
  readonly file: string;
}

/** The time limit of a file, in milliseconds. */
const fileLimitMs = 240_000;

/** How many tests of a file may hang before the others count as not run. */
const starts = 4;

/** Runs one test file of the kit in `folder`, and resolves with the tests that did not pass: they failed, or were not run. */
export async function runTestFile(folder: string, file: string): Promise<FailedTest[]> {
  const { tests } = await runFile(folder, file, { timeoutMs: fileLimitMs, starts }).result;
  return tests.filter(({ state }) => state !== 'passed').map((test) => ({ ...test, file }));
}
