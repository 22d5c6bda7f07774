/** Writes what a teacher reads: `grades.csv`, `statistics.json` and `class.html`. Each is complete at any time. */
import { join } from 'node:path';
import { writeAtomically } from '../grade/calibration.ts';
import { classPage } from './class-page.ts';
import { compareClasses } from './compare.ts';
import { gradesCsv } from './csv.ts';
import type { ClassResult } from './result.ts';
import type { ClassRow, RunClassOptions } from './run-class.ts';
import { statisticsOf } from './statistics.ts';

/** @param before the results of another run, to be compared with. */
export function writeClass(
  { part, steps, seeds, out }: RunClassOptions,
  rows: readonly ClassRow[],
  before: ReadonlyMap<string, ClassResult> | undefined,
): void {
  const statistics = statisticsOf(rows);
  const now = new Map(
    rows.flatMap(({ student, result }) => (result === undefined ? [] : [[student, result] as const])),
  );
  // While the class is not graded to its end, a student without a result is not a student who has gone.
  const isComplete = rows.every(({ result }) => result !== undefined);
  const all = before === undefined ? undefined : compareClasses(before, now);
  const changes = isComplete ? all : all?.filter(({ causes }) => !causes.includes('not there any more'));
  writeAtomically(join(out, 'grades.csv'), gradesCsv(rows, steps));
  writeAtomically(
    join(out, 'statistics.json'),
    `${JSON.stringify({ part, seeds, ...statistics, changes }, undefined, 2)}\n`,
  );
  writeAtomically(
    join(out, 'class.html'),
    classPage({ part, seeds, statistics, rows, changes, writtenAt: new Date() }),
  );
}
