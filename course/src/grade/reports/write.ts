import { join } from 'node:path';
import { writeAtomically } from '../calibration.ts';
import type { Grade } from '../grade.ts';
import { ctrf } from './ctrf.ts';
import { gradescope } from './gradescope.ts';
import { html } from './html.ts';
import { markdown } from './markdown.ts';
import { tap } from './tap.ts';
import { terminal } from './terminal.ts';

const reports: Readonly<Record<string, (grade: Grade) => string>> = {
  'results.json': gradescope,
  'ctrf.json': ctrf,
  'results.tap': tap,
  'report.md': markdown,
  'report.html': html,
  'report.txt': terminal,
};

/** Writes all reports. Each is complete at any time, also if the grader is killed: then they say that the grade is partial. */
export function writeReports(grade: Grade, folder: string): void {
  for (const [name, report] of Object.entries(reports)) writeAtomically(join(folder, name), report(grade));
}
