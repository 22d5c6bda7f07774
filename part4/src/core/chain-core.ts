import { assert, must, unreachable } from '@tablelab/shared';
import { Downstream, type DownstreamLimits } from './downstream.ts';
import type { ChainEffect, ChainEvent, LinkId, RequestToken, WriteReply } from './effects.ts';
import { EpochTable } from './epoch-table.ts';
import type { ChainMessage } from './messages.ts';
import type { Update, WriteName, WriteRequest } from './update.ts';
import { UpdateLog } from './update-log.ts';
import { Upstream } from './upstream.ts';
import { headOf, predecessorOf, type ServerId, successorOf, tailOf, type View } from './view.ts';

export interface ChainLimits extends DownstreamLimits {
  /** Updates that are not known to be executed at the tail; a write beyond them is refused with BUSY. */
  readonly logUpdatesMax: number;
  /** The same in bytes, more or less: the write that crosses the limit still goes in. */
  readonly logBytesMax: number;
}

export const defaultChainLimits: ChainLimits = {
  batchUpdatesMax: 1024,
  batchBytesMax: 1 << 20,
  redialDelayMs: 50,
  logUpdatesMax: 65_536,
  logBytesMax: 64 << 20,
};

/** Whether a server holds the chain's state. */
type Standing =
  /** Just registered, or behind a predecessor that has not handed over: answers nobody. */
  | { readonly type: 'joining' }
  /** Handed over to, but not yet done with everything that an earlier tail may have answered. */
  | { readonly type: 'catching-up'; readonly until: number }
  | { readonly type: 'member' };

export interface Refusal {
  readonly code: 'NOT_HEAD' | 'NOT_TAIL' | 'NOT_READY' | 'BUSY';
  readonly detail: string;
}

/**
 * One server's part in chain replication (van Renesse & Schneider 2004, sections 3 and 4): writes enter at the head,
 * go from server to server in order, and are answered from the tail; reads are answered by the tail. No I/O, no clock:
 * events come in through {@link handle}, effects go out through {@link takeEffects}.
 *
 * Invariants: `stable <= executed <= received`; the log holds every update from `stable` up to `received`; a server
 * has executed an update before it sends it on, so whatever a server has executed, its predecessors have too.
 */
export class ChainCore {
  readonly #id: ServerId;
  readonly #limits: ChainLimits;
  readonly #log = new UpdateLog();
  readonly #epochs = new EpochTable();
  readonly #upstream: Upstream;
  readonly #downstream: Downstream;
  /** Writes that are answered once they are stable, by sequence number; no more than the log holds. */
  readonly #waiters = new Map<number, RequestToken>();
  #effects: ChainEffect[] = [];
  #view: View = { version: -1, servers: [] };
  #standing: Standing = { type: 'joining' };
  #executed = 0;
  #stable = 0;
  #left = false;

  constructor(id: ServerId, limits: ChainLimits = defaultChainLimits) {
    this.#id = id;
    this.#limits = limits;
    const emit = (effect: ChainEffect) => this.#effects.push(effect);
    this.#upstream = new Upstream(id, emit);
    this.#downstream = new Downstream(limits, emit);
  }

  /** The sequence number that the next update gets. */
  get received(): number {
    return this.#log.end;
  }

  /** Every update below it has been executed here. */
  get executed(): number {
    return this.#executed;
  }

  /** Every update below it is known to have been executed by the whole chain. */
  get stable(): number {
    return this.#stable;
  }

  get view(): View {
    return this.#view;
  }

  /** Whether this server holds everything that has ever been answered: it founded the chain, or was handed it. */
  get isMember(): boolean {
    return this.#standing.type === 'member';
  }

  /** What is to be done, in order, since the last call. */
  takeEffects(): ChainEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  handle(event: ChainEvent): void {
    if (this.#left) {
      // Every write gets its one reply, even from a server that is about to end.
      if (event.type === 'write') {
        this.#refuse(event.token, { code: 'NOT_READY', detail: 'this server is leaving the chain' });
      }
      return;
    }
    switch (event.type) {
      case 'view':
        this.#onView(event.view);
        break;
      case 'write':
        this.#onWrite(event.token, event.write, event.ack);
        break;
      case 'executed':
        this.#onExecuted(event.executed);
        break;
      case 'link-up':
        if (event.link === this.#downstream.link) {
          this.#downstream.linkUp({ type: 'hello', id: this.#id, viewVersion: this.#view.version });
        }
        break;
      case 'message':
        this.#onMessage(event.link, event.message);
        break;
      case 'link-down':
        if (event.link === this.#downstream.link) this.#downstream.linkBroken();
        else this.#upstream.linkDown(event.link);
        break;
      default:
        unreachable(event);
    }
    assert(
      this.#stable <= this.#executed && this.#executed <= this.received && this.#log.start <= this.#stable,
      `stable ${this.#stable} <= executed ${this.#executed} <= received ${this.received}, log from ${this.#log.start}`,
    );
  }

  /** Why this server cannot take a write now, or undefined where it can. */
  writeRefusal(): Refusal | undefined {
    if (headOf(this.#view)?.id !== this.#id) {
      return {
        code: 'NOT_HEAD',
        detail: `writes go to the head, ${headOf(this.#view)?.address ?? 'not known yet'}`,
      };
    }
    if (!this.isMember) {
      return { code: 'NOT_READY', detail: 'this server does not hold the chain’s state yet' };
    }
    // A new head numbers nothing before it has executed what its predecessor left: that history comes first.
    if (this.#epochs.last !== this.#id && this.#executed < this.received) {
      return { code: 'NOT_READY', detail: 'the new head is executing what the old one left' };
    }
    if (
      this.received - this.#stable >= this.#limits.logUpdatesMax ||
      this.#log.bytes >= this.#limits.logBytesMax
    ) {
      return {
        code: 'BUSY',
        detail: `${this.received - this.#stable} writes wait for the rest of the chain`,
      };
    }
    return undefined;
  }

  /** Why this server cannot answer a read now, or undefined where it can: it is the tail and holds the state. */
  readRefusal(): Refusal | undefined {
    if (tailOf(this.#view)?.id !== this.#id) {
      return {
        code: 'NOT_TAIL',
        detail: `reads go to the tail, ${tailOf(this.#view)?.address ?? 'not known yet'}`,
      };
    }
    if (!this.isMember) {
      return { code: 'NOT_READY', detail: 'this server has not been handed the chain’s state yet' };
    }
    return undefined;
  }

  /**
   * What became of the write `name` as far as this server, the tail, knows: executed, still to come, or lost for
   * ever because another head's write has its place (assignment part 4, `verify`). A name without an epoch is the
   * original format's: it asks about the place alone.
   */
  verify(name: { seq: number; epoch: number | undefined }): 'executed' | 'pending' | 'lost' {
    const owner = this.#epochs.epochOf(name.seq);
    if (name.epoch !== undefined) {
      // Beyond the end the newest epoch owns every place until a newer one begins, which may be the one asked about.
      const settled = name.seq < this.received || (owner !== undefined && owner > name.epoch);
      if (settled && owner !== name.epoch) return 'lost';
    }
    return name.seq < this.#executed ? 'executed' : 'pending';
  }

  #onView(view: View): void {
    // The same view again is an answer too: nobody has a newer one to tell of.
    if (view.version === this.#view.version) this.#upstream.rejectWaiting(view);
    if (view.version <= this.#view.version) return;
    const first = this.#view.version < 0;
    this.#view = view;
    if (!view.servers.some((server) => server.id === this.#id)) {
      return this.#leave('this server is no longer in the chain: its znode is gone');
    }
    if (!this.isMember && predecessorOf(view, this.#id) === undefined) {
      if (!first) return this.#leave('the chain ended before its state was handed over to this server');
      // Whoever finds nobody before it founds the chain.
      this.#standing = { type: 'member' };
    }
    const hellos = this.#upstream.follow(view);
    this.#downstream.follow(successorOf(view, this.#id));
    for (const [link, hello] of hellos) this.#onHello(link, hello);
    this.#upstream.rejectWaiting(view);
    this.#advance();
  }

  #onWrite(token: RequestToken, write: WriteRequest, ack: 'assigned' | 'committed'): void {
    const refusal = this.writeRefusal();
    if (refusal !== undefined) return this.#refuse(token, refusal);
    const name: WriteName = { epoch: this.#id, seq: this.received };
    this.#append([{ ...write, ...name }]);
    if (ack === 'assigned') this.#reply(token, { type: 'assigned', name });
    else this.#waiters.set(name.seq, token);
  }

  #onExecuted(executed: number): void {
    assert(
      executed >= this.#executed && executed <= this.received,
      `executed ${executed} of ${this.received}`,
    );
    this.#executed = executed;
    const standing = this.#standing;
    if (standing.type === 'catching-up' && executed >= standing.until) this.#standing = { type: 'member' };
    this.#advance();
  }

  #onMessage(link: LinkId, message: ChainMessage): void {
    if (message.type === 'hello') return this.#onHello(link, message);
    if (link === this.#downstream.link) return this.#onDownstreamMessage(message);
    if (link === this.#upstream.link) return this.#onUpstreamMessage(message);
    // A link that was given up while this message was under way; its sender will notice.
  }

  #onHello(link: LinkId, hello: Extract<ChainMessage, { type: 'hello' }>): void {
    if (!this.#upstream.hello(link, hello, this.#view)) return;
    this.#upstream.send({
      type: 'welcome',
      received: this.received,
      lastEpoch: this.#epochs.last,
      stable: this.#stable,
      member: this.isMember,
    });
  }

  #onDownstreamMessage(message: ChainMessage): void {
    switch (message.type) {
      case 'welcome':
        return this.#onWelcome(message);
      case 'reject':
        if (message.viewVersion > this.#view.version) {
          this.#effects.push({ type: 'read-view', version: message.viewVersion });
        }
        return this.#downstream.breakLink('rejected by a server whose view differs');
      case 'ack':
        if (message.stable > (this.#downstream.next ?? 0)) {
          return this.#downstream.breakLink(`an ACK for ${message.stable}, which was never sent`);
        }
        return this.#raiseStable(message.stable);
      default:
        return this.#downstream.breakLink(`a ${message.type} from the next server`);
    }
  }

  #onWelcome(welcome: Extract<ChainMessage, { type: 'welcome' }>): void {
    const link = must(this.#downstream.link, 'a message came over it');
    const refuse = (detail: string) => {
      this.#effects.push({ type: 'send', link, message: { type: 'refuse', detail } });
      this.#downstream.breakLink(detail);
    };
    const { received, lastEpoch } = welcome;
    if (received > this.#executed)
      return refuse(`it has ${received} updates, its predecessor ${this.#executed}`);
    if (received > 0 && this.#epochs.epochOf(received - 1) !== lastEpoch) {
      return refuse(`its update ${received - 1} is of epoch ${lastEpoch}, its predecessor’s is of another`);
    }
    // The thin chain's limit: what lies before the log could only be sent as a snapshot, which does not exist yet.
    if (received < this.#log.start) {
      return refuse(
        `the chain already holds data (${this.#log.start} writes), and a new server cannot be sent it yet`,
      );
    }
    this.#downstream.open({ next: received, handoverDue: !welcome.member });
    this.#raiseStable(welcome.stable);
    this.#advance();
  }

  #onUpstreamMessage(message: ChainMessage): void {
    switch (message.type) {
      case 'updates':
        return this.#onUpdates(message.updates);
      case 'handover':
        if (!this.isMember) {
          this.#standing =
            message.seq <= this.#executed ? { type: 'member' } : { type: 'catching-up', until: message.seq };
        }
        return this.#advance();
      case 'refuse':
        return this.#leave(`the chain refuses this server: ${message.detail}`);
      default:
        return this.#upstream.breakLink(`a ${message.type} from the predecessor`);
    }
  }

  #onUpdates(updates: readonly Update[]): void {
    // Left out: what a resend brings a second time.
    const fresh = updates.filter((update) => update.seq >= this.received);
    let expected = this.received;
    let epoch = this.#epochs.last ?? 0;
    for (const update of fresh) {
      if (update.seq !== expected) {
        return this.#upstream.breakLink(`update ${update.seq} where ${expected} was expected`);
      }
      if (update.epoch < epoch) {
        return this.#upstream.breakLink(`update ${update.seq} of epoch ${update.epoch}, which is over`);
      }
      expected += 1;
      epoch = update.epoch;
    }
    this.#append(fresh);
  }

  #append(updates: readonly Update[]): void {
    if (updates.length === 0) return;
    for (const update of updates) {
      this.#log.append(update);
      this.#epochs.add(update);
    }
    this.#effects.push({ type: 'execute', updates });
  }

  /** Sends on what has been executed; at the tail, that is stable. */
  #advance(): void {
    if (this.isMember) this.#downstream.handOver(this.#executed);
    this.#downstream.forward(this.#log, this.#executed);
    if (tailOf(this.#view)?.id === this.#id && this.isMember) this.#raiseStable(this.#executed);
  }

  #raiseStable(stable: number): void {
    if (stable <= this.#stable) return;
    for (let seq = this.#stable; seq < stable; seq += 1) {
      const token = this.#waiters.get(seq);
      if (token === undefined) continue;
      this.#waiters.delete(seq);
      this.#reply(token, { type: 'committed', name: { epoch: this.#id, seq } });
    }
    this.#stable = stable;
    this.#log.trim(stable);
    this.#upstream.send({ type: 'ack', stable });
  }

  #reply(token: RequestToken, reply: WriteReply): void {
    this.#effects.push({ type: 'reply', token, reply });
  }

  #refuse(token: RequestToken, refusal: Refusal): void {
    assert(refusal.code !== 'NOT_TAIL', 'a write is not a read');
    this.#reply(token, { type: 'refused', code: refusal.code, detail: refusal.detail });
  }

  #leave(detail: string): void {
    this.#left = true;
    this.#upstream.breakLink(detail);
    this.#downstream.follow(undefined);
    this.#effects.push({ type: 'leave', detail });
  }
}
