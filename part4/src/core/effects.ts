/**
 * The events and effects of the core. The core does no I/O: the driver creates the events and carries out the effects
 * in order.
 */

import type { TableEntry } from './condition.ts';
import type { Directory, DirectoryChange } from './directory.ts';
import type { DiskRoom } from './disk-room.ts';
import type { ChainId } from './membership-record.ts';
import type { ChainMessage } from './messages.ts';
import type { Update, WriteName, WriteRequest } from './update.ts';
import type { ServerId, SessionId } from './view.ts';

/** Identifies a link on this server; the driver uses each name once. */
export type LinkId = string;

/** Identifies a client's request without an answer; the driver uses each token once. */
export type RequestToken = number;

/** The position of a walk through the table: 0 at first, then the one that came with the last chunk. */
export type Cursor = number;

export type ChainEvent =
  /** A session with ZooKeeper has started. `timeoutMs`: the time-out that ZooKeeper granted. */
  | { readonly type: 'session-started'; readonly session: SessionId; readonly timeoutMs: number }
  /** The session has ended; its znodes are gone, or will be. */
  | { readonly type: 'session-ended'; readonly detail: string }
  /**
   * The directory, read again: after each change of `/chain` and `/chain-joining`, after a `read-directory`, and after
   * each `change-directory`. It belongs to the present session, and was read after the last `change-over`.
   */
  | { readonly type: 'directory'; readonly directory: Directory }
  /** The change was done or refused, or its outcome is unknown; the next directory shows it. */
  | { readonly type: 'change-over' }
  /** ZooKeeper has confirmed a heartbeat that was sent at `sentAt` (on the clock of {@link ChainCore.handle}). */
  | { readonly type: 'heartbeat'; readonly session: SessionId; readonly sentAt: number }
  /**
   * A client's write has arrived. It gets exactly one `reply`, now or later. `entry`: what the table has under the key,
   * see {@link ChainCore.writeRefusal}; the host must have looked if the write is conditional ({@link isConditional}).
   */
  | {
      readonly type: 'write';
      readonly token: RequestToken;
      readonly write: WriteRequest;
      readonly entry: TableEntry;
      readonly ack: 'assigned' | 'committed';
    }
  /**
   * The table has executed every update below `executed`. The report may be late: reads may have shown more by then.
   * `tableBytes`: the table's logical size at that time or later.
   */
  | { readonly type: 'executed'; readonly executed: number; readonly tableBytes: number }
  /** `chunks` chunks have been loaded into the table since the last `wipe`. `tableBytes`: the table's logical size. */
  | { readonly type: 'loaded'; readonly chunks: number; readonly tableBytes: number }
  /** The result of `read-chunk`: the entries as they are after exactly the updates below `executed`. */
  | {
      readonly type: 'chunk';
      readonly link: LinkId;
      readonly entries: Uint8Array;
      readonly executed: number;
      /** Where to continue; undefined after the last chunk. */
      readonly next: Cursor | undefined;
    }
  /** The result of `read-log`. Without updates: the log does not reach back so far, or cannot be read. */
  | { readonly type: 'log-read'; readonly link: LinkId; readonly updates: readonly Update[] }
  /** The link of a `dial` effect is up. */
  | { readonly type: 'link-up'; readonly link: LinkId }
  /** A message has arrived over a link. The first one on a link that another server dialled is a `hello`. */
  | { readonly type: 'message'; readonly link: LinkId; readonly message: ChainMessage }
  /** A link is gone, or could not be established. */
  | { readonly type: 'link-down'; readonly link: LinkId; readonly detail: string }
  /** The room on this server's disk has changed; at first there is enough. */
  | { readonly type: 'room'; readonly room: DiskRoom }
  /** Leave the chain: `left` follows once all servers have executed the accepted writes. */
  | { readonly type: 'leave' }
  /** The time of a `wake` effect has been reached. */
  | { readonly type: 'wake' };

/** BUSY: there may be room later. FULL: the table has no room for this write until something is deleted. DISK_FULL: see {@link DiskRoom}. */
export type WriteRefusalCode =
  | 'NOT_HEAD'
  | 'NOT_READY'
  | 'BUSY'
  | 'FULL'
  | 'DISK_FULL'
  | 'SHUTTING_DOWN'
  | 'LOST'
  | 'BAD_REQUEST';

/** Why a server refuses a request. */
export interface Refusal<Code extends string = WriteRefusalCode> {
  readonly code: Code;
  readonly detail: string;
  /** There may be room soon: the write may wait a little for admission before it is answered. */
  readonly mayWait?: boolean;
}

export type WriteReply =
  /** `isApplied`: see {@link Update.isApplied}. The same for every attempt at a write. */
  | { readonly type: 'assigned'; readonly name: WriteName; readonly isApplied: boolean }
  /** `client`: the name of the session that `open` has begun; empty for other writes. */
  | {
      readonly type: 'committed';
      readonly name: WriteName;
      readonly isApplied: boolean;
      readonly client: string;
    }
  /**
   * The write may have happened, or may still happen: this server is out of the chain and cannot know. The client
   * repeats it.
   */
  | { readonly type: 'unknown'; readonly detail: string }
  /** This attempt did not happen, and never will. LOST: the outcome of an earlier attempt has been forgotten. */
  | { readonly type: 'refused'; readonly code: WriteRefusalCode; readonly detail: string };

/** Data of the chain that a server takes with it when it leaves, as far as it knows. */
export interface LastCopy {
  readonly chain: ChainId;
  /** The table's logical size. */
  readonly bytes: number;
  /** False if ZooKeeper could not say whether another server holds them. */
  readonly isSure: boolean;
}

export type ChainEffect =
  /** Execute these on the table, in order, after all earlier ones; report with `executed`. */
  | { readonly type: 'execute'; readonly updates: readonly Update[] }
  /**
   * Start with an empty table: the old one reports nothing more, and `executed` continues from `seq`. Earlier `execute`
   * and `load` effects are cancelled.
   */
  | { readonly type: 'wipe'; readonly seq: number }
  /** Put these entries of a snapshot into the table, in order with `execute`; report with `loaded`. */
  | { readonly type: 'load'; readonly entries: Uint8Array }
  /** Read some entries from `cursor` on; report `executed` first, and then `chunk` for this `link`. */
  | { readonly type: 'read-chunk'; readonly link: LinkId; readonly cursor: Cursor }
  /**
   * Read updates from `seq` on, below `end`, from the log on disk: at least one, at most `countMax` and about `bytesMax` bytes.
   * Answer with `log-read`.
   */
  | {
      readonly type: 'read-log';
      readonly link: LinkId;
      readonly seq: number;
      readonly end: number;
      readonly countMax: number;
      readonly bytesMax: number;
    }
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
  /** Close a link once everything sent over it has left, or cancel a waiting dial. No `link-down` follows. */
  | { readonly type: 'close'; readonly link: LinkId; readonly detail: string }
  /** Read the directory now, after a write to ZooKeeper, so that the result is no older than this effect. */
  | { readonly type: 'read-directory' }
  /** Carry out a change in ZooKeeper; answer with `change-over`, then a new `directory`. One at a time. */
  | { readonly type: 'change-directory'; readonly change: DirectoryChange }
  /**
   * Send heartbeats from now on: writes that check that this session's znode `id` in `/chain` exists. Undefined: stop.
   */
  | { readonly type: 'heartbeats'; readonly id: ServerId | undefined }
  /** Send `wake` after `delayMs`; replaces the previous one. */
  | { readonly type: 'wake'; readonly delayMs: number }
  /** A line for the log. */
  | { readonly type: 'log'; readonly level: 'info' | 'warn'; readonly detail: string }
  /** This server has left the chain after `leave`: end. */
  | { readonly type: 'left'; readonly lastCopy: LastCopy | undefined }
  /** This server cannot be part of the chain: end, and show this text. No effects follow. */
  | { readonly type: 'stop'; readonly detail: string };
