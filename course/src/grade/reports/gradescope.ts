/**
 * `results.json`, as Gradescope reads it (gradescope-autograders.readthedocs.io, "Autograder specifications"). One entry for each
 * rule has its points. If a rule has hidden tests, its entry appears after the due date, and a second one, without points, shows the tests that
 * may be seen now. Nothing of a hidden test is in the file: Gradescope shows all of it to teaching staff, and the student later.
 */
import { feedback, feedbackContext, type FeedbackContext } from '../feedback.ts';
import type { Grade, GradedRule, GradedTest } from '../grade.ts';
import { isSecret, stateOf } from '../assess.ts';
import { pointsText } from '../../../../scripts/student/points.ts';
import { remarks, totals } from '../summary.ts';

type Visibility = 'visible' | 'after_due_date';

interface GradescopeTest {
  readonly name: string;
  readonly number: string;
  readonly score?: number;
  readonly max_score?: number;
  readonly status: 'passed' | 'failed';
  readonly output: string;
  readonly visibility: Visibility;
  readonly tags: readonly string[];
}

export function gradescope(grade: Grade): string {
  const context = feedbackContext(grade);
  const { base, bonus } = totals(grade);
  const ruleTests = grade.steps.flatMap(({ step, rules }, stepIndex) =>
    rules.flatMap((rule, ruleIndex) =>
      entries(rule, context, {
        step: step.title,
        kind: step.kind,
        number: `${stepIndex + 1}.${ruleIndex + 1}`,
      }),
    ),
  );
  const results = {
    score: Math.round((base.points + bonus.points) * 100) / 100,
    execution_time: Math.round((Date.now() - grade.startedAt.getTime()) / 1_000),
    output: [
      ...remarks(grade),
      `${pointsText(base.points)} of ${pointsText(base.max)} points, and ${pointsText(bonus.points)} of ${pointsText(bonus.max)} bonus points.`,
    ].join('\n'),
    visibility: 'visible',
    stdout_visibility: 'hidden',
    extra_data: {
      complete: grade.isComplete,
      part: grade.part,
      seeds: grade.seeds,
      diagnoses: grade.diagnoses,
    },
    tests: ruleTests,
  };
  return `${JSON.stringify(results, undefined, 2)}\n`;
}

function entries(
  rule: GradedRule,
  context: FeedbackContext,
  { step, kind, number }: { step: string; kind: string; number: string },
): GradescopeTest[] {
  const visible = rule.tests.filter((test) => !isSecret(test));
  const hasSecrets = visible.length < rule.tests.length;
  const name = `${step}: ${rule.text.slice(0, 120)} (#${rule.anchor})`;
  const passed = rule.state === 'passed';
  const scored: GradescopeTest = {
    name,
    number,
    score: passed ? rule.points : 0,
    max_score: rule.points,
    status: passed ? 'passed' : 'failed',
    output: outputOf(rule.tests, context),
    visibility: hasSecrets ? 'after_due_date' : 'visible',
    tags: [kind],
  };
  if (!hasSecrets || visible.length === 0) return [scored];
  const now: GradescopeTest = {
    name: `${name}: the tests that are shown now`,
    number: `${number}.1`,
    status: visible.every((test) => stateOf(test) === 'passed') ? 'passed' : 'failed',
    output: outputOf(visible, context),
    visibility: 'visible',
    tags: [kind],
  };
  return [now, scored];
}

function outputOf(tests: readonly GradedTest[], context: FeedbackContext): string {
  return tests
    .filter((test) => stateOf(test) !== 'passed')
    .map((test) => feedback(test, context) || 'a test has not run')
    .join('\n\n');
}
