import { assert } from '@tablelab/shared';
import type { WriteRequest } from '../../core/update.ts';
import type { NumberedIn } from './call.ts';

/**
 * The client's side of a client session (see core/client-sessions.ts). It numbers writes from 1, each number once.
 *
 * A number is released once its call has a result or has been given up. In the second case an attempt may still be in a
 * server's socket buffer, which is harmless. If it is executed before the servers get a higher `firstIncomplete`, it is
 * executed once, and its caller knows that it may have happened. After that, the servers treat it as answered and do
 * not execute it.
 */
export type ClientSession =
  | { readonly type: 'none' }
  /** The request that opens a session has no answer yet. */
  | { readonly type: 'opening' }
  | OpenSession;

export interface OpenSession {
  readonly type: 'open';
  /** Numbers this client's sessions from 1. */
  readonly serial: number;
  /** The session's name on the servers. */
  readonly client: string;
  /** The number for the next write. */
  next: number;
  /** The lowest number that is not released, or {@link next}. Never decreases; servers forget what lies below. */
  firstIncomplete: number;
  /** All numbers that are not released. */
  readonly incomplete: Set<number>;
  /** The number that no write gets: while it is not released, servers keep the outcomes of all later ones. */
  held: number | undefined;
}

/** The session of a client that holds outcomes, and the number that it holds: its writes have the next ones, in their order. */
export interface HeldSession {
  readonly client: string;
  readonly number: number;
}

/** Opens a session. A repeat may open a second one; the chain eventually forgets the idle one. */
export const openRequest: WriteRequest = {
  op: 'open',
  key: '',
  data: new Uint8Array(0),
  client: '',
  request: 0,
  firstIncomplete: 0,
};

/** `next`: the number for its first write, or for the number that is held. */
export function newSession(serial: number, client: string, next = 1): OpenSession {
  assert(client !== '', 'a session has a name');
  return {
    type: 'open',
    serial,
    client,
    next,
    firstIncomplete: next,
    incomplete: new Set(),
    held: undefined,
  };
}

/** Holds the next number, and releases the one that was held before. */
export function holdNumber(session: OpenSession): void {
  const before = session.held;
  session.held = takeNumber(session).request;
  if (before !== undefined) releaseNumber(session, { session: session.serial, request: before });
}

/**
 * Whether another write may get a number. Numbers that are not released lie within `windowMax`, and outcomes that a
 * server keeps lie within twice that range (when a repeat came after higher numbers), which limits their number.
 */
export function hasFreeNumber({ next, firstIncomplete }: OpenSession, windowMax: number): boolean {
  return next < firstIncomplete + windowMax;
}

export function takeNumber(session: OpenSession): NumberedIn {
  const request = session.next;
  session.next += 1;
  session.incomplete.add(request);
  return { session: session.serial, request };
}

/** Ignores numbers of earlier sessions. */
export function releaseNumber(session: ClientSession, numbered: NumberedIn | undefined): void {
  if (numbered === undefined || session.type !== 'open' || session.serial !== numbered.session) return;
  const wasIncomplete = session.incomplete.delete(numbered.request);
  assert(wasIncomplete, 'a number is released once');
  while (session.firstIncomplete < session.next && !session.incomplete.has(session.firstIncomplete)) {
    session.firstIncomplete += 1;
  }
}
