import type { ChainEffect, LinkId } from './effects.ts';
import type { ChainMessage } from './messages.ts';
import { predecessorOf, type ServerId, type View } from './view.ts';

type Hello = Extract<ChainMessage, { type: 'hello' }>;

/** How many servers may be waiting for this one to read the view that they have read; one per server is normal. */
const hellosWaitingMax = 16;

/**
 * The link from the predecessor. Invariant: updates are taken from at most one link, which the present predecessor
 * dialled; whoever else calls is told which view says so.
 */
export class Upstream {
  readonly #id: ServerId;
  readonly #emit: (effect: ChainEffect) => void;
  #current: { readonly link: LinkId; readonly server: ServerId } | undefined;
  /** HELLOs from a newer view than our own, which has to be read before they can be judged. */
  readonly #waiting = new Map<LinkId, Hello>();

  constructor(id: ServerId, emit: (effect: ChainEffect) => void) {
    this.#id = id;
    this.#emit = emit;
  }

  get link(): LinkId | undefined {
    return this.#current?.link;
  }

  /** Judges a HELLO; true when `link` is now the one to take updates from, and WELCOME is due. */
  hello(link: LinkId, hello: Hello, view: View): boolean {
    if (hello.viewVersion > view.version) {
      if (this.#waiting.size >= hellosWaitingMax) {
        this.#emit({ type: 'close', link, detail: 'too many servers wait for a newer view' });
        return false;
      }
      this.#waiting.set(link, hello);
      this.#emit({ type: 'read-view', version: hello.viewVersion });
      return false;
    }
    if (predecessorOf(view, this.#id)?.id !== hello.id) {
      this.#reject(link, view, `server ${hello.id} is not the predecessor`);
      return false;
    }
    // The predecessor dials anew only when its old link is gone on its side, whatever ours still looks like.
    if (this.#current !== undefined) {
      this.#emit({ type: 'close', link: this.#current.link, detail: 'the predecessor has a newer link' });
    }
    this.#current = { link, server: hello.id };
    return true;
  }

  /** Drops the link of a server that is not the predecessor any more; gives back the HELLOs that can be judged now. */
  follow(view: View): [LinkId, Hello][] {
    if (this.#current !== undefined && predecessorOf(view, this.#id)?.id !== this.#current.server) {
      this.breakLink('another server is the predecessor now');
    }
    const ready = [...this.#waiting].filter(([, hello]) => hello.viewVersion <= view.version);
    for (const [link] of ready) this.#waiting.delete(link);
    return ready;
  }

  /** Sends those away who spoke of a newer view than ZooKeeper has told of since: they will call again. */
  rejectWaiting(view: View): void {
    for (const link of this.#waiting.keys()) this.#reject(link, view, 'ZooKeeper knows of no such view');
    this.#waiting.clear();
  }

  breakLink(detail: string): void {
    if (this.#current === undefined) return;
    this.#emit({ type: 'close', link: this.#current.link, detail });
    this.#current = undefined;
  }

  linkDown(link: LinkId): void {
    this.#waiting.delete(link);
    if (this.#current?.link === link) this.#current = undefined;
  }

  #reject(link: LinkId, view: View, detail: string): void {
    this.#emit({ type: 'send', link, message: { type: 'reject', viewVersion: view.version } });
    this.#emit({ type: 'close', link, detail });
  }

  send(message: ChainMessage): void {
    if (this.#current !== undefined) this.#emit({ type: 'send', link: this.#current.link, message });
  }
}
