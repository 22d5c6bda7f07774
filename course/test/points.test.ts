import { seededRandom } from '@tablelab/shared';
import t from 'tap';
import type { TestState } from '../../scripts/student/points.ts';
import { earned, stepResults } from '../../scripts/student/step-table.ts';
import type { Step } from '../src/course-file.ts';
import { type GradedTest, gradeSteps } from '../src/grade/assess.ts';

const files = ['part1/test/a.test.ts', 'part1/test/b.test.ts'];
const rules = ['one', 'two', 'three', 'four', 'five'];
const states: readonly TestState[] = ['passed', 'passed', 'passed', 'failed', 'not run'];

interface Outcome {
  readonly file: string;
  readonly title: string;
  readonly rules: readonly string[];
  readonly state: TestState;
}

const step = (name: string, points: number, rules: readonly string[], tests: readonly string[]): Step => ({
  name,
  title: name,
  kind: 'base',
  points,
  write: [],
  rules,
  tests,
  show: 'all',
  showRules: {},
});

/** Each rule has tests in any of the files, also in one that its step does not name. */
const steps = [
  step('first', 10, rules.slice(0, 3), files.slice(0, 1)),
  step('second', 7, rules.slice(3), files),
];

t.test('a hand-out shows the points that the grader gives for the same results', async (t) => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 500; seed += 1) {
    const random = seededRandom(seed);

    const outcomes: Outcome[] = Array.from({ length: random.int(13) }, (_, index) => ({
      file: random.pick(files),
      title: `test ${index}`,
      rules: [...new Set([random.pick(rules), random.pick(rules)])],
      state: random.pick(states),
    }));
    const shown = pointsInHandout(outcomes);
    t.same(shown, pointsInGrade(outcomes), JSON.stringify(outcomes));
    seen.add(JSON.stringify(shown));
  }
  t.ok(seen.size > 8, `${seen.size} different results`);
});

function pointsInHandout(outcomes: readonly Outcome[]): number[] {
  const handoutSteps = steps.map((one) => ({ ...one, hiddenRules: 0, files: [] }));
  const results = files.map((file) => ({
    file,
    tests: outcomes
      .filter((test) => test.file === file)
      .map((test) => ({ ...test, rules: named(test), details: [] })),
    problem: undefined,
  }));
  return stepResults({ part: 1, title: '', steps: handoutSteps }, results).map(({ step, passed }) =>
    earned(step, passed),
  );
}

function named({ rules }: Outcome): string[] {
  return rules.map((rule) => `part1/README.md#${rule}`);
}

function pointsInGrade(outcomes: readonly Outcome[]): number[] {
  const tests = outcomes.map(
    ({ file, title, rules, state }): GradedTest => ({
      id: title,
      name: title,
      file,
      isHidden: false,
      show: 'all',
      rules,
      isRandom: false,
      limitMs: 1,
      runs: state === 'not run' ? [] : [{ seed: 1, ok: state === 'passed', ms: 1, failures: [], output: '' }],
    }),
  );
  return gradeSteps(steps, tests, { seeds: [1], texts: new Map() }).map(({ points }) => points);
}

t.test('before any test has run, there are no points', async (t) => {
  t.same(
    gradeSteps(steps, [], { seeds: [1], texts: new Map() }).map(({ points }) => points),
    [0, 0],
    'also if the tests are not known yet, as in the first partial report',
  );
  t.same(pointsInHandout([]), [0, 0]);
});
