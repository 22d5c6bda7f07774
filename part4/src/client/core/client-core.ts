import { assert, unreachable } from '@tablelab/shared';
import { takeAnswer } from './answers.ts';
import { dropConnection, loseConnection } from './attempts.ts';
import { roles } from './call.ts';
import { beginCall, failBegunAnew, failCall } from './calls.ts';
import { checkClientState } from './check-client-state.ts';
import type { CallId, ClientEffect, ClientEvent, ConnectionId, RequestToken } from './client-effects.ts';
import { type ClientLimits, defaultClientLimits } from './client-limits.ts';
import { type HeldSession, holdNumber, newSession } from './client-session.ts';
import { addressOf, type ClientState, newClientState } from './client-state.ts';
import { askForWake, expire } from './deadlines.ts';
import { renew } from './role-state.ts';
import { sendQueued } from './sending.ts';

/**
 * The client's part in chain replication: writes go to the current head, reads to the current tail, and requests
 * without an answer are repeated until their deadline (van Renesse & Schneider 2004, section 3). No I/O, no clock, no
 * randomness: the real client and the simulator run the same core.
 *
 *     core.handle({ type: 'view', view }, now);
 *     core.handle({ type: 'call', call: 1, operation: { op: 'put', key, data }, deadline: now + 15_000 }, now);
 *     for (const effect of core.takeEffects()) perform(effect);   // after every `handle`
 *
 * The host's duties: it passes one event after another, with times that never decrease. It carries out the effects in
 * order. After a `wake` effect it sends a `wake` event at that time or a little later.
 *
 * A write is executed once, even if it is repeated: it keeps its number in the client session, which is opened before
 * the first write. If the chain has forgotten the session (LOST), the client cannot know whether attempts without an
 * answer were executed. Such writes fail; all others continue in a new session.
 *
 * Invariants: a call is in the queue of its role, or under way over a connection, or ended. `mayHaveHappened` is false
 * only if each attempt was refused or never left this machine. All state is plain data, see {@link ClientState}.
 */
export class ClientCore {
  #state: ClientState;

  /** `held`: the session of a client that held its outcomes, and its held number. */
  constructor(limits: ClientLimits = defaultClientLimits, held?: HeldSession) {
    this.#state = newClientState(limits);
    if (held === undefined) return;
    assert(limits.holdsOutcomes === true, 'only outcomes that were held are still known');
    const session = newSession(1, held.client, held.number);
    holdNumber(session);
    this.#state.lastSession = session.serial;
    this.#state.session = session;
  }

  /** A core that continues from `state`, and owns it from now on. */
  static from(state: ClientState): ClientCore {
    checkClientState(state);
    const core = new ClientCore(state.limits);
    core.#state = state;
    return core;
  }

  /** Another core in the same state. */
  copy(): ClientCore {
    return ClientCore.from(structuredClone(this.#state));
  }

  /** To read or copy; only {@link handle} and {@link takeEffects} change it. */
  get state(): ClientState {
    return this.#state;
  }

  /** The effects since the last call, in order. */
  takeEffects(): ClientEffect[] {
    const { effects } = this.#state;
    this.#state.effects = [];
    return effects;
  }

  /** `now`: milliseconds of a monotonic clock, never less than at the last call. */
  handle(event: ClientEvent, now: number): void {
    const state = this.#state;
    assert(now >= state.now, 'time does not go back');
    state.now = now;
    dispatch(state, event);
    if (now >= state.dueAt) expire(state);
    for (const role of roles) sendQueued(state, role);
    askForWake(state);
  }
}

function dispatch(state: ClientState, event: ClientEvent): void {
  switch (event.type) {
    case 'call':
      return beginCall(state, event);
    case 'view':
      return takeView(state, event);
    case 'connected':
      return markUp(state, event.connection);
    case 'disconnected':
      return takeLoss(state, event);
    case 'answer':
      return takeAnswer(state, event.token, event.answer);
    case 'abort':
      return abort(state, event.call);
    case 'hold':
      return hold(state);
    case 'wake':
      state.wakeAt = Number.POSITIVE_INFINITY;
      return;
    case 'close':
      return close(state);
    default:
      return unreachable(event);
  }
}

function takeView(state: ClientState, { view, chain }: Extract<ClientEvent, { type: 'view' }>): void {
  assert(
    view.servers.every(({ id }, index) => index === 0 || (view.servers[index - 1]?.id ?? id) < id),
    'the servers of a view are in the order of their numbers',
  );
  const before = { head: addressOf(state, 'head'), tail: addressOf(state, 'tail') };
  state.view = view;
  for (const role of roles) {
    renew(state.roles[role], state.limits, { isOther: addressOf(state, role) !== before[role] });
  }
  // A server that is no longer head or tail may never answer: its requests are repeated at once.
  const wanted = roles.map((role) => addressOf(state, role));
  for (const connection of [...state.connections.values()]) {
    if (wanted.includes(connection.address)) continue;
    dropConnection(state, connection, `${connection.address} is no longer head or tail`);
  }
  if (chain === undefined) return;
  if (state.chain !== undefined && chain !== state.chain) failBegunAnew(state);
  state.chain = chain;
}

function markUp(state: ClientState, id: ConnectionId): void {
  const connection = state.connections.get(id);
  if (connection === undefined) return;
  assert(!connection.isUp, 'a connection comes up once');
  connection.isUp = true;
}

function takeLoss(
  state: ClientState,
  {
    connection: id,
    detail,
    unsent,
  }: { connection: ConnectionId; detail: string; unsent: readonly RequestToken[] },
): void {
  const connection = state.connections.get(id);
  if (connection === undefined) return;
  assert(
    unsent.every((token) => connection.attempts.has(token)),
    'only what has no answer can be unsent',
  );
  loseConnection(state, connection, { detail, unsent });
}

function abort(state: ClientState, id: CallId): void {
  const call = state.calls.get(id);
  if (call !== undefined) failCall(state, call, 'ABORTED', 'the caller has aborted this call');
}

function hold({ session, limits, calls }: ClientState): void {
  assert(limits.holdsOutcomes === true, 'only a client that holds outcomes lets them go');
  assert(calls.size === 0, 'a write that is under way needs its outcome');
  if (session.type === 'open') holdNumber(session);
}

function close(state: ClientState): void {
  state.isClosed = true;
  for (const call of [...state.calls.values()]) failCall(state, call, 'UNREACHABLE', 'the client was closed');
  for (const id of state.connections.keys()) state.effects.push({ type: 'disconnect', connection: id });
  state.connections.clear();
  assert(state.calls.size === 0, 'a client that is closed owes no outcome');
}
