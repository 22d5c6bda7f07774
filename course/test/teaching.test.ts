import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cases } from '@tablelab/shared/testing';
import t from 'tap';
import { loadPart } from '../src/course-file.ts';

const root = join(import.meta.dirname, '../..');
const pages = ['docs/teaching.md', 'README.md', 'CONTRIBUTING.md'];
const read = (file: string) => readFileSync(join(root, file), 'utf8');
// Programs start slowly if many run at once.
t.setTimeout(180_000);

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

/** Each `npm run NAME -- ...` of a page, and the options that it gives. */
function commandsOf(page: string): { name: string; options: string[] }[] {
  return [...read(page).matchAll(/npm run ([\w:]+)( -- [^`\n]*)?/g)].map(([, name = '', rest = '']) => {
    // What comes behind several blanks is a comment.
    const [args = ''] = rest.trim().split(/ {2,}/);
    return { name, options: args.match(/--[a-z][a-z-]*/g) ?? [] };
  });
}

/** Commands that exist in a hand-out only. */
const ofHandouts = ['watch', 'progress'];

t.test('the commands that the pages for teachers name exist, with their options', async (t) => {
  const commands = pages.flatMap((page) => commandsOf(page).map((command) => ({ page, ...command })));
  const used = new Map<string, Set<string>>();
  for (const { page, name, options } of cases(t, commands)) {
    if (ofHandouts.includes(name)) continue;
    t.ok(name in scripts, `${page}: npm run ${name}`);
    const known = used.get(name) ?? new Set();
    for (const option of options) known.add(option);
    used.set(name, known);
  }
  for (const [name, options] of [...used].filter(([, options]) => options.size > 0)) {
    const [, program = ''] = /^exec node scripts\/bootstrap\.mjs (\S+)$/.exec(scripts[name] ?? '') ?? [];
    const clean = [
      '-u',
      'NODE_OPTIONS',
      '-u',
      'TAP',
      process.execPath,
      'scripts/bootstrap.mjs',
      program,
      '--help',
    ];
    const { status, stdout } = spawnSync('env', clean, { cwd: root, encoding: 'utf8' });
    t.equal(status, 0, `npm run ${name} -- --help`);
    const unknown = [...options].filter((option) => !new RegExp(`${option}\\b(?!-)`).test(stdout));
    t.same(unknown, [], `npm run ${name}: all options are in its --help`);
  }
});

t.test('the table of hours has each step, with its kind', async (t) => {
  const rows = [
    ...read('docs/teaching.md').matchAll(/^\| (\d) +\| `([\w-]+)` +\| (base|bonus) +\| \d+ +\|$/gm),
  ];
  const found = rows.map(([, part, step, kind]) => `${part} ${step} ${kind}`);
  const wanted = [1, 2, 3, 4].flatMap((part) =>
    loadPart(part, root).steps.map(({ name, kind }) => `${part} ${name} ${kind}`),
  );
  t.same(found, wanted);
});
