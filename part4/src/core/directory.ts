import type { ChainId, MemberId, MembershipRecord } from './membership-record.ts';
import type { Epoch } from './update.ts';
import type { ServerId, SessionId, View } from './view.ts';

/** What a joining server brings along: the data of its znode under `/chain-joining`. */
export interface JoiningData {
  /** `host:port` */
  readonly address: string;
  readonly member: MemberId;
  /** The state that it still holds of a chain that it has been part of; null where it holds none. */
  readonly state: HeldState | null;
}

export interface HeldState {
  readonly chain: ChainId;
  /** The serial of the last membership record that it has seen, and who was in that, in the order of the chain. */
  readonly serial: number;
  readonly members: readonly MemberId[];
  /** How many updates it has received, and an epoch above the last one's. Of two histories that with the higher epoch has more. */
  readonly received: number;
  readonly nextEpoch: Epoch;
  /** The chain's. */
  readonly capacityBytes: number;
}

/** A server that is not in the chain yet: a child of `/chain-joining`. It serves nobody. */
export interface JoiningServer extends JoiningData {
  /** The number of its znode there, which has nothing to do with the one it will have in the chain. */
  readonly id: ServerId;
  readonly session: SessionId;
}

/**
 * All that ZooKeeper says of the chain. It cannot be read at once; the order makes up for that. First the joining
 * servers, then the view, then the record: so a server that moves into the chain is seen in one of them at
 * least. Where the record is of a newer view than the one that was read, it is all read again.
 */
export interface Directory {
  /** Sorted by id. */
  readonly joining: readonly JoiningServer[];
  readonly view: View;
  /** The data of `/chain`; undefined where that holds none: nobody has founded a chain, or ZooKeeper lost its data. */
  readonly record: MembershipRecord | undefined;
  /** The version of that data, for a write that is refused where somebody else has written since. */
  readonly recordVersion: number;
}

/** A change of what ZooKeeper says of the chain: one transaction, which either is done or changes nothing. */
export type DirectoryChange =
  /** Make an ephemeral sequential child of `/chain-joining`. */
  | { readonly type: 'join'; readonly data: JoiningData }
  /** Remove the own child `joining` of `/chain-joining` and make one of `/chain` instead. */
  | { readonly type: 'enter'; readonly joining: ServerId; readonly address: string }
  /** Write the record, provided that its version is still `version` and the own child `id` of `/chain` is there. */
  | {
      readonly type: 'record';
      readonly id: ServerId;
      readonly record: MembershipRecord;
      readonly version: number;
    }
  /** Remove the own child of `/chain` or, where `inChain` is false, of `/chain-joining`. */
  | { readonly type: 'withdraw'; readonly id: ServerId; readonly inChain: boolean };
