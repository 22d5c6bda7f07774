import { formatAddress, NetworkServer } from '@tablelab/part2';
import { AsyncSkeleton } from './async-skeleton.ts';
import { TableStore, type TableStoreOptions } from './table-store.ts';

/** Clients served at once; whoever comes beyond is told BUSY. */
const clientsServedMax = 10_000;

/** How long a planned stop waits for the last replies, in milliseconds. */
const closeDeadlineMs = 5_000;

/** A server of part 3: a network server that serves all its clients at once, over a table with asynchronous writes. */
export class AsyncTableServer {
  /** `host:port` where clients find it. */
  readonly address: string;
  readonly #network: NetworkServer;
  readonly #store: TableStore;

  private constructor(address: string, network: NetworkServer, store: TableStore) {
    this.address = address;
    this.#network = network;
    this.#store = store;
  }

  /** @throws TableError BAD_REQUEST when the port is taken or a number is out of range */
  static async start(options: TableStoreOptions & { host: string; port: number }): Promise<AsyncTableServer> {
    const store = new TableStore(options);
    const skeleton = new AsyncSkeleton(store);
    const network = new NetworkServer({
      host: options.host,
      port: options.port,
      clientsServedMax,
      clientsWaitingMax: 0,
      handler: (request) => skeleton.invoke(request),
    });
    return new AsyncTableServer(formatAddress(await network.listen()), network, store);
  }

  /** Answers the requests in hand, executes every write that was numbered, and ends. */
  async close(): Promise<void> {
    await this.#network.close({ deadlineMs: closeDeadlineMs });
    await this.#store.close();
  }
}
