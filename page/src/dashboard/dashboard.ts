import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseZooKeeperAddress } from '@tablelab/part4/live';
import { DashboardApi } from './dashboard-api.ts';
import { EventStream } from './event-stream.ts';
import { newToken } from './guard.ts';
import { LazyTable } from './lazy-table.ts';
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

  /**
   * Resolves once it listens; ZooKeeper may come later.
   * @throws TableError BAD_REQUEST for a wrong address of ZooKeeper, Error if it cannot listen
   */
  static async start({ root, zookeeper, host, port, log }: DashboardOptions): Promise<Dashboard> {
    parseZooKeeperAddress(zookeeper);
    const token = newToken();
    const chain = new LiveChain({ zookeeper, log });
    const stream = new EventStream(chain, { hasControls: false });
    const table = new LazyTable(zookeeper);
    const api = new DashboardApi({ token, stream, table });
    try {
      const server = await serveDashboard({
        root,
        host,
        port,
        api: (request, response) => void api.answer(request, response),
      });
      return new Dashboard({ server, chain, stream, table, token });
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
  }) {
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
    this.#stream.close();
    this.#server.close();
    this.#server.closeAllConnections();
    await Promise.all([this.#chain.close(), this.#table.close()]);
  }
}
