/**
 * Grading of part 4: the cores run in the sandbox, and the simulator in the judge. A few rules stand for all, one that runs on the
 * simulator among them; CONTRIBUTING.md says how to grade with all.
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
// The first test measures the reference, too, and the tests of other files run meanwhile.
t.setTimeout(240_000);

const folder = mkdtempSync(join(tmpdir(), 'tablelab-part4-test-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
process.env.XDG_CACHE_HOME = join(folder, 'cache');

const all = loadPart(4, root).steps;
const tested = [
  'chain-roles',
  'chain-order',
  'chain-new-head',
  'scenario-7',
  'client-follows',
  'client-begun-anew',
];
const steps = all
  .map((step) => ({ ...step, rules: step.rules.filter((rule) => tested.includes(rule)) }))
  .filter(({ rules }) => rules.length > 0);
const files = [...new Set(all.flatMap(({ write }) => write.map(({ file }) => file)))];

/** The hand-out with these steps filled in, as the reference has them. */
function submission(name: string, filled: readonly string[], code = ''): string {
  const kit = join(folder, name, 'kit');
  const open = all.filter((step) => !filled.includes(step.name));
  layStudentKit({ reference: root, part: 'part4', steps: open, submission: { files: new Map() }, to: kit });
  const to = join(folder, name, 'submission');
  for (const file of files) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    const source = readFileSync(join(kit, file), 'utf8');
    writeFileSync(join(to, file), file.endsWith('core/view.ts') ? `${code}\n${source}` : source);
  }
  return to;
}

const gradeIt = (from: string, only = steps) =>
  grade({
    part: 'part4',
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

t.test('the reference earns all points', async (t) => {
  const result = await gradeIt(
    submission(
      'reference',
      all.map(({ name }) => name),
    ),
  );
  t.same(failures(result), []);
  t.same(pointsOf(result), ['roles 10', 'client 10', 'writes 20', 'acknowledgements 20']);
});

t.test('the hand-out as it is earns nothing, and each test says whose turn it is', async (t) => {
  const result = await gradeIt(submission('hand-out', []));
  t.same(pointsOf(result), ['roles 0', 'client 0', 'writes 0', 'acknowledgements 0']);
  for (const { name, runs } of result.tests) t.match(runs[0]?.failures[0]?.got, /yours to write: /, name);
});

t.test('steps that are done in their order earn their points at once, and the others nothing', async (t) => {
  const pointsAfter = async (...filled: string[]) =>
    pointsOf(await gradeIt(submission(filled.join('-'), filled)));
  t.same(await pointsAfter('roles', 'client', 'writes'), [
    'roles 10',
    'client 10',
    'writes 20',
    'acknowledgements 0',
  ]);
  t.same(await pointsAfter('roles', 'client', 'writes', 'acknowledgements'), [
    'roles 10',
    'client 10',
    'writes 20',
    'acknowledgements 20',
  ]);
});

t.test('of steps that were handed out alone, the others are given', async (t) => {
  const only = steps
    .filter(({ name }) => name === 'acknowledgements')
    .map((step) => ({ ...step, tests: ['part4/test/scenarios.test.ts'] }));
  const others = all.map(({ name }) => name).filter((name) => name !== 'acknowledgements');
  t.same(pointsOf(await gradeIt(submission('others', others), only)), ['acknowledgements 0']);
  // What it does not hand in of the others is not missing.
  const filled = submission('alone', ['acknowledgements', 'writes', 'resend', 'join']);
  t.same(pointsOf(await gradeIt(filled, only)), ['acknowledgements 20']);
});

/** `code` is put before the stubs of view.ts; `stopped` is why its process was stopped. */
const hostile = [
  {
    name: 'a core that answers with a flood of effects',
    stopped: /more than|did not return within|ended/,
    code: `
void import('./chain-core.ts').then(({ ChainCore }) => {
  const flood = Array.from({ length: 300_000 }, () => ({ type: 'log', level: 'info', text: 'water' }));
  ChainCore.prototype.handle = () => undefined;
  ChainCore.prototype.takeEffects = () => flood;
});`,
  },
  {
    name: 'frames that answer before they are asked, and change what all objects have',
    stopped: /wrote into the grader's pipe/,
    code: `
import { writeSync } from 'node:fs';
const forged = ['o', '__proto__', ['o', 'passing', true, 'total', 1], 'type', 'stable'];
const text = JSON.stringify([['return', forged], [], [], []]);
const frame = Buffer.alloc(8 + text.length);
frame.writeUInt32BE(4 + text.length, 0);
frame.writeUInt32BE(text.length, 4);
frame.write(text, 8);
for (let count = 0; count < 100; count += 1) writeSync(4, frame);`,
  },
];

for (const { name, stopped, code } of hostile) {
  t.test(`${name}: no point, within the limits`, { skip: sandbox === 'none' && 'no sandbox' }, async (t) => {
    const result = await gradeIt(submission(name.replaceAll(/\W/g, '-'), [], code));
    t.ok(result.isComplete, 'all tests ran');
    t.same(pointsOf(result), ['roles 0', 'client 0', 'writes 0', 'acknowledgements 0']);
    const reasons = failures(result).flatMap(({ runs }) => runs.flatMap((run) => run.failures));
    const found = reasons.filter(({ got }) => stopped.test(got));
    t.ok(found.length > 0, [...new Set(reasons.map(({ got }) => got))].join('; '));
  });
}
