import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { TableError } from '../errors.ts';
import { ChildProgram, type ProgramExit } from '../process/child-program.ts';
import { freePort } from '../process/free-port.ts';
import { findZooKeeper, type ZooKeeperInstallation } from './find-zookeeper.ts';
import { fourLetterWord } from './four-letter-word.ts';

export interface ZooKeeperOptions {
  /** Default: what {@link findZooKeeper} finds. */
  readonly installation?: ZooKeeperInstallation;
  /** ZooKeeper's unit of time. Sessions last 2 ticks at least; 200 lets tests use sessions of a second. */
  readonly tickTimeMs?: number;
  /** Where its data lies; kept when it stops. Default: a temporary folder, removed when it stops. */
  readonly dataFolder?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Aborted: {@link startZooKeeper} ends what it has started and rejects. Without effect on a server that is up. */
  readonly stop?: AbortSignal;
}

const startDeadlineMs = 30_000;
const answerDeadlineMs = 1_000;
const pollIntervalMs = 25;

/** A port found free may be taken before the server has it: so often another one is tried. */
const portAttemptsMax = 3;

/** The sessions that tests and programs of this kit may ask for. */
const sessionTimeoutMinMs = 400;
const sessionTimeoutMaxMs = 60_000;

/**
 * A ZooKeeper of one node, on the loopback interface, that this process has started. It keeps its port and its data
 * through {@link kill} and {@link restart}. Invariant: after {@link stop} neither a process nor a folder that it made
 * is left.
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

  /** `host:port`, as clients take it. */
  get address(): string {
    return `${this.host}:${this.port}`;
  }

  get pid(): number {
    return this.#program.pid;
  }

  /** The end of the process that runs now; {@link restart} makes another one. */
  get exited(): Promise<ProgramExit> {
    return this.#program.exited;
  }

  /** The folder with its configuration and its data. */
  get folder(): string {
    return this.#folder;
  }

  /** Sends a signal. SIGSTOP and SIGCONT pause it and let it go on; SIGKILL is a crash. */
  kill(signal: NodeJS.Signals): void {
    this.#program.kill(signal);
  }

  /** Ends the process if it runs, and starts one anew with the same port and the same data. */
  async restart(): Promise<void> {
    await this.#program.stop();
    this.#program = this.#launch();
    await this.ready();
  }

  /** Kills the process, removes all that clients have stored, and starts one anew with the same port. */
  async wipe(): Promise<void> {
    this.kill('SIGKILL');
    await this.exited;
    await rm(dataFolder(this.#folder), { recursive: true, force: true });
    await this.restart();
  }

  /** Ends the process and removes its data, unless the caller had given the folder. */
  async stop(): Promise<void> {
    // A paused process would not see SIGTERM before the deadline.
    this.#program.kill('SIGCONT');
    await this.#program.stop();
    if (this.#folderIsTemporary) await rm(this.#folder, { recursive: true, force: true });
  }

  /**
   * Waits until it serves: until `srvr` answers with its mode.
   * @throws TableError TIMEOUT, or UNREACHABLE when the process has ended; the message has its last lines.
   */
  async ready(): Promise<void> {
    const program = this.#program;
    const deadline = performance.now() + startDeadlineMs;
    for (;;) {
      const answer = await fourLetterWord('srvr', this, answerDeadlineMs).catch(() => '');
      // Without a process the answer came from somebody else, who had the port first.
      const lines = [...program.stdoutLines, ...program.stderrLines].slice(-10).join('\n  ');
      if (!program.running) throw new TableError('UNREACHABLE', `ZooKeeper ended while starting\n  ${lines}`);
      if (answer.includes('Mode:')) return;
      if (performance.now() > deadline) {
        throw new TableError('TIMEOUT', `ZooKeeper did not serve within ${startDeadlineMs} ms\n  ${lines}`);
      }
      await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
    }
  }

  #launch(): ChildProgram {
    const args = [
      '-Xmx64m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      // The data is thrown away or can be lost: waiting for the disk at each write buys nothing.
      '-Dzookeeper.forceSync=no',
      // The archive's jars bring a logger that prints everything unless it is told otherwise.
      `-Dlogback.configurationFile=${join(this.#folder, 'logback.xml')}`,
      '-cp',
      this.#installation.classPath.join(delimiter),
      'org.apache.zookeeper.server.quorum.QuorumPeerMain',
      join(this.#folder, 'zoo.cfg'),
    ];
    return new ChildProgram(
      this.#installation.java,
      args,
      this.#folderIsTemporary ? { temporaryFolder: this.#folder } : {},
    );
  }
}

/**
 * Starts a ZooKeeper and waits until it serves. Whoever starts one has to {@link ZooKeeperServer.stop} it; should
 * this process die first, it goes too.
 * @throws TableError NOT_READY when none is installed, UNREACHABLE or TIMEOUT when it does not come up.
 */
export async function startZooKeeper(options: ZooKeeperOptions = {}): Promise<ZooKeeperServer> {
  const { installation = installed(), stop } = options;
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    const folder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), 'tablelab-zookeeper-')));
    await writeConfiguration(folder, port, options.tickTimeMs ?? 200);
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

function installed(): ZooKeeperInstallation {
  const { java, classPath } = findZooKeeper();
  if (java && classPath) return { java, classPath };
  throw new TableError(
    'NOT_READY',
    'ZooKeeper or Java is not installed; `npm test` and `npm start` install them',
  );
}

function dataFolder(folder: string): string {
  return join(folder, 'data');
}

async function writeConfiguration(folder: string, port: number, tickTimeMs: number): Promise<void> {
  const configuration = {
    tickTime: tickTimeMs,
    minSessionTimeout: sessionTimeoutMinMs,
    maxSessionTimeout: sessionTimeoutMaxMs,
    maxClientCnxns: 0,
    'admin.enableServer': false,
    '4lw.commands.whitelist': 'ruok,srvr,mntr',
    clientPortAddress: '127.0.0.1',
    clientPort: port,
    dataDir: dataFolder(folder),
  };
  const lines = Object.entries(configuration).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(join(folder, 'zoo.cfg'), lines.join(''));
  await writeFile(join(folder, 'logback.xml'), '<configuration><root level="OFF"/></configuration>\n');
}
