/**
 * What goes into the core and what comes out. The core performs nothing itself: the driver, or the simulator, turns
 * what happens into events and carries out the effects, in the order in which they were given.
 */

import type { Directory, DirectoryChange } from './directory.ts';
import type { ChainMessage } from './messages.ts';
import type { Update, WriteName, WriteRequest } from './update.ts';
import type { ServerId, SessionId } from './view.ts';

/** Names a connection between two servers on this side; the driver never uses a name twice. */
export type LinkId = string;

/** Names a client's request while it has no answer; the driver chooses it and never uses one twice. */
export type RequestToken = number;

/** Where a walk through the table has come to: 0 at first, then what the last chunk said. */
export type Cursor = number;

export type ChainEvent =
  /** There is a session with ZooKeeper. `timeoutMs`: the time-out that ZooKeeper granted. */
  | { readonly type: 'session-started'; readonly session: SessionId; readonly timeoutMs: number }
  /** The session is over, and its znodes are gone, or will be. */
  | { readonly type: 'session-ended'; readonly detail: string }
  /**
   * What ZooKeeper says, read anew: after each change of `/chain` and `/chain-joining`, as a `read-directory` asked for,
   * and after each `change-directory` that is over. Of this session, and read after the last `change-over`.
   */
  | { readonly type: 'directory'; readonly directory: Directory }
  /** The change is done, was refused, or nobody knows; what came of it is in the directory that follows. */
  | { readonly type: 'change-over' }
  /** ZooKeeper has confirmed a heartbeat that was sent at `sentAt` (as `now`, see {@link ChainCore.handle}). */
  | { readonly type: 'heartbeat'; readonly session: SessionId; readonly sentAt: number }
  /**
   * A client's write arrived. It is answered with exactly one `reply`, now or later. `replacedBytes`: the logical size of the
   * entry that the table holds under the key, see {@link ChainCore.writeRefusal}; 0 where nobody has looked.
   */
  | {
      readonly type: 'write';
      readonly token: RequestToken;
      readonly write: WriteRequest;
      readonly replacedBytes: number;
      readonly ack: 'assigned' | 'committed';
    }
  /**
   * The table has executed every update below `executed`. It may be told late: reads may have shown more by then.
   * `tableBytes`: the table's logical size then, or later.
   */
  | { readonly type: 'executed'; readonly executed: number; readonly tableBytes: number }
  /** So many of the chunks since the last `wipe` have been loaded into the table, whose logical size is this by now. */
  | { readonly type: 'loaded'; readonly chunks: number; readonly tableBytes: number }
  /** What a `read-chunk` asked for. `executed`: the entries are as exactly the updates below it have left them. */
  | {
      readonly type: 'chunk';
      readonly link: LinkId;
      readonly entries: Uint8Array;
      readonly executed: number;
      /** Where to go on; undefined: this was the last one. */
      readonly next: Cursor | undefined;
    }
  /** The link that a `dial` effect asked for is up. */
  | { readonly type: 'link-up'; readonly link: LinkId }
  /** A message came in over a link. The first of a link that another server dialled is a `hello`. */
  | { readonly type: 'message'; readonly link: LinkId; readonly message: ChainMessage }
  /** A link is gone, or could not be made. */
  | { readonly type: 'link-down'; readonly link: LinkId; readonly detail: string }
  /** Leave the chain on purpose: once what was accepted is everywhere, `left` follows. */
  | { readonly type: 'leave' }
  /** The time that a `wake` effect asked for has passed. */
  | { readonly type: 'wake' };

/** BUSY: there may be room later. FULL: the table has no room for this write until something is deleted. */
export type WriteRefusalCode =
  | 'NOT_HEAD'
  | 'NOT_READY'
  | 'BUSY'
  | 'FULL'
  | 'SHUTTING_DOWN'
  | 'LOST'
  | 'BAD_REQUEST';

/** Why a server does not do what a client asks for. */
export interface Refusal<Code extends string = WriteRefusalCode> {
  readonly code: Code;
  readonly detail: string;
  /** There may be room soon: a write that waits a little, before it is answered, may come in after all. */
  readonly mayWait?: boolean;
}

export type WriteReply =
  | { readonly type: 'assigned'; readonly name: WriteName }
  /** `client`: what the session that an `open` has begun is called; empty for other writes. */
  | { readonly type: 'committed'; readonly name: WriteName; readonly client: string }
  /** The write may have happened, and may still: this server cannot tell, it is out of the chain. To be repeated. */
  | { readonly type: 'unknown'; readonly detail: string }
  /** This attempt did not happen, and never will. LOST: nobody knows any more what became of an earlier one. */
  | { readonly type: 'refused'; readonly code: WriteRefusalCode; readonly detail: string };

export type ChainEffect =
  /** Execute these on the table, in order, after all that went before; report with `executed`. */
  | { readonly type: 'execute'; readonly updates: readonly Update[] }
  /**
   * Begin with an empty table: nothing of the old one is reported any more, and `executed` counts on from `seq`. What
   * was given to `execute` and `load` before is called off.
   */
  | { readonly type: 'wipe'; readonly seq: number }
  /** Put these entries of a snapshot into the table, in order with `execute`; report with `loaded`. */
  | { readonly type: 'load'; readonly entries: Uint8Array }
  /** Read some entries from `cursor` on; answer with `chunk`, for this `link`. Reported first: what is executed by then. */
  | { readonly type: 'read-chunk'; readonly link: LinkId; readonly cursor: Cursor }
  | { readonly type: 'reply'; readonly token: RequestToken; readonly reply: WriteReply }
  /** Connect to a server after `delayMs`; answer with `link-up` or `link-down`. */
  | {
      readonly type: 'dial';
      readonly link: LinkId;
      readonly address: string;
      readonly delayMs: number;
    }
  /** Send over a link. Messages of one link are sent in the order of their effects. */
  | { readonly type: 'send'; readonly link: LinkId; readonly message: ChainMessage }
  /** Close a link once what was sent over it has left; a dial that waits is called off. No `link-down` follows. */
  | { readonly type: 'close'; readonly link: LinkId; readonly detail: string }
  /** Read the directory now, after a write of one's own to ZooKeeper, so that what comes is no older than this moment. */
  | { readonly type: 'read-directory' }
  /** Carry out a change in ZooKeeper; answer with `change-over`, then a new `directory`. One at a time. */
  | { readonly type: 'change-directory'; readonly change: DirectoryChange }
  /** Send heartbeats from now on, writes that check that this session's znode `id` in `/chain` is there; or no more. */
  | { readonly type: 'heartbeats'; readonly id: ServerId | undefined }
  /** Send `wake` after `delayMs`; a new one replaces the old. */
  | { readonly type: 'wake'; readonly delayMs: number }
  /** What a person should know. */
  | { readonly type: 'log'; readonly level: 'info' | 'warn'; readonly detail: string }
  /** This server has left the chain as it was asked to: end. */
  | { readonly type: 'left' }
  /** This server cannot be part of the chain: end, with this text for a person. Nothing follows. */
  | { readonly type: 'stop'; readonly detail: string };
