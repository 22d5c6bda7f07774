/**
 * Reads the TAP of a whole run of tap line by line and says what a person wants to see of it: a line for each test
 * file, all about each failure, and everything that is no TAP (coverage, what tests print).
 *
 * Subtests are indented by four spaces and announced by `# Subtest: name`; their result follows on the outer level.
 */
export class TapReader {
  /** Failed assertions, and test files or subtests that failed without one (crash, time limit, no plan). */
  failures = 0;
  /** Tap's own count, from the last line of its output; undefined when tap did not get that far. */
  count: { readonly pass: number; readonly skip: number } | undefined;
  /** The tests that were skipped, each with the reason that it gave. */
  readonly skipped: string[] = [];
  readonly #print: (line: string) => void;
  /** The subtests that are open, outermost first. */
  #open: { readonly name: string; failures: number }[] = [];
  /** The indentation of the block of details that is being read, and whether it belongs to a failure. */
  #details: { readonly indentation: number; readonly shown: boolean } | undefined;
  #lastWasFailure = false;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  line(line: string): void {
    if (this.#details) return this.#detail(line, this.#details);
    const text = line.trimStart();
    const indentation = line.length - text.length;
    if (text === '---') {
      this.#details = { indentation, shown: this.#lastWasFailure };
      return;
    }
    const depth = Math.floor(indentation / 4);
    const subtest = /^# Subtest: (.*)$/.exec(text);
    const result = /^(not )?ok \d+(?: - )?(.*)$/.exec(text);
    const count = /^# (\{ total: .*\})$/.exec(line);
    this.#lastWasFailure = false;
    if (subtest) this.#open[depth] = { name: subtest[1] ?? '', failures: 0 };
    else if (result) this.#result(depth, result[1] === undefined, result[2] ?? '');
    else if (count) this.#takeCount(count[1] ?? '');
    else if (text !== '' && !/^(#|TAP version|\d+\.\.\d+)/.test(text))
      this.#print(line.replace(/^( {4})+/, ''));
  }

  #result(depth: number, passed: boolean, rest: string): void {
    const name = rest.replace(/ # time=[\d.]+m?s.*$/, '');
    const subtest = this.#open[depth];
    this.#open = this.#open.slice(0, depth);
    const todoOrSkip = / # (SKIP|TODO)\b/i.test(rest);
    const skip = /^(.*?) # SKIP (.+)$/i.exec(name);
    if (skip && skip[2] !== 'no tests found') {
      this.skipped.push(`${[...this.#open.map((outer) => outer.name), skip[1]].join(' > ')}: ${skip[2]}`);
    }
    const inside = subtest?.failures ?? 0;
    // A failed subtest has told its failures already, unless it failed without one.
    const isNewFailure = !passed && !todoOrSkip && inside === 0;
    const failures = inside + (isNewFailure ? 1 : 0);
    const parent = this.#open.at(-1);
    if (parent) parent.failures += failures;
    if (isNewFailure) {
      this.failures += 1;
      this.#lastWasFailure = true;
      this.#print(`FAILED  ${[...this.#open.map((outer) => outer.name), name].join(' > ')}`);
    }
    if (depth === 0 && !isNewFailure) {
      this.#print(`${failures === 0 ? 'ok      ' : 'failed  '}${rest.replace(/ # time=/, '  ')}`);
    }
  }

  #detail(line: string, details: { readonly indentation: number; readonly shown: boolean }): void {
    const text = line.slice(details.indentation);
    if (text === '...') this.#details = undefined;
    else if (details.shown) this.#print(`    ${text}`);
  }

  #takeCount(text: string): void {
    const number = (name: string) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(text)?.[1] ?? 0);
    this.count = { pass: number('pass'), skip: number('skip') + number('todo') };
  }
}
