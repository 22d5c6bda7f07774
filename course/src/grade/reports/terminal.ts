/** The table on the terminal. */
import { stripVTControlCharacters } from 'node:util';
import { feedback, feedbackContext } from '../feedback.ts';
import { type Grade, stateOf } from '../grade.ts';
import { pointsText } from '../../../../scripts/student/points.ts';
import { remarks, totals } from '../summary.ts';
import { publicName, publicTests } from './public-tests.ts';

const failuresShown = 10;
const ruleWidth = 70;

export function terminal(grade: Grade): string {
  const context = feedbackContext(grade);
  const { base, bonus } = totals(grade);
  const lines: string[] = [];
  const failed = publicTests(grade).filter((test) => stateOf(test) === 'failed');
  for (const test of failed.slice(0, failuresShown)) {
    lines.push(
      `FAILED  ${test.id}  ${publicName(test)}`,
      ...feedback(test, context)
        .split('\n')
        .map((line) => `    ${line}`),
    );
  }
  if (failed.length > failuresShown)
    lines.push(`... ${failed.length - failuresShown} more failed tests are in the reports`);
  lines.push('');
  for (const { step, points, rules } of grade.steps) {
    const title = `${step.title}${step.kind === 'bonus' ? ' (bonus)' : ''}`;
    lines.push(`${share(points, step.points)}  ${title}`);
    for (const { anchor, text, state } of rules) {
      const mark = { passed: 'ok     ', failed: 'FAILED ', 'not run': 'not run' }[state];
      const words = text.length <= ruleWidth ? text : `${text.slice(0, ruleWidth - 1)}…`;
      lines.push(`             ${mark}  ${words}  #${anchor}`);
    }
  }
  lines.push('', ...remarks(grade));
  lines.push(
    `${grade.part}: ${pointsText(base.points)} of ${pointsText(base.max)} points, and ${pointsText(bonus.points)} of ${pointsText(bonus.max)} bonus points`,
  );
  return `${lines.map((line) => stripVTControlCharacters(line)).join('\n')}\n`;
}

function share(points: number, max: number): string {
  return `${pointsText(points).padStart(6)} / ${pointsText(max).padEnd(3)}`;
}
