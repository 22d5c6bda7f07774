/**
 * What goes into the core and what comes out. The core performs nothing itself: the driver, or the simulator, turns
 * what happens into events and carries out the effects, in the order in which they were given.
 */

import type { ChainMessage } from './messages.ts';
import type { Update, WriteName, WriteRequest } from './update.ts';
import type { ServerEntry, View } from './view.ts';

/** Names a connection between two servers on this side; the driver never uses a name twice. */
export type LinkId = string;

/** Names a client's request while it has no answer; the driver chooses it and never uses one twice. */
export type RequestToken = number;

export type ChainEvent =
  /** A view was read from ZooKeeper. An older one than the last is ignored. */
  | { readonly type: 'view'; readonly view: View }
  /** A client's write arrived. It is answered with exactly one `reply`, now or later. */
  | {
      readonly type: 'write';
      readonly token: RequestToken;
      readonly write: WriteRequest;
      readonly ack: 'assigned' | 'committed';
    }
  /** The table has executed every update below `executed`. */
  | { readonly type: 'executed'; readonly executed: number }
  /** The link that a `dial` effect asked for is up. */
  | { readonly type: 'link-up'; readonly link: LinkId }
  /** A message came in over a link. The first of a link that another server dialled is a `hello`. */
  | { readonly type: 'message'; readonly link: LinkId; readonly message: ChainMessage }
  /** A link is gone, or could not be made. */
  | { readonly type: 'link-down'; readonly link: LinkId; readonly detail: string };

export type WriteReply =
  | { readonly type: 'assigned'; readonly name: WriteName }
  | { readonly type: 'committed'; readonly name: WriteName }
  | { readonly type: 'refused'; readonly code: 'NOT_HEAD' | 'NOT_READY' | 'BUSY'; readonly detail: string };

export type ChainEffect =
  /** Execute these on the table, in order, after all that went before; report with `executed`. */
  | { readonly type: 'execute'; readonly updates: readonly Update[] }
  | { readonly type: 'reply'; readonly token: RequestToken; readonly reply: WriteReply }
  /** Connect to a server after `delayMs`; answer with `link-up` or `link-down`. */
  | {
      readonly type: 'dial';
      readonly link: LinkId;
      readonly server: ServerEntry;
      readonly delayMs: number;
    }
  /** Send over a link. Messages of one link are sent in the order of their effects. */
  | { readonly type: 'send'; readonly link: LinkId; readonly message: ChainMessage }
  /** Close a link once what was sent over it has left; a dial that waits is called off. No `link-down` follows. */
  | { readonly type: 'close'; readonly link: LinkId; readonly detail: string }
  /** Read the view now: somebody knows of a newer one, at least `version`. */
  | { readonly type: 'read-view'; readonly version: number }
  /** This server cannot be part of the chain: leave it and end, with this text for a person. */
  | { readonly type: 'leave'; readonly detail: string };
