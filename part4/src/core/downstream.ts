import type { ChainEffect, Cursor, LinkId } from './effects.ts';
import type { History } from './history.ts';
import type { ChainMessage } from './messages.ts';
import type { SessionId } from './view.ts';

/** A server that this one sends updates to. */
export interface Receiver {
  readonly session: SessionId;
  readonly address: string;
}

/** How much of a snapshot has been sent. */
interface Copying {
  /** Where to read on; undefined when the last chunk has been sent. */
  cursor: Cursor | undefined;
  isReading: boolean;
  chunksSent: number;
  chunksLoaded: number;
  /** The receiver's sessions are whole once it has the updates below. */
  readonly sessionsSeq: number;
}

/** An open link. */
interface Open {
  readonly type: 'open';
  readonly link: LinkId;
  readonly receiver: Receiver;
  /** The sequence number of the next update to send. */
  next: number;
  /** All below it has been executed there, as far as it has said. */
  executed: number;
  /** What was sent and is not known to be executed there: where each batch ends, and its bytes. */
  readonly underWay: { readonly end: number; readonly bytes: number }[];
  bytesUnderWay: number;
  copying: Copying | undefined;
  /** The receiver waits for INVITE. */
  inviteDue: boolean;
  /** The receiver waits for HANDOVER: it is new in the chain. */
  handoverDue: boolean;
}

/** Where the link stands. */
type DownstreamState =
  /** There is nobody to send to. */
  | { readonly type: 'none' }
  | { readonly type: 'dialing'; readonly link: LinkId; readonly receiver: Receiver }
  /** Our HELLO is on its way. */
  | { readonly type: 'greeting'; readonly link: LinkId; readonly receiver: Receiver }
  | Open;

export interface DownstreamLimits {
  /** Updates in one UPDATES message at most. */
  readonly batchUpdatesMax: number;
  /** Bytes in one UPDATES message, more or less: the update that crosses the limit still goes in. */
  readonly batchBytesMax: number;
  /** How long to wait before a broken link is dialled anew, in milliseconds. */
  readonly redialDelayMs: number;
  /** Chunks of a snapshot that are under way at once. */
  readonly chunksUnderWayMax: number;
  /** With more updates than this under way no further chunk is read: a copy that lags behind must not lag more. */
  readonly chunkLagUpdatesMax: number;
  /** A waiting server that is so far behind, in updates or in bytes, is given up: it would cost memory without end. */
  readonly lagUpdatesMax: number;
  readonly lagBytesMax: number;
}

export interface DownstreamContext {
  readonly limits: DownstreamLimits;
  readonly history: History;
  readonly emit: (effect: ChainEffect) => void;
  /** A name for a new link. */
  readonly newLink: () => LinkId;
}

/**
 * The link to the next server, or to a server that waits to be let in. Invariant: at most one link at a time, and what
 * goes over it is the history in order, from where the receiver's own ends.
 */
export class Downstream {
  readonly #context: DownstreamContext;
  /** Whether the receiver waits: it may be sent a snapshot, is invited, and must not fall behind too far. */
  #isWaiting: boolean;
  #state: DownstreamState = { type: 'none' };

  constructor(context: DownstreamContext, { isWaiting }: { isWaiting: boolean }) {
    this.#context = context;
    this.#isWaiting = isWaiting;
  }

  /** The link that is in use or on its way, whatever its state. */
  get link(): LinkId | undefined {
    return this.#state.type === 'none' ? undefined : this.#state.link;
  }

  get receiver(): Receiver | undefined {
    return this.#state.type === 'none' ? undefined : this.#state.receiver;
  }

  /** One above the last update that was sent over the link that is open now, or undefined where none is open. */
  get next(): number | undefined {
    return this.#state.type === 'open' ? this.#state.next : undefined;
  }

  /** Whether the receiver has been told to enter the chain, over a link that is still open. */
  get hasInvited(): boolean {
    return this.#state.type === 'open' && !this.#state.inviteDue && this.#state.copying === undefined;
  }

  /** Drops the link to any other server than `receiver`, and dials that one. */
  follow(receiver: Receiver | undefined): void {
    const state = this.#state;
    if (state.type !== 'none') {
      if (state.receiver.session === receiver?.session) return;
      this.#emit({ type: 'close', link: state.link, detail: 'updates go to another server now' });
      this.#state = { type: 'none' };
    }
    if (receiver !== undefined) this.#dial(receiver, 0);
  }

  linkUp(hello: ChainMessage): void {
    const state = this.#state;
    if (state.type !== 'dialing') return;
    this.#state = { type: 'greeting', link: state.link, receiver: state.receiver };
    this.#emit({ type: 'send', link: state.link, message: hello });
  }

  /** Dials again: the link broke, or what came over it cannot be right. */
  linkBroken(): void {
    if (this.#state.type !== 'none') this.#dial(this.#state.receiver, this.#context.limits.redialDelayMs);
  }

  /** Closes the link for a stated reason and dials again. */
  breakLink(detail: string): void {
    if (this.#state.type === 'none') return;
    this.#emit({ type: 'close', link: this.#state.link, detail });
    this.linkBroken();
  }

  /** The receiver has answered our HELLO: it gets what it lacks, or a snapshot, or is told that its state does not fit. */
  welcome(welcome: Extract<ChainMessage, { type: 'welcome' }>): void {
    const state = this.#state;
    if (state.type !== 'greeting') return this.breakLink('a WELCOME that no HELLO asked for');
    const { history } = this.#context;
    const mismatch = this.#mismatchOf(welcome);
    if (mismatch === undefined) {
      this.#open(state, { next: welcome.received, copying: undefined, handoverDue: !welcome.member });
    } else if (this.#isWaiting) {
      const snapshot = history.snapshot();
      this.#emit({ type: 'send', link: state.link, message: snapshot });
      const { seq, sessionsSeq } = snapshot;
      const copying = { cursor: 0, isReading: false, chunksSent: 0, chunksLoaded: 0, sessionsSeq };
      this.#open(state, { next: seq, copying, handoverDue: false });
    } else {
      this.#emit({ type: 'send', link: state.link, message: { type: 'refuse', detail: mismatch } });
      this.breakLink(mismatch);
    }
  }

  /** The server that waited is in the chain now, right behind this one: the link goes on as that to the next server. */
  hasEntered(): void {
    this.#isWaiting = false;
    if (this.#state.type === 'open') this.#state.handoverDue = true;
  }

  /**
   * Hands the chain over to a next server that waits for it. No tail can have answered for more than this server has
   * received. What it has executed is not enough: its table may be further than the core has been told, and has been read.
   * Gives back who has just been handed the chain, if anybody.
   */
  handOver(): Receiver | undefined {
    const state = this.#state;
    if (state.type !== 'open' || !state.handoverDue) return undefined;
    state.handoverDue = false;
    const { received: seq } = this.#context.history;
    this.#emit({ type: 'send', link: state.link, message: { type: 'handover', seq } });
    return state.receiver;
  }

  /** Sends all that has been executed here and has not been sent over this link; then whatever else is due. */
  forward(): void {
    const state = this.#state;
    if (state.type !== 'open') return;
    const { limits, history } = this.#context;
    const batch = { countMax: limits.batchUpdatesMax, bytesMax: limits.batchBytesMax };
    while (state.next < history.executed) {
      const { updates, bytes } = history.log.slice(state.next, history.executed, batch);
      state.next += updates.length;
      if (this.#isWaiting) {
        state.underWay.push({ end: state.next, bytes });
        state.bytesUnderWay += bytes;
      }
      this.#emit({ type: 'send', link: state.link, message: { type: 'updates', updates } });
    }
    if (!this.#isWaiting) return;
    if (state.next - state.executed > limits.lagUpdatesMax || state.bytesUnderWay > limits.lagBytesMax) {
      return this.breakLink('the waiting server cannot keep up');
    }
    this.#readChunk(state);
    this.#invite(state);
  }

  /** What the receiver says it has done. */
  progress({ executed, chunks }: { executed: number; chunks: number }): void {
    const state = this.#state;
    if (state.type !== 'open') return;
    if (executed > state.next || chunks > (state.copying?.chunksSent ?? chunks)) {
      return this.breakLink(`PROGRESS beyond what was sent: ${executed} updates, ${chunks} chunks`);
    }
    state.executed = executed;
    while (state.underWay[0] !== undefined && state.underWay[0].end <= executed) {
      state.bytesUnderWay -= state.underWay.shift()?.bytes ?? 0;
    }
    if (state.copying !== undefined) state.copying.chunksLoaded = chunks;
    this.forward();
  }

  /** A chunk has been read, and all updates that it shows the effect of have been sent. */
  chunk({ entries, next }: { entries: Uint8Array; next: Cursor | undefined }): void {
    const state = this.#state;
    if (state.type !== 'open' || state.copying === undefined) return;
    state.copying.isReading = false;
    state.copying.cursor = next;
    state.copying.chunksSent += 1;
    this.#emit({ type: 'send', link: state.link, message: { type: 'chunk', entries } });
    this.forward();
  }

  #readChunk({ link, next, executed, copying }: Open): void {
    if (copying === undefined || copying.cursor === undefined || copying.isReading) return;
    const { chunksUnderWayMax, chunkLagUpdatesMax } = this.#context.limits;
    if (copying.chunksSent - copying.chunksLoaded >= chunksUnderWayMax) return;
    if (next - executed > chunkLagUpdatesMax) return;
    copying.isReading = true;
    this.#emit({ type: 'read-chunk', link, cursor: copying.cursor });
  }

  #invite(state: Open): void {
    const { copying } = state;
    if (!state.inviteDue) return;
    if (copying !== undefined && (copying.cursor !== undefined || state.next < copying.sessionsSeq)) return;
    state.inviteDue = false;
    state.copying = undefined;
    this.#emit({ type: 'send', link: state.link, message: { type: 'invite', seq: state.next } });
  }

  /** Why the receiver's state cannot be continued with updates alone, or undefined where it can. */
  #mismatchOf(welcome: Extract<ChainMessage, { type: 'welcome' }>): string | undefined {
    const { history } = this.#context;
    const { received, lastEpoch, whole } = welcome;
    if (!whole) return 'its state is not whole';
    if (received > history.executed) return `it has ${received} updates, its predecessor ${history.executed}`;
    if (received < history.log.start)
      return `it needs update ${received}, the oldest here is ${history.log.start}`;
    if (received > 0 && history.epochOf(received - 1) !== lastEpoch) {
      return `its update ${received - 1} is of epoch ${lastEpoch}, here it is of ${history.epochOf(received - 1)}`;
    }
    return undefined;
  }

  #open(
    { link, receiver }: { link: LinkId; receiver: Receiver },
    { next, copying, handoverDue }: Pick<Open, 'next' | 'copying' | 'handoverDue'>,
  ): void {
    this.#state = {
      type: 'open',
      link,
      receiver,
      next,
      executed: next,
      underWay: [],
      bytesUnderWay: 0,
      copying,
      inviteDue: this.#isWaiting,
      handoverDue: handoverDue && !this.#isWaiting,
    };
  }

  #dial(receiver: Receiver, delayMs: number): void {
    const link = this.#context.newLink();
    this.#state = { type: 'dialing', link, receiver };
    this.#emit({ type: 'dial', link, address: receiver.address, delayMs });
  }

  #emit(effect: ChainEffect): void {
    this.#context.emit(effect);
  }
}
