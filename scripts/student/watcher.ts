import { sourcesOf } from '@tablelab/shared/sources';
import type { HandoutPart, HandoutStep } from './handout.ts';
import { wordsIn } from './handout-rules.ts';
import { ruleState } from './points.ts';
import { type RunningFile, type RunOptions, runFile } from './run-file.ts';
import { testFilesOf } from './run-files.ts';
import { nextLines, stepResults, tableLines } from './step-table.ts';
import type { FileResult, TestResult } from './test-results.ts';

/** A run that takes longer says at this time after the save what is known so far. */
const interimMs = 800;

/** Repeats the tests of a part that use what has changed. */
export class Watcher {
  readonly #root: string;
  readonly #part: HandoutPart;
  readonly #print: (line: string) => void;
  readonly #latest = new Map<string, FileResult>();
  readonly #changed = new Set<string>();
  /** Whether something has changed since the last call of `repeat`. */
  #isDirty = false;
  #running: RunningFile | undefined;
  #round = 0;

  constructor(root: string, part: HandoutPart, print: (line: string) => void) {
    this.#root = root;
    this.#part = part;
    this.#print = print;
  }

  /** A file has been saved. */
  changed(file: string): void {
    this.#changed.add(file);
    this.#isDirty = true;
  }

  /** Runs the tests of what has changed. A later call stops an earlier one, and repeats its tests, too. */
  async repeat(): Promise<void> {
    this.#round += 1;
    this.#isDirty = false;
    const round = this.#round;
    const savedAt = performance.now();
    this.#running?.stop();
    const touched = [...this.#changed];
    const tests = testFilesOf(this.#part.steps)
      .map((file) => ({ file, distance: distanceOf(this.#root, file, touched) }))
      .filter(({ distance }) => distance >= 0)
      .sort((one, other) => one.distance - other.distance)
      .map(({ file }) => file);
    const own = this.#stepInWork(touched);
    // The last results are those of the code before.
    for (const file of tests) this.#latest.delete(file);
    if (tests.length > 0) this.#print(`\nsaved: ${touched.join(', ')}`);
    const first = own?.rules ?? [];
    const ownTests = tests.filter((file) => own?.tests.includes(file));
    const begun = new Map<string, FileResult>();
    for (const file of ownTests) {
      const result = await this.#run(file, round, savedAt, { only: first });
      if (result === undefined) return;
      begun.set(file, result);
      this.#print(`${file}: ${seconds(savedAt)}, ${verdict(result.tests)}; other rules follow`);
    }
    for (const file of tests) {
      const before = begun.get(file);
      const rest = await this.#run(file, round, savedAt, before === undefined ? {} : { except: first });
      if (rest === undefined) return;
      this.#show(
        {
          ...rest,
          tests: [...(before?.tests ?? []), ...rest.tests],
          problem: before?.problem ?? rest.problem,
        },
        savedAt,
      );
    }
    if (!this.#isDirty) this.#changed.clear();
  }

  /** Of the steps that are written in these files the first one that was not complete before. */
  #stepInWork(touched: readonly string[]): HandoutStep | undefined {
    const steps = this.#part.steps.filter(({ files }) => files.some((file) => touched.includes(file)));
    const before = stepResults({ ...this.#part, steps }, [...this.#latest.values()]);
    return before.find(({ failures }) => failures.length > 0)?.step ?? steps[0];
  }

  /** Returns undefined if a later save has begun another round. */
  async #run(
    file: string,
    round: number,
    savedAt: number,
    options: RunOptions,
  ): Promise<FileResult | undefined> {
    const tests: TestResult[] = [];
    const say = (text: string) => {
      if (round === this.#round) this.#print(`${file}: ${seconds(savedAt)}, ${text}`);
    };
    const interim = setTimeout(
      () => say(`${verdict(tests)} so far, still running`),
      Math.max(0, savedAt + interimMs - performance.now()),
    );
    const onTest = (result: TestResult) => {
      const isFirst = result.state === 'failed' && tests.every(({ state }) => state !== 'failed');
      tests.push(result);
      if (!isFirst) return;
      clearTimeout(interim);
      say([`not met: ${result.title}`, ...result.details.map((line) => `    ${line}`)].join('\n'));
    };
    this.#running = runFile(this.#root, file, { ...options, onTest });
    const result = await this.#running.result.finally(() => clearTimeout(interim));
    return round === this.#round ? result : undefined;
  }

  /** The steps whose tests have all run with what was saved. */
  #show(result: FileResult, savedAt: number): void {
    this.#latest.set(result.file, result);
    const steps = this.#part.steps.filter(
      ({ tests }) => tests.includes(result.file) && tests.every((one) => this.#latest.has(one)),
    );
    const results = stepResults({ ...this.#part, steps }, [...this.#latest.values()]);
    const table = results.length === 0 ? [] : tableLines(this.#part, results).slice(2, -1);
    this.#print(
      [
        `${result.file}: after ${seconds(savedAt)}`,
        ...table,
        ...nextLines(results, wordsIn(this.#root)),
      ].join('\n'),
    );
  }
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1_000).toFixed(1)} s`;
}

/** How many rules are met. */
function verdict(tests: readonly TestResult[]): string {
  const rules = [...new Set(tests.flatMap((test) => test.rules))];
  const failed = rules.filter((rule) => {
    const states = tests.filter((test) => test.rules.includes(rule)).map(({ state }) => state);
    return ruleState(states) !== 'passed';
  });
  const names = failed.map((rule) => rule.replace(/^.*#/, '#'));
  return `${rules.length - failed.length} rules met${failed.length === 0 ? '' : `, not met: ${names.join(', ')}`}`;
}

/** How far a changed file is from a test in the graph of imports; below 0 if the test does not use it. */
function distanceOf(root: string, test: string, changed: readonly string[]): number {
  const sources = sourcesOf(root, test);
  const distances = changed.map((file) => sources.indexOf(file)).filter((distance) => distance >= 0);
  return distances.length === 0 ? -1 : Math.min(...distances);
}
