import { formatAddress } from '@tablelab/part2';
import {
  addDiskMetrics,
  type ConnectionCounts,
  connectionCounts,
  createMetrics,
  type DataArguments,
  defaultMemoryBytesMax,
  fewConnectionsText,
  MetricsEndpoint,
  MultiplexingServer,
  RefusalCounts,
  RequestCounts,
} from '@tablelab/part3';
import { must, TableError } from '@tablelab/shared';
import type { Disk } from '@tablelab/shared/disk';
import { openNodeDisk } from '@tablelab/shared/node-disk';
import type { Registry } from 'prom-client';
import type { ChainCore } from '../core/chain-core.ts';
import type { LastCopy } from '../core/effects.ts';
import { defaultChainLimits } from '../core/limits.ts';
import { obstacleIn } from '../core/obstacle.ts';
import type { ReplicaStore } from '../ports.ts';
import { OperationTimes } from '../status/operation-times.ts';
import { ChainNode, nameDigits } from './chain-node.ts';
import { type Data, openJournal } from './disk/open-journal.ts';
import { limitedLog } from './limited-log.ts';
import { defaultLinkLimits } from './links/links.ts';
import { addChainMetrics } from './node/chain-metrics.ts';
import { ChainPort } from './node/chain-port.ts';
import { nodeClock } from './node/node-clock.ts';
import { nodeRandomness } from './node/node-randomness.ts';
import { SelfCheck } from './node/self-check.ts';
import { acceptedSocket, socketTransport } from './node/socket-transport.ts';
import { unreadinessOf } from './readiness.ts';
import { StandstillWatch } from './standstill-watch.ts';
import { TableReplicaStore } from './store/table-replica-store.ts';
import { isAddress } from './zookeeper/server-addresses.ts';
import { zooKeeperService } from './zookeeper/zookeeper-session.ts';

export interface ChainServerOptions {
  /** The address to listen on. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly nLists: number;
  /** The memory limit of the table, in bytes. Default: 1 GiB. */
  readonly memoryBytesMax?: number;
  /** ZooKeeper: `host:port[,host:port][/path]`. */
  readonly zookeeper: string;
  /** The address for metrics over HTTP. Default: no metrics. */
  readonly metrics?: { readonly host: string; readonly port: number } | undefined;
  /** The host under which clients and other servers reach this one, if it differs from `host`. */
  readonly advertisedHost?: string | undefined;
  /**
   * How long ZooKeeper waits for a silent server before it ends its session, in milliseconds. With an ensemble, at
   * least four of its ticks: see core/lease.ts.
   */
  readonly sessionTimeoutMs?: number;
  /**
   * What to do when no server that has all of the chain's data is present: wait for one (the default), or begin after
   * `totalLossGraceMs` with the data that is present, which may be none. A person can decide earlier: `table-admin recover`.
   */
  readonly onTotalLoss?: 'wait' | 'start-empty';
  /** In milliseconds; default: ten minutes. The minimum is 2.5 session time-outs, or 11 if ZooKeeper has lost its data, too. */
  readonly totalLossGraceMs?: number;
  /** Where the server keeps its data on a disk. Default: in memory only. */
  readonly data?: DataArguments | undefined;
  /** Aborting it makes {@link ChainServer.start} give up. It has no effect on a server that has started. */
  readonly stop?: AbortSignal | undefined;
  /** Takes one line for the log: `info` for details, `warn` for what an operator should know. */
  readonly log: (line: string, level: 'info' | 'warn') => void;
}

/** The longest wait for the first session with ZooKeeper, in milliseconds. */
const startDeadlineMs = 30_000;

/** A server that is not in the chain by then reports why, in milliseconds; it may have a large table to copy. */
const joinPatienceMs = 10_000;

/** The deadline of one call, in milliseconds: a ZooKeeper that has just started is slow to answer its first write. */
const callTimeoutMs = 10_000;

/**
 * The longest duration of a planned stop, in milliseconds: service managers usually send SIGKILL ten seconds after
 * SIGTERM.
 */
const stopTimeoutMs = 8_000;

/**
 * The part of it that may pass until all servers have executed the pending writes and ZooKeeper has confirmed the
 * departure.
 */
const drainTimeoutMs = 5_000;

/**
 * The part that remains to end the session with ZooKeeper and to close the table, after the clients are disconnected.
 */
const farewellMs = 1_500;

const defaultSessionTimeoutMs = 4_000;

/** A machine that is restarted, or a process that was paused, is back by then. */
export const defaultTotalLossGraceMs = 600_000;

/**
 * The queue holds more than the chain can have in flight, so that the core's limits apply first: one task more, and in
 * bytes one more update of the largest size, the overhead of each task, and the unused end of the ring.
 */
const tasksMax = defaultChainLimits.logUpdatesMax + 1;
const queueBytesMax = defaultChainLimits.logBytesMax + 64 * 1024 * 1024;

/**
 * A table server of part 4: a {@link ChainNode} in this process's world, behind a port that tells clients from other
 * servers.
 *
 * Invariant: it answers for the chain only while the core allows it, and the core checks the lease each time. After a
 * session with ZooKeeper has ended, the server opens another one and joins again with the state that it holds.
 */
export class ChainServer {
  /** The address for clients, once started. */
  readonly address: string;
  /** Resolves with the reason when the server cannot go on; the caller must still {@link close} it. */
  readonly failed: Promise<string>;
  readonly #port: ChainPort;
  readonly #network: MultiplexingServer;
  readonly #node: ChainNode;
  readonly #disk: Disk | undefined;
  #endpoint: MetricsEndpoint | undefined;
  /** The outcome of {@link failed}. */
  #failure: string | undefined;
  readonly #standstill: StandstillWatch;
  readonly #whenLeft: Promise<LastCopy | undefined>;
  #closing: Promise<LastCopy | undefined> | undefined;

  /**
   * Resolves once the server is a member of the chain. This has no deadline: the server may have a large table to copy,
   * or may wait for the servers that hold the chain's data.
   * @throws TableError: the port is taken, ZooKeeper cannot be reached, the server must not be part of the chain
   */
  static async start(options: ChainServerOptions): Promise<ChainServer> {
    const { host, port, nLists, memoryBytesMax = defaultMemoryBytesMax(), advertisedHost, stop } = options;
    if (advertisedHost === undefined && isWildcard(host)) {
      const text = `clients cannot connect to ${host}: state this server's address with --advertise`;
      throw new TableError('BAD_REQUEST', text);
    }
    const isWrong =
      advertisedHost !== undefined &&
      (isWildcard(advertisedHost) || !isAddress(formatAddress({ host: advertisedHost, port: 1 })));
    if (isWrong) {
      throw new TableError('BAD_REQUEST', `${advertisedHost} is not an address that clients can connect to`);
    }
    let server: ChainServer | undefined;
    let selfCheck: SelfCheck | undefined = new SelfCheck(nodeRandomness);
    const requests = options.metrics && new RequestCounts();
    const refusals = new RefusalCounts();
    const times = new OperationTimes(() => performance.now());
    const counts = connectionCounts();
    const few = fewConnectionsText(counts);
    if (few !== undefined) options.log(few, 'warn');
    const network = new MultiplexingServer({
      counts,
      handler: (request, connection) => {
        if (selfCheck?.takes(request)) throw new TableError('NOT_READY', 'this server has reached itself');
        requests?.add(request);
        if (server === undefined) throw new TableError('NOT_READY', 'this server is not in the chain yet');
        const node = server.#node;
        if (!times.isDue(request.opcode)) return node.invoke(request, connection);
        return times.measure(request.opcode, () => node.invoke(request, connection));
      },
      onReply: (reply) => {
        refusals.add(reply);
        times.add(reply);
      },
    });
    const chainPort = await ChainPort.open(
      { host, port },
      {
        undecidedMax: counts.undecided,
        onClient: (socket, received) => network.serve(socket, received),
        onLink: (socket, rest) => {
          if (server === undefined) socket.destroy();
          else server.#node.accept(acceptedSocket(socket), rest);
        },
      },
    );
    const bound = chainPort.address;
    let disk: Disk | undefined;
    let endpoint: MetricsEndpoint | undefined;
    let registry: Registry | undefined;
    try {
      // Before the disk is read, which may take long: an orchestrator is to see that this process lives.
      if (options.metrics !== undefined) {
        const sources = {
          registry: () => registry,
          failure: () => (server === undefined ? undefined : server.#failure),
          unreadiness: () =>
            server === undefined
              ? 'this server is still starting'
              : unreadinessOf(server.core, nodeClock.now()),
        };
        endpoint = await MetricsEndpoint.start(sources, options.metrics);
        options.log(`metrics at http://${endpoint.address}/metrics`, 'info');
      }
      let store: TableReplicaStore | undefined;
      const newStore = async () => {
        store = await TableReplicaStore.start({ nLists, tasksMax, queueBytesMax, memoryBytesMax });
        return store;
      };
      const address = formatAddress({ host: advertisedHost ?? bound.host, port: bound.port });
      disk = options.data && (await openNodeDisk(options.data.directory));
      const data = disk && (await openData(options, disk, newStore));
      const first = data?.recovered.store ?? (await newStore());
      const parts = { counts, chainPort, network, address, store: first, newStore, data, times };
      server = new ChainServer(options, parts);
      server.#endpoint = endpoint;
      if (endpoint !== undefined && requests !== undefined) {
        const metrics = createMetrics({
          network,
          requests,
          refusals,
          memoryBytesMax,
          figures: () => must(store, 'it was started before').figures,
        });
        addChainMetrics(metrics, server.core, () => nodeClock.now());
        if (data !== undefined) {
          const { core } = server;
          const hasRoom = () => core.state.room === 'enough';
          addDiskMetrics(metrics, { disk: data.disk, log: data.journal, hasRoom });
        }
        registry = metrics;
      }
      await selfCheck.run(address, stop);
      selfCheck = undefined;
      await server.#join(options);
      return server;
    } catch (error) {
      await server?.close().catch(() => undefined);
      if (server === undefined) await endpoint?.close();
      chainPort.close();
      await network.close({ deadlineMs: 0 });
      await disk?.close();
      throw stop?.aborted ? new TableError('SHUTTING_DOWN', 'the start was called off') : error;
    }
  }

  private constructor(
    options: ChainServerOptions,
    parts: {
      counts: ConnectionCounts;
      chainPort: ChainPort;
      network: MultiplexingServer;
      address: string;
      store: ReplicaStore;
      newStore: () => Promise<ReplicaStore>;
      data: Data | undefined;
      times: OperationTimes;
    },
  ) {
    const { onTotalLoss = 'wait', totalLossGraceMs = defaultTotalLossGraceMs, zookeeper } = options;
    const log = limitedLog(options.log, () => nodeClock.now());
    const { sessionTimeoutMs = defaultSessionTimeoutMs } = options;
    const { counts, chainPort, network, address, store, newStore, data, times } = parts;
    this.#disk = data?.disk;
    const failed = Promise.withResolvers<string>();
    const left = Promise.withResolvers<LastCopy | undefined>();
    this.address = address;
    this.failed = failed.promise;
    void this.failed.then((reason) => {
      this.#failure = reason;
    });
    this.#whenLeft = left.promise;
    this.#port = chainPort;
    this.#network = network;
    this.#node = new ChainNode({
      strangerLinksMax: Math.min(defaultLinkLimits.strangersMax, counts.undecided),
      ports: {
        clock: nodeClock,
        randomness: nodeRandomness,
        transport: socketTransport,
        coordination: zooKeeperService({
          servers: zookeeper,
          sessionTimeoutMs,
          connectDeadlineMs: startDeadlineMs,
          callTimeoutMs,
          log: (line) => log(line, 'info'),
        }),
        store,
        newStore,
        data,
      },
      address,
      sessionTimeoutMs,
      onTotalLoss,
      totalLossGraceMs,
      reserveBytes: options.data?.reserveBytes,
      times,
      onStop: failed.resolve,
      onLeft: left.resolve,
      log,
    });
    this.#standstill = new StandstillWatch({
      clock: nodeClock,
      obstacle: () => obstacleIn(this.core.state),
      detail: () => this.#node.linkTrouble,
      warn: (line) => log(line, 'warn'),
    });
  }

  /** The address of the metrics, `host:port`, if they are served. */
  get metricsAddress(): string | undefined {
    return this.#endpoint?.address;
  }

  get core(): ChainCore {
    return this.#node.core;
  }

  /**
   * Leaves the chain: finishes the accepted writes, then leaves at once, so that no other server has to wait for its
   * session to end. Takes at most eight seconds, even if ZooKeeper, other servers or clients do not respond. Resolves with
   * the data that no other server holds, if there are any: they are gone.
   * @throws TableError TIMEOUT when it is closed but could not leave the chain in time: its znode stays until its
   *   session ends, and accepted writes may have been cut off
   */
  close(): Promise<LastCopy | undefined> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #join(options: ChainServerOptions): Promise<void> {
    const { stop, log } = options;
    const calledOff = new Promise<string>((resolve) => {
      const callOff = () => resolve('the start was called off');
      stop?.addEventListener('abort', callOff, { once: true });
      if (stop?.aborted) callOff();
    });
    await this.#node.connect(stop);
    const patience = setTimeout(
      () =>
        log(
          'not in the chain yet: still copying the table, or waiting for servers that hold the chain’s data',
          'warn',
        ),
      joinPatienceMs,
    );
    const outcome = await Promise.race([this.#node.until(() => this.core.isMember), this.failed, calledOff]);
    clearTimeout(patience);
    if (typeof outcome === 'string') throw new TableError('NOT_READY', outcome);
  }

  /** Keeps listening until it has left, so that its clients are told which server to use. */
  async #close(): Promise<LastCopy | undefined> {
    const deadline = performance.now() + stopTimeoutMs;
    const isOver = Promise.race([this.#whenLeft, this.failed.then(() => undefined)]);
    this.#standstill.stop();
    this.#node.leave();
    const hasLeft = await withinTime(isOver, drainTimeoutMs);
    this.#port.close();
    await this.#network.close({ deadlineMs: deadline - performance.now() - farewellMs });
    await this.#endpoint?.close();
    await this.#node.close();
    await this.#disk?.close();
    if (hasLeft) return isOver;
    const text = `this server could not leave the chain within ${drainTimeoutMs} ms: ZooKeeper does not answer, or the other servers do not`;
    throw new TableError('TIMEOUT', text, { mayHaveHappened: true });
  }
}

async function openData(
  { data, log }: ChainServerOptions,
  disk: Disk,
  newStore: () => Promise<ReplicaStore>,
): Promise<Data> {
  const { fsync } = must(data, 'there is a directory');
  const names = { member: nodeRandomness.hex(nameDigits), newChain: nodeRandomness.hex(nameDigits) };
  const limits = defaultChainLimits;
  return await openJournal({ disk, policy: fsync, clock: nodeClock, newStore, limits, names, log });
}

/** Resolves to true with `promise`, or to false after `timeoutMs`. */
async function withinTime(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const timeUp = Promise.withResolvers<false>();
  const timer = setTimeout(timeUp.resolve, timeoutMs, false as const);
  const isInTime = await Promise.race([promise.then(() => true), timeUp.promise]);
  clearTimeout(timer);
  return isInTime;
}

/** Whether `host` means all addresses of this machine; other machines cannot connect to it. */
function isWildcard(host: string): boolean {
  return /^(0\.0\.0\.0|[0:]*:[0:]*)$/.test(host);
}
