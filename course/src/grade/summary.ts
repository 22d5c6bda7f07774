/** What all reports say about a grade as a whole. */
import { type Grade, isSecret } from './assess.ts';
import { diagnosisText } from './diagnosis.ts';
import { networkCanBeTaken } from './sandbox.ts';

export interface Total {
  readonly points: number;
  readonly max: number;
}

/** Of the base steps; bonus points come on top. */
export function totals({ steps }: Grade): { base: Total; bonus: Total } {
  const total = (kind: 'base' | 'bonus'): Total => {
    const ofKind = steps.filter(({ step }) => step.kind === kind);
    return {
      points: ofKind.reduce((sum, { points }) => sum + points, 0),
      max: ofKind.reduce((sum, { step }) => sum + step.points, 0),
    };
  };
  return { base: total('base'), bonus: total('bonus') };
}

/** Sentences that every report begins with. */
export function remarks(grade: Grade): string[] {
  const { tests, seeds, isComplete, missing, problem, hint, sandbox, diagnoses } = grade;
  const hidden = tests.filter(isSecret).length;
  return [
    ...(problem === undefined ? [] : [`Not graded: ${problem}.`]),
    ...(hint === undefined ? [] : [hint]),
    ...(isComplete || problem !== undefined
      ? []
      : ['PARTIAL: the grader was stopped, or is still running. Tests that have not run earn nothing yet.']),
    hidden === 0
      ? 'There are no hidden tests.'
      : `${hidden} ${hidden === 1 ? 'test is' : 'tests are'} hidden until the due date. Hidden tests count: a rule is earned when all of its tests pass.`,
    ...diagnoses.map(diagnosisText),
    `Random tests ran with the seeds ${seeds.join(', ')}.`,
    ...(missing.length === 0
      ? []
      : [`Not handed in, so the hand-out's stub was graded: ${missing.join(', ')}.`]),
    ...(sandbox === 'none' ? ['The submission ran WITHOUT a sandbox.'] : []),
    ...(sandbox === 'user'
      ? [
          `The submission ran as a user of its own${networkCanBeTaken() ? '' : ', who could reach the network'}.`,
        ]
      : []),
  ];
}
