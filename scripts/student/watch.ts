/**
 * `npm run watch -- part2` in a hand-out: whenever a file is saved, repeats the tests that import it, and shows their steps: first the
 * tests of the rules to which the saved file is written, then the others, each time the nearest file first. Ends with Ctrl-C.
 */
import { watch } from 'node:fs';
import { join, relative } from 'node:path';
import { errorText } from '@tablelab/shared';
import { readHandout } from './handout.ts';
import { Watcher } from './watcher.ts';

const root = join(import.meta.dirname, '../..');
/** Editors save a file in several steps, within this time. */
const settleMs = 30;

try {
  const [name, ...rest] = process.argv.slice(2);
  const handout = readHandout(root);
  const usage = `usage: npm run watch -- ${handout.parts.map(({ part }) => `part${part}`).join('|')}`;
  const part = handout.parts.find(({ part }) => `part${part}` === (name ?? `part${handout.part}`));
  if (name === '--help') {
    console.log(usage);
    process.exit();
  }
  if (part === undefined || rest.length > 0) throw new Error(usage);
  const watcher = new Watcher(root, part, (line) => console.log(line));
  for (const { part } of handout.parts) watchFolder(`part${part}`, watcher);
  console.log(`watching part ${part.part}; save a file to run its tests, Ctrl-C to end`);
} catch (error) {
  console.error(errorText(error));
  process.exitCode = 2;
  if (process.connected) process.disconnect();
}

function watchFolder(folder: string, watcher: Watcher): void {
  let timer: NodeJS.Timeout | undefined;
  watch(join(root, folder), { recursive: true }, (_event, name) => {
    if (name === null || !/\.(ts|mjs|json)$/.test(name)) return;
    watcher.changed(relative(root, join(root, folder, name)));
    clearTimeout(timer);
    timer = setTimeout(() => {
      watcher.repeat().catch((error: unknown) => console.error(errorText(error)));
    }, settleMs);
  });
}
