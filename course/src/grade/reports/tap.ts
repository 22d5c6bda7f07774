/** TAP version 14. */
import { stringify } from 'yaml';
import { feedback, feedbackContext } from '../feedback.ts';
import { type Grade, stateOf } from '../grade.ts';
import { remarks } from '../summary.ts';
import { publicName, publicTests } from './public-tests.ts';

export function tap(grade: Grade): string {
  const context = feedbackContext(grade);
  const tests = publicTests(grade);
  const lines = [
    'TAP version 14',
    ...remarks(grade).map((remark) => `# ${remark.replace(/\s+/g, ' ')}`),
    `1..${tests.length}`,
  ];
  for (const [index, test] of tests.entries()) {
    const state = stateOf(test);
    const name = publicName(test).replace(/\s+/g, ' ').replace(/[\\#]/g, '\\$&');
    lines.push(
      `${state === 'passed' ? 'ok' : 'not ok'} ${index + 1} - ${name}${state === 'not run' ? ' # TODO not run' : ''}`,
    );
    if (state !== 'failed') continue;
    const details = stringify({ message: feedback(test, context) }, { lineWidth: 0 }).trimEnd();
    lines.push('  ---', ...details.split('\n').map((line) => `  ${line}`), '  ...');
  }
  return `${lines.join('\n')}\n`;
}
