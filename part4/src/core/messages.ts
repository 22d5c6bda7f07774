/**
 * What two servers say to each other. A link is dialled by the predecessor, or by the tail for a joining
 * server. Over it go, in this order:
 *
 *     predecessor, tail                    successor, joining server
 *         HELLO     ---------------------->
 *                   <----------------------   WELCOME   or   REJECT
 *         SNAPSHOT  ---------------------->   (only to a joining server, where the log does not reach back far enough)
 *         CHUNK     ---------------------->   (the snapshot's entries, between updates)
 *         INVITE    ---------------------->   (to a joining server: that was all, come in)
 *         HANDOVER  ---------------------->   (to a server that is new in the chain)
 *         UPDATES   ---------------------->   (again and again, from WELCOME or SNAPSHOT on)
 *                   <----------------------   PROGRESS  (from a server that is no member yet)
 *                   <----------------------   ACK       (from a member; again and again, cumulative)
 *
 * A link loses nothing and keeps the order while it lives; when it breaks, the next one begins with HELLO again.
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
       * The sender's session with ZooKeeper. When ZooKeeper loses its data, ids and versions begin anew, and a server that has
       * not noticed would otherwise pass for another one; a session never comes twice.
       */
      readonly session: SessionId;
      readonly viewVersion: number;
      readonly chain: ChainId;
      readonly joining: boolean;
    }
  | {
      readonly type: 'welcome';
      /** The sequence number that it expects next: resend from here. */
      readonly received: number;
      /** The epoch of its last update; undefined where it has none. Equal epochs mean equal histories. */
      readonly lastEpoch: Epoch | undefined;
      /** Whether its state is whole: false after a snapshot that was broken off. */
      readonly whole: boolean;
      /** All below this is known to be executed at the tail; 0 from a server that is no member. */
      readonly stable: number;
      /** Whether the chain's state has been handed over to it; if not, it answers no reads yet. */
      readonly member: boolean;
    }
  /** "In my view, `viewVersion`, you are not my predecessor." */
  | { readonly type: 'reject'; readonly viewVersion: number }
  /** "Your state does not fit mine: leave the chain, and join it anew." */
  | { readonly type: 'refuse'; readonly detail: string }
  /** "Forget all. My entries follow in CHUNKs; together with all updates from `seq` on they make up the state." */
  | {
      readonly type: 'snapshot';
      readonly seq: number;
      /** Who numbered what lies below `seq`. */
      readonly epochs: readonly EpochStart[];
      /** The clients' sessions, least recently used first, as the updates below `sessionsSeq` have left them. */
      readonly sessions: readonly SessionRecord[];
      readonly sessionsSeq: number;
    }
  /** Entries as the updates that were sent before have left them. */
  | { readonly type: 'chunk'; readonly entries: Uint8Array }
  /** "Once you have executed all below `seq`, enter the chain." */
  | { readonly type: 'invite'; readonly seq: number }
  /** "No tail before you has answered for anything at or beyond `seq`: once you have executed all below it, answer." */
  | { readonly type: 'handover'; readonly seq: number }
  /** In sequence, without a gap. */
  | { readonly type: 'updates'; readonly updates: readonly Update[] }
  /** "I have executed all below `executed`, and loaded so many CHUNKs." */
  | { readonly type: 'progress'; readonly executed: number; readonly chunks: number }
  /** "The tail has executed everything below `stable`." */
  | { readonly type: 'ack'; readonly stable: number };
