/**
 * Part 3 is graded with its threads in the sandbox: the judge keeps the models, and believes nothing but what they can check. A few rules
 * stand for all; CONTRIBUTING.md says how to grade with all.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t from 'tap';
import { loadPart } from '../src/course-file.ts';
import { type Grade, grade, stateOf } from '../src/grade/grade.ts';
import { availableSandbox } from '../src/grade/sandbox.ts';
import { layStudentKit } from '../src/grade/student-kit.ts';

const root = join(import.meta.dirname, '../..');
const sandbox = availableSandbox() ?? 'none';
t.setTimeout(300_000);

const folder = mkdtempSync(join(tmpdir(), 'tablelab-grade-part3-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
process.env.XDG_CACHE_HOME = join(folder, 'cache');

const all = loadPart(3, root).steps;
const tested = ['lock-fair', 'lock-holder', 'queue-limits', 'queue-close', 'write-numbers', 'message-op-n'];
const usedFiles = ['shared-memory-locks', 'task-queue', 'store', 'async-skeleton'].map(
  (file) => `part3/test/${file}.test.ts`,
);
const steps = all
  .map((step) => ({
    ...step,
    rules: step.rules.filter((rule) => tested.includes(rule)),
    tests: step.tests.filter((file) => usedFiles.includes(file)),
  }))
  .filter(({ rules }) => rules.length > 0);
const files = [...new Set(all.flatMap(({ write }) => write.map(({ file }) => file)))];

/** The hand-out with these steps filled in, as the reference has them, and one file changed. */
function submission(
  name: string,
  filled: readonly string[],
  { file = '', change }: { file?: string; change: (source: string) => string } = { change: String },
): string {
  const kit = join(folder, name, 'kit');
  const open = all.filter((step) => !filled.includes(step.name));
  layStudentKit({ reference: root, part: 'part3', steps: open, submission: { files: new Map() }, to: kit });
  const to = join(folder, name, 'submission');
  for (const one of files) {
    mkdirSync(dirname(join(to, one)), { recursive: true });
    const source = readFileSync(join(kit, one), 'utf8');
    writeFileSync(join(to, one), one === file ? change(source) : source);
  }
  return to;
}

const gradeIt = (from: string, only = steps) =>
  grade({
    part: 'part3',
    steps: only,
    reference: root,
    submission: from,
    seeds: [1],
    sandbox,
    testLimitMinMs: 2_000,
  });
const pointsOf = (result: Grade) => result.steps.map(({ step, points }) => `${step.name} ${points}`);
const failures = ({ tests }: Grade) =>
  tests.filter((test) => stateOf(test) !== 'passed').map(({ name, runs }) => ({ name, runs }));
const reasons = (result: Grade) =>
  failures(result).map(({ runs }) => runs[0]?.failures[0]?.got ?? 'it passed');
const complete = all.map(({ name }) => name);

t.test('the reference earns all points', async (t) => {
  const result = await gradeIt(submission('reference', complete));
  t.same(failures(result), []);
  t.same(pointsOf(result), ['locks 25', 'queue 25', 'executor 25', 'verify 10']);
});

t.test('the hand-out as it is earns nothing, and steps that are filled in earn their points', async (t) => {
  const handout = await gradeIt(submission('hand-out', []));
  t.same(pointsOf(handout), ['locks 0', 'queue 0', 'executor 0', 'verify 0']);
  for (const { name, runs } of failures(handout))
    t.match(JSON.stringify(runs[0]?.failures), /yours to write: /, name);
  const half = await gradeIt(submission('half', ['locks', 'queue', 'executor']));
  t.same(pointsOf(half), ['locks 25', 'queue 25', 'executor 25', 'verify 0']);
});

const skip = sandbox === 'none' && 'no sandbox';

t.test('forged: threads whose code never gets to the section break no rule there', { skip }, async (t) => {
  const forged = submission('forged', complete, {
    file: 'part3/src/shared-memory/mutex.ts',
    change: (source) => `${source}
void import('../../test/sandboxed/thread-code.ts').then(({ ThreadCode }) => {
  ThreadCode.prototype.next = () => undefined;
});`,
  });
  const only = steps
    .filter(({ name }) => name === 'locks')
    .map((step) => ({ ...step, rules: ['lock-fair'] }));
  const result = await gradeIt(forged, only);
  t.same(pointsOf(result), ['locks 0']);
  for (const got of reasons(result)) t.match(got, /ends without its turn/);
});

t.test('an endless loop while the queue is locked: no point, within the limits', { skip }, async (t) => {
  const endless = submission('endless', complete, {
    file: 'part3/src/store/task-queue.ts',
    change: (source) => source.replace('const isClosed =', 'for (;;);\n    const isClosed ='),
  });
  const result = await gradeIt(
    endless,
    steps.filter(({ name }) => name === 'queue'),
  );
  t.ok(result.isComplete, 'all tests ran');
  t.same(pointsOf(result), ['queue 0']);
  for (const got of reasons(result)) t.match(got, /did not return within/);
});
