import { assert } from '@tablelab/shared';
import { type Role, roleOf, roles } from './call.ts';
import { type CallHeap, comesBefore } from './call-heap.ts';
import type { CallId, ConnectionId } from './client-effects.ts';
import type { ClientState } from './client-state.ts';
import type { Attempt } from './server-connection.ts';

/**
 * Checks all invariants of a client's state between two events. This takes time in proportion to the number of calls,
 * so the core checks only a state that it is given; tests check after each event.
 *
 * @throws AssertionFailure if one does not hold
 */
export function checkClientState(state: ClientState): void {
  checkConnections(state);
  checkCalls(state);
  for (const role of roles) checkRole(state, role);
  checkSession(state);
  checkTimes(state);
}

function checkConnections({ connections, view, isClosed, lastConnection, lastToken }: ClientState): void {
  const addresses = [...connections.values()].map(({ address }) => address);
  assert(new Set(addresses).size === addresses.length, 'there is one connection to a server');
  const wanted = [view?.servers[0]?.address, view?.servers.at(-1)?.address];
  assert(
    addresses.every((address) => wanted.includes(address)),
    'connections lead to head and tail',
  );
  assert(!isClosed || connections.size === 0, 'a client that is closed has no connection');
  for (const [id, connection] of connections) {
    assert(id === connection.id && id <= lastConnection, 'a connection is known by its number');
    assert(connection.isUp || connection.attempts.size === 0, 'nothing is sent before a connection is up');
    let before = connection.lastAnswered;
    for (const token of connection.attempts.keys()) {
      assert(before < token && token <= lastToken, 'attempts are in the order in which they were sent');
      before = token;
    }
  }
}

function checkCalls(state: ClientState): void {
  const { calls, deadlines, roles, isClosed, lastCall } = state;
  assert(!isClosed || calls.size === 0, 'a client that is closed has no call');
  checkHeap(deadlines, 'deadlines');
  const timers = byCall(deadlines);
  const places = byCall([...roles.head.queue, ...roles.tail.queue]);
  const attempts = byCall(attemptsOf(state));
  for (const [id, call] of calls) {
    const { role, operation, numbered, isInDoubt, sentOver, deadline } = call;
    assert(id === call.id && id <= lastCall, 'a call is known by its number');
    assert(role === roleOf(operation), 'writes are for the head, reads for the tail');
    assert(role === 'head' || (numbered === undefined && !isInDoubt), 'a read has no number, and no doubt');
    const [timer, ...moreTimers] = timers.get(id) ?? [];
    assert(timer?.order === deadline && moreTimers.length === 0, 'a call has one deadline');
    const [attempt, ...moreAttempts] = attempts.get(id) ?? [];
    assert(attempt?.connection === sentOver && moreAttempts.length === 0, 'a call has one attempt at most');
    assert(
      places.get(id)?.length === (attempt === undefined ? 1 : undefined),
      'a call is queued or under way',
    );
    if (attempt === undefined) continue;
    assert(attempt.role === role, 'an attempt is for the server that the call is for');
    assert(
      attempt.session === numbered?.session,
      'an attempt names the session that the write is numbered in',
    );
  }
}

function checkRole(state: ClientState, role: Role): void {
  const { queue, underWay, underWayBytes } = state.roles[role];
  checkHeap(queue, `the queue of the ${role}`);
  assert(
    queue.every(({ order, call }) => order === call && (state.calls.get(call)?.role ?? role) === role),
    'a queue holds calls of its role, in the order in which they were made',
  );
  const attempts = attemptsOf(state).filter((attempt) => attempt.role === role);
  assert(state.isClosed || attempts.length === underWay, `${underWay} attempts are under way to the ${role}`);
  const bytes = attempts.reduce((sum, attempt) => sum + attempt.bytes, 0);
  assert(state.isClosed || bytes === underWayBytes, 'what is under way is counted');
  assert(underWay <= state.limits.underWayMax, 'the window holds');
}

function checkSession(state: ClientState): void {
  const { session, limits } = state;
  const opens = attemptsOf(state).filter(({ call }) => call === undefined).length;
  if (session.type !== 'opening') assert(opens === 0, 'no session is asked for where none is to be opened');
  else assert(state.isClosed || opens === 1, 'one request opens a session');
  if (session.type !== 'open') return;
  const { serial, next, firstIncomplete, incomplete } = session;
  assert(serial === state.lastSession, 'the session is the last one that was opened');
  const lowest = Math.min(next, ...incomplete);
  assert(lowest === firstIncomplete, `${lowest} is the lowest number that is not released`);
  assert(next - firstIncomplete <= limits.underWayMax, 'numbers lie within the window');
  const inUse = new Set<number>();
  for (const { numbered } of state.calls.values())
    if (numbered?.session === serial) inUse.add(numbered.request);
  if (session.held !== undefined) inUse.add(session.held);
  assert(inUse.size === incomplete.size, 'a number is not released as long as a call has it');
  for (const request of inUse) assert(incomplete.has(request), 'the number of a call is not released');
}

function checkTimes({ now, dueAt, wakeAt, calls, connections, roles, limits }: ClientState): void {
  const owing = [...connections.values()].filter(({ attempts }) => attempts.size > 0);
  const pauses = [roles.head.pausedUntil, roles.tail.pausedUntil];
  const times = [
    ...[...calls.values()].map(({ deadline }) => deadline),
    ...owing.map(({ owesSince }) => owesSince + limits.attemptTimeoutMs),
    ...pauses.filter((until) => until > now),
  ];
  for (const time of times) assert(dueAt <= time, `the core looks at ${time} in time, not at ${dueAt}`);
  assert(dueAt > now, 'nothing is left that was due');
  assert(dueAt === Number.POSITIVE_INFINITY || wakeAt === dueAt, 'the host knows when something is due');
}

function checkHeap(heap: CallHeap, what: string): void {
  heap.forEach((entry, index) => {
    const above = heap[(index - 1) >> 1];
    assert(index === 0 || (above !== undefined && comesBefore(above, entry)), `${what} are a heap`);
  });
}

function attemptsOf({ connections }: ClientState): (Attempt & { readonly connection: ConnectionId })[] {
  return [...connections.values()].flatMap(({ id, attempts }) =>
    [...attempts.values()].map((attempt) => ({ ...attempt, connection: id })),
  );
}

function byCall<T extends { readonly call: CallId | undefined }>(items: readonly T[]): Map<CallId, T[]> {
  const groups = new Map<CallId, T[]>();
  for (const item of items) {
    if (item.call === undefined) continue;
    const group = groups.get(item.call);
    if (group === undefined) groups.set(item.call, [item]);
    else group.push(item);
  }
  return groups;
}
