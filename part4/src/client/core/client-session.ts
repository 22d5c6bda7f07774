import { assert } from '@tablelab/shared';
import type { WriteRequest } from '../../core/update.ts';
import type { NumberedIn } from './call.ts';

/**
 * The client's side of a client session (see core/client-sessions.ts). It numbers writes from 1 up, none twice.
 *
 * A number is released once its call has its result, and also once the call was given up. In the second case an attempt
 * may still lie in a server's socket buffer, which does no harm. If it is executed before the servers hear of a higher
 * `firstIncomplete`, it is executed once, and its caller knows that it may have happened. Afterwards the servers take it
 * for one that was answered, and do not execute it.
 */
export type ClientSession =
  | { readonly type: 'none' }
  /** A request that opens one has no answer yet. */
  | { readonly type: 'opening' }
  | OpenSession;

export interface OpenSession {
  readonly type: 'open';
  /** This client's first session is 1, the next 2. */
  readonly serial: number;
  /** What the servers call it. */
  readonly client: string;
  /** The number for the next write. */
  next: number;
  /** The lowest number that is not released, or {@link next}. Never falls; servers forget what lies below. */
  firstIncomplete: number;
  /** All numbers that are not released. */
  readonly incomplete: Set<number>;
}

/** Opens a session. One that is repeated may open two; the chain forgets the idle one in time. */
export const openRequest: WriteRequest = {
  op: 'open',
  key: '',
  data: new Uint8Array(0),
  client: '',
  request: 0,
  firstIncomplete: 0,
};

export function newSession(serial: number, client: string): OpenSession {
  assert(client !== '', 'a session has a name');
  return { type: 'open', serial, client, next: 1, firstIncomplete: 1, incomplete: new Set() };
}

/**
 * Whether another write may get a number. Numbers that are not released lie within `windowMax`, and outcomes that a
 * server still keeps lie within twice as much (when a repeat came after higher numbers): so it never has too many.
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

/** Numbers of an earlier session are of no interest any more. */
export function releaseNumber(session: ClientSession, numbered: NumberedIn | undefined): void {
  if (numbered === undefined || session.type !== 'open' || session.serial !== numbered.session) return;
  const wasIncomplete = session.incomplete.delete(numbered.request);
  assert(wasIncomplete, 'a number is released once');
  while (session.firstIncomplete < session.next && !session.incomplete.has(session.firstIncomplete)) {
    session.firstIncomplete += 1;
  }
}
