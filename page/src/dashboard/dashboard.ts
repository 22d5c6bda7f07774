import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseZooKeeperAddress } from '@tablelab/part4/live';
import type { Controls } from './controls.ts';
import { DashboardApi } from './dashboard-api.ts';
import { EventStream } from './event-stream.ts';
import { newToken } from './guard.ts';
import { LazyTable } from './lazy-table.ts';
import { Load } from './load.ts';
import { LiveChain } from './live-chain.ts';
import { serveDashboard } from './serve-dashboard.ts';

export interface DashboardOptions {
  /** The checkout whose page is served. */
  readonly root: string;
  /** ZooKeeper: `host:port[,host:port][/path]`. */
  readonly zookeeper: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly log: (line: string) => void;
  /** What does something to the processes of the chain. Default: nothing. */
  readonly controls?: Controls | undefined;
}

/** The server of the page that shows a running chain. */
export class Dashboard {
  /** The page's address, with the token. */
  readonly url: string;
  readonly token: string;
  readonly #server: Server;
  readonly #chain: LiveChain;
  readonly #stream: EventStream;
  readonly #table: LazyTable;
  readonly #load: Load;

  /**
   * Resolves once it listens; ZooKeeper may come later.
   * @throws TableError BAD_REQUEST for a wrong address of ZooKeeper, Error if it cannot listen
   */
  static async start({ root, zookeeper, host, port, log, controls }: DashboardOptions): Promise<Dashboard> {
    parseZooKeeperAddress(zookeeper);
    const token = newToken();
    const chain = new LiveChain({ zookeeper, log });
    const table = new LazyTable(zookeeper);
    const load = new Load(table);
    const stream = new EventStream(chain, { hasControls: controls !== undefined, load });
    const api = new DashboardApi({ token, stream, table, controls, load });
    try {
      const server = await serveDashboard({
        root,
        host,
        port,
        api: (request, response) => void api.answer(request, response),
      });
      return new Dashboard({ server, chain, stream, table, token, load });
    } catch (error) {
      await chain.close();
      throw error;
    }
  }

  private constructor(parts: {
    readonly server: Server;
    readonly chain: LiveChain;
    readonly stream: EventStream;
    readonly table: LazyTable;
    readonly token: string;
    readonly load: Load;
  }) {
    this.#load = parts.load;
    this.#server = parts.server;
    this.#chain = parts.chain;
    this.#stream = parts.stream;
    this.#table = parts.table;
    this.token = parts.token;
    const { port } = parts.server.address() as AddressInfo;
    // Only the machine's own names are served, whatever it listens on. What follows `#` never leaves the browser.
    this.url = `http://127.0.0.1:${port}/#token=${parts.token}`;
  }

  async close(): Promise<void> {
    this.#load.set(0);
    this.#stream.close();
    this.#server.close();
    this.#server.closeAllConnections();
    await Promise.all([this.#chain.close(), this.#table.close()]);
  }
}
