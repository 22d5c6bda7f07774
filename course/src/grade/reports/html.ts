/** The report as one HTML page that needs nothing beside it, and runs no script. */
import { feedback, feedbackContext } from '../feedback.ts';
import { type Grade, stateOf } from '../grade.ts';
import { pointsText } from '../../../../scripts/student/points.ts';
import { remarks, totals } from '../summary.ts';
import { escaped, page, scrolling } from './page.ts';
import { publicName, publicTests } from './public-tests.ts';

export function html(grade: Grade): string {
  const context = feedbackContext(grade);
  const { base, bonus } = totals(grade);
  const title = `${grade.part}: ${pointsText(base.points)} of ${pointsText(base.max)} points`;
  const failed = publicTests(grade).filter((test) => stateOf(test) === 'failed');
  return page(
    title,
    `<h1>${escaped(title)}</h1>
<p>Bonus: ${pointsText(bonus.points)} of ${pointsText(bonus.max)} points. Graded ${escaped(grade.startedAt.toISOString())}.</p>
<ul>${remarks(grade)
      .map((remark) => `<li>${escaped(remark)}</li>`)
      .join('')}</ul>
<h2>Steps and rules</h2>
${scrolling(
  'Steps and rules',
  `<table>
<caption>The rules of each step, in the hand-out's words</caption>
<thead><tr><th scope="col" class="words">Rule</th><th scope="col">Result</th><th scope="col" class="number">Points</th></tr></thead>
${grade.steps.map(stepRows).join('\n')}
</table>`,
)}
<h2>Failed tests: ${failed.length}</h2>
${failed.map((test) => `<details open><summary>${escaped(publicName(test))}</summary><pre>${escaped(feedback(test, context))}</pre></details>`).join('\n')}`,
  );
}

const stateClass = { passed: 'good', failed: 'bad', 'not run': 'open' } as const;

function stepRows({ step, points, rules }: Grade['steps'][number]): string {
  const heading = `${step.title}${step.kind === 'bonus' ? ' (bonus)' : ''}`;
  const rows = rules.map(
    ({ anchor, text, state, points: worth }) =>
      `<tr><td class="words">${escaped(text)} <small>#${escaped(anchor)}</small></td><td class="${stateClass[state]}">${state}</td><td class="number">${pointsText(state === 'passed' ? worth : 0)} / ${pointsText(worth)}</td></tr>`,
  );
  const total = `<td class="number">${pointsText(points)} / ${pointsText(step.points)}</td>`;
  return `<tbody>
<tr class="group"><th scope="rowgroup" colspan="2">${escaped(heading)}</th>${total}</tr>
${rows.join('\n')}
</tbody>`;
}
