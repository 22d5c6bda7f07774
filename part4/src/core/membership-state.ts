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
  /** The last directory; undefined after a change until it has been read again. */
  directory: Directory | undefined;
  /** A change is under way. */
  isChanging: boolean;
  /**
   * Since when there has been no member that could admit this server, as far as this session knows; undefined while
   * there is one.
   */
  absence: Absence | undefined;
}

export interface Absence {
  readonly since: number;
  /** How long the servers that hold the data may take to return, in milliseconds. */
  readonly graceMs: number;
  /** The serial of the record, if it exists. If it differs later, the chain has been back meanwhile. */
  readonly serial: number | undefined;
}

/** The view that a server acts on, and its role in it, which each read and each write checks. */
export interface Adopted {
  readonly type: 'adopted';
  readonly session: Session;
  /** Its number in the chain. */
  readonly id: ServerId;
  readonly view: View;
  readonly record: MembershipRecord;
  /** The record names this server, which then holds everything that was ever answered. */
  readonly isMember: boolean;
  readonly isHead: boolean;
  readonly isTail: boolean;
}

/** A server's place in the chain. */
export type MembershipState =
  /** No session with ZooKeeper. */
  | { readonly type: 'offline' }
  /** Not in the chain. `reason`: why it serves no clients, for error texts. */
  | { readonly type: 'joining'; readonly session: Session; readonly reason: string }
  /** In the chain, under the number `id`; no view is adopted yet, so it serves no clients. */
  | { readonly type: 'pending'; readonly session: Session; readonly id: ServerId }
  /** In the chain, acting on the last view that it has adopted. */
  | Adopted
  /** It has left, or cannot go on. This state is final. */
  | { readonly type: 'over' };

/** What outlives a session. */
export interface Memory {
  /**
   * The last record that this server has adopted: it names the servers with the same data, in case ZooKeeper loses its
   * own.
   */
  lastRecord: MembershipRecord | undefined;
  /**
   * The successor that has received HANDOVER, and so may already be in the record. Kept until the record is known to
   * name it, or the view is known not to contain it.
   */
  pendingSuccessor: { readonly session: SessionId; readonly member: MemberId } | undefined;
  /** Member ids of joining servers, by session, while the directory shows that session. */
  memberOf: Map<SessionId, MemberId>;
  /** ZooKeeper has shown a chain that this server did not found. */
  hasSeenChain: boolean;
  /** The name of the chain that this server would found. */
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

/** The view that this server acts on, and its role there; undefined while it acts on none. */
export function adoptedIn(state: MembershipState): Adopted | undefined {
  return state.type === 'adopted' ? state : undefined;
}

/** This server's number in `/chain`, as far as known. */
export function idIn(state: MembershipState): ServerId | undefined {
  return state.type === 'adopted' || state.type === 'pending' ? state.id : undefined;
}

/** Why a server that acts on no view serves no clients, for error texts. */
export function absenceReason(state: MembershipState): string {
  return state.type === 'joining' ? state.reason : notInChain;
}

/** Why this server may not act as head or tail at `now`: its lease is over. Undefined if it may. */
export function leaseRefusal({ session }: Adopted, now: number): Refusal<'NOT_READY'> | undefined {
  if (now < session.leaseUntil) return undefined;
  return { code: 'NOT_READY', detail: 'this server has not heard from ZooKeeper for too long' };
}

/** The epoch of the updates that this server numbers as head. */
export function epochIn({ id, record, isHead }: Adopted): number {
  assert(isHead, 'only a head numbers');
  return record.epochBase + id;
}

/** The state that a server holds of a chain to which it belonged; undefined if it holds no complete state. */
export function heldState({ lastRecord, pendingSuccessor }: Memory, history: History): HeldState | undefined {
  const { chain, isWhole } = history;
  if (chain === undefined || !isWhole || lastRecord === undefined) return undefined;
  const { serial, capacityBytes } = lastRecord;
  const members = lastRecord.members.map(({ member }) => member);
  const nextEpoch = (lastEpoch(history.epochs) ?? -1) + 1;
  const held = { chain, serial, members, received: receivedBy(history), nextEpoch, capacityBytes };
  // An unknown member may have continued the chain without this server, which must then not begin without that member.
  const successor = pendingSuccessor?.member;
  if (successor === undefined || members.includes(successor)) return held;
  return { ...held, serial: serial + 1, members: [...members, successor] };
}

/**
 * The record on which this server acts as a member; undefined if it acts on none. While its znode exists, it has everything
 * that was answered: a member is removed from the record only after it has left the view.
 */
export function standingIn(state: MembershipState): MembershipRecord | undefined {
  const adopted = adoptedIn(state);
  return adopted?.isMember ? adopted.record : undefined;
}

/** Another server's state replaces this one's: the knowledge about the old state no longer counts. */
export function forgetHeld(memory: Memory): void {
  memory.lastRecord = undefined;
  memory.pendingSuccessor = undefined;
}

/** The successor may add itself to the record from now on. */
export function noteHandedOver(memory: Memory, { session }: { session: SessionId }): void {
  // If its member id was never seen, it gets one that no server has: it is safer to wait forever than to begin without
  // it.
  const member = memory.memberOf.get(session) ?? session;
  memory.pendingSuccessor = { session, member };
}

/** Records the joining servers, and the present chain. */
export function noteDirectory(memory: Memory, { record, view, joining }: Directory): void {
  const known = [...memory.memberOf].filter(([session]) => serverOf(view, session) !== undefined);
  const seen = joining.map(({ session, member }) => [session, member] as const);
  memory.memberOf = new Map([...known, ...seen]);
  memory.hasSeenChain ||= record !== undefined && record.chain !== memory.newChain;
}

/** Records the adopted record. */
export function noteAdopted(memory: Memory, { view, record }: Adopted): void {
  assert(record.members.length > 0, 'a record names somebody');
  memory.lastRecord = record;
  const { pendingSuccessor } = memory;
  if (pendingSuccessor === undefined) return;
  const successor = serverOf(view, pendingSuccessor.session);
  // It is in the record, or gone for good.
  const isKnown = successor === undefined || record.members.some(({ id }) => id === successor.id);
  if (isKnown) memory.pendingSuccessor = undefined;
}

/** The name for the next chain, once this server has founded one under the present name. */
export function nextChainName(name: ChainId): ChainId {
  // The first 64 bits of the golden ratio: no name repeats, and successive names look different.
  const next = (BigInt(`0x${name}`) + 0x9e3779b97f4a7c15n) & 0xffff_ffff_ffff_ffffn;
  return next.toString(16).padStart(16, '0');
}

/** The joining servers that can be admitted: not those that keep another chain's data. */
export function joinersIn({ joining, record }: Directory): readonly JoiningServer[] {
  return joining.filter(({ state }) => state === null || state.chain === record?.chain);
}
