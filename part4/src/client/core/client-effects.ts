/**
 * What goes into the client's core and what comes out. The core performs nothing itself: the real client, or the
 * simulator, turns what happens into events and carries out the effects, in the order in which they were given.
 */

import type { ErrorCode } from '@tablelab/shared';
import type { WriteName, WriteRequest } from '../../core/update.ts';
import type { View } from '../../core/view.ts';
import type { WriteNameAsked } from '../../write-name.ts';

/** Names a call; whoever makes it chooses it and never uses one twice. */
export type CallId = number;

/** Names a connection to a server; the core never uses one twice. */
export type ConnectionId = number;

/** Names a request on its way; the core never uses one twice. */
export type RequestToken = number;

/** What changes the table: for the head. */
export type WriteOperation =
  | { readonly op: 'put'; readonly key: string; readonly data: Uint8Array }
  | { readonly op: 'del'; readonly key: string };

/** What asks about it: for the tail. */
export type ReadOperation =
  | { readonly op: 'get'; readonly key: string }
  | { readonly op: 'size' }
  | { readonly op: 'keys' }
  | { readonly op: 'verify'; readonly name: WriteNameAsked };

export type ClientOperation = WriteOperation | ReadOperation;

/** What is sent to a server. A write, `open` among them, asks for the answer COMMITTED. */
export type ClientRequest = WriteRequest | ReadOperation;

/** What a server has done, or said, as it was asked to. */
export type ClientResult =
  /** `client`: what the session that an `open` has begun is called; empty for other writes. */
  | { readonly type: 'written'; readonly name: WriteName; readonly client: string }
  /** Undefined: the key is not there. */
  | { readonly type: 'value'; readonly value: Uint8Array | undefined }
  | { readonly type: 'size'; readonly size: number }
  | { readonly type: 'keys'; readonly keys: readonly string[] }
  | { readonly type: 'verified'; readonly executed: boolean };

/**
 * `mayHaveHappened`: of a server's answer, whether this one request may have been executed, or still may be (it may
 * for UNCERTAIN and INTERNAL; every other code is a refusal); of a call, whether any of its requests may.
 */
export interface ClientError {
  readonly type: 'error';
  readonly code: ErrorCode;
  readonly detail: string;
  readonly mayHaveHappened: boolean;
}

export type ClientEvent =
  /** Answered with exactly one `complete`: by `deadline` (as `now`), given that `wake` comes when it was asked for. */
  | {
      readonly type: 'call';
      readonly call: CallId;
      readonly operation: ClientOperation;
      readonly deadline: number;
    }
  /** Who is in the chain, as far as is known; of two that come one after the other the second counts. */
  | { readonly type: 'view'; readonly view: View }
  /** A connection that a `connect` asked for is up. */
  | { readonly type: 'connected'; readonly connection: ConnectionId }
  /** It is lost, or could not be made. `unsent`: what was given to `send` and has definitely not left this machine. */
  | {
      readonly type: 'disconnected';
      readonly connection: ConnectionId;
      readonly detail: string;
      readonly unsent: readonly RequestToken[];
    }
  /**
   * What a server answered, a result of the kind that the request asks for, or an error; or, where the request could not
   * be sent at all, the error that says why. Of requests of one connection in the order in which they were sent.
   */
  | { readonly type: 'answer'; readonly token: RequestToken; readonly answer: ClientResult | ClientError }
  /** The time that a `wake` effect asked for has come. */
  | { readonly type: 'wake' }
  /** Every call fails, also those to come, and every connection is closed. */
  | { readonly type: 'close' };

export type ClientEffect =
  /** Connect, within some seconds; answer with `connected` or `disconnected`. One at most for each address. */
  | { readonly type: 'connect'; readonly connection: ConnectionId; readonly address: string }
  /** Close it, or call the attempt off. Nothing of it counts any more: no event of it needs to follow. */
  | { readonly type: 'disconnect'; readonly connection: ConnectionId }
  /** Send over a connection that is up. Requests of one connection are sent in the order of their effects. */
  | {
      readonly type: 'send';
      readonly connection: ConnectionId;
      readonly token: RequestToken;
      readonly request: ClientRequest;
    }
  | { readonly type: 'complete'; readonly call: CallId; readonly outcome: ClientResult | ClientError }
  /** Send `wake` at `at` (as `now`); a new one replaces the old. */
  | { readonly type: 'wake'; readonly at: number };
