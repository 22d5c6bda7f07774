import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cases } from '@tablelab/shared/testing';
import { parseSync } from 'oxc-parser';
import t from 'tap';
import { makeClass } from '../src/check/make-class.ts';
import { listClass } from '../src/class/class-list.ts';
import { classPage } from '../src/class/class-page.ts';
import { compareClasses } from '../src/class/compare.ts';
import { gradesCsv } from '../src/class/csv.ts';
import { ProgressLine, timeText } from '../src/class/progress.ts';
import { type ClassResult, readResults, reportsFolder, resultFile } from '../src/class/result.ts';
import { type ClassRow, type Progress, type RunClassOptions, runClass } from '../src/class/run-class.ts';
import { statisticsOf } from '../src/class/statistics.ts';
import { writeClass } from '../src/class/write-class.ts';
import { loadPart } from '../src/course-file.ts';
import { filesOf } from '../src/grade/grade.ts';
import { availableSandbox } from '../src/grade/sandbox.ts';

const root = join(import.meta.dirname, '../..');
const sandbox = availableSandbox() ?? 'none';
/** Two processors that are busy with other tests. */
const classDeadlineMs = 300_000;
t.setTimeout(classDeadlineMs);

const folder = mkdtempSync(join(tmpdir(), 'tablelab-class-test-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
process.env.XDG_CACHE_HOME = join(folder, 'cache');

/** Their tests run in a second. */
const steps = loadPart(1, root).steps.filter(({ name }) => name === 'entries' || name === 'list');

const result = (student: string, more: Partial<ClassResult> = {}): ClassResult => ({
  ...{ version: 1, student, missing: [], points: 20, pointsMax: 35, bonus: 0, bonusMax: 0, seconds: 1.5 },
  digests: { submission: 's', tests: 't', kit: 'k', settings: 'e' },
  steps: [
    {
      ...{ name: 'entries', title: 'Data', kind: 'base' as const, points: 5, pointsMax: 10 },
      rules: [
        { anchor: 'data-duplicate', text: 'A duplicate shares nothing.', state: 'passed' },
        { anchor: 'entry-duplicate', text: 'Nor does <an> entry.', state: 'failed' },
      ],
    },
  ],
  tests: [
    { id: 'list.1', name: 'one', isHidden: false, state: 'passed', ms: 5, failure: '' },
    { id: 'list.2', name: 'two', isHidden: false, state: 'failed', ms: 9, failure: 'expected 1; got 2' },
  ],
  ...more,
});
const row = (student: string, more: Partial<ClassRow> = {}): ClassRow => ({
  ...{ student, path: `/class/${student}`, problem: undefined, remark: undefined, failure: undefined },
  result: result(student),
  ...more,
});

t.test('grades.csv: RFC 4180, and no name that a spreadsheet calculates', async (t) => {
  const rows = [
    row('=HYPERLINK("http://x","y")'),
    row('Silva, Ana "a"\nB'),
    row('-1', { result: undefined, failure: 'the grader ended by SIGKILL' }),
    row('@x', { result: undefined }),
    row('plain', { result: result('plain', { problem: 'it is a link' }) }),
  ];
  t.equal(
    gradesCsv(rows, steps),
    [
      'student,state,entries (10),list (25),points,bonus,total,seconds,problem',
      '"\'=HYPERLINK(""http://x"",""y"")",graded,5,,20,0,20,1.5,',
      '"Silva, Ana ""a""\nB",graded,5,,20,0,20,1.5,',
      "'-1,failed to grade,,,,,,,the grader ended by SIGKILL",
      "'@x,not graded yet,,,,,,,",
      'plain,not gradable,5,,20,0,20,1.5,it is a link',
      '',
    ].join('\r\n'),
  );
});

t.test('the submissions of a class: wrapped, linked, twice, empty, and what is none', async (t) => {
  const at = join(folder, 'list');
  const file = 'part1/src/list.ts';
  for (const path of ['ana/part1/src', 'moodle_1_file/homework/part1/src', 'empty', '__MACOSX']) {
    mkdirSync(join(at, path), { recursive: true });
  }
  for (const path of ['ana/part1/src/list.ts', 'moodle_1_file/homework/part1/src/list.ts']) {
    writeFileSync(join(at, path), '');
  }
  writeFileSync(join(at, 'ana.zip'), '');
  writeFileSync(join(at, 'eva.tar.gz'), '');
  writeFileSync(join(at, '.DS_Store'), '');
  symlinkSync('/etc', join(at, 'link'));
  t.same(
    listClass(at, [file]).map(({ student, path, problem, remark }) => [
      student,
      path.slice(at.length + 1),
      problem ?? remark,
    ]),
    [
      ['ana', 'ana', 'there is more than one submission of ana'],
      ['ana.zip', 'ana.zip', 'there is more than one submission of ana'],
      ['empty', 'empty', 'it is an empty folder'],
      ['eva', 'eva.tar.gz', undefined],
      ['link', 'link', 'it is a link; put the submission itself there'],
      ['moodle_1_file', 'moodle_1_file/homework', undefined],
    ],
  );
});

t.test('a name of a student is never a path', async (t) => {
  const out = '/out';
  const names = ['ana', 'ana.zip', '..', '.hidden', 'a b', 'a_b', 'é', 'x'.repeat(255), 'CON', 'a\nb'];
  const files = names.map((name) => resultFile(out, name));
  t.equal(new Set(files).size, names.length);
  for (const file of files) t.match(file, /^\/out\/results\/[A-Za-z0-9_][\w.~-]{0,90}\.json$/);
  t.equal(reportsFolder(out, 'ana'), '/out/reports/ana');
});

t.test('progress: one line on a terminal, a line for each submission elsewhere', async (t) => {
  const shown = (isTTY: boolean) => {
    let text = '';
    let now = 0;
    const stream = { isTTY, columns: 60, write: (more: string) => (text += more) };
    const line = new ProgressLine(stream, () => now);
    line.show({ done: 1, total: 4, graded: 0 });
    now = 30_000;
    line.show({ done: 2, total: 4, graded: 1, last: row('ana') });
    now = 90_000;
    const last = row('e\u001b[31mva', { result: result('eva', { problem: 'it is a link' }) });
    line.show({ done: 4, total: 4, graded: 3, last });
    return text;
  };
  t.equal(
    shown(true),
    [
      '\r\u001b[Kgraded 1 of 4',
      '\r\u001b[Kgraded 2 of 4; 2.0 a minute, 1 min left',
      '\r\u001b[Kgraded 4 of 4, 1 with problems; 2.0 a minute',
    ].join(''),
  );
  t.equal(
    shown(false),
    [
      '1/4  4 submissions, 1 of them graded before',
      '2/4  ana: 20 of 35, bonus 0; 2.0 a minute, 1 min left',
      '4/4  eva: 20 of 35, bonus 0: it is a link; 2.0 a minute',
      '',
    ].join('\n'),
  );
  t.same([0.2, 2.5, 150].map(timeText), ['12 s', '3 min', '2.5 h']);
});

t.test('statistics: points, steps, rules and tests', async (t) => {
  const all = {
    points: 35,
    steps: [{ ...(result('x').steps[0] as ClassResult['steps'][number]), points: 10 }],
  };
  const rows = [
    row('a'),
    row('b', { result: result('b', all) }),
    row('c', { result: result('c', { problem: 'no' }) }),
    row('d', { result: undefined }),
  ];
  const { histogram, ...rest } = statisticsOf(rows);
  t.match(rest, { students: 4, graded: 2, notGradable: 1, pointsMax: 35 });
  t.same(rest.points, { mean: 27.5, min: 20, median: 27.5, max: 35 });
  t.same(
    histogram.map(({ students }) => students),
    [0, 0, 0, 0, 0, 1, 0, 0, 0, 1],
  );
  t.match(rest.steps, [{ name: 'entries', mean: 7.5, full: 1, some: 1, none: 0 }]);
  t.same(
    rest.rules.map(({ anchor, failed }) => [anchor, failed]),
    [
      ['entry-duplicate', 2],
      ['data-duplicate', 0],
    ],
  );
  t.match(rest.tests, [
    { id: 'list.1', passed: 2, failed: 0, medianMs: 5, maxMs: 5 },
    { id: 'list.2', passed: 0, failed: 2, medianMs: 0, maxMs: 9 },
  ]);
  const page = classPage({
    part: 'part1',
    statistics: statisticsOf(rows),
    rows,
    seeds: [1],
    changes: undefined,
    writtenAt: new Date(0),
  });
  t.match(page, 'Nor does &lt;an&gt; entry.');
  t.notMatch(page, /<script|src=|href=/, 'the page needs nothing');
});

t.test('what has changed since another run, and why', async (t) => {
  const before = new Map(['a', 'b', 'c', 'gone'].map((name) => [name, result(name)]));
  const [one, two] = result('x').tests;
  const digests = { ...result('x').digests, submission: 'other' };
  const tests = [one, { ...two, state: 'passed' as const }] as ClassResult['tests'];
  const after = new Map([
    ['a', result('a')],
    ['b', result('b', { points: 30, tests, digests })],
    ['c', result('c', { points: 30 })],
    ['new', result('new')],
  ]);
  t.same(compareClasses(before, after), [
    {
      ...{ student: 'b', before: 20, after: 30, causes: ['submission'] },
      tests: [{ id: 'list.2', name: 'two', before: 'failed', after: 'passed' }],
    },
    { student: 'c', before: 20, after: 30, tests: [], causes: ['none'] },
    { student: 'gone', before: 20, after: undefined, tests: [], causes: ['not there any more'] },
    { student: 'new', before: undefined, after: 20, tests: [], causes: ['new student'] },
  ]);
});

const submissions = join(folder, 'class');
const out = join(folder, 'out');
const options = (more: Partial<RunClassOptions> = {}): RunClassOptions => ({
  ...{ part: 'part1', steps, reference: root, submissions, out, sandbox },
  ...{ seeds: [1], jobs: 2, testLimitMinMs: 1_000 },
  ...more,
});

const kinds = ['half done', 'hostile', 'reference', 'right', 'two mistakes', 'unreadable', 'wrong'];

for (const part of [2, 3, 4]) {
  t.test(
    `part ${part}: a class has submissions of each kind, hostile ones that compile among them`,
    async (t) => {
      const out = join(folder, `class-of-part${part}`);
      const students = await makeClass({ root, part, students: 60, seed: 1, out });
      t.same([...new Set(students.map(({ kind }) => kind))].sort(), kinds);
      const hostile = students.filter(({ kind }) => kind === 'hostile');
      t.ok(new Set(hostile.map(({ what }) => what)).size >= 8, 'of many kinds');
      const [first = ''] = filesOf(loadPart(part, root).steps).filter((file) => file.endsWith('.ts'));
      const folders = hostile.map(({ student }) => join(out, student, first)).filter(existsSync);
      for (const file of cases(t, folders)) {
        t.same(parseSync(file, readFileSync(file, 'utf8')).errors, [], file);
      }
    },
  );
}

t.test('a class: interrupted, continued, graded again after a change', async (t) => {
  const students = await makeClass({ root, part: 1, steps, students: 7, seed: 1, out: submissions });
  t.same([...students.map(({ kind }) => kind)].sort(), kinds, 'one of each kind');

  const stop = new AbortController();
  const seen: Progress[] = [];
  const partial = await runClass(
    options({
      signal: stop.signal,
      onProgress: (progress) => {
        seen.push(progress);
        if (progress.graded === 2) stop.abort();
      },
    }),
  );
  const done = partial.filter(({ result }) => result !== undefined);
  t.ok(done.length >= 2 && done.length < 7, `${done.length} of 7 were graded before the interruption`);
  writeClass(options(), partial, undefined);
  t.match(readFileSync(join(out, 'grades.csv'), 'utf8'), /student-\d+,not graded yet,/);

  // As a grader leaves it that is killed while it writes.
  const unfinished = partial.find(({ result }) => result === undefined)?.student ?? '';
  writeFileSync(
    resultFile(out, unfinished),
    readFileSync(resultFile(out, done[0]?.student ?? '')).subarray(0, 200),
  );
  const writtenAt = done.map(({ student }) => statSync(resultFile(out, student)).mtimeMs);
  const rows = await runClass(options({ onProgress: (progress) => seen.push(progress) }));
  t.equal(seen.find(({ done, graded }) => graded === 0 && done > 0)?.done, done.length, 'they are kept');
  t.same(
    done.map(({ student }) => statSync(resultFile(out, student)).mtimeMs),
    writtenAt,
    'and not graded again',
  );

  const points = new Map(rows.map(({ student, result }) => [student, result?.points]));
  for (const { student, kind, what } of students) {
    const earned = points.get(student);
    const name = `${student}: ${kind} ${what}`;
    if (kind === 'reference' || kind === 'right') t.equal(earned, 35, name);
    else if (kind === 'wrong' || kind === 'two mistakes')
      t.ok((earned ?? 35) < 35 && (earned ?? 0) > 0, name);
    else t.equal(earned, 0, name);
  }
  const bad = rows.find(
    ({ student }) => students.find((one) => one.student === student)?.kind === 'unreadable',
  );
  t.equal(bad?.result?.problem, 'it is an empty folder');
  t.same(readdirSync(join(out, 'reports', students[0]?.student ?? '')).length, 6, 'all reports of a student');
  writeClass(options(), rows, undefined);
  t.equal(readFileSync(join(out, 'grades.csv'), 'utf8').split('\r\n').length, 9);

  // Another run, for one student another submission.
  const before = readResults(out);
  const reference = students.find(({ kind }) => kind === 'reference')?.student ?? '';
  const half = students.find(({ kind }) => kind === 'half done')?.student ?? '';
  const isOf = (student: string) => (name: string) => name.startsWith(student);
  for (const name of readdirSync(submissions).filter(isOf(half)))
    rmSync(join(submissions, name), { recursive: true });
  const [from = ''] = readdirSync(submissions).filter(isOf(reference));
  cpSync(join(submissions, from), join(submissions, from.replace(reference, half)), { recursive: true });
  const again = await runClass(options({ onProgress: (progress) => seen.push(progress) }));
  t.equal(seen.at(-1)?.graded, 1, 'only that one was graded again');
  writeClass(options(), again, before);
  const { changes } = JSON.parse(readFileSync(join(out, 'statistics.json'), 'utf8'));
  t.match(changes, [{ student: half, before: 0, after: 35, causes: ['submission'] }]);
  t.equal(changes.length, 1);
  t.match(readFileSync(join(out, 'class.html'), 'utf8'), 'the submission has changed');
});

t.test('the program: wrong arguments', async (t) => {
  const program = join(root, 'course/src/programs/grade-class.ts');
  for (const [args, message] of [
    [[], /the folder of the submissions is missing/],
    [[folder], /--part is missing/],
    [[join(folder, 'absent'), '--part', '1'], /there is no folder/],
    [[folder, '--part', '1', '--jobs', '0'], /--jobs is a whole number/],
    [[folder, '--part', '1', '--out', folder, '--compare', folder], /another run/],
  ] as const) {
    const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
      execFile(process.execPath, [program, ...args], (error, _, stderr) =>
        resolve({ code: error?.code, stderr }),
      );
    });
    t.equal(code, 2);
    t.match(stderr, message);
  }
});
