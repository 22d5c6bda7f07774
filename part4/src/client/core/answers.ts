import { assert } from '@tablelab/shared';
import { endAttempt, pauseRole } from './attempts.ts';
import { endCall, failCall, leaveSession, noteDoubt, queuedCalls, requeueCall } from './calls.ts';
import type { ClientError, ClientResult, RequestToken } from './client-effects.ts';
import { holdNumber, newSession } from './client-session.ts';
import type { ClientState } from './client-state.ts';
import { resetDelay } from './role-state.ts';
import type { Attempt } from './server-connection.ts';

/** Errors after which another attempt may succeed: the view was old, or the server is joining or leaving the chain. */
const passingCodes: ReadonlySet<string> = new Set([
  'NOT_HEAD',
  'NOT_TAIL',
  'NOT_READY',
  'BUSY',
  'SHUTTING_DOWN',
  'UNCERTAIN',
]);

export function takeAnswer(
  state: ClientState,
  token: RequestToken,
  answer: ClientResult | ClientError,
): void {
  const attempt = endAttempt(state, token, { hasResult: answer.type !== 'error' });
  if (attempt === undefined) return;
  if (attempt.call === undefined) takeSession(state, answer);
  else if (answer.type === 'error') takeError(state, attempt, answer);
  else takeResult(state, attempt, answer);
}

/** The answer to a request that opens a session. */
function takeSession(state: ClientState, answer: ClientResult | ClientError): void {
  assert(state.session.type === 'opening', 'a session is asked for only while there is none');
  state.session = { type: 'none' };
  if (answer.type !== 'error') {
    assert(answer.type === 'written', 'the answer to a request for a session names it');
    state.lastSession += 1;
    state.session = newSession(state.lastSession, answer.client);
    if (state.limits.holdsOutcomes === true) holdNumber(state.session);
    state.roles.head.isProven = true;
  } else if (passingCodes.has(answer.code)) {
    pauseRole(state, 'head', answer.detail);
  } else {
    for (const call of queuedCalls(state, 'head')) {
      failCall(state, call, answer.code, `the chain opens no session for writes: ${answer.detail}`);
    }
  }
}

function takeResult(state: ClientState, { call: id, role }: Attempt, result: ClientResult): void {
  const roleState = state.roles[role];
  resetDelay(roleState, state.limits);
  roleState.isProven = true;
  const call = id === undefined ? undefined : state.calls.get(id);
  if (call !== undefined) endCall(state, call, result);
}

function takeError(
  state: ClientState,
  attempt: Attempt,
  { code, detail, mayHaveHappened }: ClientError,
): void {
  const { role } = attempt;
  const isSessionGone = code === 'LOST' && role === 'head';
  if (isSessionGone) forgetSession(state, attempt);
  const isPassing = isSessionGone || passingCodes.has(code);
  if (isPassing) pauseRole(state, role, detail);
  const call = attempt.call === undefined ? undefined : state.calls.get(attempt.call);
  if (call === undefined) return;
  if (isPassing) {
    requeueCall(state, call, { trouble: detail, mayHaveHappened });
  } else {
    call.sentOver = undefined;
    noteDoubt(call, mayHaveHappened);
    failCall(state, call, code, detail);
  }
}

/** The chain has forgotten the session of `attempt`, and the outcomes of its requests. */
function forgetSession(state: ClientState, attempt: Attempt): void {
  if (state.session.type !== 'open' || state.session.serial !== attempt.session) return;
  state.session = { type: 'none' };
  // Only for queued calls: those under way get their own answers.
  for (const call of queuedCalls(state, 'head')) if (call.numbered !== undefined) leaveSession(state, call);
}
