import {
  type ChainId,
  type Member,
  type MemberId,
  type MembershipRecord,
  presentMembers,
} from './membership-record.ts';
import type { Epoch } from './update.ts';
import type { ServerId, SessionId, View } from './view.ts';

/** The data of a joining server's znode under `/chain-joining`. */
export interface JoiningData {
  /** `host:port` */
  readonly address: string;
  readonly member: MemberId;
  /** The state that it still holds of a chain to which it belonged; null if it holds none. */
  readonly state: HeldState | null;
}

export interface HeldState {
  readonly chain: ChainId;
  /**
   * The serial of the last membership record that it has seen, and that record's members, in the order of the chain.
   */
  readonly serial: number;
  readonly members: readonly MemberId[];
  /** How many updates it has received, and an epoch above the last one's. Of two histories that with the higher epoch has more. */
  readonly received: number;
  readonly nextEpoch: Epoch;
  /** The chain's. */
  readonly capacityBytes: number;
}

/** A server that is not in the chain yet: a child of `/chain-joining`. It serves no clients. */
export interface JoiningServer extends JoiningData {
  /** The number of its znode there. Its number in the chain will be a different one. */
  readonly id: ServerId;
  readonly session: SessionId;
}

/**
 * All information about the chain in ZooKeeper. It cannot be read atomically, so the order of reading matters: first
 * the joining servers, then the view, then the record. A server that moves into the chain is thus seen in at least one
 * of them. If the record belongs to a newer view than the one read, everything is read again.
 */
export interface Directory {
  /** Sorted by id. */
  readonly joining: readonly JoiningServer[];
  readonly view: View;
  /** The data of `/chain`; undefined if empty: no chain has been founded, or ZooKeeper has lost its data. */
  readonly record: MembershipRecord | undefined;
  /** The version of that data, for a conditional write. */
  readonly recordVersion: number;
}

/** The members of the record that are in the chain. */
export function membersIn({ record, view }: Pick<Directory, 'record' | 'view'>): readonly Member[] {
  return record === undefined ? [] : presentMembers(record, view);
}

/** A change of the directory: one transaction, which is done completely or not at all. */
export type DirectoryChange =
  /** Create an ephemeral sequential child of `/chain-joining`. */
  | { readonly type: 'join'; readonly data: JoiningData }
  /** Remove this server's child `joining` of `/chain-joining` and create one of `/chain`. */
  | { readonly type: 'enter'; readonly joining: ServerId; readonly address: string }
  /** Write the record, if its version is still `version` and this server's child `id` of `/chain` exists. */
  | {
      readonly type: 'record';
      readonly id: ServerId;
      readonly record: MembershipRecord;
      readonly version: number;
    }
  /** Remove this server's child of `/chain` or, if `inChain` is false, of `/chain-joining`. */
  | { readonly type: 'withdraw'; readonly id: ServerId; readonly inChain: boolean };
