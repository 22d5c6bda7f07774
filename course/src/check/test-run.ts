import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Guard, signalGroup } from '@tablelab/shared/process';
import { Parser, type Result } from 'tap-parser';

export interface FailedTest {
  readonly file: string;
  /** The title with those of the tests around it. */
  readonly title: string;
  /** The rules that the title cites, `part1/README.md#list-get`. */
  readonly rules: readonly string[];
}

export interface TestRun {
  readonly failed: readonly FailedTest[];
  readonly passes: number;
  /** Whether the file reached its end: no time limit, no crash. */
  readonly isComplete: boolean;
}

/** The time limit of one test, in seconds, as in .taprc, see scripts/time-limit.ts. */
const testLimitS = 30;

/** The time limit of a file, in milliseconds. */
const fileLimitMs = 240_000;

const ruleInTitle = /part\d\/README\.md#[\w-]+/g;

/** Runs one test file of the kit in `folder`, and resolves with its failed tests. */
export async function runTestFile(folder: string, file: string): Promise<TestRun> {
  const child = spawn(process.execPath, ['--import=./scripts/time-limit.ts', file], {
    cwd: folder,
    env: { ...process.env, TAP_TIMEOUT: String(testLimitS), TAP: '1' },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  const guard = child.pid === undefined ? undefined : new Guard(child.pid, { group: true });
  const kill = () => signalGroup(child.pid, 'SIGKILL');
  const deadline = setTimeout(kill, fileLimitMs);
  const failures = new FailureReader(file);
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => failures.write(chunk));
  try {
    await once(child, 'close');
  } finally {
    clearTimeout(deadline);
    kill();
    await guard?.dismiss();
  }
  return failures.end();
}

/** Collects the failed tests of a file's TAP, also the one that was running when the file was cut off. */
class FailureReader {
  readonly #file: string;
  readonly #parser = new Parser();
  readonly #failed: FailedTest[] = [];
  readonly #running: string[] = [];
  #passes = 0;

  constructor(file: string) {
    this.#file = file;
    this.#follow(this.#parser, []);
  }

  write(chunk: string): void {
    this.#parser.write(chunk);
  }

  end(): TestRun {
    const cutOff = [...this.#running];
    this.#parser.end();
    const { results } = this.#parser;
    const isComplete = cutOff.length === 0 && results?.plan.end !== null && results?.plan.end !== undefined;
    if (cutOff.length > 0) this.#add(cutOff);
    return { failed: this.#failed, passes: this.#passes, isComplete };
  }

  #follow(parser: Parser, path: readonly string[]): void {
    parser.on('child', (inner: Parser) => {
      // TAP escapes what would begin a directive.
      const innerPath = [...path, inner.name.replaceAll('\\#', '#')];
      this.#running.splice(0, this.#running.length, ...innerPath);
      this.#follow(inner, innerPath);
    });
    parser.on('assert', (result: Result) => {
      this.#running.splice(0, this.#running.length, ...path);
      if (result.ok || result.skip || result.todo) this.#passes += result.ok ? 1 : 0;
      else this.#add([...path, result.name.replaceAll('\\#', '#')]);
    });
  }

  #add(path: readonly string[]): void {
    const title = path.join(' > ');
    this.#failed.push({ file: this.#file, title, rules: title.match(ruleInTitle) ?? [] });
  }
}
