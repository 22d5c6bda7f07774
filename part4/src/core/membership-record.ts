import { assert } from '@tablelab/shared';
import type { ServerId, View } from './view.ts';

/** Identifies one run of a server program across its sessions: 16 hexadecimal digits, chosen at its start. */
export type MemberId = string;

/**
 * Identifies a chain's history from its first write on: 16 hexadecimal digits, chosen by the server that founded it.
 */
export type ChainId = string;

export interface Member {
  /** Its znode in `/chain`, or {@link notEntered}. */
  readonly id: ServerId;
  readonly member: MemberId;
}

/** Replaces a znode's number in a record from an operator: the server must begin the chain, and has not done so yet. */
export const notEntered = -1;

/**
 * A person's decision how the chain goes on when the servers may not decide it themselves, because a member is missing that
 * may have had more than all others (`table-admin recover`). It stays in the record, for those who read of it late.
 */
export interface Recovery {
  /** The chain whose data are gone on with; null: with none, the person has given them up. */
  readonly from: ChainId | null;
  /** The servers that were chosen: what they hold of that chain belongs to the record's chain from now on. */
  readonly members: readonly MemberId[];
}

/**
 * The membership record: the data of `/chain`. It lists the servers that hold everything the chain has ever answered.
 *
 * A server acts on a view only once the record belongs to that view (it has *adopted* the view); members that are not
 * in the view are then removed. So every COMMITTED write is on all servers that the record names, and any of them can
 * continue the chain when all others are gone.
 *
 * All changes are conditional writes: ZooKeeper refuses them if the record has changed in between.
 */
export interface MembershipRecord {
  readonly chain: ChainId;
  /** A head's epoch is this plus its id. Above 0 only after ZooKeeper has lost its data, so that ids began again. */
  readonly epochBase: number;
  /** How often the record has been changed: of two copies of a lost record, the higher one is newer. */
  readonly serial: number;
  /** The version of the view to which it belongs. */
  readonly view: number;
  /** In the order of the chain. Never empty. */
  readonly members: readonly Member[];
  /**
   * The capacity of the chain's table, in logical bytes: what its founder's table could certainly hold. Every server
   * that joins can certainly hold it, too, so the head alone decides whether a write fits.
   */
  readonly capacityBytes: number;
  /** The origin of this chain, if an operator has ordered it. */
  readonly recovery?: Recovery;
}

/** The members that are still in the chain. */
export function presentMembers(record: MembershipRecord, view: View): readonly Member[] {
  return record.members.filter(({ id }) => view.servers.some((server) => server.id === id));
}

/** Whether the record names this server. */
export function isNamed({ members }: MembershipRecord, member: MemberId): boolean {
  return members.some((other) => other.member === member);
}

/** Whether an operator has ordered this server to begin a chain without data, and it has not done so yet. */
export function isToBeginEmpty({ members, recovery }: MembershipRecord, member: MemberId): boolean {
  if (recovery?.from !== null) return false;
  return members.some((other) => other.member === member && other.id === notEntered);
}

/** The record for `view`, without members that are gone. At least one must be left. */
export function shrunk(record: MembershipRecord, view: View): MembershipRecord {
  const members = presentMembers(record, view);
  assert(members.length > 0, 'a record names a server that is there');
  assert(view.version > record.view, 'a record follows the view');
  return { ...record, serial: record.serial + 1, view: view.version, members };
}

/** The record with one more member, which has received HANDOVER. Its number is above all others. */
export function grown(record: MembershipRecord, member: Member): MembershipRecord {
  const isAbove = record.members.every(({ id }) => id < member.id);
  assert(isAbove, `a new member is the last one, and ${member.id} is not`);
  return { ...record, serial: record.serial + 1, members: [...record.members, member] };
}
