import { must, unreachable } from '@tablelab/shared';
import type { Directory, HeldState, WaitingServer } from './directory.ts';
import type { ChainEffect } from './effects.ts';
import type { History } from './history.ts';
import { Lease } from './lease.ts';
import { type Decision, decide, isApart, type Situation } from './membership.ts';
import type { ChainId, MemberId, MembershipRecord } from './membership-record.ts';
import { headOf, type ServerId, type SessionId, serverOf, tailOf, type View } from './view.ts';
import type { Refusal } from './write-path.ts';

export interface PlaceOptions {
  /** Where this server is found, `host:port`. */
  readonly address: string;
  readonly member: MemberId;
  /** A random name of 16 hexadecimal digits, for a chain that this server founds. */
  readonly newChain: () => ChainId;
  /**
   * What to do when nobody shows up who has all of the chain's data: wait, or begin after a while with what there is,
   * which may be nothing.
   */
  readonly onTotalLoss: 'wait' | 'start-empty';
  /** How long that while is at least, in milliseconds; see {@link graceSessions}. */
  readonly totalLossGraceMs: number;
}

/** This server's place in the chain, as of the view that it acts on. */
export interface Adopted {
  readonly id: ServerId;
  readonly view: View;
  readonly record: MembershipRecord;
}

/** A server's part in the chain. */
interface Part {
  readonly isMember: boolean;
  readonly isHead: boolean;
  readonly isTail: boolean;
}

const noPart: Part = { isMember: false, isHead: false, isTail: false };

function partOf({ id, view, record }: Adopted): Part {
  return {
    isMember: record.members.some((member) => member.id === id),
    isHead: headOf(view)?.id === id,
    isTail: tailOf(view)?.id === id,
  };
}

/** What the place depends on, and whom it tells. */
export interface PlaceContext {
  readonly history: History;
  readonly emit: (effect: ChainEffect) => void;
  /** See {@link Situation}. */
  readonly isInvited: () => boolean;
  readonly isHandedOver: () => boolean;
  readonly isRefused: () => boolean;
  /** The next server is a member, too. */
  readonly isFollowed: () => boolean;
  /** Called with each view that this server acts on from now on, and again when more is known of who waits. */
  readonly onAdopted: (adopted: Adopted, waiting: readonly WaitingServer[]) => void;
  /** Called with what is known while this server is not in the chain. */
  readonly onOutside: (view: View) => void;
  /** It is in no chain any more. */
  readonly onResigned: (detail: string) => void;
  /** This server's state was thrown away: the table has to be emptied. */
  readonly onStartedOver: () => void;
}

/**
 * How long those who hold the chain's data may take to show up, in session time-outs. With the record there: until a
 * session is over, and another one is open. Where ZooKeeper has lost the record, too: until they have given up a session
 * that ZooKeeper does not know, after ten time-outs without a connection; it does not say so.
 */
const graceSessions = { withRecord: 2.5, withoutRecord: 11 };

const notInChain = 'this server is not in the chain';

/**
 * This server's place in the chain: how it gets in, which view it acts on, how long it may, and how it leaves. What is
 * to be done is for {@link decide} to say; this class remembers what that needs to know.
 *
 * Invariant: what it acts on is the last view that it has adopted, and nothing once its session has ended.
 */
export class Place {
  readonly #options: PlaceOptions;
  readonly #context: PlaceContext;
  #session: { readonly id: SessionId; readonly timeoutMs: number; readonly lease: Lease } | undefined;
  /** What came of the last change; undefined until it has been read. */
  #directory: Directory | undefined;
  #isChanging = false;
  #isDeciding = false;
  #adopted: Adopted | undefined;
  /** What the adopted view and record make of this server: each read and each write asks. */
  #part = noPart;
  /** The last record that this server has adopted: who has all that it has, in case ZooKeeper loses its data. */
  #lastRecord: MembershipRecord | undefined;
  /** Who has been handed the chain and so may be in the record by now, as far as this server has read. */
  #heir: { readonly session: SessionId; readonly member: MemberId } | undefined;
  /** The members that were seen to wait, by session, as long as the directory shows that. */
  #memberOf: ReadonlyMap<SessionId, MemberId> = new Map();
  /** ZooKeeper has named a chain that this server has not founded. */
  #hasSeenChain = false;
  /**
   * Since when there has been no chain to be let into, as far as this session knows; undefined as long as there is one.
   * `serial`: that of its record, if that is there. With another one the chain was back meanwhile.
   */
  #nobody:
    | { readonly since: number; readonly graceMs: number; readonly serial: number | undefined }
    | undefined;
  #newChain: ChainId;
  #absence = notInChain;
  #heartbeatId: ServerId | undefined;
  #isLeaving = false;
  #isOver = false;

  constructor(options: PlaceOptions, context: PlaceContext) {
    this.#options = options;
    this.#context = context;
    this.#newChain = options.newChain();
  }

  get adopted(): Adopted | undefined {
    return this.#adopted;
  }

  /** Why this server serves nobody while it has adopted no view, for a person. */
  get absence(): string {
    return this.#absence;
  }

  /** Whether the record names this server: it holds everything that has ever been answered. */
  get isMember(): boolean {
    return this.#part.isMember;
  }

  get isHead(): boolean {
    return this.#part.isHead;
  }

  get isTail(): boolean {
    return this.#part.isTail;
  }

  /** The epoch of what this server numbers as head. It must be in the chain. */
  get epoch(): number {
    const { id, record } = must(this.#adopted, 'a head is in the chain');
    return record.epochBase + id;
  }

  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** Nothing follows any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Why this server may not act as head or tail at `now`: its lease is over. Undefined where it may; asked at each request. */
  silence(now: number): Refusal<'NOT_READY'> | undefined {
    if (this.#hasLease(now)) return undefined;
    return { code: 'NOT_READY', detail: 'this server has not heard from ZooKeeper for too long' };
  }

  #hasLease(now: number): boolean {
    return this.#session?.lease.validAt(now) ?? false;
  }

  /**
   * A head first waits until the whole chain has what it has accepted, and the last member until one that is being let in
   * has everything; the others hold nothing that nobody else has.
   */
  leaving(): 'no' | 'draining' | 'drained' {
    if (!this.#isLeaving) return 'no';
    const { stable, received } = this.#context.history;
    if (this.isHead && this.isMember && stable < received) return 'draining';
    return this.#isLastWithHeirs() ? 'draining' : 'drained';
  }

  #isLastWithHeirs(): boolean {
    const adopted = this.#adopted;
    if (adopted === undefined || !this.isMember || adopted.record.members.length > 1) return false;
    if (this.#context.isFollowed()) return false;
    const isOther = ({ session }: { session: SessionId }) => session !== this.#session?.id;
    const { servers } = this.#directory?.view ?? adopted.view;
    const waiting = this.#directory === undefined ? [] : heirsIn(this.#directory);
    return servers.some(isOther) || waiting.some(isOther);
  }

  /** What it holds of a chain that it has been part of. */
  held(): HeldState | undefined {
    const { chain, isWhole } = this.#context.history;
    if (chain === undefined || !isWhole || this.#lastRecord === undefined) return undefined;
    const { serial } = this.#lastRecord;
    const members = this.#lastRecord.members.map(({ member }) => member);
    // Whoever is a member unknown to this server may have gone on without it: it must not begin without that one.
    const heir = this.#heir?.member;
    if (heir === undefined || members.includes(heir)) return { chain, serial, members };
    return { chain, serial: serial + 1, members: [...members, heir] };
  }

  /** The state is being replaced by another server's: what this one knows of it does not count any more. */
  forgetHeld(): void {
    this.#lastRecord = undefined;
    this.#heir = undefined;
  }

  /** The next server may add itself to the record from now on. */
  handedOver({ session }: { session: SessionId }): void {
    // Where its name was never seen it gets one that nobody has: better to wait for it than to begin without it.
    this.#heir = { session, member: this.#memberOf.get(session) ?? `session ${session}` };
  }

  sessionStarted({ session, timeoutMs }: { session: SessionId; timeoutMs: number }): void {
    this.#session = { id: session, timeoutMs, lease: new Lease(timeoutMs) };
    this.#directory = undefined;
    this.#isChanging = false;
  }

  sessionEnded(detail: string): void {
    this.#session = undefined;
    this.#nobody = undefined;
    this.#directory = undefined;
    this.#isChanging = false;
    this.#heartbeats(undefined);
    this.#resign(`the session with ZooKeeper has ended: ${detail}`);
    if (this.#isLeaving) this.#left();
  }

  heartbeat({ session, sentAt }: { session: SessionId; sentAt: number }): void {
    if (session === this.#session?.id) this.#session.lease.confirmed(sentAt);
  }

  changeOver(): void {
    // What came of it is in the next directory: the present one is of before.
    this.#directory = undefined;
    this.#isChanging = false;
  }

  read(directory: Directory, now: number): void {
    this.#directory = directory;
    const { record, view, waiting } = directory;
    const known = [...this.#memberOf].filter(([session]) => serverOf(view, session) !== undefined);
    const waits = waiting.map(({ session, member }) => [session, member] as const);
    this.#memberOf = new Map([...known, ...waits]);
    this.#hasSeenChain ||= record !== undefined && record.chain !== this.#newChain;
    this.find(now);
  }

  leave(now: number): void {
    this.#isLeaving = true;
    if (this.#session === undefined) this.#left();
    else this.find(now);
  }

  /** Ends with this text for a person. */
  stop(detail: string): void {
    this.#isOver = true;
    this.#resign(detail);
    this.#context.emit({ type: 'stop', detail });
  }

  /** Looks at what is known and does what follows for this server's place, until there is nothing more to do. */
  find(now: number): void {
    if (this.#isDeciding) return;
    this.#isDeciding = true;
    let done = '';
    while (
      !this.#isChanging &&
      !this.#isOver &&
      this.#directory !== undefined &&
      this.#session !== undefined
    ) {
      const situation = this.#situation(this.#directory, this.#session.id, now);
      const { isInvited, isHandedOver, isRefused, leaving, mayGiveUp } = situation;
      // What was done may have been the condition of more: a head that has nobody behind it any more is drained.
      const conditions = [this.#adopted?.id, isInvited, isHandedOver, isRefused, leaving, mayGiveUp].join();
      if (conditions === done) break;
      done = conditions;
      this.#carryOut(decide(situation), situation, now);
    }
    this.#isDeciding = false;
  }

  #situation(directory: Directory, session: SessionId, now: number): Situation {
    return {
      directory,
      session,
      member: this.#options.member,
      address: this.#options.address,
      held: this.held(),
      hasHeardOfChain: this.#hasSeenChain || this.#context.history.chain !== undefined,
      isInvited: this.#context.isInvited(),
      isHandedOver: this.#context.isHandedOver(),
      isRefused: this.#context.isRefused(),
      leaving: this.leaving(),
      mayGiveUp: this.#mayGiveUp(directory, now),
      newChain: this.#newChain,
      nextEpoch: (this.#context.history.lastEpoch ?? -1) + 1,
    };
  }

  #carryOut(decision: Decision, situation: Situation, now: number): void {
    const { directory } = situation;
    const { change } = { change: undefined, ...decision };
    // The change goes out last, but from here on nothing else is decided.
    this.#isChanging = change !== undefined;
    switch (decision.type) {
      case 'left':
        return this.#left();
      case 'outside':
        this.#explain(situation);
        this.#resign(this.#absence);
        this.#heartbeats(undefined);
        if (decision.hasMembers || isApart(situation)) this.#nobody = undefined;
        else if (change === undefined) this.#watchForNobody(directory, now);
        this.#context.onOutside(directory.view);
        break;
      case 'pending':
        this.#heartbeats(decision.id);
        break;
      case 'adopt':
        this.#heartbeats(decision.id);
        this.#adopt({ id: decision.id, view: directory.view, record: decision.record }, heirsIn(directory));
        break;
      default:
        return unreachable(decision);
    }
    if (change !== undefined) this.#context.emit({ type: 'change-directory', change });
  }

  #adopt(adopted: Adopted, waiting: readonly WaitingServer[]): void {
    this.#adopted = adopted;
    this.#part = partOf(adopted);
    this.#nobody = undefined;
    if (this.isMember) this.#settleIn(adopted.record);
    this.#lastRecord = adopted.record;
    const heir = serverOf(adopted.view, this.#heir?.session ?? '');
    // In the record, or gone for good.
    if (heir === undefined || adopted.record.members.some(({ id }) => id === heir.id)) this.#heir = undefined;
    this.#context.onAdopted(adopted, waiting);
  }

  /** Makes the state that this server holds that of the chain which the record names: it is one of its members. */
  #settleIn({ chain }: MembershipRecord): void {
    const { history } = this.#context;
    if (history.chain === chain && history.isWhole) return;
    if (this.held() === undefined) {
      this.startOver(chain);
    } else {
      this.#warn(`going on as chain ${chain} with what this server holds: later writes are lost`);
      history.chain = chain;
    }
    if (chain === this.#newChain) this.#newChain = this.#options.newChain();
  }

  /** Begins anew with a chain that has no history yet. */
  startOver(chain: ChainId): void {
    const { history, onStartedOver } = this.#context;
    const isEmpty = history.received === 0 && history.isWhole;
    history.reset(chain);
    if (!isEmpty) onStartedOver();
  }

  /** Gives up its place: it is out of the chain, and what it was asked for is for others to answer. */
  #resign(detail: string): void {
    if (this.#adopted !== undefined) this.#context.emit({ type: 'log', level: 'info', detail });
    const wasInside = this.#adopted !== undefined;
    this.#adopted = undefined;
    this.#part = noPart;
    if (wasInside || this.#session === undefined || this.#isOver) this.#context.onResigned(detail);
  }

  #left(): void {
    this.#isOver = true;
    this.#heartbeats(undefined);
    this.#resign('this server has left the chain');
    this.#context.emit({ type: 'left' });
  }

  #explain(situation: Situation): void {
    const chains = isApart(situation) && {
      own: situation.held?.chain,
      other: situation.directory.record?.chain,
    };
    const before = this.#absence;
    this.#absence = chains
      ? `this server holds the data of chain ${chains.own}, but ZooKeeper knows chain ${chains.other}: it keeps them, and has no part in that chain`
      : notInChain;
    if (!chains || this.#absence === before) return;
    this.#warn(
      `${this.#absence}. To go on with chain ${chains.own}, stop the servers of the other one and then empty its record (set /chain ""); to give its data up, start this server again`,
    );
  }

  #watchForNobody({ record }: Directory, now: number): void {
    const serial = record?.serial;
    if (this.#nobody !== undefined && this.#nobody.serial === serial) return;
    const { onTotalLoss, totalLossGraceMs } = this.#options;
    const { timeoutMs } = must(this.#session, 'what ZooKeeper says is of a session');
    const sessions = record === undefined ? graceSessions.withoutRecord : graceSessions.withRecord;
    const graceMs = Math.max(totalLossGraceMs, sessions * timeoutMs);
    this.#nobody = { since: now, graceMs, serial };
    const names = (record ?? this.#lastRecord)?.members.map(({ member }) => member).join(', ');
    const missing = `none of those who hold the chain’s data is there: ${names ?? 'not known'}`;
    if (onTotalLoss === 'wait') {
      this.#warn(`${missing}; waiting for one of them (--on-total-loss start-empty begins without)`);
    } else {
      this.#warn(`${missing}; beginning without their data in ${graceMs} ms`);
      this.#context.emit({ type: 'wake', delayMs: graceMs });
    }
  }

  #mayGiveUp({ record }: Directory, now: number): boolean {
    if (this.#options.onTotalLoss === 'wait' || this.#nobody === undefined) return false;
    const { since, graceMs, serial } = this.#nobody;
    return serial === record?.serial && now - since >= graceMs;
  }

  #heartbeats(id: ServerId | undefined): void {
    if (id === this.#heartbeatId) return;
    this.#heartbeatId = id;
    this.#context.emit({ type: 'heartbeats', id });
  }

  #warn(detail: string): void {
    this.#context.emit({ type: 'log', level: 'warn', detail });
  }
}

/** Those who wait to be let in; whoever keeps the data of another chain does not. */
function heirsIn({ waiting, record }: Directory): readonly WaitingServer[] {
  return waiting.filter(({ state }) => state === null || state.chain === record?.chain);
}
