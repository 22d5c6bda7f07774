import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cases } from '@tablelab/shared/testing';
import t from 'tap';
import { CourseFileError, courseFileOf, loadPart, parsePart, showOf } from '../src/course-file.ts';

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, courseFileOf(1)), 'utf8');
const parts = [1, 2, 3, 4];

function problemsOf(changed: string, part = 1): readonly string[] {
  try {
    parsePart('course/part1.yaml', changed, part, root);
    return [];
  } catch (error) {
    if (error instanceof CourseFileError) return error.problems;
    throw error;
  }
}

/** The line of the first text that matches, from 1. */
const lineOf = (changed: string, wanted: string) =>
  changed.slice(0, changed.indexOf(wanted)).split('\n').length;

t.test('the course file of each part is right, and its points add up to 100', async (t) => {
  for (const part of cases(t, parts)) {
    const { steps } = loadPart(part, root);
    t.equal(
      steps.reduce((sum, { points }) => sum + points, 0),
      100,
      `part ${part}`,
    );
  }
});

t.test('what a course file says of a step', async (t) => {
  const [step] = loadPart(1, root).steps;
  t.match(step, {
    name: 'entries',
    title: 'Data and entries',
    kind: 'base',
    write: [{ file: 'part1/src/entry.ts', members: ['duplicateData', 'duplicateEntry'] }],
    rules: ['data-duplicate', 'entry-duplicate'],
    tests: ['part1/test/list.test.ts'],
  });
});

t.test('a rule may be shown otherwise than its step', async (t) => {
  const changed = text.replace('show: all', 'show: name\n    show-rules: { entry-duplicate: after-due }');
  const [step] = parsePart('course/part1.yaml', changed, 1, root).steps;
  if (step === undefined) throw new Error('no step');
  t.equal(showOf(step, 'data-duplicate'), 'name');
  t.equal(showOf(step, 'entry-duplicate'), 'after-due');
});

t.test('a member may have rules and a body at first of its own', async (t) => {
  const written = loadPart(4, root).steps.flatMap(({ write }) => write);
  const lease = written.find(({ file }) => file.endsWith('core/lease.ts'));
  t.match(lease, {
    members: ['leaseAfter'],
    rulesOf: { leaseAfter: ['lease-serve'] },
    atFirst: { leaseAfter: /^\/\/ .*\nreturn until;\n$/ },
  });
  const sessions = written.find(({ file }) => file.endsWith('core/client-sessions.ts'));
  t.match(sessions, { members: ['lookUpRequest', 'applyToSessions'], rulesOf: {} });
  t.same(Object.keys(sessions?.atFirst ?? {}), ['lookUpRequest', 'applyToSessions']);
});

t.test('each error is reported with file and line', async (t) => {
  const mistakes: [name: string, from: string, to: string, problem: RegExp, at: string][] = [
    ['syntax', 'points: 10', 'points: 10\n    points: 11', /Map keys must be unique/, 'points: 11'],
    ['unknown key', 'points: 10', 'point: 10', /Unrecognized key: "point"/, 'point: 10'],
    ['key of the file', 'part: 1', 'parts: 1', /Unrecognized key: "parts"/, 'parts: 1'],
    ['no points', 'points: 10', 'points: 0', /steps\.0\.points: .*>0/, 'points: 0'],
    ['points as text', 'points: 10', 'points: ten', /points: .*expected number/, 'points: ten'],
    ['kind', 'kind: base', 'kind: bases', /kind: /, 'kind: bases'],
    ['show', 'show: all', 'show: some', /show: /, 'show: some'],
    ['empty list', 'rules: [data-duplicate, entry-duplicate]', 'rules: []', /rules: /, 'rules: []'],
    [
      'rule',
      'rules: [data-duplicate,',
      'rules: [data-duplicates,',
      /states no rule data-duplicates$/,
      'rules: [data-',
    ],
    [
      'rule of a member',
      '- duplicateEntry: [entry-duplicate]',
      '- duplicateEntry: [entry-copy]',
      /README\.md states no rule entry-copy$/,
      'part1/src/entry.ts',
    ],
    [
      'rule twice',
      'rules: [list-add-appends,',
      'rules: [data-duplicate,',
      /rule data-duplicate is already in step entries/,
      'rules: [data-duplicate, list',
    ],
    [
      'file',
      'part1/src/entry.ts',
      'part1/src/entries.ts',
      /there is no file part1\/src\/entries\.ts/,
      'part1/src/entries.ts',
    ],
    [
      'member',
      '- duplicateEntry:',
      '- duplicateEntries:',
      /has no function or method duplicateEntries/,
      '- duplicateEntries:',
    ],
    [
      'member twice',
      '- List.split:',
      '- List.add:',
      /List\.add of part1\/src\/list\.ts is already in step list/,
      '- List.add: [table-growth]',
    ],
    [
      'unknown key of a member',
      'at-first: //',
      'at-last: //',
      /a member is its name, or its name with a list of rules, or with `rules` and `at-first`/,
      '- Table.#addList:',
    ],
    ['empty body', 'at-first: // The', "at-first: '' # The", /at-first: .*>=1 characters/, "at-first: ''"],
    [
      'body that cannot be parsed',
      'at-first: // The',
      'at-first: return 1 + ; // The',
      /Table\.#addList at first: /,
      'at-first: return 1',
    ],
    [
      'body that ends before its function',
      'at-first: // The',
      "at-first: '} other() {' # The",
      /Table\.#addList at first: /,
      "at-first: '}",
    ],
    [
      'test',
      'tests: [part1/test/list.test.ts]',
      'tests: [part1/test/lists.test.ts]',
      /there is no file part1\/test\/lists/,
      'lists.test',
    ],
    [
      'test without its rules',
      'tests: [part1/test/list.test.ts]',
      'tests: [part1/test/table.test.ts]',
      /table\.test\.ts cites none of the step's rules/,
      'tests: [part1/test/table.test.ts]',
    ],
    [
      'step twice',
      'name: list',
      'name: entries',
      /there are two steps called entries/,
      'name: entries\n    title: The list',
    ],
    [
      'rule of another step',
      'show: all',
      'show: all\n    show-rules: { list-get: name }',
      /the step has no rule list-get/,
      'show-rules',
    ],
  ];
  for (const [name, from, to, problem, at] of cases(t, mistakes)) {
    const changed = text.replace(from, to);
    t.not(changed, text, `${name}: the text is changed`);
    const problems = problemsOf(changed);
    const line = lineOf(changed, at);
    const found = problems.filter((one) => problem.test(one));
    t.ok(found.length > 0, `${name}: reported`, { problems });
    t.ok(
      found.some((one) => one.startsWith(`course/part1.yaml:${line}: `)),
      `${name}: with line ${line}`,
      { problems },
    );
  }
});

t.test('all errors are reported at once', async (t) => {
  const changed = text.replace('data-duplicate', 'no-rule').replace('- duplicateEntry:', '- noMember:');
  const problems = problemsOf(changed);
  t.ok(problems.some((one) => one.includes('no-rule')));
  t.ok(problems.some((one) => one.includes('noMember')));
});

t.test('a file of another part, and a part without a file', async (t) => {
  t.match(problemsOf(text, 2)[0], /^course\/part1\.yaml:2: this is the file of part 2, not 1/);
  t.throws(() => loadPart(9, root), { message: 'course/part9.yaml: there is no such file' });
});
