/** A ZooKeeper and a chain of real servers, without proxies. */
import { fileURLToPath } from 'node:url';
import { must } from '@tablelab/shared';
import {
  type ChildProgram,
  spawnProgram,
  startZooKeeper,
  type ZooKeeperServer,
} from '@tablelab/shared/testing';
import { ChainWatch } from '../chaos/chain-watch.ts';

const tableServer = fileURLToPath(new URL('../src/programs/table-server.ts', import.meta.url));
const deadlineMs = 120_000;

export interface PlainServer {
  readonly program: ChildProgram;
  readonly address: string;
}

export class PlainChain {
  readonly zookeeper: string;
  readonly watch: ChainWatch;
  /** The running servers, head first. */
  readonly servers: PlainServer[] = [];
  readonly #zookeeper: ZooKeeperServer;
  readonly #args: readonly string[];

  static async start(options: { servers: number; args: readonly string[] }): Promise<PlainChain> {
    const chain = new PlainChain(await startZooKeeper({ tickTimeMs: 200 }), options.args);
    for (let number = 1; number <= options.servers; number += 1) await chain.add();
    return chain;
  }

  private constructor(zookeeper: ZooKeeperServer, args: readonly string[]) {
    this.#zookeeper = zookeeper;
    this.#args = args;
    this.zookeeper = zookeeper.address;
    this.watch = new ChainWatch(zookeeper.address);
  }

  /** Adds a server at the end of the chain; resolves when it is a member. */
  async add(): Promise<PlainServer> {
    const program = spawnProgram(tableServer, ['0', '1024', this.zookeeper, ...this.#args]);
    const [, address] = await program.waitForLine(/^listening on (\S+)/, deadlineMs);
    const server = { program, address: must(address, 'the line names it') };
    this.servers.push(server);
    await this.whole();
    return server;
  }

  /** Waits until exactly the running servers are in the chain, all of them members. */
  async whole(): Promise<void> {
    const addresses = () => this.servers.map(({ address }) => address).join();
    await this.watch.until(
      ({ servers, members }) =>
        servers.map(({ address }) => address).join() === addresses() && members.join() === addresses(),
      { deadlineMs, what: `the chain to be ${addresses()}` },
    );
  }

  /** Sends a signal that ends the server; does not wait for its effect. */
  end(server: PlainServer, signal: 'SIGKILL' | 'SIGTERM'): void {
    this.servers.splice(this.servers.indexOf(server), 1);
    server.program.kill(signal);
  }

  async stop(): Promise<void> {
    for (const { program } of this.servers.toReversed()) await program.stop();
    await this.watch.close();
    await this.#zookeeper.stop();
  }
}
