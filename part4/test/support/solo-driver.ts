import { randomBytes } from 'node:crypto';
import type { ExecutionOptions } from '@tablelab/part3';
import type { Test } from 'tap';
import { type Coordination, CoreDriver } from '../../src/adapters/core-driver.ts';
import type { Data } from '../../src/adapters/disk/open-journal.ts';
import { nodeClock } from '../../src/adapters/node/node-clock.ts';
import { socketTransport } from '../../src/adapters/node/socket-transport.ts';
import { TableReplicaStore } from '../../src/adapters/store/table-replica-store.ts';
import { ChainCore } from '../../src/core/chain-core.ts';
import type { Directory, DirectoryChange } from '../../src/core/directory.ts';
import { restoredState } from '../../src/core/lasting.ts';
import { type ChainLimits, defaultChainLimits } from '../../src/core/limits.ts';
import type { MembershipRecord } from '../../src/core/membership-record.ts';
import type { ServerEntry } from '../../src/core/view.ts';
import type { Clock, ReplicaStore } from '../../src/ports.ts';

export interface SoloOptions {
  readonly limits?: Partial<ChainLimits>;
  readonly store?: Partial<ExecutionOptions>;
  readonly writeTimeoutMs?: number;
  /** Default: this process's. */
  readonly clock?: Clock;
  /** Default: a minute, so that one heartbeat does for a test. */
  readonly sessionTimeoutMs?: number;
  /** What the server has on its disk. */
  readonly data?: Data;
  readonly logBytesMax?: number;
  readonly keptLogBytesMax?: number;
  /** The record that ZooKeeper has kept. */
  readonly record?: MembershipRecord | undefined;
  /** Default: wait */
  readonly onTotalLoss?: 'wait' | 'start-empty';
}

const session = '5'.repeat(16);
const address = '127.0.0.1:9';

/** A driver and its core, with a separate ZooKeeper that carries out all requests at once. */
export class SoloDriver implements Coordination {
  readonly driver: CoreDriver;
  readonly stops: string[] = [];
  left = false;
  #directory: Directory = {
    joining: [],
    view: { version: 0, servers: [] },
    record: undefined,
    recordVersion: 0,
  };
  #made = 0;
  readonly #sessionTimeoutMs: number;
  readonly #clock: Clock;

  static async start(t: Test, options: SoloOptions = {}): Promise<SoloDriver> {
    const newStore = () => TableReplicaStore.start({ nLists: 1, memoryBytesMax: 1 << 30, ...options.store });
    const solo = new SoloDriver(options, options.data?.recovered.store ?? (await newStore()), newStore);
    t.teardown(() => solo.driver.close().catch(() => undefined));
    return solo;
  }

  private constructor(options: SoloOptions, store: ReplicaStore, newStore: () => Promise<ReplicaStore>) {
    this.#sessionTimeoutMs = options.sessionTimeoutMs ?? 60_000;
    this.#clock = options.clock ?? nodeClock;
    const name = () => randomBytes(8).toString('hex');
    const recovered = options.data?.recovered;
    const { record } = options;
    if (record !== undefined) {
      // Its session has ended, and its znode is gone.
      this.#directory = { ...this.#directory, record, view: { version: record.view + 1, servers: [] } };
      this.#made = 1 + Math.max(...record.members.map(({ id }) => id));
    }
    const coreOptions = {
      address,
      member: recovered?.member ?? name(),
      newChain: recovered?.lasting.newChain ?? name(),
      onTotalLoss: options.onTotalLoss ?? 'wait',
      totalLossGraceMs: 0,
      capacityBytes: store.logicalCapacityBytes,
      limits: { ...defaultChainLimits, ...options.limits },
    } as const;
    const core = new ChainCore(coreOptions, recovered && restoredState(recovered.history, recovered.lasting));
    this.driver = new CoreDriver({
      core,
      store,
      newStore,
      data: options.data,
      logBytesMax: options.logBytesMax,
      keptLogBytesMax: options.keptLogBytesMax,
      coordination: () => this,
      transport: socketTransport,
      clock: this.#clock,
      onStop: (detail) => this.stops.push(detail),
      onLeft: () => {
        this.left = true;
      },
      log: () => undefined,
      ...(options.writeTimeoutMs === undefined ? {} : { writeTimeoutMs: options.writeTimeoutMs }),
    });
  }

  /** The server is the chain from here on. */
  found(): this {
    this.driver.handle({ type: 'session-started', session, timeoutMs: this.#sessionTimeoutMs });
    this.readDirectory();
    return this;
  }

  /** Adds another server to the chain, behind this one; nothing listens at its address. */
  join(): void {
    this.#made += 1;
    const other = { id: this.#made, address: '127.0.0.1:1', session: '6'.repeat(16) };
    this.#view([...this.#directory.view.servers, other]);
    this.readDirectory();
  }

  /** The other servers are gone. */
  part(): void {
    this.#view(this.#directory.view.servers.filter((server) => server.session === session));
    this.readDirectory();
  }

  /** The directory of a chain of other servers. */
  show(directory: Pick<Directory, 'view' | 'record'>): void {
    this.#directory = { ...this.#directory, ...directory };
    this.#made = 10;
    this.readDirectory();
  }

  get record(): MembershipRecord | undefined {
    return this.#directory.record;
  }

  readDirectory(): void {
    this.driver.handle({ type: 'directory', directory: this.#directory });
  }

  change(change: DirectoryChange): void {
    const { joining, view } = this.#directory;
    switch (change.type) {
      case 'join':
        this.#directory = { ...this.#directory, joining: [...joining, { ...change.data, id: 0, session }] };
        break;
      case 'enter':
        this.#directory = { ...this.#directory, joining: [] };
        this.#view([...view.servers, { id: this.#made, address, session }]);
        break;
      case 'record':
        this.#directory = {
          ...this.#directory,
          record: change.record,
          recordVersion: this.#directory.recordVersion + 1,
        };
        break;
      case 'withdraw':
        this.part();
        this.#view([]);
        break;
    }
    this.driver.handle({ type: 'change-over' });
    this.readDirectory();
  }

  heartbeats(id: number | undefined): void {
    if (id !== undefined) this.driver.handle({ type: 'heartbeat', session, sentAt: this.#clock.now() });
  }

  #view(servers: readonly ServerEntry[]): void {
    const version = this.#directory.view.version + 1;
    this.#directory = { ...this.#directory, view: { version, servers } };
  }
}
