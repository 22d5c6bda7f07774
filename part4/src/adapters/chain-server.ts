import { formatAddress, NetworkServer } from '@tablelab/part2';
import { TableStore } from '@tablelab/part3';
import { errorText, TableError } from '@tablelab/shared';
import { ChainCore, defaultChainLimits } from '../core/chain-core.ts';
import { isLinkPreface } from './chain-codec.ts';
import { ChainSkeleton } from './chain-skeleton.ts';
import { CoreDriver } from './core-driver.ts';
import { ChainDirectory } from './zookeeper/chain-directory.ts';
import { ZooKeeperSession } from './zookeeper/zookeeper-session.ts';

export interface ChainServerOptions {
  /** The address to listen on. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly nLists: number;
  /** ZooKeeper's servers: `host:port`, several with commas between. */
  readonly zookeeper: string;
  /** The host that clients and other servers find this one at, where it is not `host`. */
  readonly advertisedHost?: string | undefined;
  /** How long ZooKeeper waits for a server that has fallen silent before it drops it, in milliseconds. */
  readonly sessionTimeoutMs?: number;
  /** Aborted: {@link ChainServer.start} gives up. Without effect on a server that has started. */
  readonly stop?: AbortSignal | undefined;
  /** What a person should know: one line each. */
  readonly log: (line: string) => void;
}

/** Until a server has ZooKeeper's answer, and until it has been handed the chain, in milliseconds. */
const startDeadlineMs = 30_000;

/** A ZooKeeper that has just started takes its time for the first write, session or not, in milliseconds. */
const callTimeoutMs = 10_000;

/** How long a planned stop waits for writes that are not everywhere yet, and then for its clients' last replies. */
const drainTimeoutMs = 5_000;

const clientsServedMax = 10_000;

/**
 * More than the chain can have in flight, so that the core's limits are the ones that are met: one task more, and for the
 * bytes one update more of the largest size, what a task takes beside key and value, and what a ring leaves unused.
 */
const tasksMax = defaultChainLimits.logUpdatesMax + 1;
const queueBytesMax = defaultChainLimits.logBytesMax + 64 * 1024 * 1024;

/**
 * A table server of part 4: a network server, a table, a core that says what to do, and a znode in `/chain`.
 *
 * Invariant: it never serves after its session with ZooKeeper has ended, because then it is in no view any more.
 */
export class ChainServer {
  /** Where clients find it, once started. */
  readonly address: string;
  /** Resolves with the reason when the server cannot go on; {@link close} is still due then. */
  readonly failed: Promise<string>;
  readonly #network: NetworkServer;
  readonly #session: ZooKeeperSession;
  readonly #directory: ChainDirectory;
  readonly #driver: CoreDriver;
  readonly #store: TableStore;
  #closing: Promise<void> | undefined;

  private constructor(parts: {
    address: string;
    failed: Promise<string>;
    network: NetworkServer;
    session: ZooKeeperSession;
    directory: ChainDirectory;
    driver: CoreDriver;
    store: TableStore;
  }) {
    this.address = parts.address;
    this.failed = parts.failed;
    this.#network = parts.network;
    this.#session = parts.session;
    this.#directory = parts.directory;
    this.#driver = parts.driver;
    this.#store = parts.store;
  }

  /**
   * Resolves once the server is part of the chain and has been handed its state.
   * @throws TableError: the port is taken, ZooKeeper cannot be reached, the chain refuses this server
   */
  static async start(options: ChainServerOptions): Promise<ChainServer> {
    const { host, port, nLists, zookeeper, sessionTimeoutMs = 4_000, stop, log, advertisedHost } = options;
    if (advertisedHost === undefined && isWildcard(host)) {
      const text = `nobody can connect to ${host}: say with --advertise where this server is found`;
      throw new TableError('BAD_REQUEST', text);
    }
    let skeleton: ChainSkeleton | undefined;
    let driver: CoreDriver | undefined;
    const network = new NetworkServer({
      host,
      port,
      clientsServedMax,
      clientsWaitingMax: 0,
      handler: (request) => {
        if (skeleton === undefined) throw new TableError('NOT_READY', 'this server is not in the chain yet');
        return skeleton.invoke(request);
      },
      upgrade: (payload, socket, rest) => {
        if (driver === undefined || !isLinkPreface(payload)) return false;
        driver.accept(socket, rest);
        return true;
      },
    });
    const bound = await network.listen();
    const address = formatAddress({ host: advertisedHost ?? bound.host, port: bound.port });
    const failed = Promise.withResolvers<string>();
    const callOff = () => failed.resolve('the start was called off');
    stop?.addEventListener('abort', callOff);
    let session: ZooKeeperSession | undefined;
    let store: TableStore | undefined;
    try {
      store = await TableStore.start({ nLists, tasksMax, queueBytesMax });
      void store.failed.then((error) => failed.resolve(error.message));
      session = await ZooKeeperSession.open({
        servers: zookeeper,
        sessionTimeoutMs,
        connectDeadlineMs: startDeadlineMs,
        callTimeoutMs,
        stop,
        log,
      });
      const directory = new ChainDirectory(session, { log });
      void session.ended.then((end) => failed.resolve(`the session with ZooKeeper has ended: ${end.detail}`));
      const core = new ChainCore(await directory.register(address));
      const readView = () => {
        directory.readView().then(
          (view) => driver?.handle({ type: 'view', view }),
          (error) => log(`cannot read the view: ${errorText(error)}`),
        );
      };
      driver = new CoreDriver({ core, store, readView, onLeave: failed.resolve, log });
      skeleton = new ChainSkeleton(driver, store);
      const server = new ChainServer({
        address,
        failed: failed.promise,
        network,
        session,
        directory,
        driver,
        store,
      });
      await server.#join(log);
      stop?.removeEventListener('abort', callOff);
      return server;
    } catch (error) {
      driver?.close();
      await session?.close();
      await network.close({ deadlineMs: 0 });
      await store?.close();
      throw error;
    }
  }

  get core(): ChainCore {
    return this.#driver.core;
  }

  /** Leaves the chain on purpose: finishes what it has accepted, then goes at once, so that nobody waits for it. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #join(log: (line: string) => void): Promise<void> {
    const adopt = (view: Parameters<Parameters<ChainDirectory['watch']>[0]>[0]) => {
      log(`view ${view.version}: ${view.servers.map(({ id, address }) => `${id}=${address}`).join(' ')}`);
      this.#driver.handle({ type: 'view', view });
    };
    adopt(await this.#directory.watch(adopt));
    const joined = this.#driver.until(() => this.core.isMember, startDeadlineMs);
    const outcome = await Promise.race([joined, this.failed]);
    if (typeof outcome === 'string') throw new TableError('NOT_READY', outcome);
    if (!outcome) {
      const text = `the chain has not handed over its state within ${startDeadlineMs} ms: is its last server alive?`;
      throw new TableError('TIMEOUT', text);
    }
  }

  async #close(): Promise<void> {
    // No new requests; those in hand are answered once the chain has them.
    await this.#network.close({ deadlineMs: drainTimeoutMs });
    await this.#driver.until(() => this.core.stable === this.core.received, drainTimeoutMs);
    await this.#directory.leave().catch(() => undefined);
    this.#driver.close();
    await this.#session.close();
    await this.#store.close();
  }
}

/** An address that means all of this machine's, which is none to another machine. */
function isWildcard(host: string): boolean {
  return /^(0\.0\.0\.0|[0:]*:[0:]*)$/.test(host);
}
