import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnProgram } from '@tablelab/shared/testing';
import t from 'tap';
import { startChain } from './support/chain-programs.ts';

/** The examples of docs/client.md: each block of code there is a file, which prints the block that follows. */

t.setTimeout(55_000);

const examples = join(import.meta.dirname, '../examples');
const page = readFileSync(join(import.meta.dirname, '../../docs/client.md'), 'utf8');

/** Each example of the page: its file, its code, and what it prints. */
const shown = [
  ...page.matchAll(/\(\.\.\/part4\/examples\/([\w-]+\.ts)\)[^`]*```ts\n(.*?)```\n\n((?: {4}[^\n]*\n)+)/gs),
].map(([, file = '', code = '', output = '']) => ({
  file,
  code,
  lines: output
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^ {4}/, '')),
}));

t.test('the page shows every example, as it is', async (t) => {
  t.same(shown.map(({ file }) => file).sort(), readdirSync(examples).sort());
  for (const { file, code } of shown) t.equal(code, readFileSync(join(examples, file), 'utf8'), file);
});

const { zookeeper } = await startChain(t, 2);

for (const { file, lines } of shown) {
  t.test(`${file} prints what the page says, on a chain of two servers`, async (t) => {
    const program = spawnProgram(join(examples, file), [zookeeper]);
    t.same(await program.exited, { code: 0, signal: null });
    t.same(program.stdoutLines, lines);
    t.same(program.stderrLines, []);
  });
}
