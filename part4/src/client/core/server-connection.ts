import type { Role } from './call.ts';
import type { CallId, ConnectionId, RequestToken } from './client-effects.ts';

/** A request that has no answer yet. */
export interface Attempt {
  /** Undefined for one that opens a session. The call may have been given up since. */
  readonly call: CallId | undefined;
  readonly role: Role;
  /** What the key and the value come to. */
  readonly bytes: number;
  /** The session that a write has its number in. */
  readonly session: number | undefined;
}

/** To the head, to the tail, or to a server that is both. */
export interface ServerConnection {
  readonly id: ConnectionId;
  readonly address: string;
  isUp: boolean;
  /** In the order in which they were sent, which is that of their results. */
  readonly attempts: Map<RequestToken, Attempt>;
  /** The last request that has a result. */
  lastAnswered: RequestToken;
  /** Since when the server owes the next answer. */
  owesSince: number;
}
