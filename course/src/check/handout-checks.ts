/** What must hold for the hand-outs of a part, each check as a generator of what is wrong: nothing if all is well. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HandoutPart } from '../../../scripts/student/handout.ts';
import { runFile } from '../../../scripts/student/run-file.ts';
import { type StepResult, stepResults } from '../../../scripts/student/step-table.ts';
import type { FileResult } from '../../../scripts/student/test-results.ts';
import { type CoursePart, courseFileOf, loadPart } from '../course-file.ts';
import { statedRules } from '../rules.ts';
import { leaksIn } from './leaks.ts';
import { StudentCopy } from './student-copy.ts';

/** The name of a check, and what is wrong. */
export interface CheckResult {
  readonly check: string;
  readonly problems: readonly string[];
  readonly elapsedMs: number;
}

/** Runs the checks of a part, and yields each result as soon as it is there. */
export async function* checkHandouts(root: string, part: number): AsyncGenerator<CheckResult> {
  const course = loadPart(part, root);
  const numbers = course.steps.map((_, index) => index + 1);
  yield await timed('every rule has a step, or is one of given code', () => rulesWithoutStep(root, course));
  yield await timed('all steps: type-checks, and holds no line of a solution', () =>
    contentProblems(root, course, undefined),
  );
  for (const number of numbers) {
    const name = course.steps[number - 1]?.name;
    yield await timed(`step ${name} alone: type-checks, and holds no line of a solution`, () =>
      contentProblems(root, course, [number]),
    );
    yield await timed(`step ${name} alone: nothing as it is, and all its points with the reference`, () =>
      stepProblems(root, course, number),
    );
  }
  for (const count of [0, ...numbers.slice(0, -1)]) {
    const names = course.steps.slice(0, count).map(({ name }) => name);
    yield await timed(
      `of all steps, done so far: ${names.join(', ') || 'none'}: their points, and no others`,
      () => firstStepsProblems(root, course, count),
    );
  }
  yield await timed('the reference earns all points', () => referenceProblems(root, course));
}

async function timed(
  check: string,
  work: () => readonly string[] | Promise<readonly string[]>,
): Promise<CheckResult> {
  const begun = performance.now();
  const problems = await work();
  return { check, problems, elapsedMs: performance.now() - begun };
}

export function rulesWithoutStep(root: string, { part, steps, givenRules }: CoursePart): string[] {
  const known = new Set([...givenRules, ...steps.flatMap(({ rules }) => rules)]);
  return statedRules(root, part)
    .filter((rule) => !known.has(rule))
    .map(
      (rule) =>
        `no graded test has the rule ${rule}: name it in a step of ${courseFileOf(part)}, or in given-rules`,
    );
}

/** @param numbers the steps that the student writes; all if undefined */
export function contentProblems(
  root: string,
  { part }: CoursePart,
  numbers: readonly number[] | undefined,
): string[] {
  const copy = new StudentCopy(root, { part, steps: numbers });
  try {
    const all = loadPart(part, root);
    const own = { ...all, steps: all.steps.filter((_, index) => numbers?.includes(index + 1) ?? true) };
    const { files } = manifestOf(copy.folder);
    const leaks = leaksIn(root, copy.folder, own, Object.keys(files)).map(
      ({ file, line }) => `${file} holds a line of a solution: ${line}`,
    );
    return [...typeErrors(root, copy.folder), ...leaks];
  } finally {
    copy.remove();
  }
}

function typeErrors(root: string, folder: string): string[] {
  // Without what tap adds to its child processes, which fails in that folder.
  const command = ['-u', 'NODE_OPTIONS', '-u', 'TAP', join(root, 'node_modules/.bin/tsc'), '--noEmit'];
  const { status, stdout, stderr } = spawnSync('env', command, { cwd: folder, encoding: 'utf8' });
  return status === 0 ? [] : `${stdout}${stderr}`.trim().split('\n');
}

async function stepProblems(root: string, { part, steps }: CoursePart, number: number): Promise<string[]> {
  const copy = new StudentCopy(root, { part, steps: [number] });
  try {
    const own = partOf(copy.folder, part);
    const asItIs = await resultsOf(copy.folder, own);
    copy.solve(steps[number - 1]?.write.map(({ file }) => file) ?? []);
    const solved = await resultsOf(copy.folder, own);
    return [
      ...asItIs.flatMap(({ passed }) => passed.map((rule) => `${rule} is earned as it is handed out`)),
      ...failuresOf(solved, 'with the reference'),
    ];
  } finally {
    copy.remove();
  }
}

/** Who builds the steps in their order has the points of each as soon as it is done. */
export async function firstStepsProblems(root: string, course: CoursePart, count: number): Promise<string[]> {
  const { part } = course;
  const copy = new StudentCopy(root, { part });
  try {
    copy.solveFirst(course, count);
    const handout = partOf(copy.folder, part);
    // Apart from each other, because a test of a later step may end its file.
    const done = await resultsOf(copy.folder, { ...handout, steps: handout.steps.slice(0, count) });
    const later = await resultsOf(copy.folder, { ...handout, steps: handout.steps.slice(count) });
    return [
      ...failuresOf(done, 'although the step is done'),
      ...later.flatMap(({ passed }) => passed.map((rule) => `${rule} is earned before its step is done`)),
    ];
  } finally {
    copy.remove();
  }
}

async function referenceProblems(root: string, { part, steps }: CoursePart): Promise<string[]> {
  const all = steps.map((step) => ({ ...step, hiddenRules: 0, files: [] }));
  return failuresOf(await resultsOf(root, { part, title: '', steps: all }), 'with the reference');
}

function failuresOf(results: readonly StepResult[], when: string): string[] {
  return results.flatMap(({ failures }) =>
    failures.map(({ rule, lines }) => `${rule} is not earned ${when}: ${lines.slice(0, 3).join(' | ')}`),
  );
}

/** Runs the tests of the steps' rules, and no others. */
async function resultsOf(folder: string, part: HandoutPart): Promise<StepResult[]> {
  const only = part.steps.flatMap(({ rules }) => rules);
  const results: FileResult[] = [];
  for (const file of new Set(part.steps.flatMap(({ tests }) => tests))) {
    results.push(await runFile(folder, file, { only }).result);
  }
  return stepResults(part, results);
}

interface Manifest {
  readonly parts: readonly HandoutPart[];
  readonly files: Readonly<Record<string, string>>;
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'handout.json'), 'utf8')) as Manifest;
}

function partOf(folder: string, part: number): HandoutPart {
  const found = manifestOf(folder).parts.find((one) => one.part === part);
  if (found === undefined) throw new Error(`${folder} is no hand-out of part ${part}`);
  return found;
}
