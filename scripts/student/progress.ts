/** `npm run progress` in a hand-out: all steps of all parts. Runs only the tests of what has changed since their last run. */
import { join } from 'node:path';
import { errorText } from '@tablelab/shared';
import { readHandout } from './handout.ts';
import { runFiles, testFilesOf } from './run-files.ts';
import { nextLines, stepResults, tableLines } from './step-table.ts';

const root = join(import.meta.dirname, '../..');

try {
  const { parts } = readHandout(root);
  for (const part of parts) {
    const results = stepResults(part, await runFiles(root, testFilesOf(part.steps), { isFresh: false }));
    console.log([...tableLines(part, results), ...nextLines(results).slice(0, 1)].join('\n'));
  }
} catch (error) {
  console.error(errorText(error));
  process.exitCode = 2;
}
// The open channel to the bootstrap would keep this process alive.
if (process.connected) process.disconnect();
