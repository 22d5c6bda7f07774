import type { CallId, ClientOperation, ConnectionId } from './client-effects.ts';
import type { WriteSession } from './write-session.ts';

/** Which end of the chain a call is for. */
export type Role = 'head' | 'tail';

/** One call of the user's, through all its attempts. At most one of them has no answer and counts. */
export interface Call {
  readonly id: CallId;
  /** Rises with every call: the order in which they are sent. */
  readonly order: number;
  readonly operation: ClientOperation;
  readonly role: Role;
  readonly begunAt: number;
  readonly deadline: number;
  /** What a write is called in its session, from its first attempt on. */
  numbered: { readonly session: WriteSession; readonly request: number } | undefined;
  /** The connection that an answer may still come over. */
  sentOver: ConnectionId | undefined;
  /** An attempt that is over may have been executed, or may still be. Never for reads, which change nothing. */
  isInDoubt: boolean;
  /** Why the last attempt has failed. */
  trouble: string | undefined;
}
