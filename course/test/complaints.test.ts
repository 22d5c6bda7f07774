/**
 * What users of other graders complain of, and what must not be possible here. Each test names its complaint. The others have theirs in:
 *
 *     grade.test.ts           all-or-nothing scores; hidden tests that leak through messages; a reference below 100 %
 *     grade-hostile.test.ts   edited tests that count; a results file the student can write; no report after a time-out
 *     handout.test.ts         fixes that cannot be handed out (`--update`)
 *     student.test.ts         "all passed" before a lower grade, without a word of hidden tests (scripts/test)
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t from 'tap';
import { loadPart } from '../src/course-file.ts';
import { type Grade, type GradeOptions, grade, stateOf } from '../src/grade/grade.ts';
import { availableSandbox } from '../src/grade/sandbox.ts';
import { layStudentKit } from '../src/grade/student-kit.ts';

const root = join(import.meta.dirname, '../..');
const sandbox = availableSandbox() ?? 'none';
t.setTimeout(150_000);

const folder = mkdtempSync(join(tmpdir(), 'tablelab-complaints-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
process.env.XDG_CACHE_HOME = join(folder, 'cache');

const steps = loadPart(1, root).steps.filter(({ name }) => name === 'entries' || name === 'list');
const files = [...new Set(steps.flatMap(({ write }) => write.map(({ file }) => file)))];

/** Files of the kit in `from`, changed. */
function submission(name: string, from: string, change: (source: string, file: string) => string): string {
  for (const file of files) {
    const to = join(folder, name, file);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, change(readFileSync(join(from, file), 'utf8'), file));
  }
  return join(folder, name);
}

const gradeIt = (from: string, more: Partial<GradeOptions> = {}) =>
  grade({ part: 'part1', steps, reference: root, submission: from, seeds: [1], sandbox, ...more });
const lostRules = ({ steps }: Grade) =>
  steps.flatMap(({ rules }) => rules.filter(({ state }) => state !== 'passed').map(({ anchor }) => anchor));
const earned = ({ steps }: Grade) => steps.reduce((sum, { points }) => sum + points, 0);

t.test('complaint: a hand-out above 0 %', async (t) => {
  const stubs = join(folder, 'stubs');
  layStudentKit({ reference: root, part: 'part1', steps, submission: { files: new Map() }, to: stubs });
  const result = await gradeIt(submission('hand-out', stubs, (source) => source));
  t.equal(earned(result), 0);
  t.same(
    result.tests.filter((test) => stateOf(test) === 'passed').map(({ name }) => name),
    [],
    'no test passes',
  );
});

t.test('complaint: a time limit eaten by a cold start', async (t) => {
  const slow = `const used = () => process.cpuUsage().user + process.cpuUsage().system;
const before = used();
while (used() - before < 1_500_000);
`;
  const from = submission('slow', root, (source, file) =>
    file.endsWith('entry.ts') ? slow + source : source,
  );
  const result = await gradeIt(from, { testLimitMinMs: 500 });
  t.same(lostRules(result), [], 'its modules take 1.5 s to load, which no test counts');
  t.ok(
    result.tests.every(({ limitMs }) => limitMs < 1_500),
    'a test has less than that',
  );
});

t.test('complaint: points that differ from run to run', async (t) => {
  // Its mistake shows for some keys only.
  const from = submission('sometimes', root, (source, file) =>
    file.endsWith('list.ts')
      ? source.replace('checkEntry(entry);', "checkEntry(entry);\n    if (entry.key === 'b') return false;")
      : source,
  );
  const runs = [await gradeIt(from), await gradeIt(from)];
  const [first, second] = runs.map((run) => run.tests.map((test) => [test.id, stateOf(test)]));
  t.same(second, first);
  t.same(
    runs.map(earned),
    [runs[0], runs[0]].map((run) => run && earned(run)),
  );
  t.ok(lostRules(runs[0] as Grade).length > 0, 'the mistake is found');
});

t.test(
  'complaint: points that differ from run to run, because the submission draws random numbers',
  async (t) => {
    // Each test has a process of its own.
    const luck = `
import { randomBytes, randomInt } from 'node:crypto';
const drawn = [randomInt(2), randomBytes(1)[0], crypto.getRandomValues(new Uint8Array(1))[0], Math.floor(2 * Math.random())];
const isUnlucky = drawn.reduce((sum, one) => sum + one, 0) % 2 === 1;
`;
    const from = submission('lucky', root, (source, file) =>
      file.endsWith('list.ts')
        ? luck + source.replace('checkEntry(entry);', 'checkEntry(entry);\n    if (isUnlucky) return false;')
        : source,
    );
    const [first, second] = [await gradeIt(from), await gradeIt(from)].map((run) =>
      run.tests.map((test) => [test.id, stateOf(test)]),
    );
    t.same(second, first);
    t.ok(
      first?.some(([, state]) => state === 'failed'),
      'this seed is unlucky',
    );
  },
);

t.test('complaint: one failed hidden test that voids a question', async (t) => {
  const hidden = join(folder, 'hidden');
  mkdirSync(hidden);
  writeFileSync(
    join(hidden, 'more.test.ts'),
    `import { List } from '@tablelab/part1';
import t from 'tap';
t.test('a key of 1,000 characters (part1/README.md#list-get)', async (t) => {
  const list = new List();
  list.add({ key: 'k'.repeat(1_000), value: Uint8Array.of(1) });
  t.ok(list.get('k'.repeat(1_000)));
});
`,
  );
  const from = submission('short', root, (source, file) =>
    file.endsWith('list.ts')
      ? source.replace(
          'checkEntry(entry);',
          'checkEntry(entry);\n    if (entry.key.length > 900) return true;',
        )
      : source,
  );
  const result = await gradeIt(from, { hidden });
  t.same(lostRules(result), ['list-get'], 'it costs its rule, and no other of the step');
});
