import { assert } from '@tablelab/shared';
import { type Role, roles } from './call.ts';
import { requeueCall } from './calls.ts';
import type { RequestToken } from './client-effects.ts';
import { addressOf, type ClientState, dueBy } from './client-state.ts';
import { attemptBegun, attemptEnded, pause } from './role-state.ts';
import type { Attempt, ServerConnection } from './server-connection.ts';

/** Attempts, and the connections that they use. */

/** The connection to the server for `role`; creates it if there is none. */
export function connectionFor(state: ClientState, role: Role): ServerConnection | undefined {
  const address = addressOf(state, role);
  if (address === undefined) return undefined;
  for (const connection of state.connections.values()) if (connection.address === address) return connection;
  assert(state.connections.size < roles.length, 'there is one connection for each role at most');
  state.lastConnection += 1;
  const connection: ServerConnection = {
    id: state.lastConnection,
    address,
    isUp: false,
    attempts: new Map(),
    lastAnswered: 0,
    owesSince: state.now,
  };
  state.connections.set(connection.id, connection);
  state.effects.push({ type: 'connect', connection: connection.id, address });
  return connection;
}

export function beginAttempt(
  state: ClientState,
  connection: ServerConnection,
  attempt: Attempt,
): RequestToken {
  assert(connection.isUp, 'requests go over connections that are up');
  attemptBegun(state.roles[attempt.role], state.limits, attempt.bytes);
  state.lastToken += 1;
  if (connection.attempts.size === 0) {
    connection.owesSince = state.now;
    dueBy(state, state.now + state.limits.attemptTimeoutMs);
  }
  connection.attempts.set(state.lastToken, attempt);
  return state.lastToken;
}

/** Ends the attempt `token`. Returns undefined if its connection is gone, so that the attempt no longer counts. */
export function endAttempt(
  state: ClientState,
  token: RequestToken,
  { hasResult }: { hasResult: boolean },
): Attempt | undefined {
  for (const connection of state.connections.values()) {
    const attempt = connection.attempts.get(token);
    if (attempt === undefined) continue;
    if (hasResult) {
      assert(connection.lastAnswered < token, 'results come in the order of the requests');
      connection.lastAnswered = token;
    }
    connection.attempts.delete(token);
    connection.owesSince = state.now;
    attemptEnded(state.roles[attempt.role], attempt.bytes);
    return attempt;
  }
  return undefined;
}

/** Closes a connection that is up or being established. Its attempts are repeated. */
export function dropConnection(state: ClientState, connection: ServerConnection, detail: string): void {
  state.effects.push({ type: 'disconnect', connection: connection.id });
  loseConnection(state, connection, { detail, unsent: [] });
}

/** A connection is lost. Its attempts are repeated; all but the unsent ones may have been executed. */
export function loseConnection(
  state: ClientState,
  { id, address, attempts }: ServerConnection,
  { detail, unsent }: { detail: string; unsent: readonly RequestToken[] },
): void {
  assert(state.connections.delete(id), 'a connection is lost once');
  for (const role of roles) if (addressOf(state, role) === address) pauseRole(state, role, detail);
  const neverSent = new Set(unsent);
  for (const [token, { call: id, role, bytes }] of attempts) {
    attemptEnded(state.roles[role], bytes);
    if (id === undefined) {
      assert(state.session.type === 'opening', 'a session is asked for only while there is none');
      state.session = { type: 'none' };
    } else {
      const call = state.calls.get(id);
      const mayHaveHappened = !neverSent.has(token);
      if (call !== undefined) requeueCall(state, call, { trouble: detail, mayHaveHappened });
    }
  }
}

export function pauseRole(state: ClientState, role: Role, trouble: string): void {
  pause(state.roles[role], state.limits, { now: state.now, trouble });
  dueBy(state, state.roles[role].pausedUntil);
}
