/** Grades one submission. */
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { TemporaryFolder } from '@tablelab/shared/process';
import { handoutRules } from '../../../scripts/student/handout-rules.ts';
import { type Show, type Step, showOf } from '../course-file.ts';
import { otherEditionHint } from '../edition/foreign-name.ts';
import { type Language, readmeOf } from '../language.ts';
import { citedRules } from '../rules.ts';
import { loadSignatures } from '../signatures.ts';
import { type Grade, type GradedTest, gradeSteps, type TestRun } from './assess.ts';
import { type Calibration, calibrate } from './calibration.ts';
import { filledHostCache, hasHostCache } from './compiled.ts';
import { diagnosesOf } from './diagnosis.ts';
import { inParallel } from './in-parallel.ts';
import { type Submission, takeSubmission } from './intake.ts';
import { type JudgeRun, runJudge, type TestOutcome } from './judge-run.ts';
import { layReadableHost } from './remote/host-command.ts';
import { limitsOf, readableToAll, type SandboxKind } from './sandbox.ts';
import { layStudentKit } from './student-kit.ts';
import { type TestFile, type Unit, unitsOf } from './units.ts';

export { type Grade, type GradedRule, type GradedTest, stateOf } from './assess.ts';

export interface GradeOptions {
  readonly part: string;
  readonly steps: readonly Step[];
  /** The root of the kit with the reference and the tests. */
  readonly reference: string;
  /** The edition whose kit `reference` is; undefined for the kit itself. */
  readonly edition?: string | undefined;
  /** The language of the hand-out, whose words a report quotes; English if undefined. */
  readonly language?: Language | undefined;
  readonly submission: string;
  /** A folder with hidden tests. */
  readonly hidden?: string | undefined;
  readonly seeds: readonly number[];
  readonly sandbox: SandboxKind;
  /** The number of the only processor to use; undefined: all. */
  readonly processor?: number;
  /** A test may take so long at least; default: {@link limitMinMs}. */
  readonly testLimitMinMs?: number;
  /** Only the test with this id. */
  readonly only?: string | undefined;
  readonly signal?: AbortSignal;
  /** Called after each test file, and once before the first. */
  readonly onProgress?: (grade: Grade) => void;
  readonly onLine?: (line: string) => void;
}

/** A test may take so many times what the reference takes. */
const limitFactor = 5;
/** And at least so long, because short times are mostly noise. */
const limitMinMs = 3_000;
const calibrationTestLimitMs = 120_000;
const calibrationFileLimitMs = 600_000;
/** For starting the processes of a test file and of its tests, in addition to the tests' limits. */
const startAllowanceMs = 120_000;
/** How often the rest of a file is run again after its judge was lost. */
const judgesMax = 3;

export async function grade(options: GradeOptions): Promise<Grade> {
  const startedAt = new Date();
  const folder = new TemporaryFolder('tablelab-grade-');
  const work = folder.path;
  const wanted = filesOf(options.steps);
  try {
    // Before anything that takes long, so that there is a report from the beginning.
    const nothingYet = { missing: [], isComplete: false, problem: undefined, startedAt };
    options.onProgress?.(assess(options, [], nothingYet));
    const units = unitsOf(options, testFilesOf(options));
    openWork(options, work);
    const calibration = await calibrateReference(options, units, join(work, 'reference'));
    // What comes now must not read the solution.
    chmodSync(join(work, 'reference'), 0o700);
    const tests = listTests(options, units, calibration);
    if (options.only === undefined) checkRules(options.steps, tests);
    const state = {
      missing: [] as readonly string[],
      isComplete: false,
      problem: undefined as string | undefined,
      hint: undefined as string | undefined,
    };
    const current = () => assess(options, tests, { ...state, startedAt });
    let submission: Submission;
    try {
      submission = await takeSubmission(options.submission, wanted);
    } catch (error) {
      state.problem = (error as Error).message;
      options.onProgress?.(current());
      return current();
    }
    state.missing = submission.missing;
    state.hint = hintOf(options, wanted, submission);
    options.onProgress?.(current());
    const kit = join(work, 'kit');
    layStudentKit({ ...options, submission, to: kit });
    const compiled = handoutCache(options, units, join(work, 'handout'));
    const runFile = async (run: FileRun, processor: number) => {
      if (options.signal?.aborted) return;
      await runTests(options, { ...run, kit, compiled, processor: options.processor ?? processor });
      options.onProgress?.(current());
    };
    await inParallel(runsOf(options, units, tests), runFile, options.processor === undefined ? undefined : 1);
    state.isComplete = !options.signal?.aborted;
    const result = current();
    options.onProgress?.(result);
    return result;
  } finally {
    folder.remove();
  }
}

function hintOf(
  { reference, edition }: GradeOptions,
  wanted: readonly string[],
  { files }: Submission,
): string | undefined {
  const given = wanted.map((file) => readFileSync(join(reference, file), 'utf8'));
  return otherEditionHint(reference, edition, { given, files });
}

/** The files that the steps ask for, by their paths in the kit. */
export function filesOf(steps: readonly Step[]): string[] {
  return [...new Set(steps.flatMap(({ write }) => write.map(({ file }) => file)))];
}

/** Measures the reference where that has not been done, so that gradings that begin at the same time need not do it each. */
export async function measureReference(options: Omit<GradeOptions, 'submission'>): Promise<void> {
  const folder = new TemporaryFolder('tablelab-grade-');
  const work = folder.path;
  try {
    const all = { ...options, submission: '' };
    openWork(all, work);
    await calibrateReference(all, unitsOf(all, testFilesOf(all)), join(work, 'reference'));
  } finally {
    folder.remove();
  }
}

/**
 * Prepares the folder for a sandbox whose user is another one.
 * @throws Error if that user could read the solution or a hidden test
 */
function openWork({ sandbox, part, reference, hidden }: GradeOptions, work: string): void {
  if (sandbox !== 'user') return;
  // Their programs share the network of the judge, which only bubblewrap separates from that of the machine.
  if (part === 'part2' || part === 'part3') throw new Error(`${part} can be graded only with bubblewrap`);
  const open = readableToAll([reference, ...(hidden === undefined ? [] : [hidden])]);
  if (open !== undefined) {
    throw new Error(`${open} can be read by all users of this machine, so a submission could copy the solution.
Submissions run as a user of their own here, because bubblewrap is not installed or not allowed. Run: chmod 700 ${open}`);
  }
  chmodSync(work, 0o711);
  layReadableHost(work);
}

/** All, or the one that has the test to repeat. */
function testFilesOf(options: GradeOptions): TestFile[] {
  const files = allTestFiles(options);
  const { only } = options;
  return only === undefined ? files : files.filter((file) => only.startsWith(`${idOf(file)}.`));
}

/** How the ids of its tests begin. */
function idOf({ path, isHidden }: TestFile): string {
  return `${isHidden ? 'hidden-' : ''}${basename(path, '.test.ts')}`;
}

function allTestFiles({ steps, reference, hidden }: GradeOptions): TestFile[] {
  const visible = [...new Set(steps.flatMap(({ tests }) => tests))].map((file) => ({
    path: join(reference, file),
    isHidden: false,
  }));
  const missing = visible.find(({ path }) => !existsSync(path));
  if (missing !== undefined) throw new Error(`there is no test file ${missing.path}`);
  if (hidden === undefined) return visible;
  const names = readdirSync(hidden).filter((name) => name.endsWith('.test.ts'));
  if (names.length === 0) throw new Error(`there is no test (*.test.ts) in ${hidden}`);
  return [...visible, ...names.sort().map((name) => ({ path: join(hidden, name), isHidden: true }))];
}

interface UnitTest extends GradedTest {
  readonly unit: Unit;
}

function settingsOf({ part, reference, sandbox, seeds }: GradeOptions, unit: Unit) {
  const { testFile, step, isSeeded, ...settings } = unit;
  return { part, reference, sandbox, limits: limitsOf(part), seeds: seeds.length, ...settings };
}

/** All units load the same modules. */
function hostCache(options: GradeOptions, [unit]: readonly Unit[], kit: string): string | undefined {
  return unit === undefined ? undefined : filledHostCache({ ...settingsOf(options, unit), kit });
}

/**
 * The cache for the submission. Node keeps whole sources in it, so the hand-out fills it: that has nothing that the submission must not see.
 * `kit` is made for it.
 */
function handoutCache(options: GradeOptions, units: readonly Unit[], kit: string): string | undefined {
  if (!hasHostCache(options.sandbox)) return undefined;
  layStudentKit({ ...options, submission: { files: new Map() }, to: kit });
  return hostCache(options, units, kit);
}

function calibrateReference(
  options: GradeOptions,
  units: readonly Unit[],
  kit: string,
): Promise<Calibration> {
  layStudentKit({ ...options, steps: [], submission: { files: new Map() }, to: kit });
  const compiled = hostCache(options, units, kit);
  return calibrate({
    part: options.part,
    reference: options.reference,
    units,
    sandbox: options.sandbox,
    seeds: options.seeds.length,
    onProgress: options.onLine ?? (() => undefined),
    run(unit, seed, processor) {
      const settings = {
        ...settingsOf(options, unit),
        kit,
        compiled,
        testLimitsMs: {},
        testLimitMs: calibrationTestLimitMs,
        tests: undefined,
      };
      return runJudge({
        ...{ settings, testFile: unit.testFile.path, seed, limitMs: calibrationFileLimitMs, processor },
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
    },
  });
}

function listTests(
  { part, steps, testLimitMinMs = limitMinMs }: GradeOptions,
  units: readonly Unit[],
  calibration: Calibration,
): UnitTest[] {
  const known = new Set(steps.flatMap(({ rules }) => rules));
  const partNumber = Number(part.slice('part'.length));
  const numbers = new Map<string, number>();
  return units.flatMap((unit) => {
    const { path, isHidden } = unit.testFile;
    return (calibration.get(unit) ?? []).map(({ name, ms, isRandom }): UnitTest => {
      const rules = citedRules(name, partNumber).filter((rule) => known.has(rule));
      const limitMs = Math.round(Math.max(testLimitMinMs, limitFactor * ms));
      const number = (numbers.get(path) ?? 0) + 1;
      numbers.set(path, number);
      return {
        id: `${idOf(unit.testFile)}.${number}`,
        name,
        file: path,
        isHidden,
        show: strictest(steps, rules, isHidden),
        rules,
        isRandom,
        limitMs,
        runs: [],
        unit,
      };
    });
  });
}

/** What the steps say about its rules; the strictest. */
function strictest(steps: readonly Step[], rules: readonly string[], isHidden: boolean): Show {
  if (isHidden) return 'after-due';
  const shows = steps.flatMap((step) =>
    step.rules.filter((rule) => rules.includes(rule)).map((rule) => showOf(step, rule)),
  );
  return (['after-due', 'name'] as const).find((show) => shows.includes(show)) ?? 'all';
}

function checkRules(steps: readonly Step[], tests: readonly GradedTest[]): void {
  const graded = new Set(tests.flatMap(({ rules }) => rules));
  const without = steps.flatMap(({ rules }) => rules).filter((rule) => !graded.has(rule));
  if (without.length > 0) throw new Error(`no test grades the rules ${without.join(', ')}`);
}

interface FileRun {
  readonly unit: Unit;
  readonly seed: number;
  readonly tests: readonly GradedTest[];
}

/** Each unit with the first seed, and then its random tests with the others. */
function runsOf(
  { seeds, only }: GradeOptions,
  units: readonly Unit[],
  tests: readonly UnitTest[],
): FileRun[] {
  return seeds.flatMap((seed, index) =>
    units.flatMap((unit) => {
      const chosen = tests.filter(
        (test) =>
          test.unit === unit && (only === undefined || only === test.id) && (index === 0 || test.isRandom),
      );
      return chosen.length === 0 ? [] : [{ unit, seed, tests: chosen }];
    }),
  );
}

async function runTests(
  options: GradeOptions,
  {
    kit,
    compiled,
    unit,
    seed,
    tests,
    processor,
  }: FileRun & {
    kit: string;
    compiled: string | undefined;
    processor: number;
  },
): Promise<void> {
  const limits = Object.fromEntries(tests.map(({ name, limitMs }) => [name, limitMs]));
  const allMs = tests.reduce((sum, { limitMs }) => sum + limitMs, startAllowanceMs);
  let left = [...tests];
  let problem: string | undefined;
  for (let judges = 0; judges < judgesMax && left.length > 0 && !options.signal?.aborted; judges += 1) {
    const run: JudgeRun = await runJudge({
      settings: {
        ...settingsOf(options, unit),
        kit,
        compiled,
        testLimitsMs: limits,
        testLimitMs: limitMinMs,
        tests: left.map(({ name }) => name),
      },
      testFile: unit.testFile.path,
      seed,
      limitMs: allMs,
      processor,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    if (options.signal?.aborted) return;
    problem = run.problem;
    const outcomes = new Map(run.outcomes.map((outcome) => [outcome.name, outcome]));
    for (const test of left) {
      const outcome = outcomes.get(test.name);
      if (outcome !== undefined) test.runs.push(runOf(seed, outcome));
    }
    left = left.filter(({ name }) => !outcomes.has(name));
  }
  for (const test of left) {
    const failure = {
      assertion: '',
      input: '',
      expected: 'the test runs',
      got: problem ?? 'its judge left it out',
    };
    test.runs.push({ seed, ok: false, ms: 0, failures: [failure], output: '' });
  }
}

function runOf(seed: number, { ok, ms, failures, output }: TestOutcome): TestRun {
  return { seed, ok, ms, failures, output };
}

type GradeState = Pick<Grade, 'missing' | 'isComplete' | 'problem' | 'hint' | 'startedAt'>;

function assess(options: GradeOptions, tests: readonly GradedTest[], state: GradeState): Grade {
  const { part, steps, reference, submission, seeds, sandbox, language = 'en' } = options;
  const readme = readFileSync(join(reference, readmeOf(Number(part.slice('part'.length)), language)), 'utf8');
  const texts = handoutRules(readme);
  const graded = gradeSteps(steps, tests, { seeds, texts });
  const signatures = state.isComplete ? loadSignatures(reference, Number(part.slice('part'.length))) : [];
  const diagnoses = diagnosesOf(tests, { reference, signatures });
  return { part, submission, seeds, sandbox, ...state, steps: graded, tests, diagnoses };
}
