/**
 * Grades one submission of a class, in a process of its own (`node grade-one.ts SETTINGS`), so that nothing that happens to it touches the
 * others. Writes the reports of `npm run grade`, and then the result.
 */
import { readFileSync } from 'node:fs';
import { errorText } from '@tablelab/shared';
import { type GradeOptions, grade } from '../grade/grade.ts';
import { writeReports } from '../grade/reports/write.ts';
import type { Digests } from './digests.ts';
import { resultOf, writeResult } from './result.ts';

export interface OneSettings extends Omit<GradeOptions, 'signal' | 'onProgress' | 'onLine' | 'only'> {
  readonly student: string;
  readonly digests: Digests;
  /** The folder of the reports. */
  readonly reports: string;
  readonly resultFile: string;
}

const stop = new AbortController();
// Ctrl-C goes to all processes of a terminal; the class's program decides.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => stop.abort());

try {
  const settings = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as OneSettings;
  const { student, digests, reports, resultFile } = settings;
  const began = performance.now();
  const result = await grade({
    ...settings,
    signal: stop.signal,
    onProgress: (current) => writeReports(current, reports),
  });
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  if (!stop.signal.aborted) writeResult(resultFile, resultOf(result, { student, digests, seconds }));
} catch (error) {
  process.stderr.write(`${errorText(error)}\n`);
  process.exitCode = 1;
}
