import type { Role } from './call.ts';
import type { CallId, ConnectionId, RequestToken } from './client-effects.ts';

/** A sent request without an answer. */
export interface Attempt {
  /** Undefined for a request that opens a session. The call may have been given up since. */
  readonly call: CallId | undefined;
  readonly role: Role;
  /** The size of the key and the value. */
  readonly bytes: number;
  /** The session in which a write has its number. */
  readonly session: number | undefined;
}

/** A connection to the head, to the tail, or to a server that is both. */
export interface ServerConnection {
  readonly id: ConnectionId;
  readonly address: string;
  isUp: boolean;
  /** In the order in which they were sent, which is also the order of their results. */
  readonly attempts: Map<RequestToken, Attempt>;
  /** The last request that has a result. */
  lastAnswered: RequestToken;
  /** The time since which the server owes the next answer. */
  owesSince: number;
}
