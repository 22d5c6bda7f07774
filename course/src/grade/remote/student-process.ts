/** The process that runs the student's code for the judge, in a sandbox. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as shared from '@tablelab/shared';
import { killTree } from '../process-tree.ts';
import { endUser, userOf } from '../sandbox.ts';
import type { Classes, Side } from './codec.ts';
import { FramePipe, PipeEnded, ProtocolError } from './frame-pipe.ts';
import { type Host, hostCommand, hostEnvironment, kitInSandbox } from './host-command.ts';
import { judgeSide, serveStudent } from './judge-side.ts';
import { Peer, type Request } from './peer.ts';
import type { SharedObjectsOptions } from './shared-objects.ts';
import type { Watchdog } from './watchdog.ts';

/** How many processes this judge has started. */
let started = 0;
/** The numbers of their users: those below are for the programs that a test starts. */
const hostNumbers = { from: 500, count: 400 } as const;

export interface StudentOptions extends Omit<Host, 'filling' | 'number'> {
  /** The root of the kit with the tests. */
  readonly reference: string;
  readonly classes: Classes;
  readonly watchdog: Watchdog;
  readonly collect: () => void;
  readonly exportOf: Side['exportOf'];
}

/** The student's process did not do what was asked: not by an error of its own, but by its end or by breaking the protocol. */
export class StudentStopped extends Error {
  override readonly name = 'StudentStopped';
}

/** How long a process may take to load the student's modules. Not part of a test's time. */
const startLimitMs = 5_000;
/** How much of what the submission prints is kept: its end, in bytes. */
const outputBytesMax = 65_536;

export class StudentProcess {
  readonly #options: StudentOptions;
  readonly #folder: string;
  readonly #number: number;
  readonly #child: ChildProcess;
  readonly #pipe: FramePipe;
  readonly #descriptors: readonly number[];
  /** Brings what the student's process sends while the judge does not wait for it. */
  readonly #events: Socket | undefined;
  readonly #peer: Peer;
  #limitMs = startLimitMs;
  #problem: StudentStopped | undefined;
  #isReady = false;
  #isLoaded = false;
  #isClosed = false;

  constructor(options: StudentOptions) {
    this.#options = options;
    this.#folder = mkdtempSync(join(tmpdir(), 'tablelab-student-'));
    const { hasEvents } = options;
    const requests = pipe(join(this.#folder, 'requests'), { spare: hasEvents });
    const answers = pipe(this.#answersPath, { spare: hasEvents, isOutputSpared: hasEvents });
    const output = openSync(this.#outputPath, 'a');
    this.#number = hostNumbers.from + (started % hostNumbers.count);
    started += 1;
    const [command = '', ...args] = hostCommand({ ...options, number: this.#number });
    this.#child = spawn(command, args, {
      stdio: ['ignore', output, output, requests.input, answers.output, requests.spare ?? 'ignore'],
      // A user of the sandbox cannot enter the folder.
      cwd: options.sandbox === 'user' ? '/' : this.#folder,
      env: options.sandbox === 'none' ? hostEnvironment : { PATH: process.env.PATH ?? '' },
      detached: true,
    });
    this.#child.unref();
    this.#child.on('error', () => undefined);
    for (const descriptor of [output, requests.input, answers.output, requests.spare])
      if (descriptor !== undefined) closeSync(descriptor);
    this.#descriptors = [requests.output, answers.input];
    this.#pipe = new FramePipe({ input: answers.input, output: requests.output });
    const objects: SharedObjectsOptions = { firstId: 0, collect: options.collect };
    this.#peer = new Peer({
      pipe: this.#pipe,
      crossing: options.crossing,
      classes: options.classes,
      errors: shared,
      objects,
      side: judgeSide({ ...options, kit: kitInSandbox(options) }),
      isRunToCompletion: false,
      serve: serveStudent,
      broken: (error) => this.#stop(error),
    });
    this.#events = answers.spare === undefined ? undefined : this.#listen(answers.spare);
  }

  #listen(descriptor: number): Socket {
    const events = new Socket({ fd: descriptor, readable: true, writable: false });
    events.on('data', (bytes) => {
      try {
        this.#peer.feed(bytes);
      } catch (error) {
        this.#stop(error as Error);
      }
    });
    events.on('error', () => undefined);
    events.on('close', () => {
      if (!this.#isClosed) this.#stop(new PipeEnded('the other side has closed the pipe'));
    });
    events.unref();
    return events;
  }

  get #answersPath(): string {
    return join(this.#folder, 'answers');
  }

  get #outputPath(): string {
    return join(this.#folder, 'output');
  }

  /** Waits until the student's modules are loaded. */
  ready(): void {
    if (this.#isReady) return;
    this.#isReady = true;
    this.#watch();
    try {
      this.#call(['ready']);
      this.#isLoaded = true;
    } catch (error) {
      // Each later call throws it again.
      if (!(error instanceof StudentStopped)) throw error;
    }
  }

  /** Whether it was stopped before its modules were loaded. */
  get failedToStart(): boolean {
    return this.#problem !== undefined && !this.#isLoaded;
  }

  /** Gives the process so much time for a test; from now on. */
  begin(limitMs: number): void {
    this.#limitMs = limitMs;
    if (this.#isClosed) return;
    this.#watch();
    // A test may wait for nothing but the student's process.
    this.#events?.ref();
  }

  /** The test is over. */
  end(): void {
    this.#events?.unref();
  }

  #watch(): void {
    const { pid } = this.#child;
    if (pid !== undefined)
      this.#options.watchdog.watch(pid, { limitMs: this.#limitMs, pipePath: this.#answersPath });
  }

  call(request: Request): unknown {
    this.ready();
    return this.#call(request);
  }

  #call(request: Request): unknown {
    if (this.#problem !== undefined) throw this.#problem;
    if (this.#isClosed) throw new StudentStopped('this object belongs to a test that is over');
    return this.#peer.call(request);
  }

  /** The process is lost: what waits for it fails, and each later call. */
  #stop(error: Error): StudentStopped {
    if (this.#problem !== undefined) return this.#problem;
    this.#problem = new StudentStopped(this.#whyStopped(error), { cause: error });
    killTree(this.#child.pid ?? 0);
    this.#peer.end(this.#problem);
    return this.#problem;
  }

  #whyStopped(error: Error): string {
    switch (this.#options.watchdog.reason) {
      case 'time':
        return `the submission did not return within ${this.#limitMs} ms of processor time`;
      case 'memory':
        return `the submission used more than ${this.#options.limits.residentBytes / 2 ** 20} MiB of memory`;
      case undefined:
        if (error instanceof ProtocolError)
          return `the submission wrote into the grader's pipe: ${error.message}`;
        return 'the process of the submission ended, or closed its pipe';
    }
  }

  /** What the submission has printed: its end, if it is long. */
  output(): string {
    return readFileSync(this.#outputPath).subarray(-outputBytesMax).toString();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.watchdog.rest();
    if (this.#child.pid !== undefined) killTree(this.#child.pid);
    if (this.#options.sandbox === 'user') endUser(userOf(this.#number));
    this.#events?.destroy();
    for (const descriptor of this.#descriptors) closeSync(descriptor);
    truncateSync(this.#outputPath);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

interface Pipe {
  readonly input: number;
  readonly output: number;
  /** The input once more, without blocking. */
  readonly spare: number | undefined;
}

/** Both ends of a pipe that blocks. A pipe that Node makes for a child does not. */
function pipe(
  path: string,
  { spare: hasSpare, isOutputSpared = false }: { spare: boolean; isOutputSpared?: boolean },
): Pipe {
  execFileSync('mkfifo', ['-m', '600', path]);
  const { O_RDONLY, O_WRONLY, O_NONBLOCK } = constants;
  // With both ends open, neither of the next calls waits.
  const both = openSync(path, 'r+');
  const ends = {
    input: openSync(path, 'r'),
    output: openSync(path, isOutputSpared ? O_WRONLY | O_NONBLOCK : O_WRONLY),
    spare: hasSpare ? openSync(path, O_RDONLY | O_NONBLOCK) : undefined,
  };
  closeSync(both);
  return ends;
}
