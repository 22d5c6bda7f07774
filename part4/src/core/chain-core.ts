import { assert, unreachable } from '@tablelab/shared';
import { advance, raiseStable } from './advance.ts';
import { type ChainState, copyState, newState } from './chain-state.ts';
import type { ChainEffect, ChainEvent, LinkId, Refusal } from './effects.ts';
import { operationNumber } from './epoch-table.ts';
import { checkHistory, noteExecuted, receivedBy, stableIn, verifyIn } from './history.ts';
import { inboundDown, isInboundLink, onHello, onInboundMessage, onLoaded } from './inbound.ts';
import { leaseAfter, noLease } from './lease.ts';
import { defaultChainLimits } from './limits.ts';
import type { ChainId, MembershipRecord } from './membership-record.ts';
import { absenceReason, adoptedIn, leaseRefusal, noteDirectory, notInChain } from './membership-state.ts';
import type { ChainMessage } from './messages.ts';
import { isOutboundLink, onOutboundChunk, onOutboundMessage, outboundDown, outboundUp } from './outbound.ts';
import { finish, goOffline, leavingIn, reconcile, stop } from './reconcile.ts';
import type { ChainCoreOptions, Step } from './step.ts';
import type { WriteName, WriteRequest } from './update.ts';
import { rejectBeyond } from './upstream.ts';
import { headOf, type ServerId, tailOf, type View } from './view.ts';
import { refuseWrite, takeWrite, writeRefusal } from './writes.ts';

export type { ChainCoreOptions } from './step.ts';

/**
 * One server's part in chain replication (van Renesse & Schneider 2004, sections 3 and 4): writes enter at the head,
 * go from server to server in order, and are answered from the tail; reads are answered by the tail. No I/O, no clock,
 * no chance: events come in through {@link handle}, effects go out through {@link takeEffects}.
 *
 * The state is data (chain-state.ts); the functions beside this class change it, each those of one concept:
 *
 *     reconcile, membership   its place in the chain       history       what it has of the chain's writes
 *     inbound, upstream       from whom updates come       admission     whether a write may come in
 *     outbound, downstream    to whom they go              writes        the head's part in a write
 *     advance                 what follows from any of it
 *
 * **The host of a core**, which is the driver or the simulator, has these duties:
 *
 * 1. It calls `handle` for one event at a time, with a clock that never goes back, then `takeEffects`, and carries the
 *    effects out in their order before the next event. What an effect says about the time or the order of its report
 *    stands at {@link ChainEffect}.
 * 2. It asks {@link readRefusal} for each read, in the same turn in which the table is read, and refuses what that refuses;
 *    it asks no timer whether a lease is over.
 * 3. It tells `executed` at the latest when it tells anything else that shows the table: before a chunk, before a read
 *    leaves this server. Updates are executed in order, each once; none is refused.
 * 4. Messages of a link arrive in the order in which they were sent, each once, or the link is reported down. A name of a
 *    link is never used twice.
 * 5. A directory is read after the last change was over; a heartbeat's `sentAt` is the time at which it was sent.
 * 6. After `left` or `stop` it ends. A core that has thrown is in no state to be given another event: the host ends then, too.
 *
 * Invariants: a server has executed an update before it sends it on, so whatever a server has executed, its predecessors
 * have too. It acts only on the view that it has adopted last, and as head or tail only as long as its lease is valid.
 */
export class ChainCore {
  readonly #config: Step['config'];
  readonly #state: ChainState;
  #effects: ChainEffect[] = [];
  readonly #emit = (effect: ChainEffect): void => {
    this.#effects.push(effect);
  };

  constructor(options: ChainCoreOptions, state: ChainState = newState(options.newChain)) {
    this.#config = { ...options, limits: options.limits ?? defaultChainLimits };
    this.#state = state;
  }

  /** A core in a state that another one was in: it goes on as that one would. The state is its own from here on. */
  static from(options: ChainCoreOptions, state: ChainState): ChainCore {
    return new ChainCore(options, state);
  }

  /** Another core in the same state. All effects must have been taken. */
  copy(): this {
    assert(this.#effects.length === 0, 'a core is copied between two events');
    const Core = this.constructor as new (options: ChainCoreOptions, state: ChainState) => this;
    return new Core(this.#config, copyState(this.#state));
  }

  /** All that it knows. To be looked at, not to be changed. */
  get state(): Readonly<ChainState> {
    return this.#state;
  }

  get received(): number {
    return receivedBy(this.#state.history);
  }

  get executed(): number {
    return this.#state.history.executed;
  }

  /** Every update below it is known to have been executed by the whole chain. */
  get stable(): number {
    return stableIn(this.#state.history);
  }

  get chain(): ChainId | undefined {
    return this.#state.history.chain;
  }

  /** The view that this server acts on; undefined while it is not in the chain. */
  get view(): View | undefined {
    return adoptedIn(this.#state.membership)?.view;
  }

  get record(): MembershipRecord | undefined {
    return adoptedIn(this.#state.membership)?.record;
  }

  /** Its number in the chain; undefined while it acts on no view. */
  get id(): ServerId | undefined {
    return adoptedIn(this.#state.membership)?.id;
  }

  /** Whether the record names this server: it holds everything that has ever been answered. */
  get isMember(): boolean {
    return adoptedIn(this.#state.membership)?.isMember ?? false;
  }

  get isHead(): boolean {
    return adoptedIn(this.#state.membership)?.isHead ?? false;
  }

  get isTail(): boolean {
    return adoptedIn(this.#state.membership)?.isTail ?? false;
  }

  /**
   * Why this server cannot take `write` at `now`, or undefined where it can: it is the head, and has room, or has taken that
   * write before. `replacedBytes`: the logical size of the entry that the table holds under the key. Where it is 0 because
   * nobody has looked, FULL may be said although the write would fit.
   */
  writeRefusal(write: WriteRequest, replacedBytes: number, now: number): Refusal | undefined {
    return writeRefusal({ config: this.#config, state: this.#state, now }, write, replacedBytes);
  }

  /** Which server to ask where this one refuses with `code`: `host:port`; undefined where it knows of none. */
  serverFor(code: string): string | undefined {
    const { view } = this;
    if (view === undefined) return undefined;
    if (code === 'NOT_HEAD') return headOf(view)?.address;
    return code === 'NOT_TAIL' ? tailOf(view)?.address : undefined;
  }

  /** Why this server cannot answer a read at `now`, or undefined where it can: it is the tail and holds the state. */
  readRefusal(now: number): Refusal<'NOT_TAIL' | 'NOT_READY' | 'SHUTTING_DOWN'> | undefined {
    const { membership, memory } = this.#state;
    const adopted = adoptedIn(membership);
    if (adopted === undefined) return { code: 'NOT_READY', detail: absenceReason(membership) };
    const refusal = leaseRefusal(adopted, now);
    if (!adopted.isTail) {
      const tail = tailOf(adopted.view)?.address ?? 'not known yet';
      // Without a lease it may long be out of the chain, and cannot know who the tail is.
      return refusal ?? { code: 'NOT_TAIL', detail: `reads go to the tail, ${tail}` };
    }
    if (!adopted.isMember) {
      return { code: 'NOT_READY', detail: 'this server has not been handed the chain’s state yet' };
    }
    if (memory.isLeaving && leavingIn(this.#state) === 'drained') {
      return { code: 'SHUTTING_DOWN', detail: 'this server is leaving the chain' };
    }
    return refusal;
  }

  /** See {@link verifyIn}; only the tail's answer counts. */
  verify(name: { number: number; epoch: number | undefined }): 'executed' | 'pending' | 'lost' {
    return verifyIn(this.#state.history, name);
  }

  /** The operation number of a write, as clients see it. */
  operationNumber(name: WriteName): number {
    return operationNumber(this.#state.history.epochs, name);
  }

  /** What is to be done, in order, since the last call. */
  takeEffects(): ChainEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** `now`: milliseconds of a monotonic clock, never less than at the last call. */
  handle(event: ChainEvent, now: number): void {
    const step: Step = { config: this.#config, state: this.#state, now, emit: this.#emit };
    const { state } = step;
    if (state.membership.type === 'over') {
      // Every write gets its one reply, even from a server that is about to end.
      if (event.type !== 'write') return;
      return refuseWrite(step, event.token, {
        code: 'SHUTTING_DOWN',
        detail: 'this server has left the chain',
      });
    }
    dispatch(step, event);
    advance(step);
    // A member that stays does nothing about its place before ZooKeeper says something new.
    const isNews = event.type === 'directory' || event.type === 'leave' || event.type === 'wake';
    if (isNews || !this.isMember || state.memory.isLeaving) reconcile(step);
    if (event.type === 'directory') {
      rejectBeyond(state.inbound.upstream, event.directory.view.version, this.#emit);
    }
    checkHistory(state.history);
  }
}

function dispatch(step: Step, event: ChainEvent): void {
  const { state } = step;
  const { membership, memory, history } = state;
  switch (event.type) {
    case 'session-started': {
      assert(membership.type === 'offline', 'one session at a time');
      const { session: id, timeoutMs } = event;
      const session = { id, timeoutMs, leaseUntil: noLease, directory: undefined, isChanging: false };
      state.membership = { type: 'joining', session: { ...session, absence: undefined }, reason: notInChain };
      return;
    }
    case 'session-ended':
      return goOffline(step, event.detail);
    case 'directory':
      if (!('session' in membership)) return;
      membership.session.directory = event.directory;
      return noteDirectory(memory, event.directory);
    case 'change-over':
      if (!('session' in membership)) return;
      // What came of it is in the next directory: the present one is of before.
      membership.session.directory = undefined;
      membership.session.isChanging = false;
      return;
    case 'heartbeat': {
      if (!('session' in membership) || membership.session.id !== event.session) return;
      const { session } = membership;
      assert(event.sentAt <= step.now, 'a heartbeat was sent before it is confirmed');
      const { timeoutMs: sessionTimeoutMs } = session;
      session.leaseUntil = leaseAfter(session.leaseUntil, { sentAt: event.sentAt, sessionTimeoutMs });
      return;
    }
    case 'write':
      return takeWrite(step, event);
    case 'executed':
      return noteExecuted(history, event.executed, event.tableBytes);
    case 'loaded':
      return onLoaded(step, event);
    case 'chunk':
      // Otherwise chunk and updates would not match, and the receiver could bring back old values.
      assert(
        event.executed === history.executed,
        () => `a chunk as of ${event.executed}, of ${history.executed}`,
      );
      return onOutboundChunk(step, event);
    case 'link-up':
      return outboundUp(step, event.link);
    case 'message':
      return onMessage(step, event.link, event.message);
    case 'link-down':
      if (isOutboundLink(state.outbound, event.link)) outboundDown(step, event.link);
      else inboundDown(step, event.link);
      return;
    case 'leave':
      memory.isLeaving = true;
      if (membership.type === 'offline') finish(step);
      return;
    case 'wake':
      return;
    default:
      return unreachable(event);
  }
}

function onMessage(step: Step, link: LinkId, message: ChainMessage): void {
  const { inbound, outbound } = step.state;
  if (message.type === 'hello') return onHello(step, link, message);
  if (isOutboundLink(outbound, link)) {
    const stable = onOutboundMessage(step, link, message);
    if (stable !== undefined) raiseStable(step, stable);
  } else if (isInboundLink(inbound, link)) {
    const reason = onInboundMessage(step, message);
    if (reason !== undefined) stop(step, reason);
  } else {
    // It was given up while this message was under way, or has not begun with HELLO.
    step.emit({ type: 'close', link, detail: 'a message over a link that is not in use' });
  }
}
