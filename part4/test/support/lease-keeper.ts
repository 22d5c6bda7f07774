import { must } from '@tablelab/shared';
import type { Test } from 'tap';
import { nodeClock } from '../../src/adapters/node/node-clock.ts';
import { nodeRandomness } from '../../src/adapters/node/node-randomness.ts';
import {
  ChainCoordination,
  type CoordinationEvent,
  type CoordinationOptions,
} from '../../src/adapters/zookeeper/chain-coordination.ts';
import { zooKeeperService } from '../../src/adapters/zookeeper/zookeeper-session.ts';
import type { DirectoryChange } from '../../src/core/directory.ts';
import { leaseAfter, noLease } from '../../src/core/lease.ts';
import type { ServerId, SessionId } from '../../src/core/view.ts';
import { deadlineMs, sessionTimeoutMs } from './zookeeper-sessions.ts';

export type LeaseKeeperOptions = Partial<CoordinationOptions> & {
  readonly servers: string;
  readonly address: string;
  readonly sessionTimeoutMs?: number;
};

/**
 * The part of a server that the tests of ZooKeeper need: it registers as joining, enters the chain, and keeps its
 * lease. Like the core, it makes one change at a time, and finds the outcome in the directory.
 */
export class LeaseKeeper {
  readonly events: CoordinationEvent[] = [];
  readonly changes: DirectoryChange['type'][] = [];
  readonly sessions: SessionId[] = [];
  readonly #address: string;
  #coordination: ChainCoordination | undefined;
  #lease = { until: noLease, sessionTimeoutMs: 0 };
  #id: ServerId | undefined;
  #isChanging = false;
  #isStaying = true;

  static async open(options: LeaseKeeperOptions): Promise<LeaseKeeper> {
    const keeper = new LeaseKeeper(options.address);
    keeper.#coordination = await ChainCoordination.open({
      service: zooKeeperService({
        servers: options.servers,
        sessionTimeoutMs: options.sessionTimeoutMs ?? sessionTimeoutMs,
        connectDeadlineMs: deadlineMs,
      }),
      clock: nodeClock,
      randomness: nodeRandomness,
      log: () => undefined,
      ...options,
      emit: (event) => {
        options.emit?.(event);
        keeper.#handle(event);
      },
    });
    return keeper;
  }

  /** One that the test's end closes. */
  static async openFor(t: Test, options: LeaseKeeperOptions): Promise<LeaseKeeper> {
    const keeper = await LeaseKeeper.open(options);
    t.teardown(() => keeper.close());
    return keeper;
  }

  private constructor(address: string) {
    this.#address = address;
  }

  /** Its number in the chain, as of the last directory. */
  get id(): ServerId | undefined {
    return this.#id;
  }

  /** Whether it may act as head or tail now. */
  isValid(): boolean {
    return nodeClock.now() < this.#lease.until;
  }

  /** How many heartbeats have been confirmed. */
  get heartbeats(): number {
    return this.events.filter(({ type }) => type === 'heartbeat').length;
  }

  /** Takes its znode out of the chain, and stays out. */
  leave(): void {
    this.#isStaying = false;
    this.#change({ type: 'withdraw', id: must(this.#id, 'it is in the chain'), inChain: true });
  }

  async close(): Promise<void> {
    await this.#coordination?.close();
  }

  #handle(event: CoordinationEvent): void {
    this.events.push(event);
    switch (event.type) {
      case 'session-started':
        this.sessions.push(event.session);
        this.#lease = { until: noLease, sessionTimeoutMs: event.timeoutMs };
        this.#isChanging = false;
        return;
      case 'session-ended':
        this.#lease.until = noLease;
        this.#id = undefined;
        return;
      case 'heartbeat':
        this.#lease.until = leaseAfter(this.#lease.until, { ...this.#lease, sentAt: event.sentAt });
        return;
      case 'change-over':
        this.#isChanging = false;
        return;
      case 'directory':
        if (!this.#isChanging) this.#findPlace(event.directory);
        return;
    }
  }

  #findPlace({ joining, view }: Extract<CoordinationEvent, { type: 'directory' }>['directory']): void {
    const session = this.sessions.at(-1);
    const isOwn = (server: { session: SessionId }) => server.session === session;
    const id = view.servers.find(isOwn)?.id;
    if (id !== this.#id) this.#coordination?.heartbeats(id);
    this.#id = id;
    if (id !== undefined || !this.#isStaying) return;
    const own = joining.find(isOwn);
    const data = { address: this.#address, member: '0'.repeat(16), state: null };
    this.#change(
      own === undefined ? { type: 'join', data } : { type: 'enter', joining: own.id, address: this.#address },
    );
  }

  #change(change: DirectoryChange): void {
    this.#isChanging = true;
    this.changes.push(change.type);
    this.#coordination?.change(change);
  }
}
