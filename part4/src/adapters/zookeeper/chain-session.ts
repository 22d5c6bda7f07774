import { setTimeout as delay } from 'node:timers/promises';
import { errorText, TableError, unreachable } from '@tablelab/shared';
import type { Directory, DirectoryChange, WaitingServer } from '../../core/directory.ts';
import type { ChainEvent } from '../../core/effects.ts';
import type { MembershipRecord } from '../../core/membership-record.ts';
import type { ServerEntry, ServerId } from '../../core/view.ts';
import {
  recordFromBytes,
  recordToBytes,
  serverOfChild,
  waitingFromBytes,
  waitingToBytes,
} from './chain-json.ts';
import { childPath, NumberedChildren } from './numbered-children.ts';
import type { TransactionOutcome, TransactionStep } from './transaction.ts';
import type { ZooKeeperSession } from './zookeeper-session.ts';

/** So many heartbeats are sent in a session's time-out: six of them in the length of a lease. */
const heartbeatsPerSession = 8;

/** After a change that failed although there is a connection, in milliseconds. */
const retryMs = 100;

/** What a session has to tell the core while it lasts. */
export type SessionEvent = Extract<ChainEvent, { type: 'directory' | 'change-over' | 'heartbeat' }>;

export interface ChainPaths {
  /** The znode of the chain, whose data are the membership record. */
  readonly chain: string;
  /** Where servers wait. */
  readonly joining: string;
}

/** `changesOver`: how many changes were over when the read began. */
interface ReadDirectory {
  readonly directory: Directory;
  readonly changesOver: number;
}

export interface ChainSessionOptions {
  readonly paths: ChainPaths;
  readonly emit: (event: SessionEvent) => void;
  /** Called once, when ZooKeeper holds what no server of this kind has written: nothing may be done about it then. */
  readonly fail: (detail: string) => void;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  readonly log: (message: string) => void;
}

/**
 * A server's dealings with the chain's znodes in one session: reads the directory whenever it changes, makes changes,
 * and sends heartbeats.
 *
 * Invariant: a directory is told only if it was read after all changes so far were over, and after a barrier, a write,
 * if it is not known what became of one: what comes late of an old connection cannot come after that.
 */
export class ChainSession {
  readonly #session: ZooKeeperSession;
  readonly #options: ChainSessionOptions;
  readonly #waiting: NumberedChildren<WaitingServer>;
  readonly #servers: NumberedChildren<ServerEntry>;
  readonly #follower: { refresh(): void; stop(): void };
  #changesOver = 0;
  #isBarrierDue = false;
  #heartbeatPath: string | undefined;
  #heartbeatTimer: NodeJS.Timeout | undefined;
  #isOver = false;

  /** Begins to read at once. */
  constructor(session: ZooKeeperSession, options: ChainSessionOptions) {
    this.#session = session;
    this.#options = options;
    const { paths, log } = options;
    this.#waiting = new NumberedChildren({ session, path: paths.joining, log }, ({ id, data, session }) => ({
      ...waitingFromBytes(data),
      id,
      session,
    }));
    this.#servers = new NumberedChildren({ session, path: paths.chain, log }, serverOfChild);
    this.#follower = session.follow({
      what: `${paths.joining} and ${paths.chain}`,
      read: (changed) => this.#read(changed),
      listener: ({ directory, changesOver }: ReadDirectory) => {
        // Asked here and not where it was read: a promise resolves later than it was resolved, and the answer to a change
        // may have come in between. That change has asked for another read.
        if (changesOver === this.#changesOver && !this.#isBarrierDue)
          this.#emit({ type: 'directory', directory });
      },
    });
  }

  /** Reads the directory anew, after a write. */
  readDirectory(): void {
    this.#isBarrierDue = true;
    this.#follower.refresh();
  }

  /** Carries out a change; tells when it is over, whatever became of it, and then what there is now. */
  async change(change: DirectoryChange): Promise<void> {
    try {
      const outcome = await this.#carryOut(change);
      if (!outcome.committed) this.#options.log(`the change ${change.type} is refused: ${outcome.refusal}`);
    } catch (error) {
      this.#options.log(`the change ${change.type} has failed: ${errorText(error)}`);
      if (!(error instanceof TableError) || error.mayHaveHappened) this.#isBarrierDue = true;
      if (this.#session.isConnected) await delay(retryMs);
    }
    this.#changesOver += 1;
    this.#emit({ type: 'change-over' });
    this.#follower.refresh();
  }

  /** Sends heartbeats from now on, writes that check that the own znode `id` is there; undefined: no more. */
  heartbeats(id: ServerId | undefined): void {
    clearInterval(this.#heartbeatTimer);
    this.#heartbeatPath = id === undefined ? undefined : childPath(this.#options.paths.chain, id);
    const path = this.#heartbeatPath;
    if (path === undefined || this.#isOver) return;
    // Not one after the other: one that is held up must not hold up the next. Each has the call's deadline.
    const intervalMs = this.#session.sessionTimeoutMs / heartbeatsPerSession;
    this.#heartbeatTimer = setInterval(() => void this.#heartbeat(path), intervalMs);
    void this.#heartbeat(path);
  }

  /** The session has ended, or is about to: nothing more is told. */
  stop(): void {
    this.#isOver = true;
    clearInterval(this.#heartbeatTimer);
    this.#follower.stop();
  }

  async #read(changed: () => void): Promise<ReadDirectory | undefined> {
    const { chain, joining } = this.#options.paths;
    const { changesOver, session } = { changesOver: this.#changesOver, session: this.#session };
    if (this.#isBarrierDue) {
      this.#isBarrierDue = false;
      await session.transaction([{ op: 'check', path: '/' }]).catch((error) => {
        this.#isBarrierDue = true;
        throw error;
      });
    }
    const waiting = await this.#waiting.list(changed);
    const servers = await this.#servers.list(changed);
    const node = await session.getData(chain, changed);
    if (waiting === 'absent') await session.ensure(joining);
    if (servers === 'absent' || node === undefined) await session.ensure(chain);
    if (typeof waiting === 'string' || typeof servers === 'string' || node === undefined) return undefined;
    // A record of a newer view than this one: that view's watch has fired, and another read follows.
    const record = this.#recordIn(node.data);
    const view = { version: servers.version, servers: servers.items };
    const directory = { waiting: waiting.items, view, record, recordVersion: node.version };
    return { directory, changesOver };
  }

  #recordIn(data: Uint8Array): MembershipRecord | undefined {
    try {
      return recordFromBytes(data);
    } catch (error) {
      this.stop();
      this.#options.fail(
        `the data of ${this.#options.paths.chain} are not what a server writes: ${errorText(error)}`,
      );
      throw error;
    }
  }

  async #carryOut(change: DirectoryChange): Promise<TransactionOutcome> {
    const { chain, joining } = this.#options.paths;
    const session = this.#session;
    switch (change.type) {
      case 'wait':
        await session.ensure(chain);
        await session.ensure(joining);
        return session.transaction([createChild(joining, waitingToBytes(change.data))]);
      case 'enter':
        return session.transaction([
          { op: 'remove', path: childPath(joining, change.waiting) },
          createChild(chain, Buffer.from(change.address)),
        ]);
      case 'record':
        return session.transaction([
          { op: 'check', path: childPath(chain, change.id) },
          { op: 'setData', path: chain, data: recordToBytes(change.record), version: change.version },
        ]);
      case 'withdraw':
        return session.transaction([
          { op: 'remove', path: childPath(change.inChain ? chain : joining, change.id) },
        ]);
      default:
        return unreachable(change);
    }
  }

  async #heartbeat(path: string): Promise<void> {
    const { now, log } = this.#options;
    if (!this.#session.isConnected) return;
    const sentAt = now();
    try {
      const outcome = await this.#session.transaction([{ op: 'check', path }]);
      if (path !== this.#heartbeatPath) return;
      if (outcome.committed) {
        this.#emit({ type: 'heartbeat', session: this.#session.sessionId, sentAt });
      } else {
        log(`the znode ${path} is gone`);
        this.readDirectory();
      }
    } catch (error) {
      log(`no heartbeat: ${errorText(error)}`);
    }
  }

  #emit(event: SessionEvent): void {
    if (!this.#isOver) this.#options.emit(event);
  }
}

function createChild(parent: string, data: Uint8Array): TransactionStep {
  return { op: 'create', path: `${parent}/node`, data, mode: 'ephemeral-sequential' };
}
