/**
 * What two neighbours of the chain say to each other. A link is dialled by the predecessor; over it go, in this order:
 *
 *     predecessor                          successor
 *         HELLO     ---------------------->
 *                   <----------------------   WELCOME   or   REJECT
 *         HANDOVER  ---------------------->   (to a server that is new in the chain)
 *         UPDATES   ---------------------->   (again and again)
 *                   <----------------------   ACK       (again and again, cumulative)
 *
 * A link loses nothing and keeps the order while it lives; when it breaks, the next one begins with HELLO again.
 */

import type { Epoch, Update } from './update.ts';
import type { ServerId } from './view.ts';

export type ChainMessage =
  /** "I am `id`, and in view `viewVersion` you are my next server." */
  | { readonly type: 'hello'; readonly id: ServerId; readonly viewVersion: number }
  | {
      readonly type: 'welcome';
      /** The sequence number that the successor expects next: resend from here. */
      readonly received: number;
      /** The epoch of its last update; undefined where it has none. Equal epochs mean equal histories. */
      readonly lastEpoch: Epoch | undefined;
      /** All below this is known to be executed at the tail. */
      readonly stable: number;
      /** Whether the chain's state has been handed over to it; if not, it answers no reads yet. */
      readonly member: boolean;
    }
  /** "In my view, `viewVersion`, you are not my predecessor." */
  | { readonly type: 'reject'; readonly viewVersion: number }
  /** "Your state does not fit mine, and mine cannot be sent to you: leave the chain." */
  | { readonly type: 'refuse'; readonly detail: string }
  /** "No tail before you has answered for anything at or beyond `seq`: once you have executed all below it, answer." */
  | { readonly type: 'handover'; readonly seq: number }
  /** In sequence, without a gap. */
  | { readonly type: 'updates'; readonly updates: readonly Update[] }
  /** "The tail has executed everything below `stable`." */
  | { readonly type: 'ack'; readonly stable: number };
