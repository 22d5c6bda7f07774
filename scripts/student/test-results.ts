import { Parser, type Result } from 'tap-parser';
import { stringify } from 'yaml';

/** The outcome of a test that names a rule. */
export interface RuleResult {
  /** `part1/README.md#list-add-appends` */
  readonly rule: string;
  readonly title: string;
  readonly ok: boolean;
  /** Of a failed test: what was expected and what came, a few lines. */
  readonly details: readonly string[];
}

/** The outcome of a test file. */
export interface FileResult {
  readonly file: string;
  readonly rules: readonly RuleResult[];
  /** Why the file did not run to its end. */
  readonly problem: string | undefined;
}

/** Rules in the title of a test. */
export const rulesCited = /part\d\/README\.md#[a-z0-9-]+/g;

/** Fields of a failure that help to find it, in this order. */
const detailsShown = ['diff', 'found', 'wanted', 'pattern', 'doNotWant', 'message', 'at'];
const detailLinesMax = 8;
const detailLengthMax = 160;

/** Reads the TAP of one test file. */
export class TestResultReader {
  readonly #file: string;
  readonly #parser = new Parser();
  readonly #rules: RuleResult[] = [];
  /** The title of the test that runs, to say where a file stopped. */
  #running = '';

  constructor(file: string) {
    this.#file = file;
    this.#follow(this.#parser);
  }

  write(chunk: string): void {
    this.#parser.write(chunk);
  }

  /** @param end how the process ended: `exit code 1`, or a signal */
  end(end: string): FileResult {
    this.#parser.end();
    const { results } = this.#parser;
    const complete = results !== null && results.plan.end !== null && results.count === results.plan.end;
    const where = this.#running === '' ? '' : ` in "${this.#running}"`;
    const problem = complete ? undefined : `it stopped${where} (${end})`;
    return { file: this.#file, rules: this.#rules, problem };
  }

  /** The first failed assertion of a test is kept, and passed on to the test around it. */
  #follow(parser: Parser): { details: string[] } {
    const state = { details: [] as string[] };
    let inner: { details: string[] } | undefined;
    parser.on('child', (child: Parser) => {
      this.#running = unescaped(child.name);
      inner = this.#follow(child);
    });
    parser.on('assert', (result: Result) => {
      const own = result.skip ? [String(result.skip)] : result.ok ? [] : detailsOf(result);
      const details = inner?.details.length ? inner.details : own;
      // A failed assertion may name a rule, too, but it is not its test.
      const isTest = inner !== undefined || Boolean(result.skip);
      if (isTest) this.#running = '';
      inner = undefined;
      if (!result.ok && state.details.length === 0) state.details = details;
      const title = unescaped(result.name);
      const ok = result.ok && !result.skip && !result.todo;
      for (const rule of new Set(isTest ? (title.match(rulesCited) ?? []) : [])) {
        this.#rules.push({ rule, title, ok, details: ok ? [] : details });
      }
    });
    return state;
  }
}

/** TAP escapes what would begin a directive. */
function unescaped(name: string): string {
  return name.replaceAll('\\#', '#');
}

function detailsOf({ name, diag }: Result): string[] {
  const fields = Object.entries((diag ?? {}) as Record<string, unknown>);
  const shown = fields
    .filter(([field]) => detailsShown.includes(field))
    .sort(([one], [other]) => detailsShown.indexOf(one) - detailsShown.indexOf(other))
    .map(([field, value]) => [field, field === 'at' ? placeOf(value) : value]);
  const text =
    shown.length === 0 ? '' : stringify(Object.fromEntries(shown), { lineWidth: 0, blockQuote: 'literal' });
  const lines = [unescaped(name), ...text.trimEnd().split('\n')].filter((line) => line.trim() !== '');
  return lines.slice(0, detailLinesMax).map((line) => line.slice(0, detailLengthMax));
}

function placeOf(at: unknown): string {
  const { fileName, lineNumber } = (at ?? {}) as { fileName?: string; lineNumber?: number };
  return `${fileName}:${lineNumber}`;
}
