/** What is kept of a graded submission of a class: enough for all pages and tables, and to see that it need not be graded again. */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomically } from '../grade/calibration.ts';
import { type Grade, stateOf } from '../grade/grade.ts';
import { totals } from '../grade/summary.ts';
import { digestNames } from './digests.ts';

const state = z.enum(['passed', 'failed', 'not run']);
const shape = z.strictObject({
  /** Of this file's form. */
  version: z.literal(1),
  student: z.string(),
  digests: z.record(z.enum(digestNames), z.string()),
  problem: z.string().optional(),
  missing: z.array(z.string()),
  points: z.number(),
  pointsMax: z.number(),
  bonus: z.number(),
  bonusMax: z.number(),
  steps: z.array(
    z.strictObject({
      name: z.string(),
      title: z.string(),
      kind: z.enum(['base', 'bonus']),
      points: z.number(),
      pointsMax: z.number(),
      rules: z.array(z.strictObject({ anchor: z.string(), text: z.string(), state })),
    }),
  ),
  tests: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      isHidden: z.boolean(),
      state,
      /** Of the slowest run. */
      ms: z.number(),
      /** What went wrong, in a line; empty for a test that has passed. */
      failure: z.string(),
    }),
  ),
  /** How long the whole submission took. */
  seconds: z.number(),
});

export type ClassResult = z.infer<typeof shape>;

const plainName = /^[A-Za-z0-9][\w-]{0,60}(\.[\w-]{1,20})*$/;

/** A student's name as a file's. One that may mean something to the file system is replaced. */
export function fileNameOf(student: string): string {
  if (plainName.test(student)) return student;
  const digest = createHash('sha256').update(student).digest('hex').slice(0, 10);
  return `${student.replace(/[^\w-]+/g, '_').slice(0, 60)}~${digest}`;
}

/** The reports of `npm run grade`, which may be given to the student. */
export function reportsFolder(out: string, student: string): string {
  return join(out, 'reports', fileNameOf(student));
}

/** Not among the reports, because it names hidden tests. */
export function resultFile(out: string, student: string): string {
  return join(out, 'results', `${fileNameOf(student)}.json`);
}

/** The finished result of a student; undefined if there is none, or it is not of this form. */
export function readResult(path: string): ClassResult | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return shape.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** All results of a run. @throws Error if there is none */
export function readResults(out: string): Map<string, ClassResult> {
  const folder = join(out, 'results');
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  const results = names
    .map((name) => readResult(join(folder, name)))
    .filter((result) => result !== undefined);
  if (results.length === 0) throw new Error(`there are no results of a class in ${out}`);
  return new Map(results.map((result) => [result.student, result]));
}

/** Written last, and at once: what is there is finished. */
export function writeResult(path: string, result: ClassResult): void {
  writeAtomically(path, `${JSON.stringify(result, undefined, 1)}\n`);
}

export function resultOf(
  grade: Grade,
  { student, digests, seconds }: Pick<ClassResult, 'student' | 'digests' | 'seconds'>,
): ClassResult {
  const { base, bonus } = totals(grade);
  return {
    version: 1,
    student,
    digests,
    ...(grade.problem === undefined ? {} : { problem: grade.problem }),
    missing: [...grade.missing],
    points: base.points,
    pointsMax: base.max,
    bonus: bonus.points,
    bonusMax: bonus.max,
    steps: grade.steps.map(({ step: { name, title, kind, points: pointsMax }, points, rules }) => ({
      name,
      title,
      kind,
      points,
      pointsMax,
      rules: rules.map(({ anchor, text, state }) => ({ anchor, text, state })),
    })),
    tests: grade.tests.map((test) => {
      const [failure] = test.runs.flatMap(({ failures }) => failures);
      const state = stateOf(test);
      return {
        id: test.id,
        name: test.name,
        isHidden: test.isHidden,
        state,
        ms: Math.round(Math.max(0, ...test.runs.map(({ ms }) => ms))),
        failure:
          state !== 'failed'
            ? ''
            : failure === undefined
              ? 'it failed'
              : `expected ${failure.expected}; got ${failure.got}`,
      };
    }),
    seconds,
  };
}
