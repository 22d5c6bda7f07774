import { ResultsStore } from './results-store.ts';
import { runFile } from './run-file.ts';
import type { FileResult, TestResult } from './test-results.ts';

/** How many test files run at once. */
const filesAtOnce = 2;

/** A test that hangs ends its file. The tests behind it run in another start, because the grader runs them, too. */
const startsMax = 3;

/**
 * Runs test files, or takes their last results if nothing has changed that they use.
 * @param isFresh whether a test file must run in any case
 * @param onResult called with each file's result as it comes
 * @param onTest called with each test's result as it comes
 */
export async function runFiles(
  root: string,
  files: readonly string[],
  {
    isFresh,
    onResult = () => undefined,
    onTest = () => undefined,
  }: {
    isFresh: boolean;
    onResult?: (result: FileResult) => void;
    onTest?: (result: TestResult) => void;
  },
): Promise<FileResult[]> {
  const store = new ResultsStore(root);
  const results: FileResult[] = [];
  const queue = [...files];
  const work = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      let result = isFresh ? undefined : store.get(file);
      if (result === undefined) {
        result = await runFile(root, file, { onTest, starts: startsMax }).result;
        store.set(result);
      }
      results.push(result);
      onResult(result);
    }
  };
  await Promise.all(Array.from({ length: filesAtOnce }, work));
  return results;
}

/** The test files of some steps, each once. */
export function testFilesOf(steps: readonly { readonly tests: readonly string[] }[]): string[] {
  return [...new Set(steps.flatMap(({ tests }) => tests))];
}
