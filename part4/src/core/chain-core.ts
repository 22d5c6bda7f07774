import { assert, unreachable } from '@tablelab/shared';
import { advance, raiseStable } from './advance.ts';
import { type ChainState, copyState, newState } from './chain-state.ts';
import { outcomeOf, type TableEntry } from './condition.ts';
import type { ChainEffect, ChainEvent, LinkId, Refusal } from './effects.ts';
import { operationNumber } from './epoch-table.ts';
import { checkHistory, noteExecuted, receivedBy, stableIn, verifyIn } from './history.ts';
import { inboundDown, isInboundLink, onHello, onInboundMessage, onLoaded } from './inbound.ts';
import { leaseAfter, noLease } from './lease.ts';
import { defaultChainLimits } from './limits.ts';
import type { ChainId, MembershipRecord } from './membership-record.ts';
import { absenceReason, adoptedIn, leaseRefusal, noteDirectory, notInChain } from './membership-state.ts';
import type { ChainMessage } from './messages.ts';
import {
  isOutboundLink,
  onOutboundChunk,
  onOutboundLog,
  onOutboundMessage,
  outboundDown,
  outboundUp,
} from './outbound.ts';
import { finish, goOffline, leavingIn, reconcile, stop } from './reconcile.ts';
import type { ChainCoreOptions, Step } from './step.ts';
import type { WriteName, WriteRequest } from './update.ts';
import { rejectBeyond } from './upstream.ts';
import { headOf, type ServerId, tailOf, type View } from './view.ts';
import { refuseWrite, takeWrite, writeRefusal } from './writes.ts';

export type { ChainCoreOptions } from './step.ts';

/**
 * One server's part in chain replication (van Renesse & Schneider 2004, sections 3 and 4): writes enter at the head,
 * pass from server to server in order, and are answered once the tail has executed them; the tail answers reads. No
 * I/O, clock or randomness: events come in through {@link handle}, effects go out through {@link takeEffects}.
 *
 * The state is plain data (chain-state.ts). The files beside this class change it, one concept each:
 *
 *     reconcile, membership   its place in the chain       history       what it has of the chain's writes
 *     inbound, upstream       from whom updates come       admission     whether a write may come in
 *     outbound, downstream    to whom they go              writes        the head's part in a write
 *     advance                 what follows from any of it
 *
 * **The host of a core**, which is the driver or the simulator, has these duties:
 *
 * 1. It calls `handle` for one event at a time, with a monotonic clock, then `takeEffects`, and carries out the effects
 *    in order before the next event. {@link ChainEffect} states when and in which order each effect's report must
 *    follow.
 * 2. It calls {@link readRefusal} for each read, in the same turn in which it reads the table, and refuses the read
 *    accordingly. It uses no timer to decide whether a lease is over.
 * 3. It reports `executed` before anything that shows the table: before a chunk, and before the answer to a read leaves
 *    this server. It executes updates in order, each once, and refuses none.
 * 4. Messages of a link arrive in the order in which they were sent, each once, or the link is reported down. Link
 *    names are unique.
 * 5. A directory is read after the last change has ended; a heartbeat's `sentAt` is the time at which it was sent.
 * 6. After `left` or `stop` it ends. It also ends if the core has thrown, because the core's state may be inconsistent.
 *
 * Invariants: a server executes an update before it forwards it, so its predecessors have executed all that it has
 * executed. It acts only on the view that it adopted last, and as head or tail only while its lease is valid.
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

  /** A core that continues from `state`, and owns it from now on. */
  static from(options: ChainCoreOptions, state: ChainState): ChainCore {
    return new ChainCore(options, state);
  }

  /** Another core in the same state. All effects must have been taken. */
  copy(): this {
    assert(this.#effects.length === 0, 'a core is copied between two events');
    const Core = this.constructor as new (options: ChainCoreOptions, state: ChainState) => this;
    return new Core(this.#config, copyState(this.#state));
  }

  /** The whole state, read-only. */
  get state(): Readonly<ChainState> {
    return this.#state;
  }

  get received(): number {
    return receivedBy(this.#state.history);
  }

  get executed(): number {
    return this.#state.history.executed;
  }

  /** The whole chain is known to have executed every update below it. */
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

  /** This server's number in the chain; undefined while it acts on no view. */
  get id(): ServerId | undefined {
    return adoptedIn(this.#state.membership)?.id;
  }

  /** Whether the record names this server, which then holds everything that was ever answered. */
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
   * Why this server cannot accept `write` at `now`. Undefined if it can: it is the head, and has room or has accepted
   * that write before. `entry`: what the table has under the key. If the host passes {@link noEntry} without a look at
   * the table, the result may be FULL although the write would fit.
   */
  writeRefusal(write: WriteRequest, entry: TableEntry, now: number): Refusal | undefined {
    return writeRefusal({ config: this.#config, state: this.#state, now }, write, entry);
  }

  /** Which server to ask where this one refuses with `code`: `host:port`; undefined where it knows of none. */
  serverFor(code: string): string | undefined {
    const { view } = this;
    if (view === undefined) return undefined;
    if (code === 'NOT_HEAD') return headOf(view)?.address;
    return code === 'NOT_TAIL' ? tailOf(view)?.address : undefined;
  }

  /** Why this server cannot answer a read at `now`. Undefined if it can: it is the tail and holds the state. */
  readRefusal(now: number): Refusal<'NOT_TAIL' | 'NOT_READY' | 'SHUTTING_DOWN'> | undefined {
    const { membership, memory } = this.#state;
    const adopted = adoptedIn(membership);
    if (adopted === undefined) return { code: 'NOT_READY', detail: absenceReason(membership) };
    const refusal = leaseRefusal(adopted, now);
    if (!adopted.isTail) {
      const tail = tailOf(adopted.view)?.address ?? 'not known yet';
      // Without a lease it may be out of the chain, and does not know the tail.
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

  /** See {@link outcomeOf}. */
  outcomeOf(name: { number: number; epoch: number | undefined }): boolean | undefined {
    return outcomeOf(this.#state.history, name);
  }

  /** The operation number of a write, as clients see it. */
  operationNumber(name: WriteName): number {
    return operationNumber(this.#state.history.epochs, name);
  }

  /** The effects since the last call, in order. */
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
      // Every write gets exactly one reply, even from a server that is about to end.
      if (event.type !== 'write') return;
      return refuseWrite(step, event.token, {
        code: 'SHUTTING_DOWN',
        detail: 'this server has left the chain',
      });
    }
    dispatch(step, event);
    advance(step);
    // A member that stays does not change its place until ZooKeeper reports something new.
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
      // The next directory shows its outcome; the present one is older.
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
      // Otherwise chunk and updates would not match, and old values could reappear at the receiver.
      assert(
        event.executed === history.executed,
        () => `a chunk as of ${event.executed}, of ${history.executed}`,
      );
      return onOutboundChunk(step, event);
    case 'log-read':
      return onOutboundLog(step, event.link, event.updates);
    case 'link-up':
      return outboundUp(step, event.link);
    case 'message':
      return onMessage(step, event.link, event.message);
    case 'link-down':
      if (isOutboundLink(state.outbound, event.link)) outboundDown(step, event.link);
      else inboundDown(step, event.link);
      return;
    case 'room':
      state.room = event.room;
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
    // The link was given up while this message was under way, or did not begin with HELLO.
    step.emit({ type: 'close', link, detail: 'a message over a link that is not in use' });
  }
}
