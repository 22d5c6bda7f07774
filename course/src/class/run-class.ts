/** Grades the submissions of a class, several at a time. What has been graded before, and has not changed since, is kept. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorText } from '@tablelab/shared';
import { Guard, signalGroup, TemporaryFolder } from '@tablelab/shared/process';
import { filesOf, measureReference } from '../grade/grade.ts';
import { inParallel } from '../grade/in-parallel.ts';
import { takeSubmission } from '../grade/intake.ts';
import { type ClassEntry, listClass } from './class-list.ts';
import {
  type ClassOptions,
  commonDigests,
  type Digests,
  digestNames,
  problemDigest,
  submissionDigest,
} from './digests.ts';
import type { OneSettings } from './grade-one.ts';
import { type ClassResult, readResult, reportsFolder, resultFile, writeResult } from './result.ts';

export interface RunClassOptions extends ClassOptions {
  /** The folder with an entry for each student. */
  readonly submissions: string;
  /** Where the results go. */
  readonly out: string;
  /** How many submissions are graded at the same time. */
  readonly jobs: number;
  readonly testLimitMinMs?: number;
  readonly signal?: AbortSignal;
  readonly onLine?: (line: string) => void;
  /** Called before the first submission, with those that are done, and after each. */
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly done: number;
  readonly total: number;
  /** Of this run, without those that were done before. */
  readonly graded: number;
  /** The submission that has just been graded. */
  readonly last?: ClassRow;
}

/** A student, with a result if there is one. */
export interface ClassRow extends ClassEntry {
  readonly result: ClassResult | undefined;
  /** Why the grader has no result, although it tried. */
  readonly failure: string | undefined;
}

/** No submission comes near: each test has a limit of its own. */
const submissionLimitMs = 2 * 60 * 60_000;
/** To end the judges of a submission. */
const stopDeadlineMs = 20_000;
const errorsLengthMax = 2_000;

const program = join(import.meta.dirname, 'grade-one.ts');

/** The class in the order of the names. After an abort, rows that have not been graded have no result. */
export async function runClass(options: RunClassOptions): Promise<ClassRow[]> {
  const { submissions, out, steps, jobs, signal, onProgress, ...settings } = options;
  const wanted = filesOf(steps);
  const entries = listClass(submissions, wanted);
  const common = commonDigests(options);
  const rows = new Map<string, ClassRow>();
  const todo: { entry: ClassEntry; digests: Digests }[] = [];
  for (const entry of entries) {
    const digests = { ...common, submission: await digestOf(entry, wanted) };
    const result = readResult(resultFile(out, entry.student));
    const isFinished =
      result !== undefined && digestNames.every((name) => result.digests[name] === digests[name]);
    rows.set(entry.student, { ...entry, result: isFinished ? result : undefined, failure: undefined });
    if (!isFinished) todo.push({ entry, digests });
  }
  const total = entries.length;
  let graded = 0;
  // Once, and not by the first submissions, each on its own.
  if (todo.length > 0 && !signal?.aborted) {
    await measureReference({ ...settings, steps, ...(signal === undefined ? {} : { signal }) }).catch(
      (error: unknown) => {
        if (!signal?.aborted) throw error;
      },
    );
  }
  onProgress?.({ done: total - todo.length, total, graded });
  await inParallel(
    todo,
    async ({ entry, digests }, processor) => {
      if (signal?.aborted) return;
      const row = await gradeEntry(options, entry, digests, processor);
      if (signal?.aborted && row.result === undefined) return;
      rows.set(entry.student, row);
      graded += 1;
      onProgress?.({ done: total - todo.length + graded, total, graded, last: row });
    },
    jobs,
  );
  return [...rows.values()];
}

async function digestOf({ path, problem }: ClassEntry, wanted: readonly string[]): Promise<string> {
  if (problem !== undefined) return problemDigest(problem);
  try {
    return submissionDigest(await takeSubmission(path, wanted));
  } catch (error) {
    return problemDigest(errorText(error));
  }
}

async function gradeEntry(
  options: RunClassOptions,
  entry: ClassEntry,
  digests: Digests,
  processor: number,
): Promise<ClassRow> {
  const [file, reports] = [resultFile(options.out, entry.student), reportsFolder(options.out, entry.student)];
  // An older result must not be taken for the one of a run that did not end.
  for (const path of [file, reports]) rmSync(path, { recursive: true, force: true });
  if (entry.problem !== undefined) {
    const result = problemResult(options, entry.student, { digests, problem: entry.problem });
    writeResult(file, result);
    return { ...entry, result, failure: undefined };
  }
  const { part, steps, reference, edition, language, hidden, seeds, sandbox, testLimitMinMs, signal } =
    options;
  const failure = await runOne(
    {
      ...{
        part,
        steps,
        reference,
        edition,
        language,
        hidden,
        seeds,
        sandbox,
        processor,
        digests,
        reports,
        resultFile: file,
      },
      ...(testLimitMinMs === undefined ? {} : { testLimitMinMs }),
      student: entry.student,
      submission: entry.path,
    },
    signal,
  );
  const result = readResult(file);
  return { ...entry, result, failure: result === undefined ? failure : undefined };
}

/** Nothing to grade: no points, and the reason. */
function problemResult(
  { steps }: ClassOptions,
  student: string,
  { digests, problem }: { digests: Digests; problem: string },
): ClassResult {
  const max = (kind: 'base' | 'bonus') =>
    steps.filter((step) => step.kind === kind).reduce((sum, { points }) => sum + points, 0);
  return {
    ...{ version: 1, student, digests, problem, missing: [], tests: [], seconds: 0 },
    ...{ points: 0, pointsMax: max('base'), bonus: 0, bonusMax: max('bonus') },
    steps: steps.map(({ name, title, kind, points, rules }) => ({
      ...{ name, title, kind, points: 0, pointsMax: points },
      rules: rules.map((anchor) => ({ anchor, text: anchor, state: 'not run' as const })),
    })),
  };
}

/** Resolves with why there is no result, if there is none. */
async function runOne(settings: OneSettings, signal: AbortSignal | undefined): Promise<string> {
  const folder = new TemporaryFolder('tablelab-class-');
  const work = folder.path;
  const settingsFile = join(work, 'settings.json');
  writeFileSync(settingsFile, JSON.stringify(settings));
  const child = spawn(process.execPath, [program, settingsFile], {
    // What it makes goes with this folder, also if it is killed.
    env: { ...process.env, TMPDIR: work },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const guard = child.pid === undefined ? undefined : new Guard(child.pid, { group: true });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-errorsLengthMax);
  });
  let killTimer: NodeJS.Timeout | undefined;
  const stop = () => {
    child.kill('SIGTERM');
    killTimer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), stopDeadlineMs);
  };
  signal?.addEventListener('abort', stop, { once: true });
  const limit = setTimeout(stop, submissionLimitMs);
  try {
    const [code, by] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    return `the grader ended by ${by ?? `exit code ${code}`}${errors === '' ? '' : `: ${errors.trim()}`}`;
  } catch (error) {
    return errorText(error);
  } finally {
    clearTimeout(limit);
    clearTimeout(killTimer);
    signal?.removeEventListener('abort', stop);
    await guard?.dismiss();
    folder.remove();
  }
}
