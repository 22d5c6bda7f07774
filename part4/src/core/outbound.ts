import type { WaitingServer } from './directory.ts';
import { Downstream, type DownstreamLimits, type Receiver } from './downstream.ts';
import type { ChainEffect, Cursor, LinkId } from './effects.ts';
import type { History } from './history.ts';
import type { ChainMessage } from './messages.ts';
import type { Adopted } from './place.ts';
import { type ServerId, successorOf } from './view.ts';

export interface OutboundContext {
  readonly limits: DownstreamLimits;
  readonly history: History;
  readonly emit: (effect: ChainEffect) => void;
  /** The whole chain has executed all below `stable`. */
  readonly onStable: (stable: number) => void;
}

/**
 * The servers that this one sends updates to: the next one and, if this is the tail, one that waits to be let in. That
 * one becomes the next one when it enters the chain, and its link goes on.
 */
export class Outbound {
  readonly #context: OutboundContext;
  #successor: Downstream;
  #admission: Downstream;
  #adopted: Adopted | undefined;
  /** The number of the waiting server that could not be reached last: others come first then. */
  #unreachedId: ServerId = -1;
  #waiting: readonly WaitingServer[] = [];
  /** The link over which a next server has spoken as a member. */
  #memberLink: LinkId | undefined;
  #links = 0;

  constructor(context: OutboundContext) {
    this.#context = context;
    this.#successor = this.#newDownstream({ isWaiting: false });
    this.#admission = this.#newDownstream({ isWaiting: true });
  }

  /** The next server is known to be a member: it has everything, and goes on with the chain when this one is gone. */
  get isFollowed(): boolean {
    return this.#memberLink !== undefined && this.#memberLink === this.#successor.link;
  }

  has(link: LinkId): boolean {
    return link === this.#successor.link || link === this.#admission.link;
  }

  /** Follows the view. `waiting`: who is to be let in by this server; none unless it is the tail and a member. */
  follow(adopted: Adopted, waiting: readonly WaitingServer[]): void {
    this.#adopted = adopted;
    this.#waiting = waiting;
    // As long as it knows of no chain it has nothing to say: with the record that makes it a member it is here again.
    const isNew = this.#context.history.chain === undefined;
    const successor = isNew ? undefined : successorOf(adopted.view, adopted.id);
    const isLetIn = successor !== undefined && this.#admission.receiver?.session === successor.session;
    if (isLetIn && this.#admission.hasInvited) {
      this.#successor.follow(undefined);
      this.#successor = this.#admission;
      this.#successor.hasEntered();
      this.#admission = this.#newDownstream({ isWaiting: true });
    }
    this.#successor.follow(successor);
    this.#admission.follow(this.#nextToAdmit());
  }

  close(): void {
    this.#adopted = undefined;
    this.#waiting = [];
    this.#successor.follow(undefined);
    this.#admission.follow(undefined);
  }

  /** Hands over to a next server that waits for it; for a member that is not the tail any more. */
  handOver(): Receiver | undefined {
    return this.#successor.handOver();
  }

  /** Sends on what has been executed here. */
  forward(): void {
    this.#successor.forward();
    this.#admission.forward();
  }

  chunk(event: { link: LinkId; entries: Uint8Array; next: Cursor | undefined }): void {
    if (event.link === this.#admission.link) this.#admission.chunk(event);
  }

  linkUp(link: LinkId): void {
    const { chain } = this.#context.history;
    if (this.#adopted === undefined || chain === undefined) return;
    const { id, view } = this.#adopted;
    const hello = { type: 'hello', id, viewVersion: view.version, chain } as const;
    if (link === this.#successor.link) this.#successor.linkUp({ ...hello, waiting: false });
    if (link === this.#admission.link) this.#admission.linkUp({ ...hello, waiting: true });
  }

  linkDown(link: LinkId): void {
    if (link === this.#successor.link) this.#successor.linkBroken();
    if (link === this.#admission.link) this.#admissionBroken();
  }

  onMessage(link: LinkId, message: ChainMessage): void {
    const isSuccessor = link === this.#successor.link;
    const downstream = isSuccessor ? this.#successor : this.#admission;
    switch (message.type) {
      case 'welcome':
        if (!isSuccessor) this.#unreachedId = -1;
        if (isSuccessor && message.member) this.#memberLink = link;
        downstream.welcome(message);
        if (isSuccessor && message.stable <= (downstream.next ?? 0)) this.#context.onStable(message.stable);
        return;
      case 'reject':
        // It has read, or will read, what makes it accept this server; or this server has to read why it does not.
        if (message.viewVersion > (this.#adopted?.view.version ?? 0))
          this.#context.emit({ type: 'read-directory' });
        return downstream.breakLink('rejected by a server whose view differs');
      case 'progress':
        return downstream.progress(message);
      case 'ack':
        if (!isSuccessor || message.stable > (downstream.next ?? 0)) {
          return downstream.breakLink(`an ACK for ${message.stable}, which was never sent`);
        }
        this.#memberLink = link;
        return this.#context.onStable(message.stable);
      default:
        return downstream.breakLink(`a ${message.type} from a server that is sent updates`);
    }
  }

  /** Others that wait have their turn before it is tried again. */
  #admissionBroken(): void {
    const session = this.#admission.receiver?.session;
    this.#unreachedId = this.#waiting.find((server) => server.session === session)?.id ?? -1;
    const next = this.#nextToAdmit();
    if (next === undefined || next.session === session) this.#admission.linkBroken();
    else this.#admission.follow(next);
  }

  /** The lowest number first; after one that could not be reached, the next ones, and then from the beginning. */
  #nextToAdmit(): Receiver | undefined {
    const waiting = this.#waiting;
    const current = waiting.find(({ session }) => session === this.#admission.receiver?.session);
    if (current !== undefined && current.id !== this.#unreachedId) return current;
    return waiting.find(({ id }) => id > this.#unreachedId) ?? waiting[0];
  }

  #newDownstream({ isWaiting }: { isWaiting: boolean }): Downstream {
    const newLink = () => {
      this.#links += 1;
      return `to-${this.#links}`;
    };
    return new Downstream({ ...this.#context, newLink }, { isWaiting });
  }
}
