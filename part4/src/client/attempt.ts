import type { Call, Role } from './call.ts';
import type { ConnectionId, RequestToken } from './client-effects.ts';

/** A request that has no answer yet. */
export interface Attempt {
  /** Undefined for one that opens a session. It may have been given up meanwhile. */
  readonly call: Call | undefined;
  readonly role: Role;
}

/** To the head, to the tail, or to a server that is both. */
export interface Connection {
  readonly id: ConnectionId;
  readonly address: string;
  isUp: boolean;
  /** In the order in which they were sent, which is that of the answers. */
  readonly attempts: Map<RequestToken, Attempt>;
  /** Since when the server owes the next answer. */
  owesSince: number;
}
