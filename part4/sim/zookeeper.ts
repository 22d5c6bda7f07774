import { must, unreachable } from '@tablelab/shared';
import type { WaitingServer } from '../src/core/directory.ts';
import type { MembershipRecord } from '../src/core/membership-record.ts';
import type { SessionId, View } from '../src/core/view.ts';
import type { End } from './network.ts';
import type { World } from './world.ts';
import {
  emptyState,
  transacted,
  withoutSession,
  type ZooKeeperState,
  type ZooKeeperWrite,
} from './zookeeper-state.ts';

/** What may be read and watched. */
export type Znode = 'waiting' | 'view' | 'record';

export type ToZooKeeper =
  /** Begins a session, or goes on with one, of which everything up to `seen` has been shown. */
  | { readonly type: 'connect'; readonly session: SessionId | undefined; readonly seen: number }
  | { readonly type: 'ping' }
  | { readonly type: 'write'; readonly write: ZooKeeperWrite }
  /** Reads, and watches for the next change. */
  | { readonly type: 'read'; readonly znode: Znode }
  /** Ends the session. */
  | { readonly type: 'end' };

export type FromZooKeeper =
  | { readonly type: 'connected'; readonly session: SessionId; readonly timeoutMs: number }
  | { readonly type: 'expired' }
  | { readonly type: 'pong' }
  | { readonly type: 'written'; readonly isDone: boolean; readonly seen: number }
  | { readonly type: 'value'; readonly value: ZnodeValue; readonly seen: number }
  | { readonly type: 'changed'; readonly znode: Znode };

export type ZnodeValue =
  | { readonly znode: 'waiting'; readonly waiting: readonly WaitingServer[] }
  | { readonly znode: 'view'; readonly view: View }
  | {
      readonly znode: 'record';
      readonly record: MembershipRecord | undefined;
      readonly recordVersion: number;
    };

interface Session {
  readonly id: SessionId;
  isOver: boolean;
  /** When it was last heard of. */
  heardAt: number;
  /** The connection that has written last: writes that an older one has left under way are refused. */
  owner: number;
}

/** One of ZooKeeper's servers: what it has applied of the leader's log, and who is connected to it. */
interface Replica {
  applied: number;
  /** When it will have applied all that the leader has sent it. */
  currentAt: number;
  /** How long it takes to apply something, in milliseconds, at most. */
  lagMs: number;
  /** Cut off from the leader until then. */
  stalledUntil: number;
  readonly connections: Set<Connection>;
}

interface Connection {
  readonly number: number;
  readonly end: End<unknown>;
  readonly replica: Replica;
  session: Session | undefined;
  readonly requests: ToZooKeeper[];
  isBusy: boolean;
  readonly watches: Set<Znode>;
}

export interface ZooKeeperOptions {
  readonly sessionTimeoutMs: number;
  readonly replicas: number;
  /** Called after each transaction that changed something. */
  readonly onCommit: (state: ZooKeeperState) => void;
}

export const zooKeeperHost = 'zk';

/**
 * A ZooKeeper ensemble: a leader's log of states, and servers that apply it each in its own time. Reads and watches are
 * answered from what the server has applied, so they may be old; a write is answered once the server has applied it, so a
 * session always sees what it has written, and after a write everything that was done before it.
 */
export class SimZooKeeper {
  readonly #world: World;
  readonly #options: ZooKeeperOptions;
  #log: ZooKeeperState[] = [emptyState];
  readonly #sessions = new Map<SessionId, Session>();
  readonly #replicas: Replica[] = [];
  #connections = 0;
  #isUp = true;
  /** How often all data were lost. */
  wipes = 0;

  constructor(world: World, options: ZooKeeperOptions) {
    this.#world = world;
    this.#options = options;
    for (let i = 0; i < options.replicas; i += 1) {
      const lagMs = world.oneIn(4) ? world.between(20, 200) : world.between(0.2, 8);
      this.#replicas.push({ applied: 0, currentAt: 0, lagMs, stalledUntil: 0, connections: new Set() });
    }
  }

  /** What the leader has. */
  get state(): ZooKeeperState {
    return must(this.#log.at(-1), 'the log begins with a state');
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Whether a session is over, or is one of data that was lost. */
  isSessionOver(id: SessionId): boolean {
    return this.#sessions.get(id)?.isOver ?? true;
  }

  /** What some server of the ensemble would answer to a client that only looks: it may be old. */
  staleView(): View {
    const replica = this.#world.random.pick(this.#replicas);
    return must(this.#log[replica.applied], 'what was applied is in the log').view;
  }

  accept(end: End<unknown>): void {
    if (!this.#isUp) return end.close('ZooKeeper is down');
    const replica = this.#world.random.pick(this.#replicas);
    const number = this.#connections;
    this.#connections += 1;
    const requests: ToZooKeeper[] = [];
    const watches = new Set<Znode>();
    const connection = { number, end, replica, session: undefined, requests, isBusy: false, watches };
    replica.connections.add(connection);
    end.receiving = {
      onMessage: (message) => this.#onRequest(connection, message as ToZooKeeper),
      onDown: () => replica.connections.delete(connection),
    };
  }

  /** All servers end; what is under way is lost. */
  goDown(): void {
    this.#isUp = false;
    for (const replica of this.#replicas) {
      for (const { end } of replica.connections) end.break('ZooKeeper has gone');
      replica.connections.clear();
    }
  }

  /** All servers start again, `wiped`: with nothing. Each session has its whole time-out again. */
  comeUp({ wiped }: { wiped: boolean }): void {
    if (this.#isUp) return;
    this.#isUp = true;
    if (wiped) {
      this.wipes += 1;
      this.#log = [emptyState];
      this.#sessions.clear();
      this.#options.onCommit(emptyState);
    }
    for (const replica of this.#replicas) {
      replica.applied = this.#log.length - 1;
      replica.currentAt = this.#world.now;
    }
    for (const session of this.#sessions.values()) this.#heard(session);
  }

  /** Cuts one of the servers off from the leader for a while. */
  stall(index: number, durationMs: number): void {
    const replica = must(this.#replicas[index % this.#replicas.length], 'there is a server');
    replica.stalledUntil = this.#world.now + durationMs;
  }

  /** No server is cut off any more. */
  mend(): void {
    for (const replica of this.#replicas) replica.stalledUntil = 0;
    this.loseNextReplyOf.clear();
  }

  /** Breaks the connections of a machine right after its next write has been carried out: its reply is lost. */
  readonly loseNextReplyOf = new Set<string>();

  #onRequest(connection: Connection, request: ToZooKeeper): void {
    if (!this.#isUp) return;
    const { session, replica } = connection;
    if (session !== undefined && this.#world.now >= replica.stalledUntil) this.#heard(session);
    connection.requests.push(request);
    if (!connection.isBusy) this.#work(connection);
  }

  /** Answers the requests of a connection one after the other. */
  #work(connection: Connection): void {
    const request = connection.requests.shift();
    if (request === undefined) return;
    connection.isBusy = true;
    const done = (reply: FromZooKeeper | undefined): void => {
      connection.isBusy = false;
      if (!connection.end.isOpen) return;
      if (reply !== undefined) connection.end.send(reply);
      this.#work(connection);
    };
    switch (request.type) {
      case 'connect':
        return this.#connect(connection, request, done);
      case 'ping':
        return done({ type: 'pong' });
      case 'read':
        return done(this.#read(connection, request.znode));
      case 'write':
        return this.#write(connection, request.write, done);
      case 'end':
        return this.#toLeader(connection, (session) => {
          this.#over(session);
          done(undefined);
        });
      default:
        return unreachable(request);
    }
  }

  #connect(
    connection: Connection,
    { session: id, seen }: Extract<ToZooKeeper, { type: 'connect' }>,
    done: (reply: FromZooKeeper | undefined) => void,
  ): void {
    const { replica, end } = connection;
    const { sessionTimeoutMs: timeoutMs } = this.#options;
    const wait = Math.max(this.#world.between(0.2, 3), replica.stalledUntil - this.#world.now);
    this.#world.schedule(wait, () => {
      if (!this.#isUp || !end.isOpen) return;
      if (id === undefined) {
        const session = { id: this.#world.hex(16), isOver: false, heardAt: this.#world.now, owner: -1 };
        this.#sessions.set(session.id, session);
        this.#heard(session);
        connection.session = session;
        return done({ type: 'connected', session: session.id, timeoutMs });
      }
      const session = this.#sessions.get(id);
      // Whoever has seen more than this server, or a session of data that was lost, is sent away without a word.
      if (session === undefined || seen > replica.applied) return end.break('this server knows less');
      if (session.isOver) return done({ type: 'expired' });
      this.#heard(session);
      connection.session = session;
      done({ type: 'connected', session: id, timeoutMs });
    });
  }

  #read({ replica, watches }: Connection, znode: Znode): FromZooKeeper {
    const state = must(this.#log[replica.applied], 'what was applied is in the log');
    watches.add(znode);
    return { type: 'value', value: valueIn(state, znode), seen: replica.applied };
  }

  #write(
    connection: Connection,
    write: ZooKeeperWrite,
    done: (reply: FromZooKeeper | undefined) => void,
  ): void {
    const { replica, end } = connection;
    this.#toLeader(connection, (session) => {
      const next = transacted(this.state, session.id, write);
      if (next !== undefined && next !== this.state) this.#commit(next);
      const log = this.#log;
      const seen = log.length - 1;
      if (write.type === 'change' && this.loseNextReplyOf.delete(end.peer.host)) {
        return end.break('the connection broke');
      }
      // The reply follows everything that was done before.
      const reply = () => {
        if (!this.#isUp || this.#log !== log) return;
        if (this.#isStalled(replica, reply)) return;
        this.#apply(replica, seen);
        done({ type: 'written', isDone: next !== undefined, seen });
      };
      this.#world.schedule(Math.max(replica.currentAt - this.#world.now, this.#world.between(0.1, 1)), reply);
    });
  }

  /** Passes something on to the leader, unless the session is over or has moved to another connection by then. */
  #toLeader(connection: Connection, act: (session: Session) => void): void {
    const { replica, end, number, session } = connection;
    if (session === undefined) return end.break('no session');
    const arrive = () => {
      if (!this.#isUp || this.#isStalled(replica, arrive)) return;
      if (this.isSessionOver(session.id)) {
        end.send({ type: 'expired' });
        return end.close('the session is over');
      }
      if (number < session.owner) return end.break('the session has moved');
      session.owner = number;
      act(session);
    };
    this.#world.schedule(this.#world.between(0.2, 3), arrive);
  }

  /** Whether `replica` is cut off from the leader; `again` is called when it is no longer. */
  #isStalled(replica: Replica, again: () => void): boolean {
    if (this.#world.now >= replica.stalledUntil) return false;
    this.#world.schedule(replica.stalledUntil - this.#world.now, again);
    return true;
  }

  #commit(state: ZooKeeperState): void {
    this.#log.push(state);
    const log = this.#log;
    const index = log.length - 1;
    for (const replica of this.#replicas) {
      const at = Math.max(replica.currentAt, this.#world.now + this.#world.between(0.1, replica.lagMs));
      replica.currentAt = at;
      const apply = () => {
        if (!this.#isUp || this.#log !== log || this.#isStalled(replica, apply)) return;
        this.#apply(replica, index);
      };
      this.#world.schedule(at - this.#world.now, apply);
    }
    this.#options.onCommit(state);
  }

  #apply(replica: Replica, index: number): void {
    if (replica.applied >= index) return;
    const before = must(this.#log[replica.applied], 'what was applied is in the log');
    const after = must(this.#log[index], 'the leader has it');
    replica.applied = index;
    const changed: Znode[] = [];
    if (before.waitingVersion !== after.waitingVersion) changed.push('waiting');
    if (before.view.version !== after.view.version) changed.push('view');
    if (before.recordVersion !== after.recordVersion) changed.push('record');
    for (const { watches, end } of replica.connections) {
      for (const znode of changed) {
        if (watches.delete(znode)) end.send({ type: 'changed', znode });
      }
    }
  }

  #heard(session: Session): void {
    session.heardAt = this.#world.now;
    this.#watchOver(session);
  }

  /**
   * Ends the session when nothing is heard of it for its time-out. A little less counts, too: what a server of the
   * ensemble has heard it tells the leader only with its next ping.
   */
  #watchOver(session: Session): void {
    if (this.#watched.has(session)) return;
    this.#watched.add(session);
    const { sessionTimeoutMs } = this.#options;
    const look = (patienceMs: number) => {
      const leftMs = session.heardAt + patienceMs - this.#world.now;
      if (session.isOver) return;
      if (leftMs > 0 || !this.#isUp) {
        this.#world.schedule(Math.max(leftMs, sessionTimeoutMs / 8), () => look(patienceMs));
        return;
      }
      this.#world.trace(`zk session ${session.id.slice(0, 6)} has expired`);
      this.#over(session);
    };
    const patienceMs = sessionTimeoutMs * this.#world.between(0.88, 1.1);
    this.#world.schedule(patienceMs, () => look(patienceMs));
  }

  readonly #watched = new WeakSet<Session>();

  #over(session: Session): void {
    // A session of data that was lost since then.
    if (this.#sessions.get(session.id) !== session) return;
    session.isOver = true;
    const next = withoutSession(this.state, session.id);
    if (next !== this.state) this.#commit(next);
  }
}

function valueIn({ waiting, view, record, recordVersion }: ZooKeeperState, znode: Znode): ZnodeValue {
  switch (znode) {
    case 'waiting':
      return { znode, waiting };
    case 'view':
      return { znode, view };
    default:
      return { znode, record, recordVersion };
  }
}
