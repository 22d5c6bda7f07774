import { assert } from '@tablelab/shared';
import { beginAttempt, connectionFor } from './attempts.ts';
import { type Call, type Role, roleOf } from './call.ts';
import { dequeue, nextInQueue } from './calls.ts';
import type { ClientOperation, ClientRequest, WriteOperation } from './client-effects.ts';
import { hasFreeNumber, openRequest, takeNumber } from './client-session.ts';
import type { ClientState } from './client-state.ts';
import { hasRoom } from './role-state.ts';
import type { ServerConnection } from './server-connection.ts';

/** The value of a del. */
const noData = new Uint8Array(0);

/** Sends queued calls of a role, as far as its server, the session and the window allow. */
export function sendQueued(state: ClientState, role: Role): void {
  const roleState = state.roles[role];
  if (state.isClosed || state.now < roleState.pausedUntil) return;
  let call = nextInQueue(state, role);
  if (call === undefined) return;
  const connection = connectionFor(state, role);
  if (connection?.isUp !== true) return;
  for (; call !== undefined; call = nextInQueue(state, role)) {
    if (!hasRoom(roleState, state.limits)) return;
    if (role === 'head' && state.session.type !== 'open') {
      if (state.session.type === 'none') openSession(state, connection);
      return;
    }
    const request = requestOf(state, call);
    if (request === undefined) return;
    dequeue(state, call);
    assert(call.sentOver === undefined, 'a call has one attempt at a time');
    call.sentOver = connection.id;
    send(state, connection, { call, request });
  }
}

/** Undefined for a write that cannot get a number yet. */
function requestOf({ session, limits }: ClientState, call: Call): ClientRequest | undefined {
  const { operation } = call;
  if (!isWrite(operation)) return operation;
  assert(session.type === 'open', 'a write is sent in a session');
  if (call.numbered === undefined) {
    if (!hasFreeNumber(session, limits.underWayMax)) return undefined;
    call.numbered = takeNumber(session);
  }
  const { client, firstIncomplete, serial } = session;
  const { request } = call.numbered;
  assert(serial === call.numbered.session, 'the number of a write belongs to the session that it is sent in');
  assert(firstIncomplete <= request, 'servers may not forget a write that is still sent');
  return { data: noData, ...operation, client, firstIncomplete, request };
}

function isWrite(operation: ClientOperation): operation is WriteOperation {
  return roleOf(operation) === 'head';
}

function openSession(state: ClientState, connection: ServerConnection): void {
  state.session = { type: 'opening' };
  send(state, connection, { call: undefined, request: openRequest });
}

function send(
  state: ClientState,
  connection: ServerConnection,
  { call, request }: { call: Call | undefined; request: ClientRequest },
): void {
  const token = beginAttempt(state, connection, {
    call: call?.id,
    role: call?.role ?? 'head',
    bytes: contentBytes(request),
    session: call?.numbered?.session,
  });
  state.effects.push({ type: 'send', connection: connection.id, token, request });
}

/** A UTF-16 code unit takes at most three bytes of UTF-8. */
function contentBytes(request: ClientRequest): number {
  const keyBytes = 'key' in request ? 3 * request.key.length : 0;
  if (!('data' in request)) return keyBytes;
  return keyBytes + request.data.length + (request.expected?.length ?? 0);
}
