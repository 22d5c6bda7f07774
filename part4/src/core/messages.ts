/**
 * The messages between two servers. The predecessor dials the link, or the tail if the other server is joining. The
 * messages follow in this order:
 *
 *     predecessor, tail                    successor, joining server
 *         HELLO     ---------------------->
 *                   <----------------------   WELCOME   or   REJECT
 *         SNAPSHOT  ---------------------->   (only to a joining server, where the logs do not reach back far enough)
 *         CHUNK     ---------------------->   (the snapshot's entries, between updates)
 *         INVITE ----------------------> (to a joining server: the copy is complete, enter the chain)
 *         HANDOVER ----------------------> (to a server that is new in the chain)
 *         UPDATES   ---------------------->   (again and again, from WELCOME or SNAPSHOT on)
 *                   <---------------------- PROGRESS (from a server that is not a member yet)
 *                   <----------------------   ACK       (from a member; again and again, cumulative)
 *
 * While a link is open, it loses no messages and keeps their order. After a break, the next link begins with HELLO
 * again.
 */

import type { SessionRecord } from './client-sessions.ts';
import type { EpochStart } from './epoch-table.ts';
import type { ChainId } from './membership-record.ts';
import type { Epoch, Update } from './update.ts';
import type { ServerId, SessionId } from './view.ts';

export type ChainMessage =
  /** "I am `id`, and in view `viewVersion` you are my successor; `joining`: I am the tail and you are joining." */
  | {
      readonly type: 'hello';
      readonly id: ServerId;
      /**
       * The sender's session with ZooKeeper. If ZooKeeper loses its data, ids and versions start over, and a server
       * that has not noticed could be taken for another one; a session id never repeats.
       */
      readonly session: SessionId;
      readonly viewVersion: number;
      readonly chain: ChainId;
      readonly joining: boolean;
    }
  | {
      readonly type: 'welcome';
      /** The sequence number that it expects next: send from here. */
      readonly received: number;
      /** The epoch of its last update; undefined if it has none. Equal epochs mean equal histories. */
      readonly lastEpoch: Epoch | undefined;
      /** Whether its state is complete: false after an interrupted snapshot. */
      readonly whole: boolean;
      /** All updates below this are known to be executed at the tail; 0 from a server that is not a member. */
      readonly stable: number;
      /** Whether it has received HANDOVER; if not, it answers no reads yet. */
      readonly member: boolean;
    }
  /** "In my view, `viewVersion`, you are not my predecessor." */
  | { readonly type: 'reject'; readonly viewVersion: number }
  /** "Your state does not fit mine: leave the chain, and join it anew." */
  | { readonly type: 'refuse'; readonly detail: string }
  /** "Discard your state. My entries follow in CHUNKs; with all updates from `seq` on they make up the state." */
  | {
      readonly type: 'snapshot';
      readonly seq: number;
      /** The epochs of the updates below `seq`. */
      readonly epochs: readonly EpochStart[];
      /** The client sessions after the updates below `sessionsSeq`, least recently used first. */
      readonly sessions: readonly SessionRecord[];
      readonly sessionsSeq: number;
    }
  /** Entries as they are after all updates sent before. */
  | { readonly type: 'chunk'; readonly entries: Uint8Array }
  /** "Once you have executed all below `seq`, enter the chain." */
  | { readonly type: 'invite'; readonly seq: number }
  /** "No earlier tail has answered for an update at or beyond `seq`: once you have executed all below it, answer." */
  | { readonly type: 'handover'; readonly seq: number }
  /** In sequence, without a gap. */
  | { readonly type: 'updates'; readonly updates: readonly Update[] }
  /** "I have executed all updates below `executed`, and loaded this many CHUNKs." */
  | { readonly type: 'progress'; readonly executed: number; readonly chunks: number }
  /** "The tail has executed everything below `stable`." */
  | { readonly type: 'ack'; readonly stable: number };
