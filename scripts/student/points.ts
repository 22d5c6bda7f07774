/** How the results of tests become points: for a student's table and for the grade, so that both say the same. */

/** A test that was skipped, or that its file did not come to, was not run. */
export type TestState = 'passed' | 'failed' | 'not run';

/** @param states of all tests that cite the rule, in all graded files of its part. A rule is earned when it has passed. */
export function ruleState(states: readonly TestState[]): TestState {
  if (states.includes('failed')) return 'failed';
  return states.length === 0 || states.includes('not run') ? 'not run' : 'passed';
}

/** Points of a step are divided equally among its rules, those included whose tests are not published yet. */
export function pointsFor(points: number, { earned, rules }: { earned: number; rules: number }): number {
  return (points * earned) / rules;
}

/** At most two decimals, so that a third of 10 points can be read. */
export function pointsText(points: number): string {
  return String(Math.round(points * 100) / 100);
}
