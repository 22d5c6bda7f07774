import { fileURLToPath } from 'node:url';
import { assert } from '@tablelab/shared';
import {
  type ChildProgram,
  eventually,
  isPaused,
  pauseProcess,
  spawnProgram,
} from '@tablelab/shared/testing';
import { FaultProxy } from './fault-proxy.ts';
import { ServerFront } from './server-front.ts';

const tableServer = fileURLToPath(new URL('../src/programs/table-server.ts', import.meta.url));

/**
 * The host on which the servers listen. They advertise the same port of 127.0.0.1, where their {@link ServerFront}
 * listens.
 */
const serverHost = '127.0.0.2';
const startDeadlineMs = 30_000;
const exitDeadlineMs = 20_000;

export interface ChaosServerOptions {
  /** Its name in reports. */
  readonly name: string;
  /** ZooKeeper's servers. */
  readonly zookeepers: readonly { readonly host: string; readonly port: number }[];
  readonly sessionTimeoutMs: number;
  /** The initial number of lists of its table. */
  readonly lists?: number;
  /** Additional arguments of the program. */
  readonly args?: readonly string[];
}

/**
 * A table server as a separate process, whose connections all go through proxies: those of its predecessor (`links`),
 * of clients (`clients`), and its connections to each ZooKeeper (`zookeepers`). A server that has left or died is
 * replaced by another ChaosServer, not restarted.
 */
export class ChaosServer {
  readonly name: string;
  readonly program: ChildProgram;
  readonly zookeepers: readonly FaultProxy[];
  readonly #front: ServerFront;

  /** Starts the process, without waiting for it to join. */
  static async start(options: ChaosServerOptions): Promise<ChaosServer> {
    const front = await ServerFront.start(serverHost);
    const zookeepers: FaultProxy[] = [];
    for (const zookeeper of options.zookeepers) zookeepers.push(await FaultProxy.start(zookeeper));
    const program = spawnProgram(
      tableServer,
      [
        String(front.port),
        String(options.lists ?? 64),
        zookeepers.map(({ address }) => address).join(','),
        ...['--host', serverHost, '--advertise', '127.0.0.1', '--verbose'],
        ...['--session-timeout', String(options.sessionTimeoutMs), ...(options.args ?? [])],
      ],
      { name: `server ${options.name}` },
    );
    return new ChaosServer(options.name, { program, front, zookeepers });
  }

  private constructor(
    name: string,
    parts: { program: ChildProgram; front: ServerFront; zookeepers: readonly FaultProxy[] },
  ) {
    this.name = name;
    this.program = parts.program;
    this.#front = parts.front;
    this.zookeepers = parts.zookeepers;
  }

  /** Its address in `/chain`. */
  get address(): string {
    return this.#front.address;
  }

  /** The address of the server itself, without a proxy. */
  get direct(): { readonly host: string; readonly port: number } {
    return { host: serverHost, port: this.#front.port };
  }

  get links(): FaultProxy {
    return this.#front.links;
  }

  get clients(): FaultProxy {
    return this.#front.clients;
  }

  get running(): boolean {
    return this.program.running;
  }

  /** Waits until it reports that it is part of the chain. */
  async joined(): Promise<void> {
    await this.program.waitForLine(/^listening on/, startDeadlineMs);
  }

  /** SIGKILL. Resolves when the process is gone. */
  async crash(): Promise<void> {
    this.program.kill('SIGKILL');
    const { signal } = await this.program.exited;
    assert(signal === 'SIGKILL', `server ${this.name} was killed, and did not end before that`);
  }

  /** SIGSTOP. Resolves when the process has stopped. */
  pause(): Promise<void> {
    return pauseProcess(this.program.pid);
  }

  /** SIGCONT. */
  resume(): void {
    this.program.kill('SIGCONT');
  }

  get isPaused(): boolean {
    return isPaused(this.program.pid);
  }

  /** SIGTERM: the server leaves the chain. Resolves when the process has ended with exit code 0. */
  async leave(): Promise<void> {
    this.program.kill('SIGTERM');
    const exit = await withExit(this);
    assert(exit.code === 0, `server ${this.name} ended with exit code 0, not with ${JSON.stringify(exit)}`);
  }

  /** Stops everything, in any state. */
  async stop(): Promise<void> {
    this.program.kill('SIGCONT');
    await this.program.stop({ deadlineMs: 1_000 });
    await this.#front.close();
    for (const proxy of this.zookeepers) await proxy.close();
  }
}

async function withExit({ program, name }: ChaosServer) {
  await eventually(() => !program.running, { deadlineMs: exitDeadlineMs, what: `the end of server ${name}` });
  return program.exited;
}
