import { assert, errorText, must, type Random, seededRandom } from '@tablelab/shared';
import { startZooKeeper, type ZooKeeperServer } from '@tablelab/shared/testing';
import { ChainWatch, type SeenChain } from './chain-watch.ts';
import { ChaosServer } from './chaos-server.ts';
import { Workload, type WorkloadOptions } from './workload.ts';
import { ZooKeeperEnsemble } from './zookeeper-ensemble.ts';

export interface ChaosChainOptions {
  readonly servers: number;
  /** 1, or 3: an ensemble. */
  readonly zookeepers?: 1 | 3;
  readonly sessionTimeoutMs?: number;
  /** Additional arguments for every table server. */
  readonly args?: readonly string[];
  readonly random?: Random;
}

const wholeDeadlineMs = 60_000;

/** Five ticks of the ZooKeepers started here. */
const sessionTimeoutMsDefault = 1_000;

/** A ZooKeeper, or an ensemble of three, and a chain of real servers behind proxies, all started by this process. */
export class ChaosChain {
  readonly sessionTimeoutMs: number;
  readonly watch: ChainWatch;
  readonly random: Random;
  readonly #options: ChaosChainOptions;
  readonly #zookeeper: ZooKeeperServer | ZooKeeperEnsemble;
  /** All servers that run or have run. */
  readonly #servers: ChaosServer[] = [];
  #started = 0;
  readonly #workloads: Workload[] = [];

  /** Resolves once every server is a member. */
  static async start(options: ChaosChainOptions): Promise<ChaosChain> {
    const zookeeper =
      options.zookeepers === 3 ? await ZooKeeperEnsemble.start() : await startZooKeeper({ tickTimeMs: 200 });
    const chain = new ChaosChain(options, zookeeper);
    try {
      await Promise.all(Array.from({ length: options.servers }, () => chain.add()));
      await chain.whole();
      return chain;
    } catch (error) {
      const text = [errorText(error), ...chain.logs()].join('\n');
      await chain.stop();
      throw new Error(text, { cause: error });
    }
  }

  private constructor(options: ChaosChainOptions, zookeeper: ZooKeeperServer | ZooKeeperEnsemble) {
    this.#options = options;
    this.#zookeeper = zookeeper;
    this.sessionTimeoutMs = options.sessionTimeoutMs ?? sessionTimeoutMsDefault;
    this.random = options.random ?? seededRandom(1);
    this.watch = new ChainWatch(this.zookeeperAddress);
  }

  /** The addresses of the ZooKeepers for clients, without proxies. */
  get zookeeperAddress(): string {
    return this.zookeepers.map(({ host, port }) => `${host}:${port}`).join(',');
  }

  /** The single ZooKeeper. */
  get zookeeper(): ZooKeeperServer {
    assert(!(this.#zookeeper instanceof ZooKeeperEnsemble), 'this chain has a single ZooKeeper');
    return this.#zookeeper;
  }

  get ensemble(): ZooKeeperEnsemble {
    assert(this.#zookeeper instanceof ZooKeeperEnsemble, 'this chain has an ensemble');
    return this.#zookeeper;
  }

  /** The servers whose processes run. */
  get servers(): readonly ChaosServer[] {
    return this.#servers.filter(({ running }) => running);
  }

  /** Starts another server, without waiting for it to join. */
  async add(): Promise<ChaosServer> {
    this.#started += 1;
    const name = `s${this.#started}`;
    const server = await ChaosServer.start({
      name,
      zookeepers: this.zookeepers,
      sessionTimeoutMs: this.sessionTimeoutMs,
      args: this.#options.args ?? [],
    });
    this.#servers.push(server);
    return server;
  }

  /** Waits until the chain consists of exactly the running servers, all of them members. */
  async whole(deadlineMs = wholeDeadlineMs): Promise<SeenChain> {
    return this.watch.until((seen) => this.isWhole(seen), {
      deadlineMs,
      what: `${this.servers.map(({ name, address }) => `${name} (${address})`).join(', ')} to be the members`,
    });
  }

  isWhole({ servers, members }: SeenChain): boolean {
    const running = this.servers.map(({ address }) => address);
    const isComplete = servers.length === running.length && members.length === running.length;
    return isComplete && running.every((address) => members.includes(address));
  }

  /** The servers in the order of the chain, head first. */
  async inOrder(): Promise<readonly ChaosServer[]> {
    const { servers } = await this.watch.read();
    return servers.map(({ address }) => this.at(address));
  }

  async head(): Promise<ChaosServer> {
    return must((await this.inOrder())[0], 'the chain has a head');
  }

  async tail(): Promise<ChaosServer> {
    return must((await this.inOrder()).at(-1), 'the chain has a tail');
  }

  /** The server behind an address of `/chain`. */
  at(address: string): ChaosServer {
    const server = this.#servers.find((candidate) => candidate.address === address);
    return must(server, `the server at ${address} is one of this chain's`);
  }

  /** The server's name; its address, if it is none of this chain's. */
  nameAt(address: string): string {
    return this.#servers.find((server) => server.address === address)?.name ?? address;
  }

  /** The present session of a server in the chain. */
  async sessionOf(server: ChaosServer): Promise<string> {
    const { servers } = await this.watch.read();
    const seen = servers.find(({ address }) => address === server.address);
    return must(seen, `server ${server.name} is in the chain`).session;
  }

  async startWorkload(options: Partial<WorkloadOptions> = {}): Promise<Workload> {
    const { random, zookeeperAddress: zookeeper } = this;
    const prefix = `w${this.#workloads.length}:`;
    const servers = () => this.servers;
    const workload = await Workload.start({ zookeeper, random, prefix, servers, ...options });
    this.#workloads.push(workload);
    return workload;
  }

  /** The servers' last log lines, for finding the cause of a failure. */
  logs(linesMax = 40): string[] {
    return this.#servers.flatMap(({ name, address, program }) => [
      `server ${name}, ${address}, process ${program.pid}, ${program.running ? 'runs' : 'has ended'}:`,
      ...program.stderrLines.slice(-linesMax).map((line) => `  ${line}`),
    ]);
  }

  /** Stops everything that this chain has started. */
  async stop(): Promise<void> {
    await Promise.all(this.#workloads.map((workload) => workload.abandon()));
    await Promise.all(this.#servers.map((server) => server.stop()));
    await this.watch.close();
    await this.#zookeeper.stop();
  }

  get zookeepers(): readonly { readonly host: string; readonly port: number }[] {
    return this.#zookeeper instanceof ZooKeeperEnsemble ? this.#zookeeper.members : [this.#zookeeper];
  }
}
