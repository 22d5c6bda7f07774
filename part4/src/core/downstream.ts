import type { ChainEffect, LinkId } from './effects.ts';
import type { ChainMessage } from './messages.ts';
import type { UpdateLog } from './update-log.ts';
import type { ServerEntry } from './view.ts';

/** Where the link to the next server stands. */
type DownstreamState =
  /** There is no next server: this one is the tail, or not in a view yet. */
  | { readonly type: 'none' }
  | { readonly type: 'dialing'; readonly link: LinkId; readonly server: ServerEntry }
  /** Our HELLO is on its way. */
  | { readonly type: 'greeting'; readonly link: LinkId; readonly server: ServerEntry }
  | {
      readonly type: 'open';
      readonly link: LinkId;
      readonly server: ServerEntry;
      /** The sequence number of the next update to send. */
      next: number;
      /** The next server waits for HANDOVER: it is new in the chain. */
      handoverDue: boolean;
    };

export interface DownstreamLimits {
  /** Updates in one UPDATES message at most. */
  readonly batchUpdatesMax: number;
  /** Bytes in one UPDATES message, more or less: the update that crosses the limit still goes in. */
  readonly batchBytesMax: number;
  /** How long to wait before a broken link is dialled anew, in milliseconds. */
  readonly redialDelayMs: number;
}

/** The link to the next server. Invariant: at most one link at a time, and it leads to the next server of the view. */
export class Downstream {
  readonly #limits: DownstreamLimits;
  readonly #emit: (effect: ChainEffect) => void;
  #state: DownstreamState = { type: 'none' };
  #dials = 0;

  constructor(limits: DownstreamLimits, emit: (effect: ChainEffect) => void) {
    this.#limits = limits;
    this.#emit = emit;
  }

  /** The link that is in use or on its way, whatever its state. */
  get link(): LinkId | undefined {
    return this.#state.type === 'none' ? undefined : this.#state.link;
  }

  /** One above the last update that was sent over the link that is open now, or undefined where none is open. */
  get next(): number | undefined {
    return this.#state.type === 'open' ? this.#state.next : undefined;
  }

  /** Follows the view: drops the link to a server that is not the next one any more and dials the one that is. */
  follow(successor: ServerEntry | undefined): void {
    const state = this.#state;
    if (state.type !== 'none') {
      if (state.server.id === successor?.id) return;
      this.#emit({ type: 'close', link: state.link, detail: 'another server is the next one now' });
      this.#state = { type: 'none' };
    }
    if (successor !== undefined) this.#dial(successor, 0);
  }

  linkUp(hello: ChainMessage): void {
    const state = this.#state;
    if (state.type !== 'dialing') return;
    this.#state = { type: 'greeting', link: state.link, server: state.server };
    this.#emit({ type: 'send', link: state.link, message: hello });
  }

  /** Dials again: the link broke, or what came over it cannot be right. */
  linkBroken(): void {
    if (this.#state.type !== 'none') this.#dial(this.#state.server, this.#limits.redialDelayMs);
  }

  /** Closes the link for a stated reason and dials again. */
  breakLink(detail: string): void {
    if (this.#state.type === 'none') return;
    this.#emit({ type: 'close', link: this.#state.link, detail });
    this.linkBroken();
  }

  /** The next server takes updates from `next` on; `handoverDue` where it has to be handed the chain first. */
  open(options: { next: number; handoverDue: boolean }): void {
    if (this.#state.type !== 'greeting') return this.breakLink('a WELCOME that no HELLO asked for');
    this.#state = { type: 'open', link: this.#state.link, server: this.#state.server, ...options };
  }

  /**
   * Hands the chain over to a next server that waits for it. `executed`: what this server has executed, which nothing
   * that any tail has answered can exceed, because a server executes an update before it sends it on.
   */
  handOver(executed: number): void {
    const state = this.#state;
    if (state.type !== 'open' || !state.handoverDue) return;
    state.handoverDue = false;
    this.#emit({ type: 'send', link: state.link, message: { type: 'handover', seq: executed } });
  }

  /** Sends all that lies below `executed` and has not been sent over this link. */
  forward(log: UpdateLog, executed: number): void {
    const state = this.#state;
    if (state.type !== 'open') return;
    const limits = { countMax: this.#limits.batchUpdatesMax, bytesMax: this.#limits.batchBytesMax };
    while (state.next < executed) {
      const updates = log.slice(state.next, executed, limits);
      state.next += updates.length;
      this.#emit({ type: 'send', link: state.link, message: { type: 'updates', updates } });
    }
  }

  #dial(server: ServerEntry, delayMs: number): void {
    this.#dials += 1;
    const link = `to-${server.id}-${this.#dials}`;
    this.#state = { type: 'dialing', link, server };
    this.#emit({ type: 'dial', link, server, delayMs });
  }
}
