/** The report as Markdown. What comes from the submission stands in fenced blocks, where it means nothing. */
import { feedback, feedbackContext } from '../feedback.ts';
import { type Grade, stateOf } from '../grade.ts';
import { pointsText } from '../../../../scripts/student/points.ts';
import { remarks, totals } from '../summary.ts';
import { publicName, publicTests } from './public-tests.ts';

export function markdown(grade: Grade): string {
  const context = feedbackContext(grade);
  const { base, bonus } = totals(grade);
  const lines = [
    `# ${grade.part}: ${pointsText(base.points)} of ${pointsText(base.max)} points, ${pointsText(bonus.points)} of ${pointsText(bonus.max)} bonus points`,
    '',
    ...remarks(grade).flatMap((remark) => [`- ${plain(remark)}`]),
    '',
    '| step | points | rule | | points |',
    '| --- | --- | --- | --- | --- |',
    ...grade.steps.flatMap(({ step, points, rules }) =>
      rules.map((rule, index) => {
        const first =
          index === 0
            ? `${plain(step.title)}${step.kind === 'bonus' ? ' (bonus)' : ''} | ${pointsText(points)} / ${pointsText(step.points)}`
            : ' | ';
        return `| ${first} | #${rule.anchor} | ${rule.state} | ${pointsText(rule.state === 'passed' ? rule.points : 0)} / ${pointsText(rule.points)} |`;
      }),
    ),
    '',
  ];
  for (const test of publicTests(grade)) {
    if (stateOf(test) !== 'failed') continue;
    const text = feedback(test, context);
    // Longer than any row of backquotes in the text.
    const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([row]) => row.length + 1)));
    lines.push(`## ${plain(publicName(test))}`, '', `${fence}text`, text, fence, '');
  }
  return `${lines.join('\n')}\n`;
}

function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>|]/g, '\\$&');
}
