/** What the runs of the tests are worth. */
import { pointsFor, ruleState, type TestState } from '../../../scripts/student/points.ts';
import type { Show, Step } from '../course-file.ts';
import type { Diagnosis } from '../diagnose.ts';
import type { Failure } from '../../../scripts/student/failure.ts';
import type { SandboxKind } from './sandbox.ts';

export interface TestRun {
  readonly seed: number;
  readonly ok: boolean;
  readonly ms: number;
  readonly failures: readonly Failure[];
  readonly output: string;
}

export interface GradedTest {
  /** Names it in reports and for `--rerun`. */
  readonly id: string;
  readonly name: string;
  readonly file: string;
  readonly isHidden: boolean;
  readonly show: Show;
  /** The rules of steps that it grades. */
  readonly rules: readonly string[];
  readonly isRandom: boolean;
  readonly limitMs: number;
  /** One for each seed; the seed does not matter for most tests, and they run once. */
  readonly runs: TestRun[];
}

export interface GradedRule {
  readonly anchor: string;
  /** In the hand-out's words. */
  readonly text: string;
  readonly points: number;
  readonly tests: readonly GradedTest[];
  readonly state: TestState;
}

export interface StepGrade {
  readonly step: Step;
  readonly points: number;
  readonly rules: readonly GradedRule[];
}

export interface Grade {
  readonly part: string;
  readonly submission: string;
  readonly seeds: readonly number[];
  readonly sandbox: SandboxKind;
  readonly missing: readonly string[];
  /** Whether all tests have run. */
  readonly isComplete: boolean;
  /** Why nothing could be graded. */
  readonly problem: string | undefined;
  /** What may explain that everything fails: a sentence. */
  readonly hint?: string | undefined;
  readonly steps: readonly StepGrade[];
  readonly tests: readonly GradedTest[];
  /** Common mistakes that the failures look like, once all tests have run. */
  readonly diagnoses: readonly Diagnosis[];
  readonly startedAt: Date;
}

/** Whether a student sees nothing of it before the due date. */
export function isSecret({ isHidden, show }: GradedTest): boolean {
  return isHidden || show === 'after-due';
}

export function stateOf({ runs }: GradedTest): TestState {
  if (runs.some(({ ok }) => !ok)) return 'failed';
  return runs.length === 0 ? 'not run' : 'passed';
}

export function gradeSteps(
  steps: readonly Step[],
  tests: readonly GradedTest[],
  { seeds, texts }: { readonly seeds: readonly number[]; readonly texts: ReadonlyMap<string, string> },
): StepGrade[] {
  return steps.map((step) => {
    const points = (earned: number) => pointsFor(step.points, { earned, rules: step.rules.length });
    const rules = step.rules.map((anchor): GradedRule => {
      const ofRule = tests.filter((test) => test.rules.includes(anchor));
      const state = ruleState(ofRule.map((test) => finalState(test, seeds)));
      return { anchor, text: texts.get(anchor) ?? anchor, points: points(1), tests: ofRule, state };
    });
    return { step, points: points(rules.filter(({ state }) => state === 'passed').length), rules };
  });
}

/** A random test has passed when it has with all seeds. */
function finalState(test: GradedTest, seeds: readonly number[]): TestState {
  const state = stateOf(test);
  const needed = test.isRandom ? seeds.length : 1;
  return state === 'passed' && test.runs.length < needed ? 'not run' : state;
}
