/** `class.html`: what the teacher wants to know about the class. It names hidden tests, so it is not for the students. */

import { pointsText } from '../../../scripts/student/points.ts';
import { bar, escaped, page, table } from '../grade/reports/page.ts';
import type { Cause, Change } from './compare.ts';
import { whatIsWrong } from './progress.ts';
import type { ClassRow } from './run-class.ts';
import type { Spread, Statistics, TestStatistics } from './statistics.ts';

export interface ClassPage {
  readonly part: string;
  readonly statistics: Statistics;
  readonly rows: readonly ClassRow[];
  readonly seeds: readonly number[];
  /** Since another run; undefined if none was given. */
  readonly changes: readonly Change[] | undefined;
  readonly writtenAt: Date;
}

const rulesShown = 15;
const slowestShown = 10;
const testsNamedMax = 6;

export function classPage({ part, statistics, rows, seeds, changes, writtenAt }: ClassPage): string {
  const { students, graded, notGradable, pointsMax, bonusMax, points, bonus } = statistics;
  const rest = students - graded - notGradable;
  const summary = [
    `${students} submissions: ${graded} graded${notGradable === 0 ? '' : `, ${notGradable} that cannot be graded as they are`}${rest === 0 ? '' : `, ${rest} not graded yet`}.`,
    ...(points === undefined ? [] : [`Points of ${pointsText(pointsMax)}: ${spreadText(points)}.`]),
    ...(bonus === undefined || bonusMax === 0
      ? []
      : [`Bonus points of ${pointsText(bonusMax)}: ${spreadText(bonus)}.`]),
    `Random tests ran with the seeds ${seeds.join(', ')}. This page names hidden tests: it is for the teacher.`,
  ];
  const sections = [
    `<h1>${escaped(part)}: the class</h1>`,
    `<p><small>Written ${escaped(writtenAt.toISOString())}.</small></p>`,
    `<ul>${summary.map((line) => `<li>${escaped(line)}</li>`).join('')}</ul>`,
    ...(points === undefined
      ? []
      : [
          pointsSection(statistics),
          stepsSection(statistics),
          rulesSection(statistics),
          testsSection(statistics),
        ]),
    ...(changes === undefined ? [] : [changesSection(changes)]),
    studentsSection(rows),
  ];
  return page(`${part}: the class`, sections.join('\n'));
}

function spreadText({ mean, min, median, max }: Spread): string {
  return `mean ${pointsText(mean)}, median ${pointsText(median)}, from ${pointsText(min)} to ${pointsText(max)}`;
}

function pointsSection({ histogram, graded }: Statistics): string {
  const rows = histogram.map(({ from, to, students }, index) => [
    `${pointsText(from)} ${index === histogram.length - 1 ? 'to' : 'to below'} ${pointsText(to)}`,
    String(students),
    bar(students, graded),
  ]);
  return section(
    'Points',
    table(
      'How many students have so many points, without bonus',
      [{ heading: 'Points' }, { heading: 'Students', kind: 'number' }, { heading: 'Share', kind: 'bar' }],
      rows,
    ),
  );
}

function stepsSection({ steps }: Statistics): string {
  const rows = steps.map(({ title, kind, pointsMax, mean, full, some, none }) => [
    escaped(`${title}${kind === 'bonus' ? ' (bonus)' : ''}`),
    `${pointsText(mean)} / ${pointsText(pointsMax)}`,
    String(full),
    String(some),
    String(none),
    bar(mean, pointsMax),
  ]);
  return section(
    'Steps',
    table(
      'How many students have all points of a step, some, or none',
      [
        { heading: 'Step', kind: 'words' },
        ...['Mean', 'All', 'Some', 'None'].map((heading) => ({ heading, kind: 'number' as const })),
        { heading: 'Mean', kind: 'bar' },
      ],
      rows,
    ),
  );
}

function rulesSection({ rules, graded }: Statistics): string {
  const failed = rules.filter((rule) => rule.failed + rule.notRun > 0);
  const rows = failed
    .slice(0, rulesShown)
    .map(({ anchor, text, step, failed, notRun }) => [
      `${escaped(text)} <small>#${escaped(anchor)}, ${escaped(step)}</small>`,
      `${failed + notRun} of ${graded}`,
      bar(failed + notRun, graded),
    ]);
  const more = failed.length - rows.length;
  return section(
    'Rules that the class fails',
    failed.length === 0
      ? '<p>None: all students keep all rules.</p>'
      : table(
          `The rules in the hand-out's words, most failed first${more > 0 ? `; ${more} more are in statistics.json` : ''}`,
          [
            { heading: 'Rule', kind: 'words' },
            { heading: 'Students', kind: 'number' },
            { heading: 'Share', kind: 'bar' },
          ],
          rows,
        ),
  );
}

function testsSection({ tests }: Statistics): string {
  const columns = [
    { heading: 'Test', kind: 'words' as const },
    ...['Passed', 'Failed', 'Not run', 'Median', 'Slowest'].map((heading) => ({
      heading,
      kind: 'number' as const,
    })),
  ];
  const row = ({ id, name, isHidden, passed, failed, notRun, medianMs, maxMs }: TestStatistics) => [
    `${testText(id, name)}${isHidden ? ' <small>hidden</small>' : ''}`,
    ...[passed, failed, notRun].map(String),
    secondsText(medianMs),
    secondsText(maxMs),
  ];
  const slowest = tests.toSorted((one, other) => other.medianMs - one.medianMs).slice(0, slowestShown);
  return (
    section(
      'Tests',
      table('How many students pass each test, and how long it takes those', columns, tests.map(row)),
    ) + section('Slowest tests', table('By the median of those who pass', columns, slowest.map(row)))
  );
}

/** A title cites its rules with their file, which is the same for all. */
function testText(id: string, name: string): string {
  const title = name.replace(/\(part\d\/README\.md(#[\w-]+)\)/, '$1');
  return `<code>${escaped(id)}</code> ${escaped(title)}`;
}

function secondsText(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 9_950 ? 2 : 1)} s`;
}

function studentsSection(rows: readonly ClassRow[]): string {
  const cells = rows.map((row) => {
    const { student, result } = row;
    const wrong = whatIsWrong(row);
    return [
      escaped(student),
      result === undefined ? '' : pointsText(result.points),
      result === undefined ? '' : pointsText(result.bonus),
      result === undefined ? '' : `${Math.round(result.seconds)} s`,
      wrong === undefined
        ? result === undefined
          ? '<span class="open">not graded yet</span>'
          : '<span class="good">graded</span>'
        : `<span class="bad">look at it</span> ${escaped(wrong)}`,
    ];
  });
  return section(
    'Students',
    table(
      'Each submission',
      [
        { heading: 'Student' },
        ...['Points', 'Bonus', 'Time'].map((heading) => ({ heading, kind: 'number' as const })),
        { heading: 'State', kind: 'words' },
      ],
      cells,
    ),
  );
}

const causeTexts: Readonly<Record<Cause, string>> = {
  submission: 'the submission has changed',
  tests: 'the tests have changed',
  kit: "the kit's version has changed",
  settings: 'the settings have changed (steps, points, seeds, sandbox)',
  'new student': 'a new submission',
  'not there any more': 'the submission is not there any more',
  none: 'NOTHING HAS CHANGED: the same submission, tests and kit gave another result',
};

function causeText(causes: readonly Cause[]): string {
  return causes.map((cause) => causeTexts[cause]).join('; ');
}

function changesSection(changes: readonly Change[]): string {
  if (changes.length === 0)
    return section('Changes', '<p>No points and no tests have changed since the run that was compared.</p>');
  const rows = changes.map(({ student, before, after, tests, causes }) => [
    escaped(student),
    before === undefined ? '' : pointsText(before),
    after === undefined ? '' : pointsText(after),
    testsText(tests),
    causes.includes('none')
      ? `<span class="bad">${escaped(causeText(causes))}</span>`
      : escaped(causeText(causes)),
  ]);
  return section(
    'Changes',
    table(
      'Students whose points or tests differ from the run that was compared; points with bonus',
      [
        { heading: 'Student' },
        { heading: 'Before', kind: 'number' },
        { heading: 'Now', kind: 'number' },
        { heading: 'Tests', kind: 'words' },
        { heading: 'Why', kind: 'words' },
      ],
      rows,
    ),
  );
}

function testsText(tests: Change['tests']): string {
  const named = tests
    .slice(0, testsNamedMax)
    .map(({ id, name, before, after }) => `<li>${testText(id, name)}: ${before}, now ${after}</li>`);
  const more = tests.length - named.length;
  const all = [...named, ...(more > 0 ? [`<li>and ${more} more</li>`] : [])];
  return all.length === 0 ? '' : `<ul>${all.join('')}</ul>`;
}

/** @param content HTML. */
function section(title: string, content: string): string {
  return `<section>\n<h2>${escaped(title)}</h2>\n${content}\n</section>\n`;
}
