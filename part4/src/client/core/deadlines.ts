import { assert, must } from '@tablelab/shared';
import { dropConnection } from './attempts.ts';
import { type Call, roles } from './call.ts';
import { firstCall, popCall } from './call-heap.ts';
import { failCall } from './calls.ts';
import { addressOf, type ClientState, dueBy } from './client-state.ts';
import type { ServerConnection } from './server-connection.ts';

/** Does what is due, and computes when something is due next. */
export function expire(state: ClientState): void {
  state.dueAt = Number.POSITIVE_INFINITY;
  for (const connection of [...state.connections.values()]) expireConnection(state, connection);
  expireCalls(state);
  for (const role of roles) {
    const { pausedUntil } = state.roles[role];
    if (pausedUntil > state.now) dueBy(state, pausedUntil);
  }
  assert(state.dueAt > state.now, 'nothing is due twice');
}

/** Asks the host for an earlier `wake` if something is due before the last requested one. */
export function askForWake(state: ClientState): void {
  if (state.dueAt === state.wakeAt || state.dueAt === Number.POSITIVE_INFINITY) return;
  state.wakeAt = state.dueAt;
  state.effects.push({ type: 'wake', at: state.dueAt });
}

/** Visits only the calls that are due, and the next one. */
function expireCalls(state: ClientState): void {
  for (;;) {
    const first = firstCall(state.deadlines, state.calls);
    if (first === undefined) return;
    if (first.order > state.now) return dueBy(state, first.order);
    popCall(state.deadlines);
    giveUp(
      state,
      must(state.calls.get(first.call), 'a deadline that counts is that of a call without a result'),
    );
  }
}

function expireConnection(state: ClientState, connection: ServerConnection): void {
  if (connection.attempts.size === 0) return;
  const { attemptTimeoutMs } = state.limits;
  const dueAt = connection.owesSince + attemptTimeoutMs;
  if (dueAt > state.now) return dueBy(state, dueAt);
  dropConnection(state, connection, `no answer from ${connection.address} within ${attemptTimeoutMs} ms`);
}

function giveUp(state: ClientState, call: Call): void {
  const text = `no answer within ${Math.round(call.deadline - call.begunAt)} ms`;
  failCall(state, call, 'TIMEOUT', `${text}: ${obstacleOf(state, call)}`);
}

/** Why a call has no result yet, for its error text. */
function obstacleOf(state: ClientState, call: Call): string {
  const address = addressOf(state, call.role);
  if (state.view === undefined) return 'ZooKeeper has not told yet which servers are in the chain';
  if (address === undefined) return 'there is no server in the chain';
  if (call.trouble !== undefined) return `the last attempt: ${call.trouble}`;
  if (call.sentOver !== undefined) return `${address} was asked once, and has not answered yet`;
  const { trouble } = state.roles[call.role];
  if (trouble !== undefined) return trouble;
  const isUp = [...state.connections.values()].some((each) => each.address === address && each.isUp);
  return isUp
    ? `${address} had earlier requests to answer first`
    : `there is no connection to ${address} yet`;
}
