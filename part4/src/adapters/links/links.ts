import type { LinkId } from '../../core/effects.ts';
import type { ChainMessage } from '../../core/messages.ts';
import type { AcceptedConnection, Clock, Timer, Transport } from '../../ports.ts';
import { LinkConnection, type LinkLimits } from './link-connection.ts';

export const defaultLinkLimits: LinkLimits = {
  dialTimeoutMs: 2_000,
  frameBytesMax: 32 << 20,
  firstMessageTimeoutMs: 5_000,
  silenceMs: 4_000,
  strangersMax: 64,
};

export interface LinksListener {
  /** A link that {@link Links.dial} asked for is up. */
  up(link: LinkId): void;
  message(link: LinkId, message: ChainMessage): void;
  /** The link is gone, or could not be made; not called after {@link Links.close}. */
  down(link: LinkId, detail: string): void;
}

/** A link that waits to be dialled, or that has a connection. */
type Link =
  | { readonly type: 'waiting'; readonly timer: Timer }
  | { readonly type: 'connected'; readonly connection: LinkConnection };

/**
 * The links to the neighbours in the chain, by name. Invariant: a link that is not in the map reports nothing, so the
 * listener hears of each link's end at most once, and of nothing after it.
 */
export class Links {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #limits: LinkLimits;
  readonly #listener: LinksListener;
  readonly #links = new Map<LinkId, Link>();
  /** Oldest first. */
  readonly #strangers = new Set<LinkConnection>();
  #accepted = 0;
  #isClosed = false;

  constructor(parts: {
    readonly transport: Transport;
    readonly clock: Clock;
    readonly listener: LinksListener;
    readonly limits?: LinkLimits;
  }) {
    this.#transport = parts.transport;
    this.#clock = parts.clock;
    this.#listener = parts.listener;
    this.#limits = parts.limits ?? defaultLinkLimits;
  }

  /** Connects to `address` (`host:port`) after `delayMs`. */
  dial(link: LinkId, address: string, delayMs: number): void {
    if (this.#isClosed) return;
    const timer = this.#clock.after(delayMs, () => this.#add(link).dial(this.#transport, address));
    this.#links.set(link, { type: 'waiting', timer });
  }

  /** Takes over a connection on which another server has sent the preface. `rest`: the bytes after the preface. */
  accept(incoming: AcceptedConnection, rest: Uint8Array): void {
    this.#accepted += 1;
    const connection = this.#add(`from-${this.#accepted}`);
    this.#strangers.add(connection);
    const [oldest] = this.#strangers;
    if (this.#strangers.size > this.#limits.strangersMax)
      oldest?.fail('too many links from servers that are no neighbours');
    connection.accept(incoming, rest);
    if (this.#isClosed) connection.fail('this server is shutting down');
  }

  /** Sends a message; without effect on a link that is gone, because its end is being reported. */
  send(link: LinkId, message: ChainMessage): void {
    const entry = this.#links.get(link);
    if (entry?.type !== 'connected') return;
    this.#strangers.delete(entry.connection);
    entry.connection.send(message);
  }

  /** Closes a link once everything sent has left; cancels one that waits to be dialled. */
  close(link: LinkId): void {
    const entry = this.#links.get(link);
    this.#links.delete(link);
    if (entry?.type === 'waiting') entry.timer.cancel();
    if (entry?.type !== 'connected') return;
    this.#strangers.delete(entry.connection);
    entry.connection.close();
  }

  /** Closes all links, and makes no more. */
  closeAll(): void {
    this.#isClosed = true;
    for (const link of [...this.#links.keys()]) this.close(link);
  }

  #add(link: LinkId): LinkConnection {
    const connection = new LinkConnection({
      clock: this.#clock,
      limits: this.#limits,
      listener: {
        up: () => this.#listener.up(link),
        message: (message) => this.#listener.message(link, message),
        down: (detail) => {
          this.#strangers.delete(connection);
          this.#links.delete(link);
          this.#listener.down(link, detail);
        },
      },
    });
    this.#links.set(link, { type: 'connected', connection });
    return connection;
  }
}
