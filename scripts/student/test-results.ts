import { Parser, type Result } from 'tap-parser';
import { failureOf } from './failure.ts';
import type { TestState } from './points.ts';

/** The outcome of a test that names a rule. */
export interface TestResult {
  readonly title: string;
  /** `part1/README.md#list-add-appends` */
  readonly rules: readonly string[];
  readonly state: TestState;
  /** Of a test that did not pass: what was expected and what came, or why it was not run; a few lines. */
  readonly details: readonly string[];
}

/** The outcome of a test file. */
export interface FileResult {
  readonly file: string;
  readonly tests: readonly TestResult[];
  /** Why the file did not run to its end. */
  readonly problem: string | undefined;
  /** Whether any test failed, also one that names no rule. */
  readonly hasFailed?: boolean;
}

/** Rules in the title of a test. */
const rulesCited = /part\d\/README\.md#[a-z0-9-]+/g;

/** The reason of a test that was not run begins with this, as in scripts/time-limit.ts. */
const notRun = 'not run: ';

const detailLengthMax = 300;

/** How a process ends in which no test failed. */
const cleanEnd = 'exit code 0';

/** Reads the TAP of one test file. */
export class TestResultReader {
  readonly #file: string;
  readonly #parser = new Parser();
  readonly #tests: TestResult[] = [];
  readonly #onTest: (result: TestResult) => void;
  /** The titles of the test that runs, and of those around it. */
  #running: string[] = [];
  #hasEnded = false;

  /** @param onTest called with each result as it comes */
  constructor(file: string, onTest: (result: TestResult) => void = () => undefined) {
    this.#file = file;
    this.#onTest = onTest;
    this.#follow(this.#parser, 0);
  }

  write(chunk: string): void {
    this.#parser.write(chunk);
  }

  /** @param end how the process ended: `exit code 1`, or a signal */
  end(end: string): FileResult {
    this.#hasEnded = true;
    this.#parser.end();
    const { results } = this.#parser;
    // A file that cannot be loaded prints nothing, which the parser takes for a plan of no tests.
    const complete = results !== null && results.count > 0 && results.count === results.plan.end;
    const last = this.#running.at(-1);
    const where = last === undefined ? '' : ` in "${last}"`;
    for (const title of this.#running) this.#add(title, 'failed', [`it stopped here (${end})`]);
    const problem = complete && last === undefined ? undefined : `it stopped${where} (${end})`;
    return { file: this.#file, tests: this.#tests, problem, hasFailed: end !== cleanEnd };
  }

  /** The first failed assertion of a test is kept, and passed on to the test around it. */
  #follow(parser: Parser, depth: number): { details: string[] } {
    const own = { details: [] as string[] };
    let inner: { details: string[] } | undefined;
    parser.on('child', (child: Parser) => {
      this.#running = [...this.#running.slice(0, depth), unescaped(child.name)];
      inner = this.#follow(child, depth + 1);
    });
    parser.on('assert', (result: Result) => {
      // The parser makes up results for what was cut off.
      if (this.#hasEnded) return;
      this.#running.length = Math.min(depth, this.#running.length);
      const state = stateOf(result);
      const found = state === 'passed' ? [] : result.skip ? [String(result.skip)] : detailsOf(result);
      const details = inner?.details.length ? inner.details : found;
      // A failed assertion may name a rule, too, but it is not its test.
      if (inner !== undefined || result.skip) this.#add(unescaped(result.name), state, details);
      inner = undefined;
      if (state === 'failed' && own.details.length === 0) own.details = details;
    });
    return own;
  }

  #add(title: string, state: TestState, details: readonly string[]): void {
    const rules = [...new Set(title.match(rulesCited))];
    if (rules.length === 0) return;
    const result = { title, rules, state, details: state === 'passed' ? [] : details };
    this.#tests.push(result);
    this.#onTest(result);
  }
}

/**
 * The result of a file that stopped, with the tests that it did not come to.
 * @param listed what the file says of its tests when none of them is run
 */
export function withTestsNotRun(result: FileResult, listed: FileResult): FileResult {
  const known = new Set(result.tests.map(({ title }) => title));
  const details = [`${notRun}${result.problem ?? endedBy(result)}`];
  const left = listed.tests.filter(({ title }) => !known.has(title));
  return { ...result, tests: [...result.tests, ...left.map((test) => ({ ...test, details }))] };
}

/** A process that ends early leaves a failed test. */
function endedBy({ tests }: FileResult): string {
  const last = tests.findLast(({ state }) => state === 'failed');
  if (last === undefined) return 'a test before it ended the file';
  const [why = ''] = last.details;
  return `a test before it ended the file: ${last.title}${why === '' ? '' : `; ${why}`}`;
}

/** Whether the test did not run because of others, which hung or took long. */
export function isLeftOut({ state, details: [reason = ''] }: TestResult): boolean {
  return state === 'not run' && reason.startsWith(notRun);
}

/** The result with what a later run says of the tests that were left out. */
export function withLaterResults(result: FileResult, { tests }: FileResult): FileResult {
  const later = new Map(tests.map((test) => [test.title, test]));
  const merged = result.tests.map((test) => (isLeftOut(test) ? (later.get(test.title) ?? test) : test));
  return { ...result, tests: merged, problem: merged.some(isLeftOut) ? result.problem : undefined };
}

function stateOf({ ok, skip, todo }: Result): TestState {
  if (skip) return 'not run';
  return ok && !todo ? 'passed' : 'failed';
}

/** TAP escapes what would begin a directive. */
function unescaped(name: string): string {
  return name.replaceAll('\\#', '#');
}

function detailsOf({ name, diag }: Result): string[] {
  const fields = (diag ?? {}) as Record<string, unknown>;
  const { assertion, expected, got } = failureOf(unescaped(name), fields, '');
  const lines = [
    assertion === expected ? '' : assertion,
    `expected: ${expected}`,
    `got: ${got}`,
    placeOf(fields),
  ];
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => (line.length <= detailLengthMax ? line : `${line.slice(0, detailLengthMax)}…`));
}

/** The line of the test, or of a helper, at which it failed: not that of a package. */
function placeOf({ at, stack }: Record<string, unknown>): string {
  const { fileName, lineNumber } = (at ?? {}) as { fileName?: string; lineNumber?: number };
  const places = [`${fileName}:${lineNumber}`, ...[...String(stack).matchAll(/[\w./-]+\.ts:\d+/g)].flat()];
  const own = places.find((place) => !place.includes('node_modules/') && !place.startsWith('undefined'));
  return own === undefined ? '' : `at: ${own}`;
}
