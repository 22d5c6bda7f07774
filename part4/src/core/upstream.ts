import type { ChainEffect, LinkId } from './effects.ts';
import type { ChainMessage } from './messages.ts';
import type { ServerId } from './view.ts';

type Hello = Extract<ChainMessage, { type: 'hello' }>;

/** How many servers may be waiting for this one to read the view that they have read; one per server is normal. */
const hellosWaitingMax = 16;

/** From whom this server takes updates, by the view that it acts on. */
export interface Sender {
  readonly viewVersion: number;
  /** The predecessor, or the tail if this server waits to be let in; undefined: from nobody. */
  readonly id: ServerId | undefined;
  /** This server waits. */
  readonly waiting: boolean;
}

/**
 * The link from the predecessor, or from the tail as long as this server waits. Invariant: updates are taken from at most
 * one link, which the present sender dialled; whoever else calls is told which view says so.
 */
export class Upstream {
  readonly #emit: (effect: ChainEffect) => void;
  #current: { readonly link: LinkId; readonly server: ServerId } | undefined;
  #sender: Sender = { viewVersion: -1, id: undefined, waiting: true };
  /** HELLOs from a newer view than our own, which has to be read and adopted before they can be judged. */
  readonly #early = new Map<LinkId, Hello>();

  constructor(emit: (effect: ChainEffect) => void) {
    this.#emit = emit;
  }

  get link(): LinkId | undefined {
    return this.#current?.link;
  }

  /** Judges a HELLO; true when `link` is now the one to take updates from, and WELCOME is due. */
  hello(link: LinkId, hello: Hello): boolean {
    const { viewVersion, id, waiting } = this.#sender;
    if (hello.viewVersion > viewVersion) {
      if (this.#early.size >= hellosWaitingMax) {
        this.#emit({ type: 'close', link, detail: 'too many servers wait for a newer view' });
        return false;
      }
      this.#early.set(link, hello);
      this.#emit({ type: 'read-directory' });
      return false;
    }
    if (id !== hello.id || waiting !== hello.waiting) {
      this.#reject(link, `server ${hello.id} is not the one to take updates from`);
      return false;
    }
    // The sender dials anew only when its old link is gone on its side, whatever ours still looks like.
    if (this.#current !== undefined) {
      this.#emit({ type: 'close', link: this.#current.link, detail: 'the sender has a newer link' });
    }
    this.#current = { link, server: hello.id };
    return true;
  }

  /** Drops the link of a server that is not the sender any more; gives back the HELLOs that can be judged now. */
  follow(sender: Sender): [LinkId, Hello][] {
    this.#sender = sender;
    if (this.#current !== undefined && sender.id !== this.#current.server) {
      this.breakLink('updates come from another server now');
    }
    const ready = [...this.#early].filter(([, hello]) => hello.viewVersion <= sender.viewVersion);
    for (const [link] of ready) this.#early.delete(link);
    return ready;
  }

  /** Sends those away who spoke of a newer view than ZooKeeper knows of: they will call again. */
  rejectBeyond(viewVersion: number): void {
    for (const [link, hello] of this.#early) {
      if (hello.viewVersion <= viewVersion) continue;
      this.#early.delete(link);
      this.#reject(link, 'ZooKeeper knows of no such view');
    }
  }

  breakLink(detail: string): void {
    if (this.#current === undefined) return;
    this.#emit({ type: 'close', link: this.#current.link, detail });
    this.#current = undefined;
  }

  /** Breaks all links, those of whoever has called too early as well. */
  close(detail: string): void {
    this.breakLink(detail);
    for (const link of this.#early.keys()) this.#emit({ type: 'close', link, detail });
    this.#early.clear();
    this.#sender = { viewVersion: -1, id: undefined, waiting: true };
  }

  linkDown(link: LinkId): void {
    this.#early.delete(link);
    if (this.#current?.link === link) this.#current = undefined;
  }

  #reject(link: LinkId, detail: string): void {
    this.#emit({ type: 'send', link, message: { type: 'reject', viewVersion: this.#sender.viewVersion } });
    this.#emit({ type: 'close', link, detail });
  }

  send(message: ChainMessage): void {
    if (this.#current !== undefined) this.#emit({ type: 'send', link: this.#current.link, message });
  }
}
