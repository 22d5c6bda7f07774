/** Makes submissions of a part from the reference, and grades them. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import { loadPart, type Step } from '../../src/course-file.ts';
import {
  filesOf,
  type Grade,
  type GradedTest,
  grade,
  measureReference,
  stateOf,
} from '../../src/grade/grade.ts';
import { availableSandbox } from '../../src/grade/sandbox.ts';
import { layStudentKit } from '../../src/grade/student-kit.ts';

export const root = join(import.meta.dirname, '../../..');
export const sandbox = availableSandbox() ?? 'none';

export interface SubmissionOptions {
  /** The names of the steps that are as the reference has them; the others are as they were handed out. Default: all. */
  readonly filled?: readonly string[];
  /** One file of it is changed. */
  readonly change?: { readonly file: string; readonly by: (source: string) => string };
}

export class GradedPart {
  /** All steps of the part. */
  readonly steps: readonly Step[];
  readonly #number: number;
  readonly #folder: string;
  #submissions = 0;

  /** Until the end of the test file, which measures the reference once. */
  constructor(t: Pick<Test, 'teardown'>, number: number) {
    this.#number = number;
    this.steps = loadPart(number, root).steps;
    this.#folder = mkdtempSync(join(tmpdir(), 'tablelab-graded-part-'));
    t.teardown(() => rmSync(this.#folder, { recursive: true, force: true }));
    process.env.XDG_CACHE_HOME = join(this.#folder, 'cache');
  }

  /** Some rules of the part's steps, which stand for all, and only these of their test files, if any are named. */
  choose(rules: readonly string[], files?: readonly string[]): Step[] {
    const chosen = this.steps.map((step) => ({
      ...step,
      rules: step.rules.filter((rule) => rules.includes(rule)),
      tests: step.tests.filter((file) => files?.includes(file) ?? true),
    }));
    return chosen.filter((step) => step.rules.length > 0);
  }

  /** The folder of a submission with the files of all steps. */
  submission({ filled, change }: SubmissionOptions = {}): string {
    this.#submissions += 1;
    const [kit, to] = ['kit', 'submission'].map((name) =>
      join(this.#folder, String(this.#submissions), name),
    ) as [string, string];
    const steps = this.steps.filter(({ name }) => filled !== undefined && !filled.includes(name));
    layStudentKit({ reference: root, part: this.#part, steps, submission: { files: new Map() }, to: kit });
    for (const file of filesOf(this.steps)) {
      const source = readFileSync(join(kit, file), 'utf8');
      mkdirSync(dirname(join(to, file)), { recursive: true });
      writeFileSync(join(to, file), change?.file === file ? change.by(source) : source);
    }
    return to;
  }

  grade(submission: string, steps: readonly Step[]): Promise<Grade> {
    const options = { reference: root, submission, seeds: [1], sandbox, testLimitMinMs: 2_000 };
    return grade({ part: this.#part, steps, ...options });
  }

  /** Judges the reference in all steps, and returns a line for each thing measured. @throws Error if it fails a test */
  async measureReference(): Promise<string[]> {
    const lines: string[] = [];
    const onLine = (line: string) => lines.push(line);
    const options = { reference: root, seeds: [1], sandbox, onLine };
    await measureReference({ part: this.#part, steps: this.steps, ...options });
    return lines;
  }

  get #part(): string {
    return `part${this.#number}`;
  }
}

export function pointsOf({ steps }: Grade): string[] {
  return steps.map(({ step, points }) => `${step.name} ${points}`);
}

export function failures({ tests }: Grade): Pick<GradedTest, 'name' | 'runs'>[] {
  return tests.filter((test) => stateOf(test) !== 'passed').map(({ name, runs }) => ({ name, runs }));
}

/** The rules whose points are not earned. */
export function lost({ steps }: Grade): string[] {
  return steps.flatMap(({ rules }) =>
    rules.filter(({ state }) => state !== 'passed').map(({ anchor }) => anchor),
  );
}
