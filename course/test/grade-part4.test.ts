/**
 * Grading of part 4: the cores run in the sandbox, and the simulator in the judge. A few rules stand for all, one that runs on the
 * simulator among them; CONTRIBUTING.md says how to grade with all.
 */
import t from 'tap';
import { failures, GradedPart, pointsOf, sandbox } from './support/graded-part.ts';

// The first test measures the reference, too, and the tests of other files run meanwhile.
t.setTimeout(240_000);

const part = new GradedPart(t, 4);
const steps = part.choose([
  'chain-roles',
  'chain-order',
  'chain-new-head',
  'scenario-7',
  'client-follows',
  'client-begun-anew',
]);

t.test('the reference earns all points', async (t) => {
  const result = await part.grade(part.submission(), steps);
  t.same(failures(result), []);
  t.same(pointsOf(result), ['roles 10', 'client 10', 'writes 20', 'acknowledgements 20']);
});

t.test('the hand-out as it is earns nothing, and each test says whose turn it is', async (t) => {
  const result = await part.grade(part.submission({ filled: [] }), steps);
  t.same(pointsOf(result), ['roles 0', 'client 0', 'writes 0', 'acknowledgements 0']);
  for (const { name, runs } of result.tests) t.match(runs[0]?.failures[0]?.got, /yours to write: /, name);
});

t.test('steps that are done in their order earn their points at once, and the others nothing', async (t) => {
  const pointsAfter = async (...filled: string[]) =>
    pointsOf(await part.grade(part.submission({ filled }), steps));
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
  const others = part.steps.map(({ name }) => name).filter((name) => name !== 'acknowledgements');
  t.same(pointsOf(await part.grade(part.submission({ filled: others }), only)), ['acknowledgements 0']);
  // What it does not hand in of the others is not missing.
  const filled = part.submission({ filled: ['acknowledgements', 'writes', 'resend', 'join'] });
  t.same(pointsOf(await part.grade(filled, only)), ['acknowledgements 20']);
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
    const change = { file: 'part4/src/core/view.ts', by: (source: string) => `${code}\n${source}` };
    const result = await part.grade(part.submission({ filled: [], change }), steps);
    t.ok(result.isComplete, 'all tests ran');
    t.same(pointsOf(result), ['roles 0', 'client 0', 'writes 0', 'acknowledgements 0']);
    const reasons = failures(result).flatMap(({ runs }) => runs.flatMap((run) => run.failures));
    const found = reasons.filter(({ got }) => stopped.test(got));
    t.ok(found.length > 0, [...new Set(reasons.map(({ got }) => got))].join('; '));
  });
}
