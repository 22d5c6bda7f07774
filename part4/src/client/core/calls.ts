import { assert, type ErrorCode } from '@tablelab/shared';
import { type Call, fits, mayHaveHappened, roleOf } from './call.ts';
import { comesBefore, firstCall, popCall, pushCall } from './call-heap.ts';
import type { ClientError, ClientEvent, ClientResult } from './client-effects.ts';
import { releaseNumber } from './client-session.ts';
import { type ClientState, dueBy } from './client-state.ts';

const begunAnew =
  'the store was begun anew: what it held and had answered before may be lost, and this client begins with it as it is now';

/** The life of a call: made, queued, queued again after each failed attempt, and ended with one outcome. */

export function beginCall(
  state: ClientState,
  { call: id, operation, deadline }: Extract<ClientEvent, { type: 'call' }>,
): void {
  assert(
    Number.isSafeInteger(id) && id > state.lastCall,
    'calls are numbered in the order in which they are made',
  );
  assert(!Number.isNaN(deadline), 'a call has a deadline');
  state.lastCall = id;
  const call: Call = {
    id,
    operation,
    role: roleOf(operation),
    begunAt: state.now,
    deadline,
    numbered: undefined,
    sentOver: undefined,
    isInDoubt: false,
    trouble: undefined,
  };
  if (state.isClosed) return endCall(state, call, refusal('UNREACHABLE', 'the client is closed'));
  if (state.calls.size >= state.limits.callsMax) {
    return endCall(state, call, refusal('BUSY', `${state.calls.size} calls have no result yet`));
  }
  if (state.isBegunAnew) {
    state.isBegunAnew = false;
    return endCall(state, call, refusal('LOST', begunAnew));
  }
  state.calls.set(id, call);
  pushCall(state.deadlines, { order: deadline, call: id }, state.calls);
  dueBy(state, deadline);
  enqueue(state, call);
}

/** The next call of `role` to be sent. */
export function nextInQueue(state: ClientState, role: Call['role']): Call | undefined {
  const entry = firstCall(state.roles[role].queue, state.calls);
  return entry === undefined ? undefined : state.calls.get(entry.call);
}

/** Removes `call`, the first one in its queue. */
export function dequeue(state: ClientState, call: Call): void {
  const { queue } = state.roles[call.role];
  assert(queue[0]?.call === call.id, 'calls are sent in the order in which they were made');
  popCall(queue);
}

/** All calls in the queue of `role`, in order. */
export function queuedCalls(state: ClientState, role: Call['role']): Call[] {
  return state.roles[role].queue
    .toSorted((one, other) => (comesBefore(one, other) ? -1 : 1))
    .flatMap(({ call }) => state.calls.get(call) ?? []);
}

/** An attempt has ended without a result: the call is queued again, or fails if it cannot be repeated. */
export function requeueCall(
  state: ClientState,
  call: Call,
  attempt: { readonly trouble: string; readonly mayHaveHappened: boolean },
): void {
  assert(call.sentOver !== undefined, 'a call whose attempt is over was sent');
  call.sentOver = undefined;
  call.trouble = attempt.trouble;
  noteDoubt(call, attempt.mayHaveHappened);
  enqueue(state, call);
  const { session } = state;
  const isCurrent = session.type === 'open' && session.serial === call.numbered?.session;
  if (call.numbered !== undefined && !isCurrent) leaveSession(state, call);
}

/** Records that an attempt of the call has ended that may have been executed. */
export function noteDoubt(call: Call, attemptMayHaveHappened: boolean): void {
  call.isInDoubt ||= attemptMayHaveHappened && call.role === 'head';
}

/**
 * The session of a queued call is lost. The call will get a number of the next session, unless it may have been
 * executed in this one.
 */
export function leaveSession(state: ClientState, call: Call): void {
  assert(call.sentOver === undefined, 'what is under way gets an answer of its own first');
  if (call.isInDoubt || state.limits.holdsOutcomes === true) {
    const detail =
      'the chain has forgotten this client’s session, and with it whether this write was executed';
    return failCall(state, call, 'LOST', detail);
  }
  releaseNumber(state.session, call.numbered);
  call.numbered = undefined;
}

/**
 * The servers belong to another chain now. Absent keys there would not tell a client that its data are lost, so it is told
 * once: its calls fail, or if it has none the next one. After that it goes on with the new chain.
 */
export function failBegunAnew(state: ClientState): void {
  state.isBegunAnew = state.calls.size === 0;
  for (const call of [...state.calls.values()]) failCall(state, call, 'LOST', begunAnew);
}

/** An attempt without an answer may still be executed; the outcome states that. */
export function failCall(state: ClientState, call: Call, code: ErrorCode, detail: string): void {
  endCall(state, call, { type: 'error', code, detail, mayHaveHappened: mayHaveHappened(call) });
}

/** Ends the call with its outcome. Its queue entry becomes stale. */
export function endCall(state: ClientState, call: Call, outcome: ClientResult | ClientError): void {
  if (outcome.type !== 'error') assert(fits(call.operation, outcome), 'a result fits what was asked for');
  state.calls.delete(call.id);
  releaseNumber(state.session, call.numbered);
  state.effects.push({ type: 'complete', call: call.id, outcome });
}

function enqueue(state: ClientState, call: Call): void {
  pushCall(state.roles[call.role].queue, { order: call.id, call: call.id }, state.calls);
}

function refusal(code: ErrorCode, detail: string): ClientError {
  return { type: 'error', code, detail, mayHaveHappened: false };
}
