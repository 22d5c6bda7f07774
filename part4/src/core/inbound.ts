import { must } from '@tablelab/shared';
import type { ChainEffect, LinkId } from './effects.ts';
import type { History } from './history.ts';
import type { ChainMessage } from './messages.ts';
import type { Place } from './place.ts';
import type { Update } from './update.ts';
import { type Sender, Upstream } from './upstream.ts';

export interface InboundContext {
  readonly history: History;
  readonly place: Place;
  readonly emit: (effect: ChainEffect) => void;
}

/**
 * The server that this one gets updates from, and what that has promised: to be let in once all that was sent is in the
 * table, to answer as tail once all is executed that an earlier tail may have answered. Promises hold as long as the
 * link that they came over.
 */
export class Inbound {
  readonly #context: InboundContext;
  readonly #upstream: Upstream;
  #invited: number | undefined;
  #handedOver: number | undefined;
  #isRefused = false;
  #chunksReceived = 0;
  #chunksLoaded = 0;
  /**
   * Whether anything has come over the present link. Before, a snapshot may be on its way, which ends all that could be
   * said of what this server has.
   */
  #hasHeard = false;
  /** What the sender has been told. */
  #told = { stable: 0, executed: -1, chunks: -1 };

  constructor(context: InboundContext) {
    this.#context = context;
    this.#upstream = new Upstream(context.emit);
  }

  has(link: LinkId): boolean {
    return link === this.#upstream.link;
  }

  /** It has a copy of the chain's state and keeps up with it. */
  get isInvited(): boolean {
    return this.#upstream.link !== undefined && this.#isCopied;
  }

  /** It has executed all that an earlier tail may have answered. */
  get isHandedOver(): boolean {
    const { history } = this.#context;
    // It may have entered on an invitation that came before its state was replaced once more, over another link.
    if (!history.isWhole) return false;
    return this.#handedOver !== undefined && this.#handedOver <= history.executed;
  }

  get isRefused(): boolean {
    return this.#isRefused;
  }

  follow(sender: Sender): void {
    const before = this.#upstream.link;
    const hellos = this.#upstream.follow(sender);
    if (this.#upstream.link !== before) this.#dropPromises();
    if (sender.waiting) this.#isRefused = false;
    for (const [link, hello] of hellos) this.hello(link, hello);
  }

  /** Sends those away who spoke of a newer view than ZooKeeper knows of. */
  rejectBeyond(viewVersion: number): void {
    this.#upstream.rejectBeyond(viewVersion);
  }

  close(detail: string): void {
    this.#upstream.close(detail);
    this.#dropPromises();
  }

  linkDown(link: LinkId): void {
    if (this.has(link)) this.#dropPromises();
    this.#upstream.linkDown(link);
  }

  /** The table is emptied, and what was to be loaded into it is called off. */
  wipe(seq: number): void {
    this.#chunksReceived = 0;
    this.#chunksLoaded = 0;
    this.#context.emit({ type: 'wipe', seq });
  }

  loaded(chunks: number): void {
    this.#chunksLoaded = chunks;
  }

  hello(link: LinkId, hello: Extract<ChainMessage, { type: 'hello' }>): void {
    const { history, place } = this.#context;
    const isForeign = history.chain !== hello.chain;
    // Before anything else: it must not take the place of the link that there is.
    if (isForeign && place.held() !== undefined) {
      const detail = `server ${hello.id} is of chain ${hello.chain}, this one holds chain ${history.chain}`;
      return this.#context.emit({ type: 'close', link, detail });
    }
    if (!this.#upstream.hello(link, hello)) return;
    this.#hasHeard = false;
    this.#dropPromises();
    if (isForeign) place.startOver(hello.chain);
    const { received, lastEpoch, isWhole, stable } = history;
    const { isMember } = place;
    this.#told.stable = isMember ? stable : 0;
    this.#upstream.send({
      type: 'welcome',
      received: isWhole ? received : 0,
      lastEpoch: isWhole ? lastEpoch : undefined,
      whole: isWhole,
      stable: this.#told.stable,
      member: isMember,
    });
  }

  onMessage(message: ChainMessage): void {
    const { history, place, emit } = this.#context;
    this.#hasHeard = true;
    switch (message.type) {
      case 'updates':
        return this.#onUpdates(message.updates);
      case 'snapshot':
        if (place.adopted !== undefined) return this.#break('a snapshot for a server that is in the chain');
        place.forgetHeld();
        history.copy(must(history.chain, 'the HELLO named it'), message);
        return this.wipe(message.seq);
      case 'chunk':
        if (history.isWhole) return this.#break('a chunk of no snapshot');
        this.#chunksReceived += 1;
        return emit({ type: 'load', entries: message.entries });
      case 'invite':
        this.#invited = message.seq;
        return;
      case 'handover':
        this.#handedOver = message.seq;
        return;
      case 'refuse':
        if (place.isMember) {
          return place.stop(`a member of the chain is refused by its predecessor: ${message.detail}`);
        }
        emit({ type: 'log', level: 'info', detail: `joining the chain anew: ${message.detail}` });
        this.#isRefused = true;
        return;
      default:
        return this.#break(`a ${message.type} from the server that sends updates`);
    }
  }

  /** Takes note of what has become complete, and tells the sender how far this server has come. */
  tell(): void {
    const { history, place } = this.#context;
    if (this.#isCopied) history.isWhole = true;
    if (this.#upstream.link === undefined) return;
    const { stable, executed } = history;
    const chunks = this.#chunksLoaded;
    if (place.isMember) {
      if (stable <= this.#told.stable) return;
      this.#told.stable = stable;
      this.#upstream.send({ type: 'ack', stable });
    } else if (this.#hasHeard && (executed !== this.#told.executed || chunks !== this.#told.chunks)) {
      this.#told.executed = executed;
      this.#told.chunks = chunks;
      this.#upstream.send({ type: 'progress', executed, chunks });
    }
  }

  #onUpdates(updates: readonly Update[]): void {
    const { history, emit } = this.#context;
    // Left out: what a resend brings a second time.
    const fresh = updates.filter((update) => update.seq >= history.received);
    let expected = history.received;
    let epoch = history.lastEpoch ?? 0;
    for (const update of fresh) {
      if (update.seq !== expected) return this.#break(`update ${update.seq} where ${expected} was expected`);
      if (update.epoch < epoch)
        return this.#break(`update ${update.seq} of epoch ${update.epoch}, which is over`);
      expected += 1;
      epoch = update.epoch;
    }
    if (fresh.length === 0) return;
    for (const update of fresh) history.append(update);
    emit({ type: 'execute', updates: fresh });
  }

  /** A copy is whole when all that the sender has sent up to its invitation is in the table. */
  get #isCopied(): boolean {
    return (
      this.#invited !== undefined &&
      this.#context.history.executed >= this.#invited &&
      this.#chunksLoaded === this.#chunksReceived
    );
  }

  #break(detail: string): void {
    this.#upstream.breakLink(detail);
    this.#dropPromises();
  }

  #dropPromises(): void {
    this.#invited = undefined;
    this.#handedOver = undefined;
    this.#told = { stable: 0, executed: -1, chunks: -1 };
  }
}
