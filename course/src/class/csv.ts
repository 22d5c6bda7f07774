/** `grades.csv` as RFC 4180 has it: CRLF, a field in quotes where it needs them. */

import { pointsText } from '../../../scripts/student/points.ts';
import type { Step } from '../course-file.ts';
import { whatIsWrong } from './progress.ts';
import type { ClassRow } from './run-class.ts';

export function gradesCsv(rows: readonly ClassRow[], steps: readonly Step[]): string {
  const header = [
    'student',
    'state',
    ...steps.map(
      ({ name, points, kind }) => `${name} (${kind === 'bonus' ? 'bonus ' : ''}${pointsText(points)})`,
    ),
    'points',
    'bonus',
    'total',
    'seconds',
    'problem',
  ];
  const lines = rows.map((row) => {
    const { student, result, failure } = row;
    const state =
      result === undefined
        ? failure === undefined
          ? 'not graded yet'
          : 'failed to grade'
        : result.problem === undefined
          ? 'graded'
          : 'not gradable';
    const ofStep = (step: Step) => result?.steps.find(({ name }) => name === step.name)?.points;
    return [
      student,
      state,
      ...steps.map((step) => number(ofStep(step))),
      number(result?.points),
      number(result?.bonus),
      number(result === undefined ? undefined : result.points + result.bonus),
      number(result?.seconds),
      whatIsWrong(row) ?? '',
    ];
  });
  return [header, ...lines].map((fields) => `${fields.map(field).join(',')}\r\n`).join('');
}

/** No number where there is no result: an empty field is not zero points. */
function number(value: number | undefined): string {
  return value === undefined ? '' : pointsText(value);
}

/** A spreadsheet would calculate what begins like a formula; an apostrophe makes it a text. */
function field(text: string): string {
  const harmless = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
