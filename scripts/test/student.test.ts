import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { cases, eventually } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { runFile } from '../student/run-file.ts';
import { runFiles } from '../student/run-files.ts';
import { nextLines, stepResults, tableLines, testedSteps } from '../student/step-table.ts';
import { type FileResult, TestResultReader } from '../student/test-results.ts';

const root = join(import.meta.dirname, '../..');
const file = 'part1/test/a.test.ts';
const step = {
  name: 'list',
  title: 'The list',
  kind: 'base' as const,
  points: 9,
  rules: ['one', 'two'],
  hiddenRules: 0,
  tests: [file],
  files: ['part1/src/a.ts'],
};
const part = (hiddenRules = 0) => ({ part: 1, title: 'A table', steps: [{ ...step, hiddenRules }] });

function read(tap: string, end = 'exit code 0'): FileResult {
  const reader = new TestResultReader(file);
  reader.write(tap);
  return reader.end(end);
}

const subtest = (number: number, title: string, ...lines: string[]) => {
  const failed = lines.some((line) => line.startsWith('not ok'));
  const inner = [...lines, `1..${lines.filter((line) => /^(not )?ok/.test(line)).length}`].map(
    (line) => `    ${line}`,
  );
  return [`# Subtest: ${title}`, ...inner, `${failed ? 'not ok' : 'ok'} ${number} - ${title}`, ''].join('\n');
};

t.test('a rule is met when every test that names it passes', async (t) => {
  const tap = [
    'TAP version 14\n',
    subtest(1, 'first (part1/README.md\\#one)', 'ok 1 - fine'),
    subtest(2, 'second (part1/README.md\\#two)', 'ok 1 - fine'),
    subtest(
      3,
      'third (part1/README.md\\#two)',
      'ok 1 - fine',
      'not ok 2 - the order',
      '  ---',
      '  found: 1',
      '  wanted: 2',
      '  ...',
    ),
    '1..3\n',
  ].join('');
  const [result] = stepResults(part(), [read(tap)]);
  t.same(result?.passed, ['one']);
  t.match(result?.failures, [
    { rule: 'part1/README.md#two', file, lines: ['third', '  the order', '  expected: 2', '  got: 1'] },
  ]);
  const lines = tableLines(part(), result === undefined ? [] : [result]).join('\n');
  t.match(lines, /1 list: The list +1 of 2 +4\.5 of 9/);
  t.match(
    nextLines(result === undefined ? [] : [result]).join('\n'),
    /next: part1\/README\.md#two\n {2}third\n/,
  );
  const words = new Map([['part1/README.md#two', 'Two is one and one.']]);
  t.match(
    nextLines(result === undefined ? [] : [result], (rule) => words.get(rule)),
    [
      'next: part1/README.md#two',
      '  rule: Two is one and one.',
      '  third',
      '    the order',
      '    expected: 2',
      '    got: 1',
      `  repeat it: npm test -- ${file}`,
    ],
  );
  const failure = { rule: 'part4/README.md#scenario-4', file, lines: [], hasRun: true };
  t.match(
    nextLines(result === undefined ? [] : [{ ...result, failures: [failure] }]).join('\n'),
    /see it in a browser: npm run page -- --rule scenario-4/,
    'a scenario of part 4 can be seen',
  );
});

t.test('an assertion that names a rule is not the rule’s test', async (t) => {
  const tap = `TAP version 14\nok 1 - fine (part1/README.md\\#one)\nok 2 - fine (part1/README.md\\#two)\n1..2\n`;
  t.same(stepResults(part(), [read(tap)])[0]?.passed, []);
});

t.test('a skipped test meets no rule, nor does one that did not run', async (t) => {
  const tap = `TAP version 14\n# Subtest: first (part1/README.md\\#one)\n    1..0 # SKIP\nok 1 - first (part1/README.md\\#one) # SKIP not run: it is late\n1..1\n`;
  const [result] = stepResults(part(), [read(tap)]);
  t.same(result?.passed, []);
  t.match(result?.failures[0]?.lines, ['first', '  not run: it is late']);
  t.match(result?.failures[1]?.lines, ['none of its tests ran']);
});

t.test('the next rule is one whose test failed, before one whose tests did not run', async (t) => {
  const tap = `TAP version 14\n${subtest(1, 'second (part1/README.md\\#two)', 'not ok 1 - it holds')}1..1\n`;
  const [result] = stepResults(part(), [read(tap)]);
  t.same(
    result?.failures.map(({ rule, hasRun }) => [rule, hasRun]),
    [
      ['part1/README.md#one', false],
      ['part1/README.md#two', true],
    ],
  );
  t.match(nextLines(result === undefined ? [] : [result]), ['next: part1/README.md#two', '  second']);
});

t.test(
  'of one file: the rules that it tests, their share of the points, and the number of their step',
  async (t) => {
    const tap = `TAP version 14\n${subtest(1, 'b (part1/README.md\\#two)', 'ok 1')}1..1\n`;
    const other = { ...step, name: 'entries', title: 'Entries', rules: ['three'] };
    const whole = { ...part(), steps: [other, step] };
    const results = stepResults({ ...whole, steps: testedSteps(whole, [read(tap)]) }, [read(tap)]);
    t.match(tableLines(whole, results)[2], /^ {2}2 list: The list +1 of 1 +4\.5 of 4\.5$/);
    t.equal(results.length, 1);
    t.same(nextLines(results), []);
    for (const unfinished of cases(t, [
      '',
      'TAP version 14\n',
      `${tap.replace('1..1\n', '')}# Subtest: c\n`,
    ])) {
      const file = read(unfinished, 'exit code 1');
      t.same(testedSteps(whole, [file]), whole.steps, 'a file that stopped may test every rule');
    }
  },
);

t.test(
  'a file that stops: the test in which it stopped fails, and what did not run is not met',
  async (t) => {
    const folder = t.testdir({
      'stops.test.ts': `import t from 'tap';
t.test('first (part1/README.md#one)', async (t) => t.pass('fine'));
t.test('outer', async (t) => {
  t.test('second (part1/README.md#two)', async () => process.kill(process.pid, 'SIGKILL'));
});
t.test('third (part1/README.md#one)', async (t) => t.pass('fine'));
`,
    });
    const stops = relative(root, join(folder, 'stops.test.ts'));
    const result = await runFile(root, stops).result;
    t.same(
      result.tests.map(({ title, state, details }) => [title, state, ...details]),
      [
        ['first (part1/README.md#one)', 'passed'],
        ['second (part1/README.md#two)', 'failed', 'it stopped here (SIGKILL)'],
        [
          'third (part1/README.md#one)',
          'not run',
          'not run: it stopped in "second (part1/README.md#two)" (SIGKILL)',
        ],
      ],
    );
    const [steps] = stepResults({ ...part(), steps: [{ ...step, tests: [stops] }] }, [result]);
    t.same(steps?.passed, [], 'a rule is not met before all of its tests have run');
  },
);

t.test('the tests behind one that ended its file run in another start, as in the grader', async (t) => {
  const folder = t.testdir({
    'ends.test.ts': `import t from 'tap';
const end = async () => process.kill(process.pid, 'SIGKILL');
t.test('first (part1/README.md#one)', async (t) => t.pass('fine'));
t.test('second (part1/README.md#two)', end);
t.test('third (part1/README.md#one)', async (t) => t.pass('fine'));
t.test('fourth (part1/README.md#two)', end);
t.test('fifth (part1/README.md#one)', async (t) => t.pass('fine'));
`,
  });
  const file = relative(root, join(folder, 'ends.test.ts'));
  const [result] = await runFiles(root, [file], { isFresh: true });
  t.same(
    result?.tests.map(({ state }) => state),
    ['passed', 'failed', 'passed', 'failed', 'passed'],
  );
  const [steps] = stepResults({ ...part(), steps: [{ ...step, tests: [file] }] }, result ? [result] : []);
  t.same(steps?.passed, ['one'], 'the rule whose tests all pass is met');
});

t.test('tests after one that waits for nothing are not met, although tap does not name them', async (t) => {
  const titles = ['second', 'third', 'fourth', 'fifth'];
  const folder = t.testdir({
    'uncaught.test.ts': `import t from 'tap';
t.test('first', async () => {
  await new Promise(() => undefined);
});
for (const title of ${JSON.stringify(titles)}) {
  t.test(title + ' (part1/README.md#' + (title === 'fifth' ? 'one' : 'two') + ')', async (t) => t.pass('fine'));
}
`,
    'other.test.ts': `import t from 'tap';
t.test('passes (part1/README.md#one)', async (t) => t.pass('fine'));
`,
  });
  const files = ['uncaught', 'other'].map((name) => relative(root, join(folder, `${name}.test.ts`)));
  const results = [];
  for (const file of files) results.push(await runFile(root, file).result);
  const [steps] = stepResults({ ...part(), steps: [{ ...step, tests: files }] }, results);
  t.same(steps?.passed, []);
});

t.test('a file that cannot be loaded says why', async (t) => {
  const folder = t.testdir({
    'broken.test.ts':
      "import t from 'tap';\nimport { absent } from 'tap';\nt.test('a (part1/README.md#one)', absent);\n",
  });
  const broken = relative(root, join(folder, 'broken.test.ts'));
  const result = await runFile(root, broken).result;
  const [steps] = stepResults({ ...part(), steps: [{ ...step, tests: [broken] }] }, [result]);
  t.match(steps?.failures, [{ lines: [/SyntaxError.*absent/] }, { lines: [/SyntaxError.*absent/] }]);
});

t.test('hidden rules are counted: their points are missing, and a line says so', async (t) => {
  const tap = `TAP version 14\n${subtest(1, 'a (part1/README.md\\#one)', 'ok 1')}${subtest(2, 'b (part1/README.md\\#two)', 'ok 1')}1..2\n`;
  const results = stepResults(part(1), [read(tap)]);
  const text = tableLines(part(1), results).join('\n');
  t.match(text, /2 of 2 +6 of 9/);
  t.match(text, /1 more rule is tested after the due date/);
});

/** A hand-out of part 1 with these files, in which `npm run watch` runs. Returns its folder, and what waits for a text of the output. */
async function startWatch(t: Test, part1: object, steps: readonly object[]) {
  const folder = t.testdir({
    part1: { 'package.json': JSON.stringify({ exports: {} }), ...part1 },
    'handout.json': JSON.stringify({ part: 1, parts: [{ part: 1, title: 'A table', steps }] }),
  });
  mkdirSync(join(folder, 'scripts'));
  for (const name of ['student', 'time-limit.ts', 'time-limit-thread.ts']) {
    cpSync(join(root, 'scripts', name), join(folder, 'scripts', name), { recursive: true });
  }
  // Without what tap adds to the environment of child processes.
  const clean = ['-u', 'NODE_OPTIONS', '-u', 'TAP', process.execPath];
  const watch = spawn('env', [...clean, join(folder, 'scripts/student/watch.ts'), 'part1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(async () => {
    if (watch.exitCode !== null || watch.signalCode !== null) return;
    watch.kill('SIGKILL');
    await once(watch, 'exit');
  });
  const state = { output: '' };
  watch.stdout.setEncoding('utf8').on('data', (text: string) => {
    state.output += text;
  });
  const printed = (pattern: RegExp) =>
    eventually(() => pattern.test(state.output), { deadlineMs: 20_000, what: String(pattern) });
  await printed(/watching part 1/);
  return { folder, state, printed };
}

t.test('watch repeats the tests that a saved file touches, and no others', { timeout: 60_000 }, async (t) => {
  const { folder, state, printed } = await startWatch(
    t,
    {
      src: { 'a.ts': 'export const a = 1;\n', 'b.ts': 'export const b = 1;\n', 'c.ts': 'export {};\n' },
      test: {
        'a.test.ts': `import t from 'tap';
import '../src/c.ts';
import { a } from '../src/a.ts';
t.test('a is two (part1/README.md#one)', async (t) => t.equal(a, 2));
`,
        'b.test.ts': `import t from 'tap';
import '../src/c.ts';
import { b } from '../src/b.ts';
t.test('b is two (part1/README.md#two)', async (t) => t.equal(b, 2));
`,
      },
    },
    [
      { ...step, name: 'a', rules: ['one'], tests: ['part1/test/a.test.ts'], files: [] },
      { ...step, name: 'b', rules: ['two'], tests: ['part1/test/b.test.ts'], files: [] },
      { ...step, name: 'both', tests: ['part1/test/a.test.ts', 'part1/test/b.test.ts'], files: [] },
    ],
  );
  writeFileSync(join(folder, 'part1/src/a.ts'), 'export const a = 2;\n');
  await printed(/saved: part1\/src\/a\.ts\n.*part1\/test\/a\.test\.ts: after [\d.]+ s\n.*1 of 1/s);
  t.notMatch(state.output, 'b.test.ts');
  writeFileSync(join(folder, 'part1/src/b.ts'), 'export const b = 3;\n');
  await printed(/part1\/test\/b\.test\.ts: after [\d.]+ s\n.*0 of 1 /s);
  t.match(state.output, 'next: part1/README.md#two');
  await printed(/3 both: The list +1 of 2/);

  state.output = '';
  writeFileSync(join(folder, 'part1/src/c.ts'), 'export const c = 1;\n');
  await printed(/part1\/test\/b\.test\.ts: after [\d.]+ s\n.*both: .*1 of 2/s);
  t.equal(
    state.output.match(/both: /g)?.length,
    1,
    'a step is shown when all its tests have run with what was saved',
  );

  state.output = '';
  writeFileSync(join(folder, 'part1/src/a.ts'), 'export const a = 4;\n');
  await printed(/saved: part1\/src\/a\.ts/);
  writeFileSync(join(folder, 'part1/src/b.ts'), 'export const b = 2;\n');
  await printed(/saved: part1\/src\/a\.ts, part1\/src\/b\.ts\n/);
  await printed(/part1\/test\/a\.test\.ts: after/);
  await printed(/part1\/test\/b\.test\.ts: after/);
});

t.test(
  'watch runs first the tests of the rules to which the saved file is written, and says at once which are not met',
  { timeout: 60_000 },
  async (t) => {
    // The test of another rule, which comes first in the file, does not end before the verdict on the step's own rules is there.
    const { folder, state, printed } = await startWatch(
      t,
      {
        src: { 'a.ts': 'export const a = 1;\n' },
        test: {
          'a.test.ts': `import { existsSync } from 'node:fs';
import t from 'tap';
import { a } from '../src/a.ts';
t.test('slow (part1/README.md#slow)', async () => {
  while (!existsSync(new URL('go', import.meta.url))) await new Promise((resolve) => setTimeout(resolve, 20));
});
t.test('a is two (part1/README.md#one)', async (t) => t.equal(a, 2));
t.test('a is a number (part1/README.md#two)', async (t) => t.type(a, 'number'));
t.test('a is even (part1/README.md#one-more)', async (t) => t.equal(a % 2, 0));
`,
        },
      },
      [
        { ...step, name: 'a', rules: ['one', 'two'], tests: ['part1/test/a.test.ts'] },
        { ...step, name: 'b', rules: ['slow', 'one-more'], tests: ['part1/test/a.test.ts'], files: [] },
      ],
    );
    writeFileSync(join(folder, 'part1/src/a.ts'), 'export const a = 3;\n');
    await printed(/a\.test\.ts: [\d.]+ s, not met: a is two \(part1\/README\.md#one\)/);
    await printed(/a\.test\.ts: [\d.]+ s, 1 rules met, not met: #one; other rules follow/);
    await printed(/rules follow\n(.*\n)*.*: [\d.]+ s, 0 rules met so far/);
    t.notMatch(state.output, '#one-more');
    writeFileSync(join(folder, 'part1/test/go'), '');
    await printed(/1 a: The list +1 of 2.*\n.*2 b: The list +1 of 2/);
  },
);
