import {
  type Directory,
  type DirectoryChange,
  type HeldState,
  type JoiningServer,
  membersIn,
} from './directory.ts';
import {
  type ChainId,
  grown,
  isNamed,
  isToBeginEmpty,
  type MemberId,
  type MembershipRecord,
  presentMembers,
  shrunk,
} from './membership-record.ts';
import type { Epoch } from './update.ts';
import { headOf, type ServerEntry, type ServerId, type SessionId, serverOf } from './view.ts';

/** The knowledge from which a server decides about its place in the chain. */
export interface Situation {
  readonly directory: Directory;
  readonly session: SessionId;
  readonly member: MemberId;
  readonly address: string;
  /** The state that it holds of a chain to which it belonged. */
  readonly held: HeldState | undefined;
  /** It has seen a chain that another server founded: if ZooKeeper shows none, ZooKeeper has lost its data. */
  readonly hasHeardOfChain: boolean;
  /** The record that it acts on as a member, in the chain since then without a break. */
  readonly standing: MembershipRecord | undefined;
  /** It has a copy of the chain's state from the tail, and keeps it up to date. */
  readonly isInvited: boolean;
  /** It has executed everything that an earlier tail may have answered. */
  readonly isHandedOver: boolean;
  /** Its predecessor has found that their states do not match. */
  readonly isRefused: boolean;
  /** `drained`: all servers have executed the writes that it accepted. */
  readonly leaving: 'no' | 'draining' | 'drained';
  /** Whether it may begin with the present data if no server with all data appears. */
  readonly mayGiveUp: boolean;
  /** The name of the chain that it would found. */
  readonly newChain: ChainId;
  /** Above every epoch that it has seen. */
  readonly nextEpoch: Epoch;
  /** What its table can certainly hold, in logical bytes. */
  readonly capacityBytes: number;
  /** The capacity of the chain whose state it holds. */
  readonly heldCapacityBytes: number | undefined;
}

export type Decision =
  /** It has left the chain after `leave`. */
  | { readonly type: 'left' }
  /** It can never be part of the present chain. */
  | { readonly type: 'unfit'; readonly detail: string }
  /** It is not in the chain, or must not be. `hasMembers`: a member is present that can admit it. */
  | { readonly type: 'outside'; readonly hasMembers: boolean; readonly change?: DirectoryChange }
  /** It is in the chain, but must wait for the record, or for news, before it may act on this view. */
  | { readonly type: 'pending'; readonly id: ServerId; readonly change?: DirectoryChange }
  /** It is in the chain, and the record belongs to this view. */
  | {
      readonly type: 'adopt';
      readonly id: ServerId;
      readonly record: MembershipRecord;
      readonly change?: DirectoryChange;
    };

/**
 * Decides what a server does about its place in the chain, from its present knowledge (part4/README.md, "Membership").
 * It keeps no memory: the next directory shows the outcome of the last change.
 */
export function decide(situation: Situation): Decision {
  const { directory, session } = situation;
  const { view, record } = directory;
  const own = serverOf(view, session);
  // The view was read before the record, and is older: a newer one will follow.
  if (record !== undefined && view.version < record.view) {
    return own === undefined ? { type: 'outside', hasMembers: true } : { type: 'pending', id: own.id };
  }
  const shortage = shortageIn(situation);
  if (shortage !== undefined) return { type: 'unfit', detail: shortage };
  return own === undefined
    ? decideOutside(situation)
    : withoutLeftover(situation, decideInside(situation, own));
}

/**
 * Why this server's memory is too small for the chain; undefined if it is large enough. The chain's whole capacity must
 * fit, because only the head checks whether there is room (admission.ts).
 */
function shortageIn({ directory, held, capacityBytes }: Situation): string | undefined {
  const { record } = directory;
  // If no member is left, there is nothing to join: a new chain may begin, with another capacity.
  if (record === undefined || held !== undefined || membersIn(directory).length === 0) return undefined;
  if (record.capacityBytes <= capacityBytes) return undefined;
  return `the chain may hold ${record.capacityBytes} bytes, but this server can certainly hold only ${capacityBytes}: give it more memory (--memory-max)`;
}

/**
 * A server in the chain must not also be registered as joining: an attempt that seemed to fail may have left such a
 * znode.
 */
function withoutLeftover({ directory, session }: Situation, decision: Decision): Decision {
  const joining = directory.joining.find((server) => server.session === session);
  if (joining === undefined || !('id' in decision) || decision.change !== undefined) return decision;
  return { ...decision, change: { type: 'withdraw', id: joining.id, inChain: false } };
}

/**
 * Whether ZooKeeper knows another chain than the one whose data this server holds. The server then keeps its data and
 * stays out of that chain, until an operator decides between the two (part4/README.md#member-foreign).
 */
export function isApart({ directory, held, newChain }: Situation): boolean {
  const { record } = directory;
  if (record === undefined || held === undefined) return false;
  return record.chain !== held.chain && record.chain !== newChain;
}

function decideOutside(situation: Situation): Decision {
  const { directory, session, member, address, held, leaving } = situation;
  const hasMembers = membersIn(directory).length > 0;
  const outside = (change?: DirectoryChange): Decision => ({
    type: 'outside',
    hasMembers,
    ...(change === undefined ? {} : { change }),
  });
  const joining = directory.joining.find((server) => server.session === session);
  if (joining === undefined) {
    return leaving === 'no'
      ? outside({ type: 'join', data: { address, member, state: held ?? null } })
      : { type: 'left' };
  }
  // Other servers rely on the data of its znode: if that is no longer true, the server registers again with the present
  // state.
  const isOutdated = joining.state !== null && joining.state.chain !== held?.chain;
  if (leaving !== 'no' || isOutdated) return outside({ type: 'withdraw', id: joining.id, inChain: false });
  const mayEnter = hasMembers ? situation.isInvited : mayBegin(situation);
  return mayEnter && !isApart(situation)
    ? outside({ type: 'enter', joining: joining.id, address })
    : outside();
}

function decideInside(situation: Situation, own: ServerEntry): Decision {
  const { directory, member, leaving } = situation;
  const { view, record, recordVersion: version } = directory;
  const { id } = own;
  const withdraw: Decision = { type: 'pending', id, change: { type: 'withdraw', id, inChain: true } };
  if (isApart(situation)) return { ...withdraw, type: 'outside', hasMembers: true };
  if (leaving === 'drained') return withdraw;
  if (record === undefined && situation.standing !== undefined) {
    return restoring(situation, own, situation.standing);
  }
  const members = membersIn(directory);
  if (record === undefined || members.length === 0) {
    // No member is present. Only the first server may begin; if it cannot, it withdraws, and the next one is first.
    if (headOf(view)?.id !== id) return { type: 'pending', id };
    const begun = leaving === 'no' ? beginning(situation) : undefined;
    if (begun === undefined) return withdraw;
    const change = { ...begun, view: view.version, members: [{ id, member }] };
    return { type: 'pending', id, change: { type: 'record', id, record: change, version } };
  }
  const isMember = members.some((other) => other.id === id);
  // A server that is not a member needs a member before it that hands over the state.
  if (!isMember && (situation.isRefused || !members.some((other) => other.id < id))) return withdraw;
  if (record.view < view.version) {
    // Only a member removes others: so the record always names a server that was present when it was written.
    if (!isMember) return { type: 'pending', id };
    return { type: 'pending', id, change: { type: 'record', id, record: shrunk(record, view), version } };
  }
  if (isMember || !situation.isHandedOver || leaving !== 'no') return { type: 'adopt', id, record };
  const change: DirectoryChange = { type: 'record', id, record: grown(record, { id, member }), version };
  return { type: 'adopt', id, record, change };
}

/**
 * The record was emptied by hand. A member that has stayed in the chain has everything that was answered. So the first such
 * member writes the record again, as far as it knows it. Members that are missing in it add themselves, as new ones do.
 */
function restoring({ directory }: Situation, { id }: ServerEntry, standing: MembershipRecord): Decision {
  const { view, recordVersion: version } = directory;
  const members = presentMembers(standing, view);
  if (members[0]?.id !== id) return { type: 'pending', id };
  const record = { ...standing, serial: standing.serial + 1, view: view.version, members };
  return { type: 'pending', id, change: { type: 'record', id, record, version } };
}

/** Whether this server, which is not in the chain, may enter it in order to begin it. */
function mayBegin(situation: Situation): boolean {
  const { view, record } = situation.directory;
  // Servers in the chain may hold its data, and are about to write the record.
  const isNew = record === undefined && situation.held === undefined;
  return (!isNew || view.servers.length === 0) && beginning(situation) !== undefined;
}

/** The record of the chain that this server may begin while no member is present; undefined if it may not. */
function beginning(situation: Situation): Omit<MembershipRecord, 'view' | 'members'> | undefined {
  const { directory, member, held, hasHeardOfChain, mayGiveUp, newChain, nextEpoch } = situation;
  const { capacityBytes, heldCapacityBytes = capacityBytes } = situation;
  const { record } = directory;
  if (record !== undefined) {
    const { chain, epochBase } = record;
    const goingOn = { ...record, serial: record.serial + 1 };
    const holders = directory.joining.filter(
      (other) => other.state !== null && isNamed(record, other.member),
    );
    // Any member has everything that was COMMITTED.
    if (held !== undefined && isNamed(record, member)) return goingOn;
    // It founded this chain, and lost its session before it learnt that: the chain is empty.
    if (chain === newChain && isNamed(record, member)) return goingOn;
    if (isToBeginEmpty(record, member)) return { ...goingOn, capacityBytes };
    const { serial } = goingOn;
    return mayGiveUp && holders.length === 0
      ? { chain: newChain, epochBase, serial, capacityBytes }
      : undefined;
  }
  const holders = others(situation).flatMap(({ member, state }) =>
    state === null ? [] : [{ member, state }],
  );
  if (held === undefined) {
    // Servers that hold data may be out of ZooKeeper, and would find another chain in the place of theirs. Data that were
    // written before, and are empty now, were emptied: there has been a chain, even if this server has not heard of it.
    const isNew = directory.recordVersion === 0 && !hasHeardOfChain;
    const mayFound = holders.length === 0 && (isNew || mayGiveUp);
    return mayFound ? { chain: newChain, epochBase: nextEpoch, serial: 0, capacityBytes } : undefined;
  }
  // ZooKeeper has lost its data. Only when all members are present is it certain that none of them has a newer record.
  const candidates = holders.filter(({ state }) => state.chain === held.chain);
  const isComplete = held.members.every(
    (id) => id === member || candidates.some((other) => other.member === id),
  );
  if (!isComplete && !mayGiveUp) return undefined;
  const isBest = candidates.every((other) => isBefore({ member, state: held }, other));
  // A server that returns later with newer data must keep it: under a new chain name, its data belongs to another
  // chain.
  const chain = isComplete ? held.chain : newChain;
  const serial = held.serial + 1;
  return isBest ? { chain, epochBase: nextEpoch, serial, capacityBytes: heldCapacityBytes } : undefined;
}

function others({ directory, session }: Situation): readonly JoiningServer[] {
  return directory.joining.filter((server) => server.session !== session);
}

interface Holder {
  readonly member: MemberId;
  readonly state: HeldState;
}

/**
 * Orders two servers that hold the same chain: by newer record, then by place in the chain, then by an order that both
 * can see.
 */
function isBefore(one: Holder, other: Holder): boolean {
  if (one.state.serial !== other.state.serial) return one.state.serial > other.state.serial;
  const placeOf = ({ member }: Holder) => {
    const place = one.state.members.indexOf(member);
    return place < 0 ? one.state.members.length : place;
  };
  if (placeOf(one) !== placeOf(other)) return placeOf(one) < placeOf(other);
  return one.member < other.member;
}
