import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { eventually } from '@tablelab/shared/testing';
import t from 'tap';
import { Parser } from 'tap-parser';
import { loadPart, type Step } from '../src/course-file.ts';
import { feedbackBytesMax } from '../src/grade/feedback.ts';
import { type Grade, type GradeOptions, grade, stateOf } from '../src/grade/grade.ts';
import { terminal } from '../src/grade/reports/terminal.ts';
import { writeReports } from '../src/grade/reports/write.ts';
import { availableSandbox } from '../src/grade/sandbox.ts';

const root = join(import.meta.dirname, '../..');
/** The same judge with and without; so these tests run everywhere. */
const sandbox = availableSandbox() ?? 'none';
const programDeadlineMs = 120_000;
t.setTimeout(programDeadlineMs + 30_000);

const folder = mkdtempSync(join(tmpdir(), 'tablelab-grade-test-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
process.env.XDG_CACHE_HOME = join(folder, 'cache');

const all = loadPart(1, root).steps;
const stepsNamed = (...names: string[]) => all.filter(({ name }) => names.includes(name));
const filesOf = (steps: readonly Step[]) => [
  ...new Set(steps.flatMap(({ write }) => write.map(({ file }) => file))),
];

/** The reference's files, changed. */
function submission(name: string, change: Readonly<Record<string, (source: string) => string>> = {}): string {
  const to = join(folder, name);
  for (const file of filesOf(all)) {
    const source = readFileSync(join(root, file), 'utf8');
    const changed = change[file]?.(source) ?? source;
    if (change[file] !== undefined && changed === source) throw new Error(`${file} is not changed`);
    mkdirSync(dirname(join(to, file)), { recursive: true });
    writeFileSync(join(to, file), changed);
  }
  return to;
}

const options = (from: string, more: Partial<GradeOptions> = {}): GradeOptions => ({
  part: 'part1',
  steps: stepsNamed('entries', 'list'),
  reference: root,
  submission: from,
  seeds: [1],
  sandbox,
  ...more,
});

const points = ({ steps }: Grade) => steps.map(({ points }) => points);
const failedTests = ({ tests }: Grade) => tests.filter((test) => stateOf(test) === 'failed');

t.test('the reference earns all points', async (t) => {
  // The other rules have long random tests. `npm run course:check` grades the reference with all of them.
  const long = [
    'table-map',
    'table-growth',
    'table-seed',
    'table-scan',
    'decode-hostile',
    'format-round-trip',
  ];
  const steps = all
    .map((step) => ({ ...step, rules: step.rules.filter((rule) => !long.includes(rule)) }))
    .filter(({ rules }) => rules.length > 0);
  const result = await grade(options(submission('reference'), { steps }));
  t.same(
    failedTests(result).map(({ name, runs }) => ({ name, runs })),
    [],
  );
  t.same(
    points(result),
    steps.map((step) => step.points),
  );
  t.ok(result.isComplete);
});

/** One mistake, and the rules that it breaks: memory that is shared across the two processes, identity, errors, and the rest. */
const mistakes: readonly (readonly [string, string, (source: string) => string, readonly string[]])[] = [
  [
    'a copy that is none',
    'part1/src/entry.ts',
    (source) => source.replace('return new Uint8Array(data);', 'return data;'),
    ['data-duplicate', 'entry-duplicate'],
  ],
  [
    'a window into the data',
    'part1/src/entry.ts',
    (source) => source.replace('return new Uint8Array(data);', 'return data.subarray();'),
    ['data-duplicate', 'entry-duplicate'],
  ],
  [
    'a Buffer',
    'part1/src/entry.ts',
    (source) => source.replace('return new Uint8Array(data);', 'return Buffer.from(data);'),
    ['data-duplicate'],
  ],
  [
    'a list that returns copies',
    'part1/src/list.ts',
    (source) => source.replace('return node.entry;', 'return { ...node.entry };'),
    ['list-get'],
  ],
  [
    'an export that is missing',
    'part1/src/entry.ts',
    (source) => source.replace('export function duplicateEntry', 'export function duplicateIt'),
    ['entry-duplicate'],
  ],
];

for (const [name, file, change, rules] of mistakes) {
  t.test(`${name}: fails its rules, and no other`, async (t) => {
    const result = await grade(options(submission(name.replaceAll(' ', '-'), { [file]: change })));
    const lost = result.steps.flatMap((step) =>
      step.rules.filter(({ state }) => state !== 'passed').map(({ anchor }) => anchor),
    );
    t.same(lost, rules);
  });
}

t.test('an endless loop costs its own rules only; hidden tests and random seeds are reported', async (t) => {
  const hidden = join(folder, 'hidden');
  mkdirSync(hidden);
  writeFileSync(
    join(hidden, 'more.test.ts'),
    `import { List } from '@tablelab/part1';
import { testSeed } from '@tablelab/part1/testing';
import t from 'tap';
import { Parser } from 'tap-parser';
t.test('keys of the hidden test (part1/README.md#list-size)', async (t) => {
  const list = new List();
  for (let index = 0; index < 10 + testSeed; index += 1) list.add({ key: 'secret' + index, value: Uint8Array.of(index) });
  t.equal(list.size, 10 + testSeed, 'the secret expectation');
});
`,
  );
  const looping = submission('looping', {
    'part1/src/list.ts': (source) =>
      source
        .replace('node.entry = entry;', 'for (;;);')
        .replace('this.#size += 1;', 'this.#size += entry.key.startsWith("secret") ? 0 : 1;'),
  });
  const reports = join(folder, 'reports');
  const result = await grade(
    options(looping, {
      hidden,
      seeds: [4, 5],
      testLimitMinMs: 1_000,
      onProgress: (current) => writeReports(current, reports),
    }),
  );
  const lost = result.steps.flatMap((step) =>
    step.rules.filter(({ state }) => state !== 'passed').map(({ anchor }) => anchor),
  );
  t.same(lost, ['list-add-replaces', 'list-size']);
  const hiddenTest = result.tests.find(({ isHidden }) => isHidden);
  t.same(
    hiddenTest?.runs.map(({ seed }) => seed),
    [4, 5],
    'it runs with each seed',
  );
  t.ok(hiddenTest?.isRandom, 'its calls depend on the seed');
  const text = terminal(result);
  t.match(
    text,
    /rule: If the list has an entry with that key, add\(entry\) replaces it .* \(part1\/README.md#list-add-replaces\)/,
  );
  t.match(text, /input: new List\(\); add\(\{ key: 'a'/);
  t.match(text, /expected: a result; got: the submission did not return within \d+ ms/);
  t.match(
    text,
    /repeat: npm test -- part1\/test\/list\.test\.ts; for the grader: npm run grade with --rerun list\.\d+/,
  );
  t.match(text, /1 test is hidden until the due date. Hidden tests count/);
  t.match(text, /Random tests ran with the seeds 4, 5/);
  const only = result.tests.find(({ rules }) => rules.includes('list-add-replaces'))?.id;
  const portuguese = await grade(options(looping, { only, testLimitMinMs: 1_000, language: 'pt' }));
  t.match(
    terminal(portuguese),
    /rule: Se a lista já tem uma entrada com essa chave/,
    'in the language of the hand-out',
  );
  for (const name of readdirSync(reports)) {
    const report = readFileSync(join(reports, name), 'utf8');
    t.notMatch(report, /secret|keys of the hidden/, `${name} tells nothing of the hidden test`);
    t.match(report, /hidden/i, `${name} says that there are hidden tests`);
  }
  checkFormats(reports, result);
  function checkFormats(reports: string, result: Grade): void {
    const results = JSON.parse(readFileSync(join(reports, 'results.json'), 'utf8'));
    const scored = results.tests.filter((test: { score?: number }) => test.score !== undefined);
    const rules = result.steps.flatMap(({ step }) => step.rules);
    t.equal(scored.length, rules.length, 'an entry for each rule');
    const sum = scored.reduce((total: number, { score }: { score: number }) => total + score, 0);
    t.ok(Math.abs(sum - results.score) < 0.01 && sum > 20 && sum < 35, `${sum} points`);
    t.same(scored.filter((test: { visibility: string }) => test.visibility === 'after_due_date').length, 1);
    for (const { output } of results.tests) t.ok(Buffer.byteLength(output) <= feedbackBytesMax);
    const ctrf = JSON.parse(readFileSync(join(reports, 'ctrf.json'), 'utf8'));
    t.equal(ctrf.results.summary.failed, failedTests(result).length);
    t.equal(ctrf.results.tests.length, result.tests.length);
    const tap = Parser.parse(readFileSync(join(reports, 'results.tap'), 'utf8'));
    t.equal(tap.filter(([type]) => type === 'assert').length, result.tests.length, 'TAP can be read');
    const html = readFileSync(join(reports, 'report.html'), 'utf8');
    t.notMatch(html, /<script|src=|href=/, 'the page needs nothing');
  }
});

t.test('what a submission prints and throws cannot leave its place in a report, and is short', async (t) => {
  const attack = '\\n```\\n<script>alert(1)</script>\\nok 99 - forged\\n| x | y |\\u001b[31m';
  const loud = submission('loud', {
    'part1/src/list.ts': (source) =>
      source.replace(
        'checkEntry(entry);',
        `console.log('${attack}'.repeat(2000)); throw new Error('${attack}'.repeat(1000));`,
      ),
  });
  const reports = join(folder, 'loud-reports');
  const result = await grade(options(loud));
  writeReports(result, reports);
  const html = readFileSync(join(reports, 'report.html'), 'utf8');
  t.notMatch(html, /<script/);
  const tap = Parser.parse(readFileSync(join(reports, 'results.tap'), 'utf8'));
  t.equal(tap.filter(([type]) => type === 'assert').length, result.tests.length);
  const results = JSON.parse(readFileSync(join(reports, 'results.json'), 'utf8'));
  for (const { output, name } of results.tests) t.ok(Buffer.byteLength(output) <= 2 * feedbackBytesMax, name);
  t.notOk(terminal(result).includes('\u001b'), 'no control characters');
});

const program = join(root, 'course/src/programs/grade.ts');
const sandboxOption = sandbox === 'none' ? ['--no-sandbox'] : [];

t.test('the program: repeats one test with all its output', async (t) => {
  const printing = submission('printing', {
    'part1/src/list.ts': (source) =>
      source.replace('checkEntry(entry);', "console.log('I add', entry.key); checkEntry(entry);"),
  });
  const args = [program, printing, '--part', '1', '--rerun', 'list.3', ...sandboxOption];
  const output = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, args, { timeout: programDeadlineMs }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });
  t.match(output, /list\.3: add appends at the end/);
  t.match(output, /seed 1: passed/);
  t.match(output, /I add c\nI add a\nI add b/);
});

t.test('the program: a report also if it is killed in the middle, and nothing left behind', async (t) => {
  const out = join(folder, 'killed');
  const slow = submission('slow', {
    'part1/src/list.ts': (source) => source.replace('checkEntry(entry);', 'for (;;);'),
  });
  const temporary = t.testdir();
  const child = spawn(process.execPath, [program, slow, '--part', '1', '--out', out, ...sandboxOption], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: 'ignore',
  });
  t.teardown(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  await eventually(() => existsSync(join(out, 'report.txt')), {
    what: 'the reports',
    deadlineMs: programDeadlineMs,
  });
  t.ok(readdirSync(temporary).length > 0, 'it has a folder for temporary files');
  child.kill('SIGKILL');
  await exited;
  await eventually(() => readdirSync(temporary).length === 0, {
    what: 'the end of its folder',
    deadlineMs: programDeadlineMs,
  });
  for (const name of readdirSync(out).filter((name) => !name.endsWith('.new'))) {
    t.match(readFileSync(join(out, name), 'utf8'), /PARTIAL|"complete": false/, name);
  }
});

t.test('the program: wrong arguments', async (t) => {
  const run = (...args: string[]) =>
    new Promise<{ code: unknown; stderr: string }>((resolve) => {
      execFile(process.execPath, [program, ...args], (error, _, stderr) =>
        resolve({ code: error?.code, stderr }),
      );
    });
  for (const [args, message] of [
    [[], /the submission is missing/],
    [['x'], /--part is missing/],
    [['x', '--part', '9'], /--part is a whole number from 1 to 4/],
    [['x', '--part', '2', '--steps', '1..7'], /part 2 has steps 1 to 6, not 7/],
    [['x', '--part', '4', '--steps', '1..9'], /part 4 has steps 1 to 8, not 9/],
    [['x', '--part', '4', '--steps', '5..1'], /--steps 5\.\.1 ends before it begins/],
    [['x', '--part', '1', '--seeds', '1,y'], /a seed is a whole number/],
    [['x', '--part', '1', '--hidden', '/absent'], /there is no folder \/absent/],
    [['/absent', '--part', '1'], /there is no \/absent/],
  ] as const) {
    const { code, stderr } = await run(...args);
    t.equal(code, 2);
    t.match(stderr, message);
  }
});
