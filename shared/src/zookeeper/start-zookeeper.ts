import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TableError } from '../errors.ts';
import type { ChildProgram, ProgramExit } from '../process/child-program.ts';
import { freePort } from '../process/free-port.ts';
import type { ZooKeeperInstallation } from './find-zookeeper.ts';
import { fourLetterWord } from './four-letter-word.ts';
import { configureZooKeeper, dataFolder, installedZooKeeper, launchZooKeeper } from './zookeeper-process.ts';

export interface ZooKeeperOptions {
  /** Default: the one that is installed. */
  readonly installation?: ZooKeeperInstallation;
  /** ZooKeeper's unit of time: sessions last 2 ticks at least. Default: 200. */
  readonly tickTimeMs?: number;
  /** The folder for its data, which is kept when it stops. Default: a temporary folder, which is removed then. */
  readonly dataFolder?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** When aborted, {@link startZooKeeper} stops the server and rejects. Has no effect once the server is running. */
  readonly stop?: AbortSignal;
}

/** Short, so that tests can use sessions of one second. */
const defaultTickTimeMs = 200;
const startDeadlineMs = 30_000;
const answerDeadlineMs = 1_000;
const pollIntervalMs = 25;

/** How often to try another port: one that was free may be taken before the server listens. */
const portAttemptsMax = 3;

/**
 * A single ZooKeeper server on the loopback interface, started by this process. It keeps its port and its data through
 * {@link kill} and {@link restart}. Invariant: after {@link stop}, no process and no temporary folder is left.
 */
export class ZooKeeperServer {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly #installation: ZooKeeperInstallation;
  readonly #folder: string;
  readonly #folderIsTemporary: boolean;
  #program: ChildProgram;

  /** Use {@link startZooKeeper}. */
  constructor(
    where: { port: number; folder: string; folderIsTemporary: boolean },
    installation: ZooKeeperInstallation,
  ) {
    this.port = where.port;
    this.#folder = where.folder;
    this.#folderIsTemporary = where.folderIsTemporary;
    this.#installation = installation;
    this.#program = this.#launch();
  }

  /** `host:port`, as clients expect it. */
  get address(): string {
    return `${this.host}:${this.port}`;
  }

  get pid(): number {
    return this.#program.pid;
  }

  /** The exit of the current process; {@link restart} starts another one. */
  get exited(): Promise<ProgramExit> {
    return this.#program.exited;
  }

  /** The folder with its configuration and its data. */
  get folder(): string {
    return this.#folder;
  }

  /** Sends a signal. SIGSTOP pauses the server, SIGCONT resumes it, SIGKILL is a crash. */
  kill(signal: NodeJS.Signals): void {
    this.#program.kill(signal);
  }

  /** Ends the process if it is running, and starts another one with the same port and the same data. */
  async restart(): Promise<void> {
    await this.#program.stop();
    this.#program = this.#launch();
    await this.ready();
  }

  /** Kills the process, removes its data, and starts another one with the same port. */
  async wipe(): Promise<void> {
    this.kill('SIGKILL');
    await this.exited;
    await rm(dataFolder(this.#folder), { recursive: true, force: true });
    await this.restart();
  }

  /** Ends the process and removes its data, unless the caller chose the folder. */
  async stop(): Promise<void> {
    // A paused process does not react to SIGTERM.
    this.#program.kill('SIGCONT');
    await this.#program.stop();
    if (this.#folderIsTemporary) await rm(this.#folder, { recursive: true, force: true });
  }

  /**
   * Waits until the server answers `srvr` with its mode.
   * @throws TableError TIMEOUT at the deadline; UNREACHABLE when the process has ended. The message shows its last lines.
   */
  async ready(): Promise<void> {
    const program = this.#program;
    const deadline = performance.now() + startDeadlineMs;
    for (;;) {
      const answer = await fourLetterWord('srvr', this, answerDeadlineMs).catch(() => '');
      // If the process has ended, the answer came from another server on this port.
      const lines = [...program.stdoutLines, ...program.stderrLines].slice(-10).join('\n  ');
      if (!program.running) throw new TableError('UNREACHABLE', `ZooKeeper ended while starting\n  ${lines}`);
      if (answer.includes('Mode:')) return;
      if (performance.now() > deadline) {
        throw new TableError('TIMEOUT', `ZooKeeper did not answer within ${startDeadlineMs} ms\n  ${lines}`);
      }
      await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
    }
  }

  #launch(): ChildProgram {
    return launchZooKeeper(this.#installation, this.#folder, {
      temporaryFolder: this.#folderIsTemporary ? this.#folder : undefined,
    });
  }
}

/**
 * Starts a ZooKeeper and waits until it answers. The caller has to {@link ZooKeeperServer.stop} it; it also ends with
 * this process.
 * @throws TableError NOT_READY when no ZooKeeper is installed; UNREACHABLE or TIMEOUT when it does not start
 */
export async function startZooKeeper(options: ZooKeeperOptions = {}): Promise<ZooKeeperServer> {
  const { installation = installedZooKeeper(), stop } = options;
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    const folder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), 'tablelab-zookeeper-')));
    await configureZooKeeper(folder, { port, tickTimeMs: options.tickTimeMs ?? defaultTickTimeMs });
    const where = { port, folder, folderIsTemporary: options.dataFolder === undefined };
    const server = new ZooKeeperServer(where, installation);
    const onStop = () => server.kill('SIGKILL');
    if (stop?.aborted) onStop();
    stop?.addEventListener('abort', onStop);
    try {
      await server.ready();
      return server;
    } catch (error) {
      await server.stop();
      if (stop?.aborted) throw stop.reason;
      const mayBeThePort = error instanceof TableError && error.code === 'UNREACHABLE';
      if (!mayBeThePort || options.port !== undefined || attempt === portAttemptsMax) throw error;
    } finally {
      stop?.removeEventListener('abort', onStop);
    }
  }
}
