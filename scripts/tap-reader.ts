import { Parser, type Result } from 'tap-parser';
import { stringify } from 'yaml';
import { notRun } from './time-limit.ts';

/** Why a test did not end: tap's words, and plain ones. */
const unfinished: Readonly<Record<string, string>> = {
  'timeout!': 'it did not end within its time limit',
  'test unfinished': 'it did not end, but there was nothing left to wait for, or it ended the process',
};

/** Tap reports a test that it did not start as a failure with this name. */
export const leftInQueue = 'child test left in queue: ';

/** Details of a failure that do not help to find it: the test's source, and how tap started the file. */
const detailsLeftOut = [
  'args',
  'command',
  'cwd',
  'expired',
  'externalID',
  'jobId',
  'source',
  'stdio',
  'test',
  'timeout',
];

/** How many comment lines are shown for a failed test. Some tests write the logs of all their servers. */
const commentLinesMax = 100;

/** How many lines of details are shown for each failure: a difference of long lists has thousands. */
const detailLinesMax = 40;

/** What has been read so far of a test, of a file, or of the whole run: files are the tests of the first level. */
interface Progress {
  readonly path: readonly string[];
  failures: number;
  notRun: number;
  lastPassed: string | undefined;
  /** The test within this one that has started and has no result yet. */
  running: Progress | undefined;
}

/**
 * Reads the TAP of a run of tap and prints a summary: a line for each test file, the details of each failure, the
 * comments of failed tests, and all output that is not TAP (the coverage report, and what tests print).
 */
export class TapReader {
  /** Failed assertions, and files and tests that failed without a failed assertion (crash, time limit, no plan). */
  failures = 0;
  passes = 0;
  /** The skipped tests, each with its reason. */
  readonly skipped: string[] = [];
  readonly #print: (line: string) => void;
  readonly #parser = new Parser();

  constructor(print: (line: string) => void) {
    this.#print = print;
    this.#follow(this.#parser, []);
    // The parser does not recognise the plan of a test that was cut off.
    this.#parser.on('extra', (text: string) => /^\s*(1\.\.0.*)?\s*$/.test(text) || print(text.trimEnd()));
  }

  write(chunk: string): void {
    this.#parser.write(chunk);
  }

  /** Returns whether tap's output is complete, with a result for each file. */
  end(): boolean {
    this.#parser.end();
    const { results } = this.#parser;
    return results !== null && results.plan.end !== null && results.count === results.plan.end;
  }

  #follow(parser: Parser, path: readonly string[]): Progress {
    const test: Progress = { path, failures: 0, notRun: 0, lastPassed: undefined, running: undefined };
    parser.on('child', (inner: Parser) => {
      // TAP escapes what would begin a directive.
      test.running = this.#follow(inner, [...path, inner.name.replaceAll('\\#', '#')]);
    });
    parser.on('assert', (result: Result) => {
      const inner = test.running;
      test.running = undefined;
      this.#take(result, test, inner);
    });
    let comments = 0;
    parser.on('comment', (text: string) => {
      if (test.failures === 0 || path.length < 2 || /^# (Subtest: |time=|test count)/.test(text)) return;
      comments += 1;
      if (comments <= commentLinesMax) this.#print(`    ${text.trimEnd()}`);
    });
    return test;
  }

  /** @param inner the test that has this result; undefined for the result of an assertion */
  #take(result: Result, test: Progress, inner: Progress | undefined): void {
    const failuresBefore = inner?.failures ?? 0;
    test.failures += failuresBefore;
    test.notRun += inner?.notRun ?? 0;
    if (result.name.startsWith(leftInQueue) || String(result.skip).startsWith(notRun)) test.notRun += 1;
    else if (result.skip || result.todo) this.#skip(result, test);
    // The failures within a failed test have been printed already, unless there were none.
    else if (!result.ok && failuresBefore === 0) this.#fail(result, test, inner);
    else if (result.ok && inner === undefined) {
      this.passes += 1;
      test.lastPassed = result.name;
    }
    if (test.path.length === 0) this.#endFile(result, inner);
  }

  #skip({ name, skip }: Result, { path }: Progress): void {
    if (skip && skip !== 'no tests found') this.skipped.push(`${[...path, name].join(' > ')}: ${skip}`);
  }

  #fail(result: Result, test: Progress, inner: Progress | undefined): void {
    test.failures += 1;
    this.failures += 1;
    const stopped = whereItStopped(result, inner ?? test);
    if (stopped === undefined) this.#print(`FAILED  ${[...test.path, result.name].join(' > ')}`);
    else {
      const { path, lastPassed } = stopped.test;
      this.#print(`FAILED  ${path.join(' > ')}: ${stopped.reason}`);
      if (lastPassed !== undefined) this.#print(`    the last assertion that passed: ${lastPassed}`);
    }
    for (const line of detailLines(result)) this.#print(`    ${line}`);
  }

  #endFile(result: Result, file: Progress | undefined): void {
    const { name, ok, time, skip } = result;
    if (file?.notRun) this.#print(`        later tests of this file that did not run: ${file.notRun}`);
    const suffix = skip ? ` # SKIP ${skip}` : time === null ? '' : `  ${(time / 1_000).toFixed(1)} s`;
    this.#print(`${ok ? 'ok      ' : 'failed  '}${file?.path[0] ?? name}${suffix}`);
  }
}

/** Where and why a test or a file stopped before its end; undefined if it did not. */
function whereItStopped(
  { name, diag }: Result,
  outermost: Progress,
): { readonly test: Progress; readonly reason: string } | undefined {
  let test = outermost;
  while (test.running) test = test.running;
  const reason = diag?.signal === 'SIGKILL' ? killed(test) : unfinished[name];
  return reason === undefined ? undefined : { test, reason };
}

/** Why a file was killed by its time limit (see `time-limit.ts`), or by another program. */
function killed({ path }: Progress): string {
  return path.length > 1
    ? 'killed at its time limit, because it kept the thread busy or blocked'
    : 'killed, because something that it started was still running long after its last test';
}

function detailLines({ diag }: Result): string[] {
  if (typeof diag !== 'object' || diag === null) return [];
  const shown = Object.entries(diag).filter(([key]) => !detailsLeftOut.includes(key));
  if (shown.length === 0) return [];
  const text = stringify(Object.fromEntries(shown), { lineWidth: 0, blockQuote: 'literal' });
  const lines = text
    .trimEnd()
    .split('\n')
    .filter((line) => !line.includes('scripts/time-limit.ts'));
  const left = lines.length - detailLinesMax;
  return left <= 0 ? lines : [...lines.slice(0, detailLinesMax), `... ${left} more lines`];
}
