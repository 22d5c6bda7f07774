/**
 * `npm run watch -- part2` in a hand-out: whenever a file is saved, repeats the tests that import it, the nearest first, and shows their
 * steps. Ends with Ctrl-C.
 */
import { watch } from 'node:fs';
import { join, relative } from 'node:path';
import { errorText } from '@tablelab/shared';
import { sourcesOf } from '@tablelab/shared/sources';
import { type HandoutPart, readHandout } from './handout.ts';
import { type RunningFile, runFile } from './run-file.ts';
import { testFilesOf } from './run-files.ts';
import { nextLines, stepResults, tableLines } from './step-table.ts';
import type { FileResult } from './test-results.ts';

const root = join(import.meta.dirname, '../..');
/** Editors save a file in several steps, within this time. */
const settleMs = 30;

try {
  const [name, ...rest] = process.argv.slice(2);
  const handout = readHandout(root);
  const part = handout.parts.find(({ part }) => `part${part}` === (name ?? `part${handout.part}`));
  if (part === undefined || rest.length > 0) {
    throw new Error(`usage: npm run watch -- ${handout.parts.map(({ part }) => `part${part}`).join('|')}`);
  }
  watchPart(part);
} catch (error) {
  console.error(errorText(error));
  process.exitCode = 2;
  if (process.connected) process.disconnect();
}

function watchPart(part: HandoutPart): void {
  const latest = new Map<string, FileResult>();
  const changed = new Set<string>();
  let running: RunningFile | undefined;
  let timer: NodeJS.Timeout | undefined;
  let round = 0;

  async function repeat(): Promise<void> {
    round += 1;
    const own = round;
    const savedAt = performance.now();
    const touched = [...changed];
    timer = undefined;
    running?.stop();
    const tests = testFilesOf(part.steps)
      .map((file) => ({ file, distance: distanceOf(file, touched) }))
      .filter(({ distance }) => distance >= 0)
      .sort((one, other) => one.distance - other.distance);
    // The last results are those of the code before.
    for (const { file } of tests) latest.delete(file);
    if (tests.length > 0) console.log(`\nsaved: ${touched.join(', ')}`);
    for (const { file } of tests) {
      running = runFile(root, file);
      const result = await running.result;
      // A later save has begun another round, which also repeats this one's tests.
      if (own !== round) return;
      latest.set(file, result);
      const steps = part.steps.filter(
        (step) => step.tests.includes(file) && step.tests.every((one) => latest.has(one)),
      );
      const results = stepResults({ ...part, steps }, [...latest.values()]);
      const seconds = ((performance.now() - savedAt) / 1_000).toFixed(1);
      console.log([`${file}: after ${seconds} s`, ...shown(part, results)].join('\n'));
    }
    if (timer === undefined) changed.clear();
  }

  function shown(part: HandoutPart, results: ReturnType<typeof stepResults>): string[] {
    return results.length === 0 ? [] : [...tableLines(part, results).slice(2, -1), ...nextLines(results)];
  }

  for (const { part } of readHandout(root).parts) {
    watch(join(root, `part${part}`), { recursive: true }, (_event, name) => {
      if (name === null || !/\.(ts|mjs|json)$/.test(name)) return;
      changed.add(relative(root, join(root, `part${part}`, name)));
      clearTimeout(timer);
      timer = setTimeout(() => {
        repeat().catch((error: unknown) => console.error(errorText(error)));
      }, settleMs);
    });
  }
  console.log(`watching part ${part.part}; save a file to run its tests, Ctrl-C to end`);
}

/** How far a changed file is from a test in the graph of imports; below 0 if the test does not use it. */
function distanceOf(test: string, changed: readonly string[]): number {
  const sources = sourcesOf(root, test);
  const distances = changed.map((file) => sources.indexOf(file)).filter((distance) => distance >= 0);
  return distances.length === 0 ? -1 : Math.min(...distances);
}
