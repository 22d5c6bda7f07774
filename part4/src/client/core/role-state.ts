import { assert } from '@tablelab/shared';
import type { CallHeap } from './call-heap.ts';
import type { ClientLimits } from './client-limits.ts';

/**
 * The calls for one end of the chain, and how many of them may be sent now.
 *
 * At first, and after each refusal, requests are sent one by one: a server that is just taking over could refuse the
 * first of several requests and accept later ones, which would change their order. Once the server has executed a
 * request, the limits for requests and bytes apply.
 */
export interface RoleState {
  /** Calls to be sent, in the order in which they were made. */
  readonly queue: CallHeap;
  /** The number of attempts without an answer, and the total size of their keys and values. */
  underWay: number;
  underWayBytes: number;
  isProven: boolean;
  /** Nothing is sent before this time. */
  pausedUntil: number;
  /** How long the next pause lasts, in milliseconds. */
  delayMs: number;
  /** The reason for the last pause; undefined after a success. */
  trouble: string | undefined;
}

export function newRoleState({ retryDelayMs }: ClientLimits): RoleState {
  return {
    queue: [],
    underWay: 0,
    underWayBytes: 0,
    isProven: false,
    pausedUntil: Number.NEGATIVE_INFINITY,
    delayMs: retryDelayMs.first,
    trouble: undefined,
  };
}

/** Whether one more request may be sent. */
export function hasRoom(
  { underWay, underWayBytes, isProven }: RoleState,
  { underWayMax, underWayBytesMax }: ClientLimits,
): boolean {
  return underWay < (isProven ? underWayMax : 1) && underWayBytes < underWayBytesMax;
}

export function attemptBegun(role: RoleState, limits: ClientLimits, bytes: number): void {
  assert(hasRoom(role, limits), 'a request is sent only where the window has room');
  role.underWay += 1;
  role.underWayBytes += bytes;
}

export function attemptEnded(role: RoleState, bytes: number): void {
  assert(role.underWay > 0 && role.underWayBytes >= bytes, 'an attempt that ends was under way');
  role.underWay -= 1;
  role.underWayBytes -= bytes;
}

/** The next pause will be short again. */
export function resetDelay(role: RoleState, { retryDelayMs }: ClientLimits): void {
  role.delayMs = retryDelayMs.first;
  role.trouble = undefined;
}

/** A new view has arrived. `isOther`: it has another server for this role. */
export function renew(role: RoleState, limits: ClientLimits, { isOther }: { isOther: boolean }): void {
  resetDelay(role, limits);
  role.pausedUntil = Number.NEGATIVE_INFINITY;
  if (isOther) role.isProven = false;
}

/** Pauses before the next attempt, each time twice as long. */
export function pause(
  role: RoleState,
  { retryDelayMs }: ClientLimits,
  { now, trouble }: { now: number; trouble: string },
): void {
  assert(
    retryDelayMs.first <= role.delayMs && role.delayMs <= retryDelayMs.last,
    'a pause lies within the limits',
  );
  role.trouble = trouble;
  role.isProven = false;
  // If several requests are refused together, only the first counts.
  if (now < role.pausedUntil) return;
  role.pausedUntil = now + role.delayMs;
  role.delayMs = Math.min(2 * role.delayMs, retryDelayMs.last);
}
