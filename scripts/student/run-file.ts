import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Guard, signalGroup } from '@tablelab/shared/process';
import {
  type FileResult,
  isLeftOut,
  type TestResult,
  TestResultReader,
  withLaterResults,
  withTestsNotRun,
} from './test-results.ts';

/** The longest that a test file may run, in milliseconds; its tests have limits of their own (scripts/time-limit.ts). */
const fileTimeoutMs = 10 * 60_000;
/** The longest that it takes a file to say which tests it has. */
const listTimeoutMs = 30_000;
/** The time limit of one test, in seconds, as in .taprc, which is not part of a hand-out. */
const testTimeoutS = 30;

/** The end of what a test file writes to standard error, in characters. */
const errorLengthMax = 2_000;

/** No test has such a title: tap then skips all tests. */
const noTitle = '/^$/';

/** A test file that runs in a process of its own. */
export interface RunningFile {
  readonly result: Promise<FileResult>;
  /** Ends the process and all that it has started. */
  stop(): void;
}

export interface RunOptions {
  readonly timeoutMs?: number;
  /** How often the file is started, at most, until each test has run: one that hangs keeps those behind it from running. Default: once. */
  readonly starts?: number;
  /** Anchors: only the tests whose titles cite one of them (`only`), or none of them (`except`). */
  readonly only?: readonly string[];
  readonly except?: readonly string[];
  /** Called with each result as it comes. */
  readonly onTest?: (result: TestResult) => void;
}

/** @param root of the kit, or of a hand-out */
export function runFile(
  root: string,
  file: string,
  { timeoutMs = fileTimeoutMs, starts = 1, only, except, onTest = () => undefined }: RunOptions = {},
): RunningFile {
  const chosen = ({ rules }: TestResult) => {
    const cites = (anchors: readonly string[]) => rules.some((rule) => anchors.includes(anchorOf(rule)));
    return (only === undefined || cites(only)) && (except === undefined || !cites(except));
  };
  let run = start(root, file, {
    timeoutMs,
    env: filterOf(only ?? except, only === undefined),
    onTest: (result) => chosen(result) && onTest(result),
  });
  let isStopped = false;
  const finish = async (): Promise<FileResult> => {
    let result = await run.result;
    // After a test that waits for nothing, tap ends the file as if all of it had run, and names only one of its later tests.
    if ((result.problem !== undefined || result.hasFailed === true) && !isStopped)
      result = withTestsNotRun(result, await listTests(root, file));
    for (let started = 1; started < starts && !isStopped; started += 1) {
      const left = result.tests.filter((test) => chosen(test) && isLeftOut(test));
      if (left.length === 0) break;
      run = start(root, file, { timeoutMs, env: { TAP_GREP: exactly(left) } });
      result = withLaterResults(result, await run.result);
    }
    return { ...result, tests: result.tests.filter(chosen) };
  };
  const stop = () => {
    isStopped = true;
    run.stop();
  };
  return { result: finish(), stop };
}

/** Tap's filter for these tests. */
function exactly(tests: readonly TestResult[]): string {
  const titles = tests.map(({ title }) => title.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  return `/^(?:${titles.join('|')})$/`;
}

function anchorOf(rule: string): string {
  return rule.slice(rule.indexOf('#') + 1);
}

/** Tap's own filter: it skips the tests whose titles do not match, or those that do. */
function filterOf(anchors: readonly string[] | undefined, isInverted: boolean): NodeJS.ProcessEnv {
  if (anchors === undefined) return {};
  return { TAP_GREP: `/#(${anchors.join('|')})(?![a-z0-9-])/`, TAP_INVERT: isInverted ? '1' : '0' };
}

/** The tests of a file. None of them is run. */
export function listTests(root: string, file: string): Promise<FileResult> {
  return start(root, file, { timeoutMs: listTimeoutMs, env: { TAP_GREP: noTitle } }).result;
}

function start(
  root: string,
  file: string,
  {
    timeoutMs,
    env = {},
    onTest,
  }: { timeoutMs: number; env?: NodeJS.ProcessEnv; onTest?: (result: TestResult) => void },
): RunningFile {
  const child = spawn(
    process.execPath,
    [`--import=${join(root, 'scripts/time-limit.ts')}`, join(root, file)],
    {
      cwd: root,
      env: {
        ...process.env,
        TAP: '1',
        TAP_TIMEOUT: String(testTimeoutS),
        // Compiled code is kept from run to run, which saves half of a short run's time.
        NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node'),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // In a process group of its own, so that what it starts can be ended with it.
      detached: true,
    },
  );
  const guard = child.pid === undefined ? undefined : new Guard(child.pid, { group: true });
  const timer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), timeoutMs);
  const reader = new TestResultReader(file, onTest);
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => reader.write(chunk));
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors = (errors + chunk).slice(-errorLengthMax);
  });
  const result = new Promise<FileResult>((resolve) => {
    child.once('error', (error) => resolve(reader.end(error.message)));
    child.once('close', (code, signal) => {
      const [, cause] = /^\s*(\w*Error\b.*)$/m.exec(errors) ?? [];
      resolve(reader.end(cause ?? signal ?? `exit code ${code}`));
    });
  }).finally(async () => {
    clearTimeout(timer);
    signalGroup(child.pid, 'SIGKILL');
    await guard?.dismiss();
  });
  return { result, stop: () => signalGroup(child.pid, 'SIGKILL') };
}
