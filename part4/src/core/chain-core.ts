import { assert, unreachable } from '@tablelab/shared';
import type { WaitingServer } from './directory.ts';
import type { ChainEffect, ChainEvent, LinkId } from './effects.ts';
import { History } from './history.ts';
import { Inbound } from './inbound.ts';
import { type ChainLimits, defaultChainLimits } from './limits.ts';
import type { ChainId, MembershipRecord } from './membership-record.ts';
import type { ChainMessage } from './messages.ts';
import { Outbound } from './outbound.ts';
import { type Adopted, Place, type PlaceOptions } from './place.ts';
import { predecessorOf, type ServerId, tailOf, type View } from './view.ts';
import { type Refusal, WritePath } from './write-path.ts';

export interface ChainCoreOptions extends PlaceOptions {
  readonly limits?: ChainLimits;
}

/**
 * One server's part in chain replication (van Renesse & Schneider 2004, sections 3 and 4): writes enter at the head,
 * go from server to server in order, and are answered from the tail; reads are answered by the tail. No I/O, no clock,
 * no chance: events come in through {@link handle}, effects go out through {@link takeEffects}.
 *
 * This class passes events to those whose matter they are, and does what concerns them all: {@link ChainCore.handle}.
 *
 *     Place      how it gets into the chain and which view it acts on      History    what it has of the chain's writes
 *     Inbound    from whom updates come                                    WritePath  the head's part in a write
 *     Outbound   to whom updates go
 *
 * Invariants: a server has executed an update before it sends it on, so whatever a server has executed, its predecessors
 * have too. It acts only on the view that it has adopted last, and as head or tail only as long as its lease is valid.
 */
export class ChainCore {
  readonly #history: History;
  readonly #place: Place;
  readonly #inbound: Inbound;
  readonly #outbound: Outbound;
  readonly #writes: WritePath;
  #effects: ChainEffect[] = [];
  #now = 0;

  constructor(options: ChainCoreOptions) {
    const limits = options.limits ?? defaultChainLimits;
    const history = new History(limits);
    const emit = (effect: ChainEffect) => {
      this.#effects.push(effect);
    };
    this.#history = history;
    this.#place = new Place(options, {
      history,
      emit,
      isInvited: () => this.#inbound.isInvited,
      isHandedOver: () => this.#inbound.isHandedOver,
      isRefused: () => this.#inbound.isRefused,
      isFollowed: () => this.#outbound.isFollowed,
      onAdopted: (adopted, waiting) => this.#onAdopted(adopted, waiting),
      onOutside: (view) => this.#onOutside(view),
      onResigned: (detail) => this.#onResigned(detail),
      onStartedOver: () => this.#inbound.wipe(0),
    });
    const place = this.#place;
    this.#inbound = new Inbound({ history, place, emit });
    this.#outbound = new Outbound({ limits, history, emit, onStable: (stable) => this.#raiseStable(stable) });
    this.#writes = new WritePath({ history, place, limits, emit });
  }

  get received(): number {
    return this.#history.received;
  }

  get executed(): number {
    return this.#history.executed;
  }

  /** Every update below it is known to have been executed by the whole chain. */
  get stable(): number {
    return this.#history.stable;
  }

  get chain(): ChainId | undefined {
    return this.#history.chain;
  }

  /** The view that this server acts on; undefined while it is not in the chain. */
  get view(): View | undefined {
    return this.#place.adopted?.view;
  }

  get record(): MembershipRecord | undefined {
    return this.#place.adopted?.record;
  }

  /** Its number in the chain; undefined while it is not in it. */
  get id(): ServerId | undefined {
    return this.#place.adopted?.id;
  }

  /** Whether the record names this server: it holds everything that has ever been answered. */
  get isMember(): boolean {
    return this.#place.isMember;
  }

  get isHead(): boolean {
    return this.#place.isHead;
  }

  get isTail(): boolean {
    return this.#place.isTail;
  }

  /** Why this server cannot take a write at `now`, or undefined where it can: it is the head, and has room. */
  writeRefusal(now: number): Refusal | undefined {
    return this.#writes.refusal(now);
  }

  /** Why this server cannot answer a read at `now`, or undefined where it can: it is the tail and holds the state. */
  readRefusal(now: number): Refusal<'NOT_TAIL' | 'NOT_READY' | 'SHUTTING_DOWN'> | undefined {
    const place = this.#place;
    if (place.adopted === undefined) return { code: 'NOT_READY', detail: place.absence };
    const silence = place.silence(now);
    if (!place.isTail) {
      const tail = tailOf(place.adopted.view)?.address ?? 'not known yet';
      // Without a lease it may long be out of the chain, and cannot know who the tail is.
      return silence ?? { code: 'NOT_TAIL', detail: `reads go to the tail, ${tail}` };
    }
    if (!place.isMember) {
      return { code: 'NOT_READY', detail: 'this server has not been handed the chain’s state yet' };
    }
    if (place.leaving() === 'drained') {
      return { code: 'SHUTTING_DOWN', detail: 'this server is leaving the chain' };
    }
    return silence;
  }

  /** See {@link History.verify}; only the tail's answer counts. */
  verify(name: { seq: number; epoch: number | undefined }): 'executed' | 'pending' | 'lost' {
    return this.#history.verify(name);
  }

  /** What is to be done, in order, since the last call. */
  takeEffects(): ChainEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** `now`: milliseconds of a monotonic clock, never less than at the last call. */
  handle(event: ChainEvent, now: number): void {
    this.#now = now;
    if (this.#place.isOver) {
      // Every write gets its one reply, even from a server that is about to end.
      if (event.type === 'write') {
        this.#writes.refuse(event.token, { code: 'SHUTTING_DOWN', detail: 'this server has left the chain' });
      }
      return;
    }
    this.#dispatch(event);
    const { log, stable, executed, received } = this.#history;
    assert(
      log.start <= stable && stable <= executed && executed <= received,
      `log from ${log.start} <= stable ${stable} <= executed ${executed} <= received ${received}`,
    );
  }

  #dispatch(event: ChainEvent): void {
    switch (event.type) {
      case 'session-started':
        return this.#place.sessionStarted(event);
      case 'session-ended':
        return this.#place.sessionEnded(event.detail);
      case 'directory':
        this.#place.read(event.directory, this.#now);
        return this.#inbound.rejectBeyond(event.directory.view.version);
      case 'change-over':
        return this.#place.changeOver();
      case 'heartbeat':
        return this.#place.heartbeat(event);
      case 'write':
        return this.#writes.take(event.token, event.write, event.ack, this.#now);
      case 'executed':
        this.#history.onExecuted(event.executed);
        return this.#advance();
      case 'loaded':
        this.#inbound.loaded(event.chunks);
        return this.#advance();
      case 'chunk':
        // More, and the chunk would bring back what updates have changed that were sent before it.
        assert(
          event.executed === this.executed,
          `the chunk is as of ${event.executed}, told: ${this.executed}`,
        );
        return this.#outbound.chunk(event);
      case 'link-up':
        return this.#outbound.linkUp(event.link);
      case 'message':
        return this.#onMessage(event.link, event.message);
      case 'link-down':
        if (this.#outbound.has(event.link)) this.#outbound.linkDown(event.link);
        else this.#inbound.linkDown(event.link);
        return;
      case 'leave':
        return this.#place.leave(this.#now);
      case 'wake':
        return this.#place.find(this.#now);
      default:
        return unreachable(event);
    }
  }

  #onMessage(link: LinkId, message: ChainMessage): void {
    if (message.type === 'hello') this.#inbound.hello(link, message);
    else if (this.#outbound.has(link)) this.#outbound.onMessage(link, message);
    else if (this.#inbound.has(link)) this.#inbound.onMessage(message);
    // Otherwise: a link that was given up while this message was under way; its sender will notice.
    this.#advance();
  }

  #onAdopted(adopted: Adopted, waiting: readonly WaitingServer[]): void {
    const { view, id, record } = adopted;
    // Whoever the record still counts on, under the number of a session that it has lost, must not be emptied yet.
    const isFree = ({ member }: WaitingServer) => !record.members.some((other) => other.member === member);
    this.#outbound.follow(adopted, this.isMember && this.isTail ? waiting.filter(isFree) : []);
    this.#inbound.follow({ viewVersion: view.version, id: predecessorOf(view, id)?.id, waiting: false });
    this.#advance();
  }

  #onOutside(view: View): void {
    // As long as this server waits, the tail is the one who sends.
    this.#inbound.follow({ viewVersion: view.version, id: tailOf(view)?.id, waiting: true });
  }

  #onResigned(detail: string): void {
    this.#inbound.close(detail);
    this.#outbound.close();
    this.#writes.abandon(detail);
  }

  /** Does what has become possible: sends on what has been executed; at the tail, that is stable. */
  #advance(): void {
    const { isMember } = this;
    const isInChain = this.#place.adopted !== undefined;
    const successor = isMember ? this.#outbound.handOver() : undefined;
    if (successor !== undefined) this.#place.handedOver(successor);
    this.#outbound.forward();
    // Whoever is not in the chain has nobody behind it: it needs no log, and answers nobody.
    if (isMember ? this.isTail : !isInChain) this.#raiseStable(this.executed);
    this.#inbound.tell();
    // What has come to this server may be what it has waited for: to enter, to answer, to leave.
    if (!isMember || this.#place.isLeaving) this.#place.find(this.#now);
  }

  #raiseStable(stable: number): void {
    if (stable <= this.stable) return;
    this.#writes.answer(stable);
    this.#history.settle(stable);
  }
}
