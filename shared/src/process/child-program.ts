import { type ChildProcess, spawn } from 'node:child_process';
import { basename } from 'node:path';
import { TableError } from '../errors.ts';
import { withDeadline } from './deadline.ts';
import { Guard } from './guard.ts';
import { LineLog } from './line-log.ts';

export interface ProgramOptions {
  /** Variables to add to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Its name in messages. Default: the command. */
  readonly name?: string;
  /** Removed if this process ends without having stopped the program. */
  readonly temporaryFolder?: string;
  /**
   * `terminal`: the program uses this process's terminal (or pipes) and receives its Ctrl-C; no lines are kept.
   * `piped`, the default: it runs in a separate session, which Ctrl-C does not reach, and its lines are kept.
   */
  readonly stdio?: 'terminal' | 'piped';
  /** Opens a channel for {@link ChildProgram.notify}. The program must be one for Node. */
  readonly channel?: boolean;
  /** Gets what the program sends through the channel. */
  readonly onMessage?: (message: string) => void;
}

export interface ProgramExit {
  /** Null when a signal ended the program. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The time from SIGTERM to SIGKILL in {@link ChildProgram.stop}, in milliseconds. */
const stopDeadlineMs = 5_000;

/** How long to wait for the rest of the output after the exit: a remaining child of the program may hold the pipe. */
const outputDeadlineMs = 1_000;

/** How many of the last lines an error message shows. */
const linesShownMax = 15;

/**
 * A child process whose output is kept as lines. Invariants: it never outlives this process (see {@link Guard}), and
 * once `exited` has settled, neither the process nor its guard is left.
 */
export class ChildProgram {
  readonly name: string;
  /** Resolves when the program has ended and its output has been read; rejects if it could not be started. */
  readonly exited: Promise<ProgramExit>;
  readonly #child: ChildProcess;
  readonly #stdout: LineLog | undefined;
  readonly #stderr: LineLog | undefined;
  #ended = false;

  constructor(command: string, args: readonly string[], options: ProgramOptions = {}) {
    const piped = options.stdio !== 'terminal';
    this.name = options.name ?? command;
    this.#child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: [
        ...Array<'pipe' | 'inherit'>(3).fill(piped ? 'pipe' : 'inherit'),
        ...(options.channel ? ['ipc' as const] : []),
      ],
      detached: piped,
    });
    const { onMessage } = options;
    if (onMessage !== undefined) this.#child.on('message', (message) => onMessage(String(message)));
    this.#stdout = this.#child.stdout === null ? undefined : new LineLog(this.#child.stdout);
    this.#stderr = this.#child.stderr === null ? undefined : new LineLog(this.#child.stderr);
    // An error of writing means that the program has ended, which `exited` reports.
    this.#child.stdin?.on('error', () => undefined);
    const guard =
      this.#child.pid === undefined
        ? undefined
        : new Guard(this.#child.pid, { folder: options.temporaryFolder });
    this.exited = this.#watch(guard);
    // A rejection that no caller awaits must not end this process.
    this.exited.catch(() => undefined);
  }

  /** The process number. @throws TableError UNREACHABLE when the program could not be started. */
  get pid(): number {
    if (this.#child.pid === undefined) {
      throw new TableError('UNREACHABLE', `could not start ${this.name}`);
    }
    return this.#child.pid;
  }

  get running(): boolean {
    return !this.#ended;
  }

  /** The last lines of the program's standard output; earlier ones are dropped. */
  get stdoutLines(): readonly string[] {
    return this.#stdout?.lines ?? [];
  }

  /** The last lines of the program's standard error; earlier ones are dropped. */
  get stderrLines(): readonly string[] {
    return this.#stderr?.lines ?? [];
  }

  /** Writes to the program's standard input. */
  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Ends the program's standard input. */
  endInput(): void {
    this.#child.stdin?.end();
  }

  /**
   * Waits for a line of output that matches. Each call starts after the line that the previous call returned, so that a
   * test can follow a dialogue step by step. Lines in between are skipped.
   * @throws TableError TIMEOUT at the deadline; UNREACHABLE as soon as the program has ended without such a line. The
   * message shows the program's last lines.
   */
  async waitForLine(
    pattern: RegExp,
    deadlineMs: number,
    stream: 'stdout' | 'stderr' = 'stdout',
  ): Promise<RegExpMatchArray> {
    const log = stream === 'stdout' ? this.#stdout : this.#stderr;
    if (log === undefined) throw new TableError('BAD_REQUEST', `the output of ${this.name} is not kept`);
    const stopListening: (() => void)[] = [];
    const found = new Promise<RegExpMatchArray | undefined>((resolve, reject) => {
      const look = () => {
        const match = log.take(pattern);
        if (match) resolve(match);
        return match !== undefined;
      };
      if (look()) return;
      stopListening.push(log.onLine(look));
      this.exited.then(() => look() || resolve(undefined), reject);
    });
    try {
      const match = await withDeadline(found, deadlineMs, `a line ${pattern} from ${this.name}`);
      if (match) return match;
      throw new TableError('UNREACHABLE', `${this.name} ended without a line ${pattern}`);
    } catch (error) {
      if (!(error instanceof TableError)) throw error;
      throw new TableError(error.code, `${error.message}${this.#lastLines()}`, { cause: error });
    } finally {
      for (const stop of stopListening) stop();
    }
  }

  /** Sends a message through the program's channel; returns false if there is none. */
  notify(message: string): boolean {
    if (!this.#child.connected) return false;
    // The program may end at this moment.
    this.#child.send(message, () => undefined);
    return true;
  }

  /** Sends a signal. Has no effect once the program has ended. */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends the program: sends SIGTERM, and SIGKILL if it still runs at the deadline. Never rejects. */
  async stop(options: { deadlineMs?: number } = {}): Promise<void> {
    const gone = this.exited.then(
      () => undefined,
      () => undefined,
    );
    if (!this.#ended) {
      this.kill('SIGTERM');
      await withDeadline(gone, options.deadlineMs ?? stopDeadlineMs, `the end of ${this.name}`).catch(() =>
        this.kill('SIGKILL'),
      );
    }
    await gone;
  }

  #lastLines(): string {
    const lines = [...this.stdoutLines.slice(-linesShownMax), ...this.stderrLines.slice(-linesShownMax)];
    return lines.length === 0 ? '; it printed nothing' : `; its last lines:\n  ${lines.join('\n  ')}`;
  }

  #watch(guard: Guard | undefined): Promise<ProgramExit> {
    const child = this.#child;
    const exit = new Promise<ProgramExit>((resolve, reject) => {
      child.once('error', (error) => {
        if (child.pid !== undefined) return;
        this.#ended = true;
        reject(
          new TableError('UNREACHABLE', `could not start ${this.name}: ${error.message}`, { cause: error }),
        );
      });
      child.once('exit', (code, signal) => {
        this.#ended = true;
        resolve({ code, signal });
      });
    });
    const outputRead = new Promise<void>((resolve) => child.once('close', () => resolve()));
    return exit.then(async (result) => {
      await guard?.dismiss();
      await withDeadline(outputRead, outputDeadlineMs, `the output of ${this.name}`).catch(() => undefined);
      return result;
    });
  }
}

/** Runs a TypeScript or JavaScript file with the same Node as this process. */
export function spawnProgram(
  file: string,
  args: readonly string[],
  options: ProgramOptions = {},
): ChildProgram {
  return new ChildProgram(process.execPath, [file, ...args], {
    name: [basename(file), ...args].join(' '),
    ...options,
  });
}
