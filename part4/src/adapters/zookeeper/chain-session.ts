import { errorText, TableError, unreachable } from '@tablelab/shared';
import type { Directory, DirectoryChange, JoiningServer } from '../../core/directory.ts';
import type { ChainEvent } from '../../core/effects.ts';
import type { MembershipRecord } from '../../core/membership-record.ts';
import type { ServerEntry, ServerId } from '../../core/view.ts';
import type { Clock, CoordinationSession, Timer, TransactionOutcome, TransactionStep } from '../../ports.ts';
import {
  joiningFromBytes,
  joiningToBytes,
  recordFromBytes,
  recordToBytes,
  serverOfChild,
} from './chain-json.ts';
import { childPath, NumberedChildren } from './numbered-children.ts';
import { RepeatedRead } from './repeated-read.ts';

/** So many heartbeats are sent in a session's time-out: six of them in the length of a lease. */
const heartbeatsPerSession = 8;

/** After a change that failed although there is a connection, in milliseconds. */
const retryMs = 100;

/** What a session has to tell the core while it lasts. */
export type SessionEvent = Extract<ChainEvent, { type: 'directory' | 'change-over' | 'heartbeat' }>;

export interface ChainPaths {
  /** The znode of the chain, whose data are the membership record. */
  readonly chain: string;
  /** Where joining servers register. */
  readonly joining: string;
}

/** The heartbeats that check one znode, this server's. */
interface Heartbeats {
  readonly path: string;
}

/** `changesOver`: how many changes were over when the read began. */
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
 * A server's dealings with the chain's znodes in one session: reads the directory whenever it changes, makes changes,
 * and sends heartbeats.
 *
 * Invariant: a directory is told only if it was read after all changes so far were over, and after a barrier, a write,
 * if it is not known what became of one: what comes late of an old connection cannot come after that.
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

  /** Begins to read at once. */
  constructor(session: CoordinationSession, options: ChainSessionOptions) {
    this.#session = session;
    this.#options = options;
    const { paths, clock } = options;
    const log = (line: string) => this.#log(line);
    this.#joining = new NumberedChildren({ session, path: paths.joining, log }, ({ id, data, session }) => ({
      ...joiningFromBytes(data),
      id,
      session,
    }));
    this.#servers = new NumberedChildren({ session, path: paths.chain, log }, serverOfChild);
    this.#reads = new RepeatedRead<ReadDirectory>({
      session,
      clock,
      retryMs: session.sessionTimeoutMs,
      log,
      what: `${paths.joining} and ${paths.chain}`,
      read: (changed) => this.#read(changed),
      listener: ({ directory, changesOver }) => {
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
    this.#reads.refresh();
  }

  /** Carries out a change; tells when it is over, whatever became of it, and then what there is now. */
  async change(change: DirectoryChange): Promise<void> {
    try {
      const outcome = await this.#carryOut(change);
      if (!outcome.committed) this.#log(`the change ${change.type} is refused: ${outcome.refusal}`);
    } catch (error) {
      this.#log(`the change ${change.type} has failed: ${errorText(error)}`);
      if (!(error instanceof TableError) || error.mayHaveHappened) this.#isBarrierDue = true;
      if (this.#session.isConnected) await this.#pause();
    }
    this.#changesOver += 1;
    this.#emit({ type: 'change-over' });
    this.#reads.refresh();
  }

  /** Sends heartbeats from now on, writes that check that the own znode `id` is there; undefined: no more. */
  heartbeats(id: ServerId | undefined): void {
    this.#heartbeatTimer?.cancel();
    this.#heartbeats = id === undefined ? undefined : { path: childPath(this.#options.paths.chain, id) };
    if (this.#heartbeats !== undefined && !this.#isOver) void this.#beat(this.#heartbeats);
  }

  /** The session has ended, or is about to: nothing more is told. */
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
    // A record of a newer view than this one: that view's watch has fired, and another read follows.
    const record = this.#recordIn(node.data);
    const view = { version: servers.version, servers: servers.items };
    const directory = { joining: joining.items, view, record, recordVersion: node.version };
    return { directory, changesOver };
  }

  /**
   * As long as it cannot be read nobody can act on a newer view. The servers keep their data and their present view, and go
   * on by themselves when it is repaired, which the watch on it tells.
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
          `the data of ${chain} are not what a server writes, and have to be repaired: ${detail}`,
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
   * Heartbeats, one after the other: each is sent when the one before it has ended and was sent an eighth of the time-out
   * ago. {@link leaseAfter} says why not side by side.
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
      // One that failed may still be under way: this one only shows that it no longer is.
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
