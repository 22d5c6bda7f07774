import { formatAddress } from '@tablelab/part2';
import { MultiplexingServer } from '@tablelab/part3';
import { TableError } from '@tablelab/shared';
import type { ChainCore } from '../core/chain-core.ts';
import { defaultChainLimits } from '../core/limits.ts';
import { ChainNode } from './chain-node.ts';
import { ChainPort } from './node/chain-port.ts';
import { nodeClock } from './node/node-clock.ts';
import { nodeRandomness } from './node/node-randomness.ts';
import { acceptedSocket, socketTransport } from './node/socket-transport.ts';
import { TableReplicaStore } from './store/table-replica-store.ts';
import { isAddress } from './zookeeper/server-addresses.ts';
import { zooKeeperService } from './zookeeper/zookeeper-session.ts';

export interface ChainServerOptions {
  /** The address to listen on. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly nLists: number;
  /** What the table may take of memory, in bytes. Default: 1 GiB. */
  readonly memoryBytesMax?: number;
  /** ZooKeeper's servers: `host:port`, several with commas between. */
  readonly zookeeper: string;
  /** The host that clients and other servers find this one at, where it is not `host`. */
  readonly advertisedHost?: string | undefined;
  /**
   * How long ZooKeeper waits for a server that has fallen silent before it drops it, in milliseconds. With an ensemble at
   * least four of its ticks: see core/lease.ts.
   */
  readonly sessionTimeoutMs?: number;
  /**
   * What to do when no server is there that has all of the chain's data: wait for one (the default), or begin after
   * `totalLossGraceMs` with what there is, which may be nothing.
   */
  readonly onTotalLoss?: 'wait' | 'start-empty';
  /** In milliseconds; at least 2.5 session time-outs all the same, and 11 where ZooKeeper has lost its data, too. */
  readonly totalLossGraceMs?: number;
  /** Aborted: {@link ChainServer.start} gives up. Without effect on a server that has started. */
  readonly stop?: AbortSignal | undefined;
  /** What a person may want to know (`info`), or should (`warn`): one line each. */
  readonly log: (line: string, level: 'info' | 'warn') => void;
}

/** Until the first session with ZooKeeper, in milliseconds. */
const startDeadlineMs = 30_000;

/** A server that is not in the chain by then says so, in milliseconds; it may have a large table to copy. */
const joinPatienceMs = 10_000;

/** A ZooKeeper that has just started takes its time for the first write, session or not, in milliseconds. */
const callTimeoutMs = 10_000;

/** How long a planned stop takes at most, in milliseconds: service managers usually send SIGKILL ten seconds after SIGTERM. */
const stopTimeoutMs = 8_000;

/** Of that, how long it waits for writes that are not everywhere yet, and for ZooKeeper to hear that it leaves. */
const drainTimeoutMs = 5_000;

/** And what is left for the end of the session with ZooKeeper and of the table, once its clients are gone. */
const farewellMs = 1_500;

const defaultSessionTimeoutMs = 4_000;

export const defaultTotalLossGraceMs = 10_000;

const defaultMemoryBytesMax = 1024 ** 3;

/**
 * More than the chain can have in flight, so that the core's limits are the ones that are met: one task more, and for the
 * bytes one update more of the largest size, what a task takes beside key and value, and what a ring leaves unused.
 */
const tasksMax = defaultChainLimits.logUpdatesMax + 1;
const queueBytesMax = defaultChainLimits.logBytesMax + 64 * 1024 * 1024;

/**
 * A table server of part 4: a {@link ChainNode} in this process's world, behind a port that tells clients from other
 * servers.
 *
 * Invariant: it answers for the chain only while the core says so, which looks at the lease each time. A session with
 * ZooKeeper that ends is followed by another one, under which the server joins anew with the state that it holds.
 */
export class ChainServer {
  /** Where clients find it, once started. */
  readonly address: string;
  /** Resolves with the reason when the server cannot go on; {@link close} is still due then. */
  readonly failed: Promise<string>;
  readonly #port: ChainPort;
  readonly #network: MultiplexingServer;
  readonly #node: ChainNode;
  readonly #whenLeft: Promise<void>;
  #closing: Promise<void> | undefined;

  /**
   * Resolves once the server is a member of the chain, however long that takes: it may have a large table to copy, or to
   * wait for those who hold the chain's data.
   * @throws TableError: the port is taken, ZooKeeper cannot be reached, the server must not be part of the chain
   */
  static async start(options: ChainServerOptions): Promise<ChainServer> {
    const { host, port, nLists, memoryBytesMax = defaultMemoryBytesMax, advertisedHost, stop } = options;
    if (advertisedHost === undefined && isWildcard(host)) {
      const text = `nobody can connect to ${host}: say with --advertise where this server is found`;
      throw new TableError('BAD_REQUEST', text);
    }
    if (advertisedHost !== undefined && !isAddress(formatAddress({ host: advertisedHost, port: 1 }))) {
      throw new TableError(
        'BAD_REQUEST',
        `${advertisedHost} is not an address that anybody could connect to`,
      );
    }
    let server: ChainServer | undefined;
    const network = new MultiplexingServer({
      handler: (request, connection) => {
        if (server === undefined) throw new TableError('NOT_READY', 'this server is not in the chain yet');
        return server.#node.invoke(request, connection);
      },
    });
    const chainPort = await ChainPort.open(
      { host, port },
      {
        onClient: (socket, received) => network.serve(socket, received),
        onLink: (socket, rest) => {
          if (server === undefined) socket.destroy();
          else server.#node.accept(acceptedSocket(socket), rest);
        },
      },
    );
    const bound = chainPort.address;
    try {
      const newStore = () => TableReplicaStore.start({ nLists, tasksMax, queueBytesMax, memoryBytesMax });
      const address = formatAddress({ host: advertisedHost ?? bound.host, port: bound.port });
      server = new ChainServer(options, { chainPort, network, address, store: await newStore(), newStore });
      await server.#join(options);
      return server;
    } catch (error) {
      await server?.close().catch(() => undefined);
      chainPort.close();
      await network.close({ deadlineMs: 0 });
      throw stop?.aborted ? new TableError('SHUTTING_DOWN', 'the start was called off') : error;
    }
  }

  private constructor(
    options: ChainServerOptions,
    parts: {
      chainPort: ChainPort;
      network: MultiplexingServer;
      address: string;
      store: TableReplicaStore;
      newStore: () => Promise<TableReplicaStore>;
    },
  ) {
    const { onTotalLoss = 'wait', totalLossGraceMs = defaultTotalLossGraceMs, zookeeper, log } = options;
    const { sessionTimeoutMs = defaultSessionTimeoutMs } = options;
    const { chainPort, network, address, store, newStore } = parts;
    const failed = Promise.withResolvers<string>();
    const left = Promise.withResolvers<void>();
    this.address = address;
    this.failed = failed.promise;
    this.#whenLeft = left.promise;
    this.#port = chainPort;
    this.#network = network;
    this.#node = new ChainNode({
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
      },
      address,
      sessionTimeoutMs,
      onTotalLoss,
      totalLossGraceMs,
      onStop: failed.resolve,
      onLeft: left.resolve,
      log,
    });
  }

  get core(): ChainCore {
    return this.#node.core;
  }

  /**
   * Leaves the chain on purpose: finishes what it has accepted, then goes at once, so that nobody waits for it. Takes eight
   * seconds at most, whatever ZooKeeper, the other servers and the clients do.
   * @throws TableError TIMEOUT when it is closed, and has not left in good order: its place in the chain stays until its
   *   session ends, and writes may have been cut off that it had accepted
   */
  close(): Promise<void> {
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

  /** While it leaves, its clients are told where to go; only then it stops to listen. */
  async #close(): Promise<void> {
    const deadline = performance.now() + stopTimeoutMs;
    const isOver = Promise.race([this.#whenLeft, this.failed]);
    this.#node.leave();
    const hasLeft = await withinTime(isOver, drainTimeoutMs);
    this.#port.close();
    await this.#network.close({ deadlineMs: deadline - performance.now() - farewellMs });
    await this.#node.close();
    if (hasLeft) return;
    const text = `this server could not leave the chain within ${drainTimeoutMs} ms: ZooKeeper does not answer, or the other servers do not`;
    throw new TableError('TIMEOUT', text, { mayHaveHappened: true });
  }
}

/** Resolves to true with `promise`, or to false after `timeoutMs`. */
async function withinTime(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const timeUp = Promise.withResolvers<false>();
  const timer = setTimeout(timeUp.resolve, timeoutMs, false as const);
  const isInTime = await Promise.race([promise.then(() => true), timeUp.promise]);
  clearTimeout(timer);
  return isInTime;
}

/** An address that means all of this machine's, which is none to another machine. */
function isWildcard(host: string): boolean {
  return /^(0\.0\.0\.0|[0:]*:[0:]*)$/.test(host);
}
