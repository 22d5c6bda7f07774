import { assert, must, unreachable } from '@tablelab/shared';
import type { Directory, HeldState, WaitingServer } from './directory.ts';
import { Downstream } from './downstream.ts';
import type {
  ChainEffect,
  ChainEvent,
  LinkId,
  RequestToken,
  WriteRefusalCode,
  WriteReply,
} from './effects.ts';
import { History } from './history.ts';
import { Lease } from './lease.ts';
import { type ChainLimits, defaultChainLimits } from './limits.ts';
import { type Decision, decide, type Situation } from './membership.ts';
import type { ChainId, MemberId, MembershipRecord } from './membership-record.ts';
import type { ChainMessage } from './messages.ts';
import type { Update, WriteName, WriteRequest } from './update.ts';
import { type Sender, Upstream } from './upstream.ts';
import {
  headOf,
  predecessorOf,
  type ServerId,
  type SessionId,
  successorOf,
  tailOf,
  type View,
} from './view.ts';

export interface ChainCoreOptions {
  /** Where this server is found, `host:port`. */
  readonly address: string;
  readonly member: MemberId;
  /** A random name of 16 hexadecimal digits, for a chain that this server founds. */
  readonly newChain: () => ChainId;
  /**
   * What to do when nobody shows up who has all of the chain's data: wait, or begin after `totalLossGraceMs` with what
   * there is, which may be nothing.
   */
  readonly onTotalLoss: 'wait' | 'start-empty';
  readonly totalLossGraceMs: number;
  readonly limits?: ChainLimits;
}

/** This server's place in the chain, as of the view that it acts on. */
interface Adopted {
  readonly id: ServerId;
  readonly view: View;
  readonly record: MembershipRecord;
}

export interface Refusal<Code extends string = WriteRefusalCode | 'NOT_TAIL'> {
  readonly code: Code;
  readonly detail: string;
}

/**
 * One server's part in chain replication (van Renesse & Schneider 2004, sections 3 and 4): writes enter at the head,
 * go from server to server in order, and are answered from the tail; reads are answered by the tail. No I/O, no clock,
 * no chance: events come in through {@link handle}, effects go out through {@link takeEffects}.
 *
 * Invariants: a server has executed an update before it sends it on, so whatever a server has executed, its predecessors
 * have too. It acts only on the view that it has adopted last, and as head or tail only as long as its lease is valid.
 */
export class ChainCore {
  readonly #options: ChainCoreOptions;
  readonly #limits: ChainLimits;
  readonly #history: History;
  readonly #upstream: Upstream;
  /** To the next server. */
  #downstream: Downstream;
  /** From the tail to the server that is let in next. */
  #admission: Downstream;
  /** Writes that are answered once they are stable, by sequence number; no more than the log holds. */
  readonly #waiters = new Map<number, RequestToken[]>();
  #effects: ChainEffect[] = [];
  #now = 0;
  #newChain: ChainId;

  #session: { readonly id: SessionId; readonly lease: Lease } | undefined;
  #directory: Directory | undefined;
  /** A change of the directory is under way, or what came of it has not been read yet. */
  #isChanging = false;
  #isDeciding = false;
  #heartbeatId: ServerId | undefined;
  #adopted: Adopted | undefined;
  /** The last record that this server has adopted: who has all that it has, in case ZooKeeper loses its data. */
  #lastRecord: MembershipRecord | undefined;
  /** When it was first seen that there is no chain to be let into; undefined as long as there is one. */
  #nobodySince: number | undefined;

  /** What the present sender has said: enter when all below is executed; answer when all below is executed. */
  #invited: number | undefined;
  #handedOver: number | undefined;
  #isRefused = false;
  #chunksReceived = 0;
  #chunksLoaded = 0;
  /** What the present sender has been told. */
  #toldStable = 0;
  #toldProgress = '';
  /** The number of the waiting server that could not be reached last: others come first then. */
  #unreachedId = -1;
  #isLeaving = false;
  #isOver = false;
  #links = 0;

  constructor(options: ChainCoreOptions) {
    this.#options = options;
    this.#limits = options.limits ?? defaultChainLimits;
    this.#newChain = options.newChain();
    this.#history = new History(this.#limits);
    this.#upstream = new Upstream((effect) => this.#effects.push(effect));
    this.#downstream = this.#newDownstream({ isWaiting: false });
    this.#admission = this.#newDownstream({ isWaiting: true });
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

  /** The view that this server acts on; undefined while it is not in the chain. */
  get view(): View | undefined {
    return this.#adopted?.view;
  }

  get record(): MembershipRecord | undefined {
    return this.#adopted?.record;
  }

  /** Its number in the chain; undefined while it is not in it. */
  get id(): ServerId | undefined {
    return this.#adopted?.id;
  }

  get chain(): ChainId | undefined {
    return this.#history.chain;
  }

  /** Whether the record names this server: it holds everything that has ever been answered. */
  get isMember(): boolean {
    const adopted = this.#adopted;
    return adopted?.record.members.some(({ id }) => id === adopted.id) ?? false;
  }

  get isHead(): boolean {
    return this.#adopted !== undefined && headOf(this.#adopted.view)?.id === this.#adopted.id;
  }

  get isTail(): boolean {
    return this.#adopted !== undefined && tailOf(this.#adopted.view)?.id === this.#adopted.id;
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
    if (this.#isOver) {
      // Every write gets its one reply, even from a server that is about to end.
      if (event.type === 'write') {
        this.#refuse(event.token, { code: 'SHUTTING_DOWN', detail: 'this server has left the chain' });
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
        this.#session = { id: event.session, lease: new Lease(event.timeoutMs) };
        this.#directory = undefined;
        this.#isChanging = false;
        return;
      case 'session-ended':
        return this.#onSessionEnded(event.detail);
      case 'directory':
        this.#directory = event.directory;
        return this.#findPlace();
      case 'change-over':
        // What came of it is in the next directory: the present one is of before.
        this.#directory = undefined;
        this.#isChanging = false;
        return;
      case 'heartbeat':
        if (event.session === this.#session?.id) this.#session.lease.confirmed(event.sentAt);
        return;
      case 'write':
        return this.#onWrite(event.token, event.write, event.ack);
      case 'executed':
        this.#history.onExecuted(event.executed);
        return this.#advance();
      case 'loaded':
        this.#chunksLoaded = event.chunks;
        return this.#advance();
      case 'chunk':
        if (event.link !== this.#admission.link) return;
        assert(event.executed <= this.executed, `the chunk shows update ${event.executed - 1}, not told yet`);
        return this.#admission.chunk(event);
      case 'link-up':
        return this.#onLinkUp(event.link);
      case 'message':
        return this.#onMessage(event.link, event.message);
      case 'link-down':
        return this.#onLinkDown(event.link);
      case 'leave':
        this.#isLeaving = true;
        if (this.#session === undefined) return this.#left();
        return this.#findPlace();
      case 'wake':
        return this.#findPlace();
      default:
        return unreachable(event);
    }
  }

  // ---- who may be served ----

  /** Why this server cannot take a write now, or undefined where it can: it is the head, and has room. */
  writeRefusal(now: number): Refusal<WriteRefusalCode> | undefined {
    return this.#headRefusal(now) ?? this.#roomRefusal();
  }

  /** Why this server cannot answer a read now, or undefined where it can: it is the tail and holds the state. */
  readRefusal(now: number): Refusal<'NOT_TAIL' | 'NOT_READY' | 'SHUTTING_DOWN'> | undefined {
    const adopted = this.#adopted;
    if (adopted === undefined) return { code: 'NOT_READY', detail: 'this server is not in the chain' };
    const tail = tailOf(adopted.view);
    if (tail?.id !== adopted.id) {
      return { code: 'NOT_TAIL', detail: `reads go to the tail, ${tail?.address ?? 'not known yet'}` };
    }
    if (!this.isMember) {
      return { code: 'NOT_READY', detail: 'this server has not been handed the chain’s state yet' };
    }
    if (this.#leaving() === 'drained')
      return { code: 'SHUTTING_DOWN', detail: 'this server is leaving the chain' };
    return this.#leaseRefusal(now);
  }

  /** See {@link History.verify}; only the tail's answer counts. */
  verify(name: { seq: number; epoch: number | undefined }): 'executed' | 'pending' | 'lost' {
    return this.#history.verify(name);
  }

  #headRefusal(now: number): Refusal<WriteRefusalCode> | undefined {
    const adopted = this.#adopted;
    if (adopted === undefined) return { code: 'NOT_READY', detail: 'this server is not in the chain' };
    const head = headOf(adopted.view);
    if (head?.id !== adopted.id) {
      return { code: 'NOT_HEAD', detail: `writes go to the head, ${head?.address ?? 'not known yet'}` };
    }
    if (!this.isMember) {
      return { code: 'NOT_READY', detail: 'this server does not hold the chain’s state yet' };
    }
    if (this.#isLeaving) return { code: 'SHUTTING_DOWN', detail: 'this server is leaving the chain' };
    // A new head numbers nothing before it has executed what its predecessor left: that history comes first.
    if (this.#history.lastEpoch !== this.#epochOf(adopted) && this.executed < this.received) {
      return { code: 'NOT_READY', detail: 'the new head is executing what the old one left' };
    }
    return this.#leaseRefusal(now);
  }

  #leaseRefusal(now: number): Refusal<'NOT_READY'> | undefined {
    if (this.#session?.lease.validAt(now)) return undefined;
    return { code: 'NOT_READY', detail: 'this server has not heard from ZooKeeper for too long' };
  }

  #roomRefusal(): Refusal<WriteRefusalCode> | undefined {
    const waiting = this.received - this.stable;
    const isFull =
      waiting >= this.#limits.logUpdatesMax || this.#history.log.unsettledBytes >= this.#limits.logBytesMax;
    if (!isFull) return undefined;
    return { code: 'BUSY', detail: `${waiting} writes wait for the rest of the chain` };
  }

  #epochOf({ id, record }: Adopted): number {
    return record.epochBase + id;
  }

  // ---- this server's place in the chain ----

  #onSessionEnded(detail: string): void {
    this.#session = undefined;
    this.#directory = undefined;
    this.#isChanging = false;
    this.#heartbeats(undefined);
    this.#resign(`the session with ZooKeeper has ended: ${detail}`);
    this.#upstream.close('the session with ZooKeeper has ended');
    if (this.#isLeaving) this.#left();
  }

  /** Looks at the directory and does what follows for this server's place, until there is nothing more to do. */
  #findPlace(): void {
    if (this.#isDeciding) return;
    this.#isDeciding = true;
    let done = '';
    while (
      !this.#isChanging &&
      !this.#isOver &&
      this.#directory !== undefined &&
      this.#session !== undefined
    ) {
      const situation = this.#situation(this.#directory, this.#session.id);
      const { isInvited, isHandedOver, isRefused, leaving, mayGiveUp } = situation;
      // What was done may have been the condition of more: a head that has nobody behind it any more is drained.
      const conditions = [this.id, isInvited, isHandedOver, isRefused, leaving, mayGiveUp].join();
      if (conditions === done) break;
      done = conditions;
      this.#carryOut(decide(situation), situation.directory);
    }
    this.#isDeciding = false;
    if (this.#directory !== undefined) this.#upstream.rejectBeyond(this.#directory.view.version);
  }

  #situation(directory: Directory, session: SessionId): Situation {
    return {
      directory,
      session,
      member: this.#options.member,
      address: this.#options.address,
      held: this.#held(),
      isInvited: this.#isInvited(),
      isHandedOver: this.#isHandedOver(),
      isRefused: this.#isRefused,
      leaving: this.#leaving(),
      mayGiveUp: this.#mayGiveUp(),
      newChain: this.#newChain,
      nextEpoch: (this.#history.lastEpoch ?? -1) + 1,
    };
  }

  #carryOut(decision: Decision, directory: Directory): void {
    const { change } = { change: undefined, ...decision };
    // The change goes out last, but from here on nothing else is decided.
    this.#isChanging = change !== undefined;
    switch (decision.type) {
      case 'left':
        return this.#left();
      case 'stop':
        return this.#stop(decision.detail);
      case 'outside':
        this.#resign('this server is not in the chain');
        this.#isRefused = false;
        this.#heartbeats(undefined);
        if (decision.hasMembers) this.#nobodySince = undefined;
        else if (change === undefined) this.#watchForNobody(directory);
        // As long as it waits, the tail is the one who sends.
        this.#followSender({
          viewVersion: directory.view.version,
          id: tailOf(directory.view)?.id,
          waiting: true,
        });
        break;
      case 'pending':
        this.#heartbeats(decision.id);
        break;
      case 'adopt':
        this.#heartbeats(decision.id);
        this.#adopt({ id: decision.id, view: directory.view, record: decision.record }, directory.waiting);
        break;
      default:
        return unreachable(decision);
    }
    if (change !== undefined) this.#effects.push({ type: 'change-directory', change });
  }

  #adopt(adopted: Adopted, waiting: readonly WaitingServer[]): void {
    const { view, record, id } = adopted;
    const isNews =
      view.version !== this.#adopted?.view.version || record.serial !== this.#adopted.record.serial;
    this.#adopted = adopted;
    this.#nobodySince = undefined;
    if (this.isMember) this.#settleIn(record);
    if (isNews) this.#lastRecord = record;
    const successor = successorOf(view, id);
    if (
      successor !== undefined &&
      this.#admission.receiver?.session === successor.session &&
      this.#admission.hasInvited
    ) {
      // The server that was being let in stands behind this one now: its link goes on.
      this.#downstream.follow(undefined);
      this.#downstream = this.#admission;
      this.#downstream.hasEntered();
      this.#admission = this.#newDownstream({ isWaiting: true });
    }
    this.#downstream.follow(successor);
    this.#admission.follow(this.isMember && this.isTail ? this.#nextToAdmit(waiting) : undefined);
    this.#followSender({ viewVersion: view.version, id: predecessorOf(view, id)?.id, waiting: false });
    this.#advance();
  }

  /** Makes the state that this server holds that of the chain which the record names: it is one of its members. */
  #settleIn({ chain }: MembershipRecord): void {
    if (this.#history.chain === chain && this.#history.isWhole) return;
    if (this.#held() === undefined) {
      this.#startOver({ chain });
    } else {
      this.#log('warn', `going on as chain ${chain} with what this server holds: later writes are lost`);
      this.#history.chain = chain;
    }
    if (chain === this.#newChain) this.#newChain = this.#options.newChain();
  }

  #startOver({ chain }: { chain: ChainId }): void {
    const isEmpty = this.received === 0 && this.#history.isWhole;
    this.#history.reset(chain);
    if (!isEmpty) this.#wipe(0);
  }

  #wipe(seq: number): void {
    this.#chunksReceived = 0;
    this.#chunksLoaded = 0;
    this.#effects.push({ type: 'wipe', seq });
  }

  /** The lowest number first; after one that could not be reached, the next ones, and then from the beginning. */
  #nextToAdmit(waiting: readonly WaitingServer[]): WaitingServer | undefined {
    const current = waiting.find(({ session }) => session === this.#admission.receiver?.session);
    if (current !== undefined && current.id !== this.#unreachedId) return current;
    return waiting.find(({ id }) => id > this.#unreachedId) ?? waiting[0];
  }

  /** Gives up its place: it is out of the chain, and what it was asked for is for others to answer. */
  #resign(detail: string): void {
    if (this.#adopted === undefined) return;
    this.#adopted = undefined;
    this.#log('info', detail);
    this.#upstream.close(detail);
    this.#dropPromises();
    this.#downstream.follow(undefined);
    this.#admission.follow(undefined);
    for (const tokens of this.#waiters.values()) {
      for (const token of tokens) this.#reply(token, { type: 'unknown', detail });
    }
    this.#waiters.clear();
  }

  #watchForNobody({ record }: Directory): void {
    if (this.#nobodySince !== undefined) return;
    this.#nobodySince = this.#now;
    const { onTotalLoss, totalLossGraceMs } = this.#options;
    const names =
      record?.members.map(({ member }) => member) ?? this.#lastRecord?.members.map(({ member }) => member);
    const missing = `none of those who hold the chain’s data is there: ${names?.join(', ') ?? 'not known'}`;
    if (onTotalLoss === 'wait') {
      this.#log('warn', `${missing}; waiting for one of them (--on-total-loss=start-empty begins without)`);
    } else {
      this.#log('warn', `${missing}; beginning without their data in ${totalLossGraceMs} ms`);
      this.#effects.push({ type: 'wake', delayMs: totalLossGraceMs });
    }
  }

  #mayGiveUp(): boolean {
    const { onTotalLoss, totalLossGraceMs } = this.#options;
    const since = this.#nobodySince;
    return onTotalLoss === 'start-empty' && since !== undefined && this.#now - since >= totalLossGraceMs;
  }

  #held(): HeldState | undefined {
    const { chain, isWhole } = this.#history;
    if (chain === undefined || !isWhole || this.#lastRecord === undefined) return undefined;
    const { serial, members } = this.#lastRecord;
    return { chain, serial, members: members.map(({ member }) => member) };
  }

  /** A head first waits until the whole chain has what it has accepted; the others hold nothing that nobody else has. */
  #leaving(): 'no' | 'draining' | 'drained' {
    if (!this.#isLeaving) return 'no';
    return this.isHead && this.isMember && this.stable < this.received ? 'draining' : 'drained';
  }

  #left(): void {
    this.#isOver = true;
    this.#heartbeats(undefined);
    this.#resign('this server has left the chain');
    this.#upstream.close('this server has left the chain');
    this.#effects.push({ type: 'left' });
  }

  #stop(detail: string): void {
    this.#isOver = true;
    this.#resign(detail);
    this.#upstream.close(detail);
    this.#effects.push({ type: 'stop', detail });
  }

  #heartbeats(id: ServerId | undefined): void {
    if (id === this.#heartbeatId) return;
    this.#heartbeatId = id;
    this.#effects.push({ type: 'heartbeats', id });
  }

  // ---- writes ----

  #onWrite(token: RequestToken, write: WriteRequest, ack: 'assigned' | 'committed'): void {
    const refusal = this.#headRefusal(this.#now);
    if (refusal !== undefined) return this.#refuse(token, refusal);
    const earlier = write.client === '' ? undefined : this.#earlier(write);
    if (earlier?.type === 'refused') return this.#reply(token, earlier);
    if (earlier === undefined) {
      const full = this.#roomRefusal();
      if (full !== undefined) return this.#refuse(token, full);
    }
    const adopted = must(this.#adopted, 'a head is in the chain');
    const name = earlier?.name ?? { epoch: this.#epochOf(adopted), seq: this.received };
    if (earlier === undefined) this.#append([{ ...write, ...name }]);
    // A session that might never have been opened is of no use.
    if (ack === 'assigned' && write.op !== 'open') return this.#reply(token, { type: 'assigned', name });
    if (name.seq < this.stable) return this.#reply(token, this.#committed(name));
    const tokens = this.#waiters.get(name.seq);
    if (tokens === undefined) this.#waiters.set(name.seq, [token]);
    else tokens.push(token);
  }

  /** What an earlier attempt at a client's request has become, undefined where there was none; or why nobody knows. */
  #earlier(
    write: WriteRequest,
  ): { type: 'name'; name: WriteName } | Extract<WriteReply, { type: 'refused' }> | undefined {
    const found = this.#history.sessions.lookup(write);
    switch (found.type) {
      case 'new':
        return undefined;
      case 'known':
        return { type: 'name', name: found.name };
      case 'answered':
        return {
          type: 'refused',
          code: 'BAD_REQUEST',
          detail: `request ${write.request} has been answered before`,
        };
      case 'too-many':
        return {
          type: 'refused',
          code: 'BUSY',
          detail: 'too many requests of this client are without an answer',
        };
      case 'no-session':
        return { type: 'refused', code: 'LOST', detail: `this chain knows no session ${write.client}` };
      default:
        return unreachable(found);
    }
  }

  #committed(name: WriteName): WriteReply {
    const { op } = this.#history.log.find(name.seq) ?? {};
    return { type: 'committed', name, client: op === 'open' ? this.#history.clientOpenedBy(name) : '' };
  }

  #append(updates: readonly Update[]): void {
    if (updates.length === 0) return;
    for (const update of updates) this.#history.append(update);
    this.#effects.push({ type: 'execute', updates });
  }

  /** Does what has become possible: sends on what has been executed; at the tail, that is stable. */
  #advance(): void {
    const { isMember } = this;
    if (isMember) this.#downstream.handOver();
    this.#downstream.forward();
    this.#admission.forward();
    // Whoever waits has nobody behind it: it needs no log, and answers nobody.
    if (isMember ? this.isTail : this.#adopted === undefined) this.#raiseStable(this.executed);
    if (this.#isCopied()) this.#history.isWhole = true;
    this.#tellSender();
    const isReady =
      this.#adopted === undefined ? this.#isInvited() : !isMember && this.#handedOver !== undefined;
    if (isReady || this.#isLeaving) this.#findPlace();
  }

  #raiseStable(stable: number): void {
    if (stable <= this.stable) return;
    for (let seq = this.stable; seq < stable && this.#waiters.size > 0; seq += 1) {
      const tokens = this.#waiters.get(seq);
      if (tokens === undefined) continue;
      this.#waiters.delete(seq);
      const { epoch } = this.#history.log.at(seq);
      for (const token of tokens) this.#reply(token, this.#committed({ epoch, seq }));
    }
    this.#history.settle(stable);
  }

  // ---- links ----

  #onLinkUp(link: LinkId): void {
    const { chain } = this.#history;
    for (const [downstream, waiting] of [
      [this.#downstream, false],
      [this.#admission, true],
    ] as const) {
      if (link !== downstream.link || this.#adopted === undefined || chain === undefined) continue;
      const { id, view } = this.#adopted;
      downstream.linkUp({ type: 'hello', id, viewVersion: view.version, chain, waiting });
    }
  }

  #onLinkDown(link: LinkId): void {
    if (link === this.#downstream.link) return this.#downstream.linkBroken();
    if (link === this.#admission.link) return this.#admissionBroken();
    if (link === this.#upstream.link) this.#dropPromises();
    this.#upstream.linkDown(link);
  }

  /** Others that wait have their turn before it is tried again. */
  #admissionBroken(): void {
    const session = this.#admission.receiver?.session;
    this.#unreachedId = this.#directory?.waiting.find((server) => server.session === session)?.id ?? -1;
    const next = this.#nextToAdmit(this.#directory?.waiting ?? []);
    if (next === undefined || next.session === session) return this.#admission.linkBroken();
    this.#admission.follow(next);
  }

  #onMessage(link: LinkId, message: ChainMessage): void {
    if (message.type === 'hello') return this.#onHello(link, message);
    if (link === this.#downstream.link) return this.#onReceiverMessage(this.#downstream, message);
    if (link === this.#admission.link) return this.#onReceiverMessage(this.#admission, message);
    if (link === this.#upstream.link) return this.#onSenderMessage(message);
    // A link that was given up while this message was under way; its sender will notice.
  }

  #followSender(sender: Sender): void {
    const before = this.#upstream.link;
    const hellos = this.#upstream.follow(sender);
    if (this.#upstream.link !== before) this.#dropPromises();
    for (const [link, hello] of hellos) this.#onHello(link, hello);
  }

  #onHello(link: LinkId, hello: Extract<ChainMessage, { type: 'hello' }>): void {
    if (!this.#upstream.hello(link, hello)) return;
    this.#dropPromises();
    if (this.#history.chain !== hello.chain) {
      if (this.#held() !== undefined) {
        const detail = `server ${hello.id} is of chain ${hello.chain}, this one holds chain ${this.#history.chain}`;
        return this.#upstream.breakLink(detail);
      }
      this.#startOver({ chain: hello.chain });
    }
    const { received, lastEpoch, isWhole } = this.#history;
    const { isMember } = this;
    this.#toldStable = isMember ? this.stable : 0;
    this.#upstream.send({
      type: 'welcome',
      received: isWhole ? received : 0,
      lastEpoch: isWhole ? lastEpoch : undefined,
      whole: isWhole,
      stable: this.#toldStable,
      member: isMember,
    });
  }

  #onReceiverMessage(downstream: Downstream, message: ChainMessage): void {
    switch (message.type) {
      case 'welcome':
        downstream.welcome(message);
        if (downstream === this.#admission) this.#unreachedId = -1;
        if (downstream === this.#downstream && message.stable <= (downstream.next ?? 0))
          this.#raiseStable(message.stable);
        return this.#advance();
      case 'reject':
        // It has read, or will read, what makes it accept this server; or this server has to read why it does not.
        if (message.viewVersion > (this.#adopted?.view.version ?? 0))
          this.#effects.push({ type: 'read-directory' });
        return downstream.breakLink('rejected by a server whose view differs');
      case 'progress':
        downstream.progress(message);
        return;
      case 'ack':
        if (downstream !== this.#downstream || message.stable > (downstream.next ?? 0)) {
          return downstream.breakLink(`an ACK for ${message.stable}, which was never sent`);
        }
        this.#raiseStable(message.stable);
        return this.#advance();
      default:
        return downstream.breakLink(`a ${message.type} from a server that is sent updates`);
    }
  }

  #onSenderMessage(message: ChainMessage): void {
    switch (message.type) {
      case 'updates':
        return this.#onUpdates(message.updates);
      case 'snapshot':
        if (this.#adopted !== undefined)
          return this.#upstream.breakLink('a snapshot for a server that is in the chain');
        this.#lastRecord = undefined;
        this.#history.copy(must(this.#history.chain, 'the HELLO named it'), message);
        return this.#wipe(message.seq);
      case 'chunk':
        if (this.#history.isWhole) return this.#upstream.breakLink('a chunk of no snapshot');
        this.#chunksReceived += 1;
        this.#effects.push({ type: 'load', entries: message.entries });
        return;
      case 'invite':
        this.#invited = message.seq;
        return this.#advance();
      case 'handover':
        this.#handedOver = message.seq;
        return this.#advance();
      case 'refuse':
        if (this.isMember)
          return this.#stop(`a member of the chain is refused by its predecessor: ${message.detail}`);
        this.#log('info', `joining the chain anew: ${message.detail}`);
        this.#isRefused = true;
        return this.#findPlace();
      default:
        return this.#upstream.breakLink(`a ${message.type} from the server that sends updates`);
    }
  }

  #onUpdates(updates: readonly Update[]): void {
    // Left out: what a resend brings a second time.
    const fresh = updates.filter((update) => update.seq >= this.received);
    let expected = this.received;
    let epoch = this.#history.lastEpoch ?? 0;
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

  /** What a sender has promised holds as long as its link. */
  #dropPromises(): void {
    this.#invited = undefined;
    this.#handedOver = undefined;
    this.#toldProgress = '';
  }

  /** A copy is whole when all that the sender has sent up to its invitation is in the table. */
  #isCopied(): boolean {
    return (
      this.#invited !== undefined &&
      this.executed >= this.#invited &&
      this.#chunksLoaded === this.#chunksReceived
    );
  }

  #isHandedOver(): boolean {
    return this.#handedOver !== undefined && this.#handedOver <= this.executed;
  }

  #isInvited(): boolean {
    return this.#upstream.link !== undefined && this.#isCopied();
  }

  #tellSender(): void {
    if (this.#upstream.link === undefined) return;
    if (this.isMember) {
      if (this.stable <= this.#toldStable) return;
      this.#toldStable = this.stable;
      this.#upstream.send({ type: 'ack', stable: this.stable });
    } else {
      const progress = { executed: this.executed, chunks: this.#chunksLoaded };
      const told = `${progress.executed} ${progress.chunks}`;
      if (told === this.#toldProgress) return;
      this.#toldProgress = told;
      this.#upstream.send({ type: 'progress', ...progress });
    }
  }

  #newDownstream({ isWaiting }: { isWaiting: boolean }): Downstream {
    const newLink = () => {
      this.#links += 1;
      return `to-${this.#links}`;
    };
    const emit = (effect: ChainEffect) => this.#effects.push(effect);
    return new Downstream({ limits: this.#limits, history: this.#history, emit, newLink }, { isWaiting });
  }

  // ---- what goes out ----

  #reply(token: RequestToken, reply: WriteReply): void {
    this.#effects.push({ type: 'reply', token, reply });
  }

  #refuse(token: RequestToken, { code, detail }: Refusal<WriteRefusalCode>): void {
    this.#reply(token, { type: 'refused', code, detail });
  }

  #log(level: 'info' | 'warn', detail: string): void {
    this.#effects.push({ type: 'log', level, detail });
  }
}
