import { must, TableError } from '@tablelab/shared';
import type { OperationResult } from 'node-zookeeper-client';
import type {
  Children,
  CoordinationService,
  CoordinationSession,
  CreateMode,
  NodeData,
  SessionEnd,
} from '../../ports.ts';
import { GuardedConnection } from './guarded-connection.ts';
import {
  type CallOptions,
  PendingCalls,
  type Reply,
  type StartCall,
  type ZooKeeperRefusal,
} from './pending-calls.ts';
import { parseZooKeeperAddress } from './server-addresses.ts';
import {
  asBuffer,
  buildTransaction,
  createFlags,
  transactionOutcome,
  type ZooKeeperOutcome,
  type ZooKeeperStep,
} from './transaction.ts';

/** By default, a session is given up after this many of its time-outs without a connection: see {@link SessionEnd}. */
const giveUpSessions = 10;
/** `close` waits this long for a lost connection, in order to remove the session's ephemeral znodes … */
const closeReconnectMs = 300;
/** … and this long for the server's answer. Both together stay below a second. */
const closeAnswerMs = 300;

export interface SessionOptions {
  /** `host:port[,host:port][/path]`; with a path, all paths of this session's calls lie below it. */
  readonly servers: string;
  /** The requested time-out; {@link ZooKeeperSession.sessionTimeoutMs} is the granted one. */
  readonly sessionTimeoutMs: number;
  /** `open` resolves or rejects within this time. */
  readonly connectDeadlineMs: number;
  /** Aborting it makes {@link ZooKeeperSession.open} give up. It has no effect on an open session. */
  readonly stop?: AbortSignal | undefined;
  /**
   * The session is given up after this time without a connection. Default: ten of its time-outs, because a ZooKeeper
   * that returns keeps each session, and its znodes, for another full time-out.
   */
  readonly giveUpMs?: number;
  /** Each call resolves or rejects within this time. Default: the requested session time-out. */
  readonly callTimeoutMs?: number;
  /** Gets one line for each notable event. Default: none. */
  readonly log?: (message: string) => void;
}

type Phase = 'opening' | 'open' | 'closing' | 'ended';

/**
 * One ZooKeeper session, from its first connection to its end. A program that wants to continue opens a new one.
 *
 * Calls without a connection reject at once with UNREACHABLE and have not happened. A call under way rejects when the
 * connection is lost (UNREACHABLE) or at its deadline (TIMEOUT); a write may then have happened. Reads are answered by
 * one server of the ensemble, which may lag behind or be cut off: only a write proves that the session is alive.
 */
export class ZooKeeperSession implements CoordinationSession {
  readonly ended: Promise<SessionEnd>;
  readonly #options: SessionOptions;
  /** `/path`, or empty. */
  readonly #root: string;
  readonly #connection: GuardedConnection;
  readonly #calls: PendingCalls;
  readonly #connectedListeners: (() => void)[] = [];
  readonly #end = Promise.withResolvers<SessionEnd>();
  /** Replaced each time the connection is lost; resolves when connected; never resolves once the session has ended. */
  #connectedAgain = Promise.withResolvers<undefined>();
  #phase: Phase = 'opening';
  #sessionId: string | undefined;
  #connected = false;
  #giveUpTimer: NodeJS.Timeout | undefined;

  /**
   * @throws TableError UNREACHABLE by the deadline, naming the address; BAD_REQUEST when `servers` is malformed.
   */
  static async open(options: SessionOptions): Promise<ZooKeeperSession> {
    const session = new ZooKeeperSession(options);
    await session.#open();
    return session;
  }

  private constructor(options: SessionOptions) {
    const { servers, root } = parseZooKeeperAddress(options.servers);
    this.#options = options;
    this.#root = root;
    this.ended = this.#end.promise;
    this.#calls = new PendingCalls(options.callTimeoutMs ?? options.sessionTimeoutMs);
    this.#connection = new GuardedConnection({
      servers: servers.join(),
      sessionTimeoutMs: options.sessionTimeoutMs,
      listener: {
        connected: () => this.#onConnected(),
        closed: () => this.#onClosed(),
        expired: () => this.#finish({ reason: 'expired', detail: 'ZooKeeper has let the session expire' }),
      },
      log: (message) => this.#log(message),
    });
  }

  /** Whether calls can be made, as far as known: a frozen connection is detected after a third of the time-out. */
  get isConnected(): boolean {
    return this.#connected && this.#phase !== 'closing';
  }

  /** Resolves with nothing once calls can be made (at once if they can), or with the end of the session. */
  connectedOrEnded(): Promise<SessionEnd | undefined> {
    return this.#phase === 'closing' ? this.ended : this.#connectionOrEnd();
  }

  /** The negotiated time-out. */
  get sessionTimeoutMs(): number {
    return this.#connection.client.getSessionTimeout();
  }

  /** 16 hexadecimal digits; the same through all reconnects. */
  get sessionId(): string {
    return must(this.#sessionId, 'the session is open');
  }

  /** Returns the path made (longer than `path` if sequential), or undefined when `path` exists already. */
  async create(path: string, data: Uint8Array, mode: CreateMode): Promise<string | undefined> {
    return this.#withoutRoot(await this.#create(this.#at(path), data, mode));
  }

  /**
   * Makes the persistent znode `path`, without data, unless it is there. Its parent must be there; the path in the address
   * is made, too.
   */
  async ensure(path: string): Promise<void> {
    if ((await this.getData(path)) !== undefined) return;
    const names = this.#at(path).split('/').slice(1);
    const first = this.#root === '' ? names.length : 1;
    for (let count = first; count <= names.length; count += 1) {
      await this.#create(`/${names.slice(0, count).join('/')}`, new Uint8Array(0), 'persistent');
    }
  }

  /** Returns undefined when `path` is absent; else a watch is left that calls `changed` once. */
  async getData(path: string, changed?: () => void): Promise<NodeData | undefined> {
    const { client } = this.#connection;
    const reply = await this.#call<NodeData>({ what: `read ${path}`, kind: 'read' }, (answer) =>
      client.getData(this.#at(path), changed, (error, data, stat) =>
        answer(error, {
          data: data ?? new Uint8Array(0),
          version: stat?.version ?? 0,
          owner: stat?.ephemeralOwner.toString('hex') ?? '',
        }),
      ),
    );
    return reply.ok ? reply.value : undefined;
  }

  /**
   * Writes if the znode's data has `version` (0: never set since it was made). Returns the new version, or undefined
   * when the version differs or the znode is absent.
   */
  async setData(path: string, data: Uint8Array, version: number): Promise<number | undefined> {
    const { client } = this.#connection;
    const reply = await this.#call<number>({ what: `set ${path}`, kind: 'write' }, (answer) =>
      client.setData(this.#at(path), asBuffer(data), version, (error, stat) =>
        answer(error, stat?.version ?? 0),
      ),
    );
    return reply.ok ? reply.value : undefined;
  }

  /** Removes `path`, whatever its version; that it is absent is fine. */
  async remove(path: string): Promise<void> {
    const reply = await this.#call<undefined>({ what: `remove ${path}`, kind: 'write' }, (answer) =>
      this.#connection.client.remove(this.#at(path), -1, (error) => answer(error, undefined)),
    );
    if (!reply.ok && reply.refusal !== 'absent') throw refused(`remove ${path}`, reply.refusal);
  }

  /** Returns undefined when `path` is absent; else a watch is left that calls `changed` once. */
  async children(path: string, changed?: () => void): Promise<Children | undefined> {
    const reply = await this.#call<Children>({ what: `list ${path}`, kind: 'read' }, (answer) =>
      this.#connection.client.getChildren(this.#at(path), changed, (error, names, stat) =>
        answer(error, { names: (names ?? []).toSorted(), version: stat?.cversion ?? 0 }),
      ),
    );
    return reply.ok ? reply.value : undefined;
  }

  /** Whether there is a znode `path`; leaves a watch that calls `changed` once, when it comes, changes or goes. */
  async exists(path: string, changed: () => void): Promise<boolean> {
    const reply = await this.#call<boolean>({ what: `look for ${path}`, kind: 'read' }, (answer) =>
      this.#connection.client.exists(this.#at(path), changed, (error, stat) => answer(error, Boolean(stat))),
    );
    return reply.ok && reply.value;
  }

  onConnected(listener: () => void): void {
    this.#connectedListeners.push(listener);
  }

  /** All steps or none. A transaction is a write: it is answered by the majority, also when it only checks. */
  async transaction(steps: readonly ZooKeeperStep[]): Promise<ZooKeeperOutcome> {
    const what = `transaction on ${steps.map((step) => step.path).join(', ')}`;
    const placed = steps.map((step) => ({ ...step, path: this.#at(step.path) }));
    const reply = await this.#call<OperationResult[]>({ what, kind: 'write' }, (answer) =>
      // The library hands over an error and the results that explain it: the results alone are enough.
      buildTransaction(this.#connection.client, placed).commit((error, results) =>
        answer(results ? null : error, results ?? []),
      ),
    );
    if (!reply.ok) throw refused(what, reply.refusal);
    const outcome = transactionOutcome(what, reply.value);
    if (!outcome.committed) return outcome;
    return { committed: true, paths: outcome.paths.map((path) => this.#withoutRoot(path)) };
  }

  /**
   * Ends the session, and with it removes its ephemeral znodes if the server can be reached; within a second, in every
   * state. What is under way rejects. Never rejects.
   */
  async close(): Promise<void> {
    if (this.#phase === 'ended' || this.#phase === 'closing') {
      await this.ended;
      return;
    }
    this.#phase = 'closing';
    const reconnect = setTimeout(() => this.#finishClosed('closed without a connection'), closeReconnectMs);
    await this.#connectionOrEnd();
    clearTimeout(reconnect);
    if (this.#connected) {
      this.#connection.client.close();
      const answer = setTimeout(() => this.#finishClosed('closed without an answer'), closeAnswerMs);
      await this.ended;
      clearTimeout(answer);
    }
  }

  #at(path: string): string {
    return path === '/' && this.#root !== '' ? this.#root : `${this.#root}${path}`;
  }

  #withoutRoot(path: string | undefined): string | undefined {
    return path?.slice(this.#root.length);
  }

  /** `path` is the real one. */
  async #create(path: string, data: Uint8Array, mode: CreateMode): Promise<string | undefined> {
    const { client } = this.#connection;
    const reply = await this.#call<string | undefined>({ what: `create ${path}`, kind: 'write' }, (answer) =>
      client.create(path, asBuffer(data), createFlags[mode], (error, created) => answer(error, created)),
    );
    if (reply.ok) return reply.value;
    if (reply.refusal === 'exists') return undefined;
    throw refused(`create ${path}`, reply.refusal);
  }

  async #open(): Promise<void> {
    const { servers, connectDeadlineMs, stop } = this.#options;
    const deadline = setTimeout(
      () => this.#finishClosed(`no session within ${connectDeadlineMs} ms`),
      connectDeadlineMs,
    );
    const giveUp = () => this.#finishClosed('the search for it was called off');
    stop?.addEventListener('abort', giveUp);
    this.#connection.connect();
    // If it was aborted earlier, there is no event.
    if (stop?.aborted) giveUp();
    const end = await this.#connectionOrEnd();
    clearTimeout(deadline);
    stop?.removeEventListener('abort', giveUp);
    if (end !== undefined) {
      throw new TableError(
        'UNREACHABLE',
        `ZooKeeper at ${servers} cannot be reached: ${end.detail} (${this.#connection.lastError})`,
      );
    }
    this.#phase = 'open';
  }

  #connectionOrEnd(): Promise<SessionEnd | undefined> {
    return Promise.race([this.ended, this.#connectedAgain.promise]);
  }

  #onConnected(): void {
    if (this.#phase === 'ended') return;
    const sessionId = this.#connection.client.getSessionId().toString('hex');
    this.#sessionId ??= sessionId;
    if (sessionId !== this.#sessionId) {
      // The znodes of this session do not belong to the other one, which owns none and expires.
      const detail = `ZooKeeper has answered a reconnect with another session, ${sessionId}`;
      return this.#finish({ reason: 'expired', detail });
    }
    this.#connected = true;
    clearTimeout(this.#giveUpTimer);
    this.#connectedAgain.resolve(undefined);
    for (const listener of this.#connectedListeners) listener();
  }

  #onClosed(): void {
    if (this.#phase === 'closing' && this.#connected) return this.#finishClosed('closed');
    if (!this.#connected) return;
    this.#connected = false;
    this.#connectedAgain = Promise.withResolvers();
    const giveUpMs = this.#options.giveUpMs ?? giveUpSessions * this.sessionTimeoutMs;
    this.#giveUpTimer = setTimeout(
      () => this.#finish({ reason: 'gave-up', detail: `no connection for ${giveUpMs} ms` }),
      giveUpMs,
    );
    this.#calls.failAll('the connection to ZooKeeper was lost');
  }

  #finishClosed(detail: string): void {
    this.#finish({ reason: 'closed', detail });
  }

  #finish(end: SessionEnd): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.#connected = false;
    clearTimeout(this.#giveUpTimer);
    this.#connection.destroy();
    this.#calls.failAll(`the session has ended (${end.detail})`);
    this.#end.resolve(end);
  }

  #call<T>(options: CallOptions, start: StartCall<T>): Promise<Reply<T>> {
    if (!this.isConnected) {
      const why = this.#phase === 'ended' ? 'the session has ended' : 'not connected to ZooKeeper';
      return Promise.reject(new TableError('UNREACHABLE', `${options.what}: ${why}`));
    }
    return this.#calls.call<T>(options, start);
  }

  #log(message: string): void {
    this.#options.log?.(message);
  }
}

/** ZooKeeper as a port: sessions by these options. */
export function zooKeeperService(options: Omit<SessionOptions, 'stop'>): CoordinationService {
  return { open: ({ stop }) => ZooKeeperSession.open({ ...options, stop }) };
}

function refused(what: string, refusal: ZooKeeperRefusal): TableError {
  return new TableError('BAD_REQUEST', `${what}: ZooKeeper refuses (${refusal})`);
}
