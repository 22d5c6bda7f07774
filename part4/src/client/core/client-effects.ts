/**
 * The events and effects of the client's core. The core does no I/O: its host, which is the driver in the real client,
 * creates the events and carries out the effects in order.
 */

import type { ErrorCode } from '@tablelab/shared';
import type { ChainId } from '../../core/membership-record.ts';
import type { WriteRequest } from '../../core/update.ts';
import type { View } from '../../core/view.ts';
import type { OperationName, OperationNameAsked } from '../../write-name.ts';

/** Identifies a call. The host chooses the numbers, in rising order. */
export type CallId = number;

/** Identifies a connection to a server. The core uses each number once. */
export type ConnectionId = number;

/** Identifies a sent request. The core uses each number once. */
export type RequestToken = number;

/** Changes the table; for the head. */
export type WriteOperation =
  | { readonly op: 'put' | 'putIfAbsent'; readonly key: string; readonly data: Uint8Array }
  | {
      readonly op: 'putIfEquals';
      readonly key: string;
      readonly expected: Uint8Array;
      readonly data: Uint8Array;
    }
  | { readonly op: 'del'; readonly key: string };

/** Asks about the table; for the tail. */
export type ReadOperation =
  | { readonly op: 'get'; readonly key: string }
  | { readonly op: 'has'; readonly key: string }
  | { readonly op: 'size' }
  | { readonly op: 'keys' }
  /** `from`, `limit`: see shared/proto/sdmessage.proto. */
  | { readonly op: 'scan'; readonly prefix: string; readonly from: number; readonly limit: number }
  | { readonly op: 'verify'; readonly name: OperationNameAsked }
  /** A step of a dump, see {@link DumpPosition}. */
  | ({ readonly op: 'dump' } & DumpPosition);

/** How far a dump has come. */
export interface DumpPosition {
  /** The name of the walk through a server's table; empty: it begins. */
  readonly walk: string;
  /** Where the walk goes on; 0: at the beginning. */
  readonly from: number;
  /** Changes by updates below it are known; 0 and an empty `walk`: the dump begins. */
  readonly sequence: number;
}

export type ClientOperation = WriteOperation | ReadOperation;

/** A request to a server. For a write, also one that opens a session, the answer is expected once it is COMMITTED. */
export type ClientRequest = WriteRequest | ReadOperation;

/** The answer to a request that succeeded. */
export type ClientResult =
  /**
   * `client`: the name of the session that `open` has begun; empty for other writes. `isApplied`: of a del, whether the key
   * was there; of a put on condition, whether it was met; undefined for other writes, and from a server that does not say.
   */
  | {
      readonly type: 'written';
      readonly name: OperationName;
      readonly client: string;
      readonly isApplied: boolean | undefined;
    }
  /** Undefined: the key is absent. */
  | { readonly type: 'value'; readonly value: Uint8Array | undefined }
  | { readonly type: 'presence'; readonly isPresent: boolean }
  | { readonly type: 'size'; readonly size: number }
  | { readonly type: 'keys'; readonly keys: readonly string[] }
  /** `next`: where to go on; 0: these were the last. */
  | { readonly type: 'page'; readonly keys: readonly string[]; readonly next: number }
  | { readonly type: 'verified'; readonly executed: boolean }
  /** `next`: where the walk goes on; 0: the dump is complete. `data`: see dump/dump-page.ts. */
  | {
      readonly type: 'dumped';
      readonly walk: string;
      readonly next: number;
      readonly sequence: number;
      readonly data: Uint8Array;
    };

/**
 * In a server's answer, `mayHaveHappened` says whether this request may have been executed, or may still be. That is
 * true for UNCERTAIN and INTERNAL; every other code is a refusal. In the outcome of a call it covers all requests of
 * the call.
 */
export interface ClientError {
  readonly type: 'error';
  readonly code: ErrorCode;
  readonly detail: string;
  readonly mayHaveHappened: boolean;
}

export type ClientEvent =
  /** Leads to exactly one `complete`, by `deadline` (on the clock of `now`) if `wake` events arrive in time. */
  | {
      readonly type: 'call';
      readonly call: CallId;
      readonly operation: ClientOperation;
      readonly deadline: number;
    }
  /**
   * The servers of the chain, as far as known. The latest view counts. `chain`: whose servers they are, where that is
   * known: another one than before is a store that was begun anew.
   */
  | { readonly type: 'view'; readonly view: View; readonly chain?: ChainId | undefined }
  /** A connection that `connect` asked for is up. */
  | { readonly type: 'connected'; readonly connection: ConnectionId }
  /**
   * A connection is lost, or could not be established. `unsent`: requests that have certainly not left this machine.
   */
  | {
      readonly type: 'disconnected';
      readonly connection: ConnectionId;
      readonly detail: string;
      readonly unsent: readonly RequestToken[];
    }
  /**
   * A server's answer: a result of the type that the request expects, or an error. Answers arrive in the order of the
   * requests of their connection. Exception: the error for a request that cannot be sent may arrive at any time.
   */
  | { readonly type: 'answer'; readonly token: RequestToken; readonly answer: ClientResult | ClientError }
  /** The caller no longer wants the outcome of `call`. Ignored if the call has one. */
  | { readonly type: 'abort'; readonly call: CallId }
  /** Of a client that holds outcomes: those of all writes until now are no longer needed. None is under way. */
  | { readonly type: 'hold' }
  /** The time of the last `wake` effect has been reached. */
  | { readonly type: 'wake' }
  /** Fails all present and later calls, and closes all connections. */
  | { readonly type: 'close' };

export type ClientEffect =
  /** Connect; `connected` or `disconnected` follows within some seconds. An address has at most one connection. */
  | { readonly type: 'connect'; readonly connection: ConnectionId; readonly address: string }
  /** Close it, or stop trying to establish it. Later events of it are ignored. */
  | { readonly type: 'disconnect'; readonly connection: ConnectionId }
  /** Send over a connection that is up. Requests of one connection are sent in the order of their effects. */
  | {
      readonly type: 'send';
      readonly connection: ConnectionId;
      readonly token: RequestToken;
      readonly request: ClientRequest;
    }
  | { readonly type: 'complete'; readonly call: CallId; readonly outcome: ClientResult | ClientError }
  /** Send a `wake` event at `at` (on the clock of `now`). Replaces the previous one. */
  | { readonly type: 'wake'; readonly at: number };
