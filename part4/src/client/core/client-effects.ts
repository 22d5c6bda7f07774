/**
 * What goes into the client's core and what comes out. The core does no input or output itself: its host, which is the
 * driver of the real client, turns what happens into events and carries out the effects, in their order.
 */

import type { ErrorCode } from '@tablelab/shared';
import type { ChainId } from '../../core/membership-record.ts';
import type { WriteRequest } from '../../core/update.ts';
import type { View } from '../../core/view.ts';
import type { OperationName, OperationNameAsked } from '../../write-name.ts';

/** Names a call. The host chooses the numbers, each higher than the one before. */
export type CallId = number;

/** Names a connection to a server. The core uses no number twice. */
export type ConnectionId = number;

/** Names a request that was sent. The core uses no number twice. */
export type RequestToken = number;

/** Changes the table; for the head. */
export type WriteOperation =
  | { readonly op: 'put'; readonly key: string; readonly data: Uint8Array }
  | { readonly op: 'del'; readonly key: string };

/** Asks about the table; for the tail. */
export type ReadOperation =
  | { readonly op: 'get'; readonly key: string }
  | { readonly op: 'size' }
  | { readonly op: 'keys' }
  /** `from`, `limit`: see shared/proto/sdmessage.proto. */
  | { readonly op: 'scan'; readonly prefix: string; readonly from: number; readonly limit: number }
  | { readonly op: 'verify'; readonly name: OperationNameAsked };

export type ClientOperation = WriteOperation | ReadOperation;

/** What is sent to a server. A write, also one that opens a session, asks to be answered once it is COMMITTED. */
export type ClientRequest = WriteRequest | ReadOperation;

/** The answer of a server that did what it was asked for. */
export type ClientResult =
  /** `client`: the name of the session that an `open` has begun; empty for other writes. */
  | { readonly type: 'written'; readonly name: OperationName; readonly client: string }
  /** Undefined: the key is absent. */
  | { readonly type: 'value'; readonly value: Uint8Array | undefined }
  | { readonly type: 'size'; readonly size: number }
  | { readonly type: 'keys'; readonly keys: readonly string[] }
  /** `next`: where to go on; 0: these were the last. */
  | { readonly type: 'page'; readonly keys: readonly string[]; readonly next: number }
  | { readonly type: 'verified'; readonly executed: boolean };

/**
 * `mayHaveHappened`, in a server's answer: whether this one request may have been executed, or may still be. That is so
 * for UNCERTAIN and INTERNAL; every other code is a refusal. In the outcome of a call: whether any of its requests may.
 */
export interface ClientError {
  readonly type: 'error';
  readonly code: ErrorCode;
  readonly detail: string;
  readonly mayHaveHappened: boolean;
}

export type ClientEvent =
  /** Brings exactly one `complete`, by `deadline` (as `now`) if `wake` events come in time. */
  | {
      readonly type: 'call';
      readonly call: CallId;
      readonly operation: ClientOperation;
      readonly deadline: number;
    }
  /**
   * The servers of the chain, as far as is known. The latest view counts. `chain`: whose servers they are, where that is known:
   * another one than before is a store that was begun anew.
   */
  | { readonly type: 'view'; readonly view: View; readonly chain?: ChainId | undefined }
  /** A connection that `connect` asked for is up. */
  | { readonly type: 'connected'; readonly connection: ConnectionId }
  /** A connection is lost, or could not be made. `unsent`: requests that have definitely not left this machine. */
  | {
      readonly type: 'disconnected';
      readonly connection: ConnectionId;
      readonly detail: string;
      readonly unsent: readonly RequestToken[];
    }
  /**
   * A server's answer: a result of the kind that the request asks for, or an error. It comes in the order of the requests
   * of its connection. Only for a request that cannot be sent at all comes, at any time, an error that says why.
   */
  | { readonly type: 'answer'; readonly token: RequestToken; readonly answer: ClientResult | ClientError }
  /** The time of the last `wake` effect has come. */
  | { readonly type: 'wake' }
  /** All calls fail, now and from now on, and all connections are closed. */
  | { readonly type: 'close' };

export type ClientEffect =
  /** Connect; `connected` or `disconnected` follows within some seconds. An address has one connection at most. */
  | { readonly type: 'connect'; readonly connection: ConnectionId; readonly address: string }
  /** Close it, or stop trying to make it. Its events do not count any more, and need not come. */
  | { readonly type: 'disconnect'; readonly connection: ConnectionId }
  /** Send over a connection that is up. Requests of one connection are sent in the order of their effects. */
  | {
      readonly type: 'send';
      readonly connection: ConnectionId;
      readonly token: RequestToken;
      readonly request: ClientRequest;
    }
  | { readonly type: 'complete'; readonly call: CallId; readonly outcome: ClientResult | ClientError }
  /** Send a `wake` event at `at` (as `now`). It replaces the one that was asked for before. */
  | { readonly type: 'wake'; readonly at: number };
