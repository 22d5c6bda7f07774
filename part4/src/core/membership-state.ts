import { assert } from '@tablelab/shared';
import type { Directory, HeldState, JoiningServer } from './directory.ts';
import type { Refusal } from './effects.ts';
import { lastEpoch } from './epoch-table.ts';
import { type History, receivedBy } from './history.ts';
import type { ChainId, MemberId, MembershipRecord } from './membership-record.ts';
import { headOf, type ServerId, type SessionId, serverOf, tailOf, type View } from './view.ts';

/** A session with ZooKeeper, and what has been read in it. */
export interface Session {
  readonly id: SessionId;
  readonly timeoutMs: number;
  /** See {@link leaseAfter}. */
  leaseUntil: number;
  /** What ZooKeeper says; undefined until what has come of the last change is read. */
  directory: Directory | undefined;
  /** A change is under way. */
  isChanging: boolean;
  /** Since when there has been no member to be let in by, as far as this session knows; undefined while there is one. */
  absence: Absence | undefined;
}

export interface Absence {
  readonly since: number;
  /** How long those who hold the data are given to come back, in milliseconds. */
  readonly graceMs: number;
  /** The serial of the record, if that is there. With another one the chain was back meanwhile. */
  readonly serial: number | undefined;
}

/** The view that a server acts on, and what that makes of it: each read and each write asks. */
export interface Adopted {
  readonly type: 'adopted';
  readonly session: Session;
  /** Its number in the chain. */
  readonly id: ServerId;
  readonly view: View;
  readonly record: MembershipRecord;
  /** The record names this server: it holds everything that has ever been answered. */
  readonly isMember: boolean;
  readonly isHead: boolean;
  readonly isTail: boolean;
}

/** A server's place in the chain. */
export type MembershipState =
  /** No session with ZooKeeper. */
  | { readonly type: 'offline' }
  /** Not in the chain. `reason`: why it serves nobody, for a person. */
  | { readonly type: 'joining'; readonly session: Session; readonly reason: string }
  /** In the chain, under the number `id`, and no view is adopted yet: it serves nobody. */
  | { readonly type: 'pending'; readonly session: Session; readonly id: ServerId }
  /** In the chain, acting on the last view that it has adopted. */
  | Adopted
  /** It has left, or cannot go on. Nothing follows. */
  | { readonly type: 'over' };

/** What outlives a session. */
export interface Memory {
  /** The last record that this server has adopted: who has all that it has, in case ZooKeeper loses its data. */
  lastRecord: MembershipRecord | undefined;
  /**
   * The successor that has been handed the chain, and so may be in the record by now, until the record is known to name it or
   * the view to be without it.
   */
  pendingSuccessor: { readonly session: SessionId; readonly member: MemberId } | undefined;
  /** The members that were seen joining, by session, as long as the directory shows that session. */
  memberOf: Map<SessionId, MemberId>;
  /** ZooKeeper has named a chain that this server has not founded. */
  hasSeenChain: boolean;
  /** The name of the chain that it founds, if it founds one. */
  newChain: ChainId;
  isLeaving: boolean;
}

export const notInChain = 'this server is not in the chain';

export function newMemory(newChain: ChainId): Memory {
  return {
    lastRecord: undefined,
    pendingSuccessor: undefined,
    memberOf: new Map(),
    hasSeenChain: false,
    newChain,
    isLeaving: false,
  };
}

export function copyMemory(memory: Memory): Memory {
  return { ...memory, memberOf: new Map(memory.memberOf) };
}

export function copyMembership(state: MembershipState): MembershipState {
  return 'session' in state ? { ...state, session: { ...state.session } } : { ...state };
}

export function adoptedState(
  session: Session,
  { id, view, record }: { id: ServerId; view: View; record: MembershipRecord },
): Adopted {
  assert(serverOf(view, session.id)?.id === id, `server ${id} is in the view that it adopts`);
  assert(record.view === view.version, `the record is of view ${record.view}, the view is ${view.version}`);
  const isMember = record.members.some((member) => member.id === id);
  const isHead = headOf(view)?.id === id;
  const isTail = tailOf(view)?.id === id;
  return { type: 'adopted', session, id, view, record, isMember, isHead, isTail };
}

/** The view that this server acts on, and its part there; undefined while it acts on none. */
export function adoptedIn(state: MembershipState): Adopted | undefined {
  return state.type === 'adopted' ? state : undefined;
}

/** Its number in `/chain`, as far as it knows. */
export function idIn(state: MembershipState): ServerId | undefined {
  return state.type === 'adopted' || state.type === 'pending' ? state.id : undefined;
}

/** Why a server that acts on no view serves nobody, for a person. */
export function absenceReason(state: MembershipState): string {
  return state.type === 'joining' ? state.reason : notInChain;
}

/** Why this server may not act as head or tail at `now`: its lease is over. Undefined where it may. */
export function leaseRefusal({ session }: Adopted, now: number): Refusal<'NOT_READY'> | undefined {
  if (now < session.leaseUntil) return undefined;
  return { code: 'NOT_READY', detail: 'this server has not heard from ZooKeeper for too long' };
}

/** The epoch of what this server numbers as head. */
export function epochIn({ id, record, isHead }: Adopted): number {
  assert(isHead, 'only a head numbers');
  return record.epochBase + id;
}

/** What a server holds of a chain that it has been part of; undefined where it holds nothing whole. */
export function heldState({ lastRecord, pendingSuccessor }: Memory, history: History): HeldState | undefined {
  const { chain, isWhole } = history;
  if (chain === undefined || !isWhole || lastRecord === undefined) return undefined;
  const { serial, capacityBytes } = lastRecord;
  const members = lastRecord.members.map(({ member }) => member);
  const nextEpoch = (lastEpoch(history.epochs) ?? -1) + 1;
  const held = { chain, serial, members, received: receivedBy(history), nextEpoch, capacityBytes };
  // A member that this server has not read of may have gone on without it: it must not begin without that one.
  const successor = pendingSuccessor?.member;
  if (successor === undefined || members.includes(successor)) return held;
  return { ...held, serial: serial + 1, members: [...members, successor] };
}

/**
 * The record that this server acts on as a member; undefined where it acts on none. As long as its znode is there it has
 * everything that was answered: who has been a member is dropped only when it is out of the view.
 */
export function standingIn(state: MembershipState): MembershipRecord | undefined {
  const adopted = adoptedIn(state);
  return adopted?.isMember ? adopted.record : undefined;
}

/** The state is being replaced by another server's: what this one knows of it does not count any more. */
export function forgetHeld(memory: Memory): void {
  memory.lastRecord = undefined;
  memory.pendingSuccessor = undefined;
}

/** The successor may add itself to the record from now on. */
export function noteHandedOver(memory: Memory, { session }: { session: SessionId }): void {
  // If its member id was never seen it gets one that no server has: better to wait in vain than to begin without it.
  const member = memory.memberOf.get(session) ?? session;
  memory.pendingSuccessor = { session, member };
}

/** Takes note of the joining servers, and of which chain there is. */
export function noteDirectory(memory: Memory, { record, view, joining }: Directory): void {
  const known = [...memory.memberOf].filter(([session]) => serverOf(view, session) !== undefined);
  const seen = joining.map(({ session, member }) => [session, member] as const);
  memory.memberOf = new Map([...known, ...seen]);
  memory.hasSeenChain ||= record !== undefined && record.chain !== memory.newChain;
}

/** Takes note of the record that was adopted. */
export function noteAdopted(memory: Memory, { view, record }: Adopted): void {
  assert(record.members.length > 0, 'a record names somebody');
  memory.lastRecord = record;
  const { pendingSuccessor } = memory;
  if (pendingSuccessor === undefined) return;
  const successor = serverOf(view, pendingSuccessor.session);
  // In the record, or gone for good.
  const isKnown = successor === undefined || record.members.some(({ id }) => id === successor.id);
  if (isKnown) memory.pendingSuccessor = undefined;
}

/** The name of the next chain that it founds, when it has founded one under the present name. */
export function nextChainName(name: ChainId): ChainId {
  // The golden ratio's 64 bits: no name comes twice, and none looks like the one before.
  const next = (BigInt(`0x${name}`) + 0x9e3779b97f4a7c15n) & 0xffff_ffff_ffff_ffffn;
  return next.toString(16).padStart(16, '0');
}

/** The servers that can be let in: a server that keeps the data of another chain cannot. */
export function joinersIn({ joining, record }: Directory): readonly JoiningServer[] {
  return joining.filter(({ state }) => state === null || state.chain === record?.chain);
}
