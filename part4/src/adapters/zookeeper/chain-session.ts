import { errorText, TableError, unreachable } from '@tablelab/shared';
import type { Directory, DirectoryChange, JoiningServer } from '../../core/directory.ts';
import type { ChainEvent } from '../../core/effects.ts';
import type { MembershipRecord } from '../../core/membership-record.ts';
import type { ServerEntry, ServerId } from '../../core/view.ts';
import type { Clock, CoordinationSession, Timer, TransactionOutcome, TransactionStep } from '../../ports.ts';
import {
  joiningOfChild,
  joiningToBytes,
  recordFromBytes,
  recordToBytes,
  serverOfChild,
} from './chain-json.ts';
import { childPath, NumberedChildren } from './numbered-children.ts';
import { RepeatedRead } from './repeated-read.ts';

/** Heartbeats in one session time-out; six of them fall into the length of a lease. */
const heartbeatsPerSession = 8;

/** The pause after a change that failed despite a connection, in milliseconds. */
const retryMs = 100;

/** The events that a session reports to the core. */
export type SessionEvent = Extract<ChainEvent, { type: 'directory' | 'change-over' | 'heartbeat' }>;

export interface ChainPaths {
  /** The znode of the chain. Its data is the membership record. */
  readonly chain: string;
  /** Where joining servers register. */
  readonly joining: string;
}

/** The znodes that all programs use. */
export const chainPaths: ChainPaths = { chain: '/chain', joining: '/chain-joining' };

/** The heartbeats, which check this server's znode. */
interface Heartbeats {
  readonly path: string;
}

/** `changesOver`: how many changes had ended when the read began. */
interface ReadDirectory {
  readonly directory: Directory;
  readonly changesOver: number;
}

export interface ChainSessionOptions {
  readonly paths: ChainPaths;
  readonly emit: (event: SessionEvent) => void;
  readonly clock: Clock;
  readonly log: (line: string, level: 'info' | 'warn') => void;
}

/**
 * One server's access to the chain's znodes in one session: it reads the directory whenever it changes, makes changes,
 * and sends heartbeats.
 *
 * Invariant: a directory is reported only if it was read after all changes so far had ended. If the outcome of a change
 * is unknown, a barrier (a write) comes first: late requests of an old connection cannot take effect after it.
 */
export class ChainSession {
  readonly #session: CoordinationSession;
  readonly #options: ChainSessionOptions;
  readonly #joining: NumberedChildren<JoiningServer>;
  readonly #servers: NumberedChildren<ServerEntry>;
  readonly #reads: RepeatedRead<ReadDirectory>;
  #changesOver = 0;
  #isBarrierDue = false;
  #heartbeats: Heartbeats | undefined;
  #heartbeatTimer: Timer | undefined;
  /** A heartbeat was sent, and is not confirmed. */
  #isLastUnconfirmed = false;
  #isOver = false;
  /** Why the record could not be read the last time. */
  #unreadable: string | undefined;

  /** Starts reading at once. */
  constructor(session: CoordinationSession, options: ChainSessionOptions) {
    this.#session = session;
    this.#options = options;
    const { paths, clock } = options;
    const { log: logAt } = options;
    const warn = (line: string) => logAt(line, 'warn');
    // The record's own warning says more.
    const log = (line: string) => logAt(line, this.#unreadable === undefined ? 'warn' : 'info');
    this.#joining = new NumberedChildren({ session, path: paths.joining, log: warn }, joiningOfChild);
    this.#servers = new NumberedChildren({ session, path: paths.chain, log: warn }, serverOfChild);
    this.#reads = new RepeatedRead<ReadDirectory>({
      session,
      clock,
      retryMs: session.sessionTimeoutMs,
      log,
      what: `${paths.joining} and ${paths.chain}`,
      read: (changed) => this.#read(changed),
      listener: ({ directory, changesOver }) => {
        // Checked here and not after the read: a promise's callback runs later, and the answer to a change may have
        // come in between. That change has requested another read.
        if (changesOver === this.#changesOver && !this.#isBarrierDue)
          this.#emit({ type: 'directory', directory });
      },
    });
  }

  /** Reads the directory anew, after a write. */
  readDirectory(): void {
    this.#isBarrierDue = true;
    this.#reads.refresh();
  }

  /** Carries out a change; reports that it has ended, whatever its outcome, and then the new directory. */
  async change(change: DirectoryChange): Promise<void> {
    try {
      const outcome = await this.#carryOut(change);
      if (!outcome.committed) this.#log(`the change ${change.type} is refused: ${outcome.refusal}`);
    } catch (error) {
      // Without a connection nothing else can be expected; anything else does not go away by itself, as an ACL.
      const level = error instanceof TableError && error.code === 'UNREACHABLE' ? 'info' : 'warn';
      this.#options.log(`the change ${change.type} has failed: ${errorText(error)}`, level);
      if (!(error instanceof TableError) || error.mayHaveHappened) this.#isBarrierDue = true;
      if (this.#session.isConnected) await this.#pause();
    }
    this.#changesOver += 1;
    this.#emit({ type: 'change-over' });
    this.#reads.refresh();
  }

  /** Sends heartbeats from now on: writes that check that this server's znode `id` exists. Undefined: stops. */
  heartbeats(id: ServerId | undefined): void {
    this.#heartbeatTimer?.cancel();
    this.#heartbeats = id === undefined ? undefined : { path: childPath(this.#options.paths.chain, id) };
    if (this.#heartbeats !== undefined && !this.#isOver) void this.#beat(this.#heartbeats);
  }

  /** The session has ended, or is about to: nothing more is reported. */
  stop(): void {
    this.#isOver = true;
    this.#heartbeatTimer?.cancel();
    this.#reads.stop();
  }

  async #read(changed: () => void): Promise<ReadDirectory | undefined> {
    const { paths } = this.#options;
    const { changesOver, session } = { changesOver: this.#changesOver, session: this.#session };
    if (this.#isBarrierDue) {
      this.#isBarrierDue = false;
      await session.transaction([{ op: 'check', path: '/' }]).catch((error) => {
        this.#isBarrierDue = true;
        throw error;
      });
    }
    const joining = await this.#joining.list(changed);
    const servers = await this.#servers.list(changed);
    const node = await session.getData(paths.chain, changed);
    if (joining === 'absent') await session.ensure(paths.joining);
    if (servers === 'absent' || node === undefined) await session.ensure(paths.chain);
    if (typeof joining === 'string' || typeof servers === 'string' || node === undefined) return undefined;
    // If the record belongs to a newer view, that view's watch has fired and another read follows.
    const record = this.#recordIn(node.data);
    const view = { version: servers.version, servers: servers.items };
    const directory = { joining: joining.items, view, record, recordVersion: node.version };
    return { directory, changesOver };
  }

  /**
   * While the record cannot be read, no server can act on a newer view. The servers keep their data and their present
   * view; the watch on the record tells them when it has been repaired.
   * @throws TableError BAD_REQUEST
   */
  #recordIn(data: Uint8Array): MembershipRecord | undefined {
    try {
      const record = recordFromBytes(data);
      this.#unreadable = undefined;
      return record;
    } catch (error) {
      const detail = errorText(error);
      if (detail !== this.#unreadable) {
        const { chain } = this.#options.paths;
        this.#options.log(
          `the data of ${chain} are not what a server writes, and have to be repaired: ${detail}. Write them as they were, or let the servers do it: table-admin <zookeeper> recover --discard-record`,
          'warn',
        );
      }
      this.#unreadable = detail;
      throw error;
    }
  }

  async #carryOut(change: DirectoryChange): Promise<TransactionOutcome> {
    const { chain, joining } = this.#options.paths;
    const session = this.#session;
    switch (change.type) {
      case 'join':
        await session.ensure(chain);
        await session.ensure(joining);
        return session.transaction([createChild(joining, joiningToBytes(change.data))]);
      case 'enter':
        return session.transaction([
          { op: 'remove', path: childPath(joining, change.joining) },
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

  /**
   * Sends heartbeats one at a time: each is sent once the previous one has ended, and at least an eighth of the
   * time-out after it was sent. {@link leaseAfter} explains why there is only one under way.
   */
  async #beat(heartbeats: Heartbeats): Promise<void> {
    const { clock } = this.#options;
    const dueAt = clock.now() + this.#session.sessionTimeoutMs / heartbeatsPerSession;
    if (this.#session.isConnected) await this.#heartbeat(heartbeats);
    if (this.#isOver || heartbeats !== this.#heartbeats) return;
    this.#heartbeatTimer = clock.after(Math.max(dueAt - clock.now(), 0), () => void this.#beat(heartbeats));
  }

  async #heartbeat(heartbeats: Heartbeats): Promise<void> {
    const { clock } = this.#options;
    const { path } = heartbeats;
    const sentAt = clock.now();
    const isLastUnconfirmed = this.#isLastUnconfirmed;
    this.#isLastUnconfirmed = true;
    try {
      const outcome = await this.#session.transaction([{ op: 'check', path }]);
      this.#isLastUnconfirmed = false;
      if (heartbeats !== this.#heartbeats) return;
      if (!outcome.committed) {
        this.#log(`the znode ${path} is gone`);
        return this.readDirectory();
      }
      // The failed heartbeat may still have been under way; this one only shows that it no longer is.
      if (isLastUnconfirmed) return await this.#heartbeat(heartbeats);
      this.#emit({ type: 'heartbeat', session: this.#session.sessionId, sentAt });
    } catch (error) {
      this.#log(`no heartbeat: ${errorText(error)}`);
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.after(retryMs, resolve);
    });
  }

  #log(line: string): void {
    this.#options.log(line, 'info');
  }

  #emit(event: SessionEvent): void {
    if (!this.#isOver) this.#options.emit(event);
  }
}

function createChild(parent: string, data: Uint8Array): TransactionStep {
  return { op: 'create', path: `${parent}/node`, data, mode: 'ephemeral-sequential' };
}
