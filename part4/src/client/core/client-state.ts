import { assert } from '@tablelab/shared';
import type { ChainId } from '../../core/membership-record.ts';
import { headOf, tailOf, type View } from '../../core/view.ts';
import type { Call, Role } from './call.ts';
import type { CallHeap } from './call-heap.ts';
import type { CallId, ClientEffect, ConnectionId, RequestToken } from './client-effects.ts';
import type { ClientLimits } from './client-limits.ts';
import type { ClientSession } from './client-session.ts';
import { newRoleState, type RoleState } from './role-state.ts';
import type { ServerConnection } from './server-connection.ts';

/**
 * The whole state of a client's core: numbers, texts, bytes, arrays, maps and sets, which `structuredClone` copies.
 * Calls, connections and sessions refer to each other by number. check-client-state.ts checks its invariants.
 */
export interface ClientState {
  readonly limits: ClientLimits;
  /** The time of the last event. */
  now: number;
  isClosed: boolean;
  /** Undefined while nothing is known of the chain. */
  view: View | undefined;
  /** The chain that the servers of the last view belonged to, as far as was ever known. */
  chain: ChainId | undefined;
  /** The store was begun anew while there was no call to fail with that: the next one does. */
  isBegunAnew: boolean;
  session: ClientSession;
  readonly roles: Readonly<Record<Role, RoleState>>;
  /** Calls without a result, in the order in which they were made. */
  readonly calls: Map<CallId, Call>;
  /** The calls by their deadlines. */
  readonly deadlines: CallHeap;
  /** At most two, to the head and to the tail, or one if both are the same server. */
  readonly connections: Map<ConnectionId, ServerConnection>;
  /** Nothing is due before this time. */
  dueAt: number;
  /** When the host will send `wake`; infinite if it need not. */
  wakeAt: number;
  lastCall: CallId;
  lastConnection: ConnectionId;
  lastToken: RequestToken;
  /** The serial number of the last session that was opened. */
  lastSession: number;
  /** Effects that the host has not taken yet. */
  effects: ClientEffect[];
}

export function newClientState(limits: ClientLimits): ClientState {
  const { attemptTimeoutMs, retryDelayMs, underWayMax, callsMax } = limits;
  assert(attemptTimeoutMs > 0, 'an answer may take some time');
  assert(0 < retryDelayMs.first && retryDelayMs.first <= retryDelayMs.last, 'waits get no shorter');
  assert(underWayMax > 0 && callsMax > 0, 'there is room for a call');
  return {
    limits,
    now: Number.NEGATIVE_INFINITY,
    isClosed: false,
    view: undefined,
    chain: undefined,
    isBegunAnew: false,
    session: { type: 'none' },
    roles: { head: newRoleState(limits), tail: newRoleState(limits) },
    calls: new Map(),
    deadlines: [],
    connections: new Map(),
    dueAt: Number.POSITIVE_INFINITY,
    wakeAt: Number.POSITIVE_INFINITY,
    lastCall: -1,
    lastConnection: 0,
    lastToken: 0,
    lastSession: 0,
    effects: [],
  };
}

/** The server for a role, as far as known. */
export function addressOf({ view }: ClientState, role: Role): string | undefined {
  if (view === undefined) return undefined;
  return (role === 'head' ? headOf(view) : tailOf(view))?.address;
}

/** Records that something is due at `at`. */
export function dueBy(state: ClientState, at: number): void {
  assert(!Number.isNaN(at), 'what is due is due at some time');
  state.dueAt = Math.min(state.dueAt, at);
}
