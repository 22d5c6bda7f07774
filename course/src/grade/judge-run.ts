/** Runs one test file in a judge, and reads what the judge has found out. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Guard } from '@tablelab/shared/process';
import type { Failure } from '../../../scripts/student/failure.ts';
import { judgeCache } from './compiled.ts';
import { killTree } from './process-tree.ts';
import type { JudgeEvent, JudgeSettings } from './remote/judge-settings.ts';
import { judgeNumber, judgeVariable, onPath, withoutNetwork } from './sandbox.ts';

export interface JudgeRunOptions {
  readonly settings: Omit<JudgeSettings, 'events'>;
  /** An absolute path. */
  readonly testFile: string;
  /** The seed of random tests. */
  readonly seed: number;
  /** After this time the judge itself is stopped: it should never come to that, because each test has a limit. */
  readonly limitMs: number;
  /** The number of the processor that the judge shares with the submission. */
  readonly processor: number;
  readonly signal?: AbortSignal;
}

export interface TestOutcome {
  readonly name: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly calls: string;
  readonly failures: readonly Failure[];
  /** What the submission has printed during the test. */
  readonly output: string;
}

export interface JudgeRun {
  readonly outcomes: readonly TestOutcome[];
  /** Why the file did not run to its end; undefined if it did. The test in which it stopped is among the outcomes, as failed. */
  readonly problem: string | undefined;
}

/** The harness gives each test so many times its own limit, because calls into another process take longer. */
const testTimeFactor = 100;
const failuresMax = 5;
const errorTextMax = 2_000;

const judgeFile = join(import.meta.dirname, 'remote/judge.ts');

export async function runJudge(options: JudgeRunOptions): Promise<JudgeRun> {
  const folder = mkdtempSync(join(tmpdir(), 'tablelab-judge-'));
  try {
    const events = join(folder, 'events');
    writeFileSync(events, '');
    const settingsFile = join(folder, 'settings.json');
    writeFileSync(settingsFile, JSON.stringify({ ...options.settings, events } satisfies JudgeSettings));
    const { end, errors } = await judge(options, settingsFile, folder);
    const text = readFileSync(events, 'utf8');
    const problem = end ?? (isComplete(text) ? undefined : 'the judge ended early');
    return readEvents(text, problem && (errors === '' ? problem : `${problem}: ${errors}`));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether the judge has reached its end. */
function isComplete(events: string): boolean {
  const last = events.split('\n').at(-2);
  return last !== undefined && (JSON.parse(last) as JudgeEvent).event === 'exit';
}

/** `end`: why the judge did not end by itself. */
async function judge(
  options: JudgeRunOptions,
  settingsFile: string,
  folder: string,
): Promise<{ end: string | undefined; errors: string }> {
  const { testFile, seed, limitMs, processor, signal, settings } = options;
  // The judge and the submission take turns, so one processor serves both: a call then takes a tenth of the time.
  const pinned = onPath('taskset') ? ['taskset', '-c', String(processor % availableParallelism())] : [];
  const node = [process.execPath, '--single-threaded-gc', `--import=${judgeFile}`, testFile];
  // Tests and submission reach one another at the loopback address, and nothing else; what they leave running ends with the judge.
  const isolated = settings.sandbox === 'bubblewrap';
  const whole = [...pinned, ...node];
  const [command = '', ...args] = isolated ? withoutNetwork(whole) : whole;
  const child = spawn(command, args, {
    cwd: settings.reference,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      // The student's processes have their pipes here; the folder goes even if the judge is killed.
      TMPDIR: folder,
      TABLELAB_JUDGE: settingsFile,
      [judgeVariable]: String(judgeNumber()),
      TEST_SEED: String(seed),
      NODE_COMPILE_CACHE: judgeCache(),
      TEST_SEEDS: String(settings.seeds),
      TEST_TIME_FACTOR: String(testTimeFactor),
      TAP_TIMEOUT: '0',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const guard = child.pid === undefined ? undefined : new Guard(child.pid, { group: true, folder });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-errorTextMax);
  });
  try {
    return { end: await ended(child, { limitMs, signal }), errors };
  } finally {
    if (child.pid !== undefined) killTree(child.pid);
    await guard?.dismiss();
  }
}

function ended(
  child: ChildProcess,
  { limitMs, signal }: { limitMs: number; signal: AbortSignal | undefined },
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(`the judge was not done after ${limitMs} ms`), limitMs);
    const stop = () => resolve('the grader was stopped');
    signal?.addEventListener('abort', stop, { once: true });
    child.once('error', (error) => resolve(error.message));
    // Failed tests make it exit with 1; its events say which.
    child.once('exit', (code, by) =>
      resolve(
        by === null && (code === 0 || code === 1)
          ? undefined
          : `the judge ended by ${by ?? `exit code ${code}`}`,
      ),
    );
    child.once('exit', () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    });
  });
}

function readEvents(text: string, problem: string | undefined): JudgeRun {
  const outcomes: TestOutcome[] = [];
  let running: { name: string; failures: Failure[] } | undefined;
  // The last line may be cut off.
  for (const line of text.split('\n').slice(0, -1)) {
    const event = JSON.parse(line) as JudgeEvent;
    switch (event.event) {
      case 'begin':
        running = { name: event.test, failures: [] };
        break;
      case 'fail':
        if (running !== undefined && running.failures.length < failuresMax)
          running.failures.push(event.failure);
        break;
      case 'end': {
        const { test: name, ok, ms, calls, output } = event;
        outcomes.push({
          name,
          ok: ok && running?.failures.length === 0,
          ms,
          calls,
          failures: running?.failures ?? [],
          output,
        });
        running = undefined;
        break;
      }
      case 'exit':
        break;
    }
  }
  if (running !== undefined) {
    const failure: Failure = {
      assertion: '',
      input: '',
      expected: 'the test ends',
      got: problem ?? 'it did not end',
    };
    outcomes.push({
      name: running.name,
      ok: false,
      ms: 0,
      calls: '',
      failures: [...running.failures, failure],
      output: '',
    });
  }
  return { outcomes, problem };
}
