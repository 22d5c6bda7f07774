import { must, unreachable } from '@tablelab/shared';
import type { TransactionStep } from '../src/ports.ts';
import { type ChainInZnodes, chainIn } from './chain-in-znodes.ts';
import { SimProcess } from './process.ts';
import { type Follower, type Session, SessionTracker } from './session-tracker.ts';
import type { Network, StreamEnd } from './transport.ts';
import type { World } from './world.ts';
import { childrenOf, emptyZnodes, transacted, withoutSession, type Znodes } from './znodes.ts';
import {
  type FromZooKeeper,
  type ToZooKeeper,
  type WatchKind,
  type ZooKeeperAnswer,
  type ZooKeeperCall,
  zooKeeperAddress,
  zooKeeperHost,
} from './zookeeper-protocol.ts';

/** One of ZooKeeper's servers: how much of the leader's log it has applied, and its connections. */
interface Replica extends Follower {
  applied: number;
  /** The time at which it will have applied everything from the leader. */
  currentAt: number;
  /** The longest time to apply an entry, in milliseconds. */
  lagMs: number;
  readonly connections: Set<Connection>;
}

interface Connection {
  readonly number: number;
  readonly end: StreamEnd;
  readonly replica: Replica;
  session: Session | undefined;
  readonly requests: ToZooKeeper[];
  isBusy: boolean;
  readonly watches: Readonly<Record<WatchKind, Set<string>>>;
}

export interface ZooKeeperOptions {
  readonly sessionTimeoutMs: number;
  readonly replicas: number;
  /** The number of the first sequential child of a znode. */
  readonly firstNumber: number;
  /** Called after each transaction that changed something. */
  readonly onCommit: (chain: ChainInZnodes) => void;
}

/**
 * A ZooKeeper ensemble: a leader's log of states, and servers that apply it at different speeds. Reads and watches use
 * the state that the server has applied, which may be old. A write is answered once the server has applied it, so a
 * session sees its writes, and everything done before them.
 */
export class SimZooKeeper {
  readonly #world: World;
  readonly #options: ZooKeeperOptions;
  #log: Znodes[] = [emptyZnodes()];
  readonly #sessions = new Map<string, Session>();
  readonly #tracker: SessionTracker;
  readonly #replicas: Replica[] = [];
  #connections = 0;
  #isUp = true;
  /** How often all data was lost. */
  wipes = 0;
  /** The connections of these machines break right after their next change, whose answer is lost. */
  readonly loseNextReplyOf = new Set<string>();

  constructor(world: World, network: Network, options: ZooKeeperOptions) {
    this.#world = world;
    this.#options = options;
    this.#tracker = new SessionTracker({
      world,
      timeoutMs: options.sessionTimeoutMs,
      isUp: () => this.#isUp,
      expired: (session) => this.#over(session),
    });
    for (let i = 0; i < options.replicas; i += 1) {
      const lagMs = world.oneIn(4) ? world.between(20, 200) : world.between(0.2, 8);
      this.#replicas.push({
        applied: 0,
        currentAt: 0,
        lagMs,
        stalledUntil: 0,
        touched: new Set(),
        connections: new Set(),
      });
    }
    const process = new SimProcess(world, { host: zooKeeperHost, clockRate: 1 });
    network.listen(zooKeeperAddress, process, (end) => this.#accept(end));
  }

  /** The leader's state. */
  get chain(): ChainInZnodes {
    return chainIn(this.#state);
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get sessionTimeoutMs(): number {
    return this.#options.sessionTimeoutMs;
  }

  /** Whether a session has ended, or was lost with ZooKeeper's data. */
  isSessionOver(id: string): boolean {
    return this.#sessions.get(id)?.isOver ?? true;
  }

  /** The sessions that it holds, in the order in which they were opened. `leftMs`: how long each lasts if nothing more is heard. */
  get sessions(): { readonly id: string; readonly host: string; readonly leftMs: number }[] {
    return [...this.#sessions.values()]
      .filter(({ isOver }) => !isOver)
      .map(({ id, host, heardAt, patienceMs }) => {
        return { id, host, leftMs: Math.max(0, heardAt + patienceMs - this.#world.now) };
      });
  }

  /** How many of its servers are cut off from the leader. */
  get stalled(): number {
    return this.#replicas.filter(({ stalledUntil }) => stalledUntil > this.#world.now).length;
  }

  /** A read's result on some server of the ensemble, which may be old. */
  staleChain(): ChainInZnodes {
    const replica = this.#world.random.pick(this.#replicas);
    return chainIn(must(this.#log[replica.applied], 'what was applied is in the log'));
  }

  /** Stops all servers; everything under way is lost. */
  goDown(): void {
    this.#isUp = false;
    for (const replica of this.#replicas) {
      for (const { end } of replica.connections) end.break('ZooKeeper has gone');
      replica.connections.clear();
      replica.touched.clear();
    }
  }

  /** Restarts all servers; `wiped`: without data. The time-out of each session starts again. */
  comeUp({ wiped }: { wiped: boolean }): void {
    if (this.#isUp) return;
    this.#isUp = true;
    if (wiped) {
      this.wipes += 1;
      this.#log = [emptyZnodes()];
      this.#sessions.clear();
      this.#options.onCommit(this.chain);
    }
    for (const replica of this.#replicas) {
      replica.applied = this.#log.length - 1;
      replica.currentAt = this.#world.now;
    }
    for (const session of this.#sessions.values()) this.#tracker.heard(session);
  }

  /** Cuts one of the servers off from the leader for a while. */
  stall(index: number, durationMs: number): void {
    const replica = must(this.#replicas[index % this.#replicas.length], 'there is a server');
    replica.stalledUntil = this.#world.now + durationMs;
  }

  /** Ends all cuts between servers and leader. */
  mend(): void {
    for (const replica of this.#replicas) replica.stalledUntil = 0;
    this.loseNextReplyOf.clear();
  }

  get #state(): Znodes {
    return must(this.#log.at(-1), 'the log begins with a state');
  }

  #accept(end: StreamEnd): void {
    if (!this.#isUp) return end.close('ZooKeeper is down');
    const replica = this.#world.random.pick(this.#replicas);
    const number = this.#connections;
    this.#connections += 1;
    const connection: Connection = {
      number,
      end,
      replica,
      session: undefined,
      requests: [],
      isBusy: false,
      watches: { data: new Set(), children: new Set() },
    };
    replica.connections.add(connection);
    end.listen({
      opened: () => undefined,
      received: () => undefined,
      receivedObject: (message) => this.#onRequest(connection, message as ToZooKeeper),
      closed: () => replica.connections.delete(connection),
    });
  }

  #onRequest(connection: Connection, request: ToZooKeeper): void {
    if (!this.#isUp) return;
    const { session, replica } = connection;
    if (session !== undefined) this.#tracker.touch(replica, session);
    connection.requests.push(request);
    if (!connection.isBusy) this.#work(connection);
  }

  /** Answers the requests of a connection one after the other. */
  #work(connection: Connection): void {
    const request = connection.requests.shift();
    if (request === undefined) return;
    connection.isBusy = true;
    const done = (reply: FromZooKeeper): void => {
      connection.isBusy = false;
      if (!connection.end.isOpen) return;
      connection.end.writeObject(reply);
      this.#work(connection);
    };
    switch (request.type) {
      case 'connect':
        return this.#connect(connection, request, done);
      case 'ping':
        return done({ type: 'pong' });
      case 'getData':
      case 'children':
      case 'exists': {
        const answer = this.#read(connection, request);
        return done({ type: 'answer', answer, seen: connection.replica.applied });
      }
      case 'transaction':
        return this.#write(connection, request.steps, done);
      case 'end':
        return this.#toLeader(connection, (session) => {
          this.#over(session);
          done({ type: 'ended' });
        });
      default:
        return unreachable(request);
    }
  }

  #connect(
    connection: Connection,
    { session: id, seen }: Extract<ToZooKeeper, { type: 'connect' }>,
    done: (reply: FromZooKeeper) => void,
  ): void {
    const { replica, end } = connection;
    const { sessionTimeoutMs: timeoutMs } = this.#options;
    const wait = Math.max(this.#world.between(0.2, 3), replica.stalledUntil - this.#world.now);
    this.#world.schedule(wait, () => {
      if (!this.#isUp || !end.isOpen) return;
      if (id === undefined) {
        const session: Session = {
          id: this.#world.hex(16),
          host: end.peer.host,
          isOver: false,
          heardAt: this.#world.now,
          patienceMs: timeoutMs,
          owner: -1,
        };
        this.#sessions.set(session.id, session);
        this.#tracker.heard(session);
        connection.session = session;
        return done({ type: 'connected', session: session.id, timeoutMs });
      }
      const session = this.#sessions.get(id);
      // A client that has seen more than this server, or a session that was lost with the data, is disconnected without
      // an answer.
      if (session === undefined || seen > replica.applied) return end.break('this server knows less');
      if (session.isOver) return done({ type: 'expired' });
      this.#tracker.heard(session);
      connection.session = session;
      done({ type: 'connected', session: id, timeoutMs });
    });
  }

  #read(
    { replica, watches }: Connection,
    { type, path, watches: isWatched }: Exclude<ZooKeeperCall, { type: 'transaction' }>,
  ): ZooKeeperAnswer {
    const znodes = must(this.#log[replica.applied], 'what was applied is in the log');
    const znode = znodes.get(path);
    if (isWatched && (znode !== undefined || type === 'exists')) {
      watches[type === 'children' ? 'children' : 'data'].add(path);
    }
    if (type === 'exists') return znode !== undefined;
    if (znode === undefined) return undefined;
    if (type === 'getData') return { data: znode.data, version: znode.version, owner: znode.owner };
    return { names: this.#shuffled(childrenOf(znodes, path)), version: znode.childrenVersion };
  }

  #write(
    connection: Connection,
    steps: readonly TransactionStep[],
    done: (reply: FromZooKeeper) => void,
  ): void {
    const { replica, end } = connection;
    this.#toLeader(connection, (session) => {
      const before = this.#state;
      const outcome = transacted(before, session.id, steps, this.#options.firstNumber);
      if (outcome.committed && outcome.znodes !== before) this.#commit(outcome.znodes);
      const log = this.#log;
      const seen = log.length - 1;
      const isChange = steps.some(({ op }) => op !== 'check');
      if (isChange && this.loseNextReplyOf.delete(end.peer.host)) return end.break('the connection broke');
      const answer = outcome.committed ? { committed: true as const } : outcome;
      // The answer follows all earlier changes.
      const reply = () => {
        if (!this.#isUp || this.#log !== log) return;
        if (this.#isStalled(replica, reply)) return;
        this.#apply(replica, seen);
        done({ type: 'answer', answer, seen });
      };
      const wait = Math.max(replica.currentAt - this.#world.now, this.#world.between(0.1, 1));
      this.#world.schedule(wait, reply);
    });
  }

  /** Forwards an action to the leader, unless the session has ended or moved to another connection by then. */
  #toLeader(connection: Connection, act: (session: Session) => void): void {
    const { replica, end, number, session } = connection;
    if (session === undefined) return end.break('no session');
    const arrive = () => {
      if (!this.#isUp || this.#isStalled(replica, arrive)) return;
      if (this.isSessionOver(session.id)) {
        end.writeObject({ type: 'expired' } satisfies FromZooKeeper);
        return end.close('the session is over');
      }
      if (number < session.owner) return end.break('the session has moved');
      session.owner = number;
      act(session);
    };
    this.#world.schedule(this.#world.between(0.2, 3), arrive);
  }

  /** Whether `replica` is cut off from the leader; if so, `again` is called afterwards. */
  #isStalled(replica: Replica, again: () => void): boolean {
    if (this.#world.now >= replica.stalledUntil) return false;
    this.#world.schedule(replica.stalledUntil - this.#world.now, again);
    return true;
  }

  #commit(state: Znodes): void {
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
    this.#options.onCommit(chainIn(state));
  }

  #apply(replica: Replica, index: number): void {
    if (replica.applied >= index) return;
    const before = must(this.#log[replica.applied], 'what was applied is in the log');
    const after = must(this.#log[index], 'the leader has it');
    replica.applied = index;
    for (const { watches, end } of replica.connections) {
      for (const kind of ['data', 'children'] as const) {
        for (const path of watches[kind]) {
          if (!hasChanged(before, after, kind, path)) continue;
          watches[kind].delete(path);
          end.writeObject({ type: 'changed', kind, path } satisfies FromZooKeeper);
        }
      }
    }
  }

  #over(session: Session): void {
    // The session was lost with the data meanwhile.
    if (this.#sessions.get(session.id) !== session) return;
    session.isOver = true;
    const before = this.#state;
    const next = withoutSession(before, session.id);
    if (next !== before) this.#commit(next);
  }

  #shuffled(names: string[]): string[] {
    for (let left = names.length; left > 1; left -= 1) {
      const at = this.#world.random.int(left);
      const last = must(names[left - 1], 'in range');
      names[left - 1] = must(names[at], 'in range');
      names[at] = last;
    }
    return names;
  }
}

function hasChanged(before: Znodes, after: Znodes, kind: WatchKind, path: string): boolean {
  const [one, other] = [before.get(path), after.get(path)];
  if (one === other) return false;
  if (one === undefined || other === undefined) return true;
  return kind === 'data' ? one.version !== other.version : one.childrenVersion !== other.childrenVersion;
}
