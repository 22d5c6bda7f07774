import { assert, type ErrorCode, unreachable } from '@tablelab/shared';
import { headOf, tailOf, type View } from '../core/view.ts';
import type { Attempt, Connection } from './attempt.ts';
import type { Call, Role } from './call.ts';
import type {
  CallId,
  ClientEffect,
  ClientError,
  ClientEvent,
  ClientOperation,
  ClientRequest,
  ClientResult,
  ConnectionId,
  RequestToken,
} from './client-effects.ts';
import { type ClientLimits, defaultClientLimits } from './client-limits.ts';
import { RoleState } from './role-state.ts';
import { openRequest, WriteSession } from './write-session.ts';

export type { ClientLimits } from './client-limits.ts';

/** Errors that another attempt may cure: the view was old, or the server is on its way in or out. */
const passingCodes: ReadonlySet<string> = new Set([
  'NOT_HEAD',
  'NOT_TAIL',
  'NOT_READY',
  'BUSY',
  'SHUTTING_DOWN',
  'UNCERTAIN',
]);

const roles: readonly Role[] = ['head', 'tail'];

/** What a del carries. */
const noData = new Uint8Array(0);

/**
 * The client's part in chain replication: writes go to the head, reads to the tail, whoever they are at the moment, and
 * what is not answered is repeated until its deadline (van Renesse & Schneider 2004, section 3). No I/O, no clock, no
 * chance: the real client and the simulator both run this class.
 *
 *     core.handle({ type: 'view', view }, now);
 *     core.handle({ type: 'call', call: 1, operation: { op: 'put', key, data }, deadline: now + 15_000 }, now);
 *     for (const effect of core.takeEffects()) perform(effect);   // after every `handle`
 *
 * A write is executed once, however often it is repeated: it keeps its number in the client's session, which is opened
 * before the first write. When the chain has forgotten the session (LOST), nobody knows what has become of attempts that
 * had no answer, so such a write fails; any other goes on in a new session.
 *
 * Invariants: a call is in the queue of its role, or under way over a connection, or over. `mayHaveHappened` is false
 * only where each attempt was refused or never left this machine.
 */
export class ClientCore {
  readonly #limits: ClientLimits;
  readonly #calls = new Map<CallId, Call>();
  readonly #roles: Readonly<Record<Role, RoleState>>;
  /** Two at most, to the head and to the tail, which may be one. */
  readonly #connections = new Map<ConnectionId, Connection>();
  #view: View | undefined;
  #session: WriteSession | undefined;
  #isOpening = false;
  #isClosed = false;
  #effects: ClientEffect[] = [];
  #now = 0;
  /** Nothing is due before. */
  #dueAt = Number.POSITIVE_INFINITY;
  #wakeAt = Number.POSITIVE_INFINITY;
  #lastOrder = 0;
  #lastConnection = 0;
  #lastToken = 0;

  constructor(limits: ClientLimits = defaultClientLimits) {
    this.#limits = limits;
    this.#roles = { head: new RoleState(limits), tail: new RoleState(limits) };
  }

  /** What is to be done, in order, since the last call. */
  takeEffects(): ClientEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** `now`: milliseconds of a monotonic clock, never less than at the last call. */
  handle(event: ClientEvent, now: number): void {
    this.#now = now;
    this.#dispatch(event);
    if (now >= this.#dueAt) this.#expire();
    this.#send('head');
    this.#send('tail');
    if (this.#dueAt === this.#wakeAt || this.#dueAt === Number.POSITIVE_INFINITY) return;
    this.#wakeAt = this.#dueAt;
    this.#effects.push({ type: 'wake', at: this.#dueAt });
  }

  #dispatch(event: ClientEvent): void {
    switch (event.type) {
      case 'call':
        return this.#onCall(event.call, event.operation, event.deadline);
      case 'view':
        return this.#onView(event.view);
      case 'connected':
        return this.#onConnected(event.connection);
      case 'disconnected':
        return this.#onDisconnected(event.connection, event.detail, event.unsent);
      case 'answer':
        return this.#onAnswer(event.token, event.answer);
      case 'wake':
        this.#wakeAt = Number.POSITIVE_INFINITY;
        return;
      case 'close':
        return this.#onClose();
      default:
        return unreachable(event);
    }
  }

  #onCall(id: CallId, operation: ClientOperation, deadline: number): void {
    const role = operation.op === 'put' || operation.op === 'del' ? 'head' : 'tail';
    const call: Call = {
      id,
      order: this.#lastOrder + 1,
      operation,
      role,
      begunAt: this.#now,
      deadline,
      numbered: undefined,
      sentOver: undefined,
      isInDoubt: false,
      trouble: undefined,
    };
    this.#lastOrder = call.order;
    if (this.#isClosed) return this.#fail(call, 'UNREACHABLE', 'the client is closed');
    if (this.#calls.size >= this.#limits.callsMax) {
      return this.#fail(call, 'BUSY', `${this.#calls.size} calls have no result yet`);
    }
    assert(!this.#calls.has(id), `call ${id} has no result yet`);
    this.#calls.set(id, call);
    this.#roles[role].queue.add(call);
    this.#dueBy(deadline);
  }

  #onView(view: View): void {
    const before = { head: this.#addressOf('head'), tail: this.#addressOf('tail') };
    this.#view = view;
    for (const role of roles) this.#roles[role].renew({ isOther: this.#addressOf(role) !== before[role] });
    // Who is neither head nor tail any more may be standing still for ever: what it owes is repeated at once.
    const wanted = [this.#addressOf('head'), this.#addressOf('tail')];
    for (const connection of [...this.#connections.values()]) {
      if (wanted.includes(connection.address)) continue;
      this.#disconnect(connection, `${connection.address} is not the server to ask any more`);
    }
  }

  #onConnected(id: ConnectionId): void {
    const connection = this.#connections.get(id);
    if (connection !== undefined) connection.isUp = true;
  }

  #onDisconnected(id: ConnectionId, detail: string, unsent: readonly RequestToken[]): void {
    const connection = this.#connections.get(id);
    if (connection !== undefined) this.#lose(connection, detail, new Set(unsent));
  }

  #onAnswer(token: RequestToken, answer: ClientResult | ClientError): void {
    for (const connection of this.#connections.values()) {
      const attempt = connection.attempts.get(token);
      if (attempt === undefined) continue;
      connection.attempts.delete(token);
      connection.owesSince = this.#now;
      this.#roles[attempt.role].underWay -= 1;
      if (attempt.call === undefined) this.#onOpened(answer);
      else this.#onCallAnswer(attempt.call, answer);
      return;
    }
  }

  #onOpened(answer: ClientResult | ClientError): void {
    this.#isOpening = false;
    if (answer.type !== 'error') {
      assert(answer.type === 'written', 'an answer is of the kind that its request asks for');
      this.#session = new WriteSession(answer.client, this.#limits.underWayMax);
      this.#roles.head.open();
    } else if (passingCodes.has(answer.code)) {
      this.#pause('head', answer.detail);
    } else {
      for (const call of this.#roles.head.queue) {
        this.#fail(call, answer.code, `the chain opens no session for writes: ${answer.detail}`);
      }
    }
  }

  #onCallAnswer(call: Call, answer: ClientResult | ClientError): void {
    call.sentOver = undefined;
    const isGivenUp = !this.#calls.has(call.id);
    if (answer.type !== 'error') {
      this.#roles[call.role].encourage();
      this.#roles[call.role].open();
      if (!isGivenUp) this.#complete(call, answer);
      return;
    }
    const { code, detail, mayHaveHappened } = answer;
    const hasNoSession = code === 'LOST' && call.role === 'head';
    if (hasNoSession) this.#forgetSession(call);
    if (hasNoSession || passingCodes.has(code)) this.#pause(call.role, detail);
    if (isGivenUp) return;
    if (hasNoSession || passingCodes.has(code)) this.#repeat(call, detail, mayHaveHappened);
    else {
      call.isInDoubt ||= mayHaveHappened && call.role === 'head';
      this.#fail(call, code, detail);
    }
  }

  /** The session that `call` has its number in is gone, and with it what was known of its requests. */
  #forgetSession(call: Call): void {
    if (this.#session === undefined || this.#session !== call.numbered?.session) return;
    this.#session = undefined;
    // What waits to be repeated; what is under way gets an answer of its own.
    for (const waiting of this.#roles.head.queue) if (waiting.numbered !== undefined) this.#settle(waiting);
  }

  /** An attempt is over without a result: the call goes back into the queue, or fails where it cannot be repeated. */
  #repeat(call: Call, trouble: string, mayHaveHappened: boolean): void {
    call.sentOver = undefined;
    call.trouble = trouble;
    call.isInDoubt ||= mayHaveHappened && call.role === 'head';
    this.#roles[call.role].queue.addAgain(call);
    if (call.numbered !== undefined && call.numbered.session !== this.#session) this.#settle(call);
  }

  /** The session of a call in the queue is gone: it takes a new one, unless it may have been executed in the old. */
  #settle(call: Call): void {
    if (call.isInDoubt) {
      const detail = 'the chain has forgotten this client’s session, and so what has become of this write';
      this.#fail(call, 'LOST', detail);
    } else {
      call.numbered?.session.complete(call.numbered.request);
      call.numbered = undefined;
    }
  }

  // ---- sending ----

  /** Sends what waits for a role, as far as its server, its session and the window let it. */
  #send(role: Role): void {
    const state = this.#roles[role];
    if (this.#isClosed || state.queue.size === 0 || this.#now < state.pausedUntil) return;
    const connection = this.#connectionFor(role);
    if (connection?.isUp !== true) return;
    for (let { first } = state.queue; first !== undefined; first = state.queue.first) {
      if (!state.hasRoom) return;
      const request = this.#requestOf(first);
      if (request === undefined) return;
      const opens = request.op === 'open';
      if (opens) {
        this.#isOpening = true;
      } else {
        state.queue.delete(first);
        first.sentOver = connection.id;
      }
      this.#sendOver(connection, { call: opens ? undefined : first, role }, request);
    }
  }

  /** Undefined where it cannot be sent yet. A write without a session asks for that first. */
  #requestOf(call: Call): ClientRequest | undefined {
    const { operation } = call;
    if (operation.op !== 'put' && operation.op !== 'del') return operation;
    if (this.#session === undefined) return this.#isOpening ? undefined : openRequest;
    if (call.numbered === undefined) {
      if (!this.#session.hasRoom) return undefined;
      call.numbered = { session: this.#session, request: this.#session.take() };
    }
    const { client, firstIncomplete } = this.#session;
    return { data: noData, ...operation, client, firstIncomplete, request: call.numbered.request };
  }

  #sendOver(connection: Connection, attempt: Attempt, request: ClientRequest): void {
    this.#lastToken += 1;
    const token = this.#lastToken;
    if (connection.attempts.size === 0) {
      connection.owesSince = this.#now;
      this.#dueBy(this.#now + this.#limits.attemptTimeoutMs);
    }
    connection.attempts.set(token, attempt);
    this.#roles[attempt.role].underWay += 1;
    this.#effects.push({ type: 'send', connection: connection.id, token, request });
  }

  // ---- servers and connections ----

  #addressOf(role: Role): string | undefined {
    if (this.#view === undefined) return undefined;
    return (role === 'head' ? headOf(this.#view) : tailOf(this.#view))?.address;
  }

  /** Makes it, where there is none. */
  #connectionFor(role: Role): Connection | undefined {
    const address = this.#addressOf(role);
    if (address === undefined) return undefined;
    for (const connection of this.#connections.values())
      if (connection.address === address) return connection;
    this.#lastConnection += 1;
    const id = this.#lastConnection;
    const connection = { id, address, isUp: false, attempts: new Map(), owesSince: this.#now };
    this.#connections.set(id, connection);
    this.#effects.push({ type: 'connect', connection: id, address });
    return connection;
  }

  #disconnect(connection: Connection, detail: string): void {
    this.#effects.push({ type: 'disconnect', connection: connection.id });
    this.#lose(connection, detail, new Set());
  }

  #lose(connection: Connection, detail: string, unsent: ReadonlySet<RequestToken>): void {
    this.#connections.delete(connection.id);
    for (const role of roles) {
      if (this.#addressOf(role) === connection.address) this.#pause(role, detail);
    }
    for (const [token, { call, role }] of connection.attempts) {
      this.#roles[role].underWay -= 1;
      if (call === undefined) this.#isOpening = false;
      else if (this.#calls.has(call.id)) this.#repeat(call, detail, !unsent.has(token));
    }
  }

  // ---- time ----

  #pause(role: Role, trouble: string): void {
    const state = this.#roles[role];
    state.pause(this.#now, trouble);
    this.#dueBy(state.pausedUntil);
  }

  #dueBy(at: number): void {
    this.#dueAt = Math.min(this.#dueAt, at);
  }

  /** Does what is due by now. All calls are looked at, but not at each event: only when the first is due. */
  #expire(): void {
    this.#dueAt = Number.POSITIVE_INFINITY;
    for (const connection of [...this.#connections.values()]) this.#expireConnection(connection);
    for (const call of this.#calls.values()) {
      if (call.deadline <= this.#now) this.#giveUp(call);
      else this.#dueBy(call.deadline);
    }
    for (const { pausedUntil } of Object.values(this.#roles)) {
      if (pausedUntil > this.#now) this.#dueBy(pausedUntil);
    }
  }

  #expireConnection(connection: Connection): void {
    if (connection.attempts.size === 0) return;
    const { attemptTimeoutMs } = this.#limits;
    const dueAt = connection.owesSince + attemptTimeoutMs;
    if (dueAt > this.#now) this.#dueBy(dueAt);
    else this.#disconnect(connection, `no answer from ${connection.address} within ${attemptTimeoutMs} ms`);
  }

  #giveUp(call: Call): void {
    const text = `no answer within ${Math.round(call.deadline - call.begunAt)} ms`;
    this.#fail(call, 'TIMEOUT', `${text}: ${this.#troubleOf(call)}`);
  }

  #troubleOf(call: Call): string {
    const address = this.#addressOf(call.role);
    if (this.#view === undefined) return 'ZooKeeper has not said yet who is in the chain';
    if (address === undefined) return 'there is no server in the chain';
    if (call.trouble !== undefined) return `the last attempt: ${call.trouble}`;
    if (call.sentOver !== undefined) return `${address} was asked once, and has not answered yet`;
    const { trouble } = this.#roles[call.role];
    if (trouble !== undefined) return trouble;
    const isUp = [...this.#connections.values()].some((each) => each.address === address && each.isUp);
    return isUp ? `${address} had others to answer first` : `there is no connection to ${address} yet`;
  }

  // ---- results ----

  /** It fails with what is known of it: any attempt that has no answer yet may still be executed. */
  #fail(call: Call, code: ErrorCode, detail: string): void {
    const mayHaveHappened = call.isInDoubt || (call.role === 'head' && call.sentOver !== undefined);
    this.#complete(call, { type: 'error', code, detail, mayHaveHappened });
  }

  #complete(call: Call, outcome: ClientResult | ClientError): void {
    this.#calls.delete(call.id);
    this.#roles[call.role].queue.delete(call);
    call.numbered?.session.complete(call.numbered.request);
    this.#effects.push({ type: 'complete', call: call.id, outcome });
  }

  #onClose(): void {
    this.#isClosed = true;
    for (const call of this.#calls.values()) this.#fail(call, 'UNREACHABLE', 'the client was closed');
    for (const { id } of this.#connections.values()) {
      this.#effects.push({ type: 'disconnect', connection: id });
    }
    this.#connections.clear();
  }
}
