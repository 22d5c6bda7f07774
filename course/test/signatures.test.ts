import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { listTests } from '../../scripts/student/run-file.ts';
import { loadVariants } from '../src/check/variants.ts';
import type { Signature } from '../src/diagnose.ts';
import { diagnosesOf, diagnosisText } from '../src/grade/diagnosis.ts';
import type { GradedTest } from '../src/grade/assess.ts';
import { loadSignatures } from '../src/signatures.ts';

const root = join(import.meta.dirname, '../..');
const wrong = loadVariants(join(root, 'course')).filter(({ kind }) => kind === 'wrong');

t.test(
  'the committed signatures are those of the wrong solutions, by name and by title of test',
  async (t) => {
    for (const part of [1, 2, 3, 4]) {
      const signatures = loadSignatures(root, part);
      if (!existsSync(join(root, `course/signatures/part${part}.json`))) continue;
      const known = new Map(wrong.filter((one) => one.part === part).map(({ name, text }) => [name, text]));
      t.same(
        signatures.map(({ name, mistake }) => [name, mistake]),
        [...known].sort(([one], [other]) => one.localeCompare(other)),
        `npm run course:check -- --part ${part} --signatures course/signatures/part${part}.json`,
      );
      const cited = signatures.flatMap(({ failed }) => failed);
      const files = [...new Set(cited.map((title) => title.slice(0, title.indexOf(': '))))];
      const listed = await Promise.all(files.map((file) => listTests(root, file)));
      const titles = new Set(
        listed.flatMap(({ file, tests }) => tests.map(({ title }) => `${file}: ${title}`)),
      );
      t.same(
        [...new Set(cited)].filter((title) => !titles.has(title)),
        [],
        `part ${part}: no other titles`,
      );
      const empty = signatures.filter(({ failed }) => failed.length === 0);
      t.ok(
        empty.length < signatures.length / 10,
        `without failures: ${empty.map(({ name }) => name).join(', ')}`,
      );
    }
    t.ok(loadSignatures(root, 1).length > 0, 'part 1 has signatures');
  },
);

const file = join(root, 'part1/test/list.test.ts');
const graded = (name: string, ok: boolean, more: Partial<GradedTest> = {}, got = '1'): GradedTest => ({
  id: name,
  name,
  file,
  isHidden: false,
  show: 'all',
  rules: ['list-get'],
  isRandom: false,
  limitMs: 1,
  runs: [
    {
      seed: 1,
      ok,
      ms: 1,
      failures: ok ? [] : [{ assertion: '', input: '', expected: '2', got }],
      output: '',
    },
  ],
  ...more,
});
const titled = (...names: string[]) => names.map((name) => `part1/test/list.test.ts: ${name}`);
const signatures: readonly Signature[] = [
  { name: 'copies', mistake: 'A copy that is none.', failed: titled('a', 'b', 'c') },
  { name: 'size', mistake: 'A size that is wrong.', failed: titled('d', 'hidden') },
];
const diagnosed = (...tests: GradedTest[]) =>
  diagnosesOf(tests, { reference: root, signatures }).map(({ name }) => name);

t.test('a report names the mistake that the failures look like, with its fit', async (t) => {
  const tests = [graded('a', false), graded('b', false), graded('c', false), graded('x', true)];
  const [diagnosis] = diagnosesOf(tests, { reference: root, signatures });
  t.match(diagnosis, { name: 'copies', fit: 1 });
  t.match(
    diagnosis === undefined ? '' : diagnosisText(diagnosis),
    'look like a common mistake: A copy that is none. (fit 1.00, of at most 1)',
  );
  t.same(diagnosed(graded('a', false), graded('b', true), graded('c', true)), [], 'nothing where none fits');
});

t.test('a diagnosis tells nothing of hidden tests', async (t) => {
  const hiddenOnes = [
    graded('hidden', false, { isHidden: true }),
    graded('hidden', false, { show: 'after-due' }),
  ];
  for (const hidden of hiddenOnes) {
    t.same(diagnosed(graded('d', true), hidden), [], 'their failures count for none');
    const passing = { ...hidden, runs: graded('hidden', true).runs };
    t.same(diagnosed(graded('d', false), passing), ['size'], 'and whether they pass makes no difference');
    t.same(diagnosed(graded('d', false), hidden), ['size']);
  }
});

t.test('a function that is not written yet is no mistake', async (t) => {
  const stub = 'an error: yours to write: List.add, see part1/README.md#list-add-appends';
  t.same(diagnosed(...['a', 'b', 'c'].map((name) => graded(name, false, {}, stub))), []);
});
