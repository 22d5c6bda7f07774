import type { Message, Reply } from '@tablelab/part2';
import type { Deferred } from '@tablelab/part3';
import { ChainCore, type ChainCoreOptions } from '../core/chain-core.ts';
import type { ChainState } from '../core/chain-state.ts';
import type { Directory } from '../core/directory.ts';
import type { LastCopy } from '../core/effects.ts';
import { restoredState } from '../core/lasting.ts';
import type { ChainLimits } from '../core/limits.ts';
import type {
  AcceptedConnection,
  Clock,
  CoordinationService,
  Randomness,
  ReplicaStore,
  Transport,
} from '../ports.ts';
import type { OperationTimes } from '../status/operation-times.ts';
import { ChainSkeleton } from './chain-skeleton.ts';
import { CoreDriver, type DriverObserver } from './core-driver.ts';
import type { Data } from './disk/open-journal.ts';
import { ChainCoordination, type CoordinationEvent } from './zookeeper/chain-coordination.ts';

/** The ports that one server runs on. */
export interface ServerPorts {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly transport: Transport;
  readonly coordination: CoordinationService;
  readonly store: ReplicaStore;
  /** Makes an empty store like the first, for a server that has to start over. */
  readonly newStore: () => Promise<ReplicaStore>;
  /** What it has on disk, with the table in `store`; undefined: it keeps everything in memory. */
  readonly data?: Data | undefined;
}

export interface ChainNodeOptions {
  readonly ports: ServerPorts;
  /** The address for clients and other servers, `host:port`. */
  readonly address: string;
  /** The requested time-out; ZooKeeper may grant a longer one. */
  readonly sessionTimeoutMs: number;
  readonly onTotalLoss: 'wait' | 'start-empty';
  readonly totalLossGraceMs: number;
  /** Called when this server cannot stay in the chain; only the first reason counts. */
  readonly onStop: (detail: string) => void;
  /** Called when the server has left the chain after {@link ChainNode.leave}. */
  readonly onLeft: (lastCopy: LastCopy | undefined) => void;
  readonly log: (line: string, level: 'info' | 'warn') => void;
  readonly observer?: DriverObserver;
  readonly limits?: ChainLimits;
  readonly writeTimeoutMs?: number;
  readonly strangerLinksMax?: number;
  readonly newCore?: (options: ChainCoreOptions, state?: ChainState) => ChainCore;
  /** See {@link CoreDriverOptions.logBytesMax}. */
  readonly logBytesMax?: number;
  /** See {@link CoreDriverOptions.keptLogBytesMax}. */
  readonly keptLogBytesMax?: number;
  /** What is said of the clients' operations, if anything. */
  readonly times?: OperationTimes | undefined;
  /** See {@link CoreDriverOptions.reserveBytes}. */
  readonly reserveBytes?: number | undefined;
}

/**
 * The shortest silence that counts, in milliseconds: a neighbour that is only busy sends something within this time.
 */
const linkSilenceMinMs = 2_000;

/** Of a member's and of a chain's name. */
export const nameDigits = 16;

/**
 * A server of the chain on ports: core, driver, skeleton and coordination. The real server and the simulated one are
 * both built from it; each adds only its port, which tells clients' connections from those of other servers.
 */
export class ChainNode {
  readonly #options: ChainNodeOptions;
  readonly #driver: CoreDriver;
  readonly #skeleton: ChainSkeleton;
  #coordination: ChainCoordination | undefined;

  constructor(options: ChainNodeOptions) {
    const { ports, address, sessionTimeoutMs, onTotalLoss, totalLossGraceMs, limits } = options;
    const { newCore = (coreOptions, state) => new ChainCore(coreOptions, state) } = options;
    const { randomness, clock, transport, store, newStore, data } = ports;
    const recovered = data?.recovered;
    this.#options = options;
    const core = newCore(
      {
        address,
        member: recovered?.member ?? randomness.hex(nameDigits),
        newChain: recovered?.lasting.newChain ?? randomness.hex(nameDigits),
        onTotalLoss,
        totalLossGraceMs,
        capacityBytes: store.logicalCapacityBytes,
        hasLog: data !== undefined,
        ...(limits === undefined ? {} : { limits }),
      },
      recovered && restoredState(recovered.history, recovered.lasting),
    );
    this.#driver = new CoreDriver({
      core,
      store,
      newStore,
      data,
      logBytesMax: options.logBytesMax,
      keptLogBytesMax: options.keptLogBytesMax,
      reserveBytes: options.reserveBytes,
      transport,
      clock,
      coordination: () => this.#coordination,
      observer: options.observer,
      onStop: options.onStop,
      onLeft: options.onLeft,
      linkSilenceMs: Math.max(sessionTimeoutMs, linkSilenceMinMs),
      log: options.log,
      ...(options.writeTimeoutMs === undefined ? {} : { writeTimeoutMs: options.writeTimeoutMs }),
      ...(options.strangerLinksMax === undefined ? {} : { strangerLinksMax: options.strangerLinksMax }),
    });
    this.#skeleton = new ChainSkeleton({ driver: this.#driver, clock, randomness, times: options.times });
  }

  get core(): ChainCore {
    return this.#driver.core;
  }

  /** See {@link CoreDriver.linkTrouble}. */
  get linkTrouble(): string | undefined {
    return this.#driver.linkTrouble;
  }

  /**
   * Resolves once there is a session with ZooKeeper. From then on the core decides.
   * @throws TableError UNREACHABLE, also when `stop` is aborted before
   */
  async connect(stop?: AbortSignal): Promise<void> {
    const { ports, log } = this.#options;
    const { coordination: service, clock, randomness } = ports;
    this.#coordination = await ChainCoordination.open({
      service,
      clock,
      randomness,
      stop,
      emit: (event) => this.#onCoordination(event),
      log,
    });
  }

  /** Resolves once `condition` holds; checks it after every event. Stays pending if the server is closed first. */
  async until(condition: () => boolean): Promise<void> {
    await this.#driver.until(condition);
  }

  /**
   * Takes over a connection on which another server has sent the preface of a link. `rest`: the bytes after the
   * preface.
   */
  accept(incoming: AcceptedConnection, rest: Uint8Array): void {
    this.#driver.accept(incoming, rest);
  }

  /** Answers a client's request, see {@link ChainSkeleton.invoke}. */
  invoke(request: Message, connection: object): Reply | Deferred<Reply> {
    return this.#skeleton.invoke(request, connection);
  }

  /** Starts to leave the chain; `onLeft` is called when that is done. */
  leave(): void {
    this.#driver.handle({ type: 'leave' });
  }

  /**
   * Ends the session with ZooKeeper, the links and the table.
   * @throws TableError when the table's executor has died
   */
  async close(): Promise<void> {
    await this.#coordination?.close();
    await this.#driver.close();
  }

  #onCoordination(event: CoordinationEvent): void {
    const { log, sessionTimeoutMs } = this.#options;
    if (event.type === 'directory') log(describeDirectory(event.directory), 'info');
    if (event.type === 'session-started' && event.timeoutMs > sessionTimeoutMs) {
      const text = `ZooKeeper grants no session time-out below ${event.timeoutMs} ms, which is usually two of its ticks; an ensemble needs four (--session-timeout ${2 * event.timeoutMs})`;
      log(text, 'warn');
    }
    this.#driver.handle(event);
  }
}

function describeDirectory({ view, record, joining }: Directory): string {
  const servers = view.servers.map(({ id, address }) => `${id}=${address}`).join(' ');
  const members = record?.members.map(({ id }) => id).join(' ') ?? 'none';
  return `view ${view.version}: ${servers}; members by view ${record?.view ?? -1}: ${members}; joining: ${joining.length}`;
}
