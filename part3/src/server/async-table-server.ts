import { formatAddress } from '@tablelab/part2';
import type { TableError } from '@tablelab/shared';
import { type Logger, pino } from 'pino';
import { defaultMemoryBytesMax } from '../store/memory-allowance.ts';
import { lostReply } from '../data/lost-numbers.ts';
import { type StoreOptions, TableStore } from '../store/table-store.ts';
import { AsyncSkeleton } from './async-skeleton.ts';
import { connectionCounts, fewConnectionsText } from './connection-counts.ts';
import { addDiskMetrics } from './disk-metrics.ts';
import { addCounter, createMetrics } from './metrics.ts';
import { MetricsEndpoint } from './metrics-endpoint.ts';
import { MultiplexingServer } from './multiplexing-server.ts';
import { RefusalCounts } from './refusal-counts.ts';
import { RequestCounts } from './request-counts.ts';

export interface AsyncTableServerOptions extends StoreOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** The address for metrics over HTTP. Default: no metrics. */
  readonly metrics?: { readonly host: string; readonly port: number } | undefined;
  /** Default: no log. */
  readonly log?: Logger;
}

/**
 * The largest number of requests of a connection without a reply. All requests are answered at once, except a write for
 * which the task queue has no room: while it waits, nothing more is read from its client.
 */
const requestsInFlightMax = 1;

/** How long a planned stop waits for the last replies, in milliseconds. */
const closeDeadlineMs = 5_000;

/** A server of part 3: a network server that serves all its clients at once, over a table with asynchronous writes. */
export class AsyncTableServer {
  /** The address for clients, `host:port`. */
  readonly address: string;
  /** The address of the metrics, `host:port`, if they are served. */
  readonly metricsAddress: string | undefined;
  readonly #network: MultiplexingServer;
  readonly #store: TableStore;
  readonly #endpoint: MetricsEndpoint | undefined;
  readonly #log: Logger;

  /** @throws TableError BAD_REQUEST when a port is taken or a number is out of range */
  static async start(options: AsyncTableServerOptions): Promise<AsyncTableServer> {
    const { host, port, log = pino({ level: 'silent' }) } = options;
    const store = await TableStore.start(options);
    const skeleton = new AsyncSkeleton(store);
    const lost = store.durable?.lost ?? [];
    const requests = new RequestCounts();
    const refusals = new RefusalCounts();
    const counts = connectionCounts();
    const network = new MultiplexingServer({
      counts,
      requestsInFlightMax,
      handler: (request) => {
        requests.add(request);
        if (lost.length === 0) return skeleton.invoke(request);
        return lostReply(lost, request) ?? skeleton.invoke(request);
      },
      onReply: (reply) => refusals.add(reply),
    });
    let endpoint: MetricsEndpoint | undefined;
    try {
      if (options.metrics !== undefined) {
        const metrics = createMetrics({
          network,
          requests,
          refusals,
          memoryBytesMax: options.memoryBytesMax ?? defaultMemoryBytesMax(),
          figures: () => store.figures,
        });
        addCounter(metrics, {
          name: 'tablelab_writes_assigned_total',
          help: 'Writes that were given a number',
          read: () => store.lastAssigned,
        });
        addCounter(metrics, {
          name: 'tablelab_writes_executed_total',
          help: 'Writes that were executed',
          read: () => store.opCount,
        });
        if (store.durable !== undefined) {
          const { durable } = store;
          const hasRoom = () => durable.hasRoom;
          addDiskMetrics(metrics, { disk: durable.disk, log: durable.log, hasRoom });
        }
        let failure: string | undefined;
        void store.failed.then(({ message }) => {
          failure = message;
        });
        // What is ready here is what lives: the server begins to listen right after this, and needs no other program.
        const sources = { registry: () => metrics, failure: () => failure, unreadiness: () => undefined };
        endpoint = await MetricsEndpoint.start(sources, options.metrics);
      }
      const address = formatAddress(await network.listen({ host, port }));
      log.info({ address, metrics: endpoint?.address }, 'listening');
      const few = fewConnectionsText(counts);
      if (few !== undefined) log.warn(few);
      return new AsyncTableServer({ address, network, store, endpoint, log });
    } catch (error) {
      await endpoint?.close();
      await store.close();
      throw error;
    }
  }

  private constructor(parts: {
    address: string;
    network: MultiplexingServer;
    store: TableStore;
    endpoint: MetricsEndpoint | undefined;
    log: Logger;
  }) {
    this.address = parts.address;
    this.metricsAddress = parts.endpoint?.address;
    this.#network = parts.network;
    this.#store = parts.store;
    this.#endpoint = parts.endpoint;
    this.#log = parts.log;
    void this.failed.then((error) => this.#log.error({ err: error }, 'failed'));
  }

  /** Resolves with the reason when the executor has died, or the disk has failed. Call {@link close} then. */
  get failed(): Promise<TableError> {
    return this.#store.failed;
  }

  /**
   * Answers the pending requests, executes all numbered writes, and ends.
   * @throws TableError when the executor dies, or takes too long, before it is done, or when the disk does
   */
  async close(): Promise<void> {
    this.#log.info({ queued: this.#store.figures.queueLength }, 'closing');
    await this.#network.close({ deadlineMs: closeDeadlineMs });
    await this.#endpoint?.close();
    await this.#store.close();
    this.#log.info({ executed: this.#store.opCount }, 'closed');
  }
}
