/** The report as one HTML page that needs nothing beside it, and runs no script. */
import { feedback, feedbackContext } from '../feedback.ts';
import { type Grade, stateOf } from '../grade.ts';
import { pointsText } from '../../../../scripts/student/points.ts';
import { remarks, totals } from '../summary.ts';
import { publicName, publicTests } from './public-tests.ts';

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid #8886; }
td.number { text-align: right; white-space: nowrap; }
tr.step td { font-weight: 600; background: #8882; }
.passed { color: #1a7f37; } .failed { color: #cf222e; } .waiting { color: #9a6700; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: .6rem; background: #8881; border-radius: .3rem; }
summary { cursor: pointer; }
`;

export function html(grade: Grade): string {
  const context = feedbackContext(grade);
  const { base, bonus } = totals(grade);
  const title = `${grade.part}: ${pointsText(base.points)} of ${pointsText(base.max)} points`;
  const failed = publicTests(grade).filter((test) => stateOf(test) === 'failed');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p>Bonus: ${pointsText(bonus.points)} of ${pointsText(bonus.max)} points. Graded ${escaped(grade.startedAt.toISOString())}.</p>
<ul>${remarks(grade)
    .map((remark) => `<li>${escaped(remark)}</li>`)
    .join('')}</ul>
<table>
<thead><tr><th>Rule</th><th>Result</th><th>Points</th></tr></thead>
<tbody>
${grade.steps.map(stepRows).join('\n')}
</tbody>
</table>
<h2>Failed tests: ${failed.length}</h2>
${failed.map((test) => `<details open><summary>${escaped(publicName(test))}</summary><pre>${escaped(feedback(test, context))}</pre></details>`).join('\n')}
</body>
</html>
`;
}

const stateClass = { passed: 'passed', failed: 'failed', 'not run': 'waiting' } as const;

function stepRows({ step, points, rules }: Grade['steps'][number]): string {
  const heading = `${step.title}${step.kind === 'bonus' ? ' (bonus)' : ''}`;
  const rows = rules.map(
    ({ anchor, text, state, points: worth }) =>
      `<tr><td>${escaped(text)} <small>#${escaped(anchor)}</small></td><td class="${stateClass[state]}">${state}</td><td class="number">${pointsText(state === 'passed' ? worth : 0)} / ${pointsText(worth)}</td></tr>`,
  );
  return `<tr class="step"><td colspan="2">${escaped(heading)}</td><td class="number">${pointsText(points)} / ${pointsText(step.points)}</td></tr>\n${rows.join('\n')}`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
