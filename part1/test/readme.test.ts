import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { listsAtStartMax } from '../src/table.ts';

const part = join(import.meta.dirname, '..');
const root = join(part, '..');
const readme = readFileSync(join(part, 'README.md'), 'utf8');
const exampleTimeoutMs = 60_000;

const run = (file: string, args: readonly string[] = []) =>
  promisify(execFile)(process.execPath, [file, ...args], { cwd: root, timeout: exampleTimeoutMs });

/** The README's fenced blocks in a language, each with the block that follows it. */
function blocks(language: string): { code: string; next: string }[] {
  const all = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  return all.flatMap(([, found, code = ''], index) =>
    found === language ? [{ code, next: all[index + 1]?.[2] ?? '' }] : [],
  );
}

t.test('the rules that tests name and those of the README are the same', async (t) => {
  const files = [join(part, 'test'), join(part, 'testing')].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.ts') && name !== 'readme.test.ts')
      .map((name) => join(folder, name)),
  );
  const sources = files.map((file) => readFileSync(file, 'utf8')).join('\n');
  // The contract's tests give the anchor as rule()'s second argument.
  const named = sources.matchAll(/part1\/README\.md#([a-z-]+)|\brule\(\s*'[^']*',\s*'([a-z-]+)'/g);
  const checked = new Set([...named].map(([, inTitle, inRule]) => inTitle ?? inRule));
  const stated = [...readme.matchAll(/<a id="([^"]*)">/g)].map(([, id]) => id);
  t.equal(new Set(stated).size, stated.length, 'no anchor is there twice');
  t.same([...checked].sort(), stated.sort());
  t.ok(stated.length > 25, 'and they were found');
});

t.test('the README states the limit of a table', async (t) => {
  t.match(readme, `from 1 to ${listsAtStartMax.toLocaleString('en')}`);
});

t.test("the README's examples print the stated output", async (t) => {
  const examples = blocks('ts');
  t.equal(examples.length, 2);
  for (const [index, { code, next }] of examples.entries()) {
    const folder = t.testdir({ [`example-${index}.ts`]: code });
    const { stdout } = await run(join(folder, `example-${index}.ts`));
    t.equal(stdout, next);
  }
});

t.test("the README's commands exist, and print lines like those shown", async (t) => {
  const commands = blocks('console').map(({ code }) => code.split('\n'));
  const { scripts } = JSON.parse(readFileSync(join(part, 'package.json'), 'utf8'));
  const measured: string[] = [];
  for (const [line = '', ...output] of commands) {
    const [, file] = /^\$ npx node (\S+)$/.exec(line) ?? [];
    if (file === undefined) {
      t.match(line, /^\$ (TEST_SEED=\d+ )?npm test -w part1( -- \S+)?$/);
      const [, testFile] = / -- (\S+)/.exec(line) ?? [];
      if (testFile !== undefined) t.ok(existsSync(join(part, testFile)), testFile);
    } else {
      const { stdout } = await run(join(root, file), ['300']);
      t.same(stdout.split('\n').map(shape), output.map(shape), file);
      measured.push(file);
    }
  }
  t.ok(scripts.test, 'part 1 has tests to run');
  t.same(measured, ['part1/bench/growth.ts', 'part1/bench/collisions.ts']);
});

/** A line without its numbers, which differ between runs. */
function shape(line: string): string {
  return line.replaceAll(/\d+(\.\d+)?/g, 'N');
}
