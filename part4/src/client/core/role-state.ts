import { assert } from '@tablelab/shared';
import type { CallHeap } from './call-heap.ts';
import type { ClientLimits } from './client-limits.ts';

/**
 * What waits for one end of the chain, and how much of it may be sent now.
 *
 * At first, and after each refusal, requests go one by one: a server that is just taking over could refuse the first of
 * several and take those behind it, and so change their order. Once the server has done what it was asked for, it is
 * proven, and as many requests, and as many bytes, may be under way as the limits say.
 */
export interface RoleState {
  /** Calls to be sent, in the order in which they were made. */
  readonly queue: CallHeap;
  /** How many attempts have no answer yet, and what their keys and values come to. */
  underWay: number;
  underWayBytes: number;
  isProven: boolean;
  /** Nothing is sent before. */
  pausedUntil: number;
  /** How long the next pause lasts, in milliseconds. */
  delayMs: number;
  /** The reason for the last pause; undefined once things go well again. */
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

/** The next pause is a short one again. */
export function resetDelay(role: RoleState, { retryDelayMs }: ClientLimits): void {
  role.delayMs = retryDelayMs.first;
  role.trouble = undefined;
}

/** There is another view. `isOther`: it has another server for this role. */
export function renew(role: RoleState, limits: ClientLimits, { isOther }: { isOther: boolean }): void {
  resetDelay(role, limits);
  role.pausedUntil = Number.NEGATIVE_INFINITY;
  if (isOther) role.isProven = false;
}

/** Waits before the next attempt, each time twice as long. */
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
  // Of many requests that were refused together, the first one counts.
  if (now < role.pausedUntil) return;
  role.pausedUntil = now + role.delayMs;
  role.delayMs = Math.min(2 * role.delayMs, retryDelayMs.last);
}
