import type { Children, NodeData, TransactionOutcome, TransactionStep } from '../src/ports.ts';

/** The name of the machine of ZooKeeper's servers. */
export const zooKeeperHost = 'zk';
export const zooKeeperAddress = `${zooKeeperHost}:2181`;

/** A call of a session. Calls are answered in order. */
export type ZooKeeperCall =
  | { readonly type: 'transaction'; readonly steps: readonly TransactionStep[] }
  /** `watches`: whether to leave a watch. */
  | { readonly type: 'getData' | 'children' | 'exists'; readonly path: string; readonly watches: boolean };

export type ZooKeeperAnswer = TransactionOutcome | NodeData | Children | boolean | undefined;

export type ToZooKeeper =
  | ZooKeeperCall
  /** Begins a session, or resumes one that has seen everything up to `seen`. */
  | { readonly type: 'connect'; readonly session: string | undefined; readonly seen: number }
  | { readonly type: 'ping' }
  /** Ends the session. */
  | { readonly type: 'end' };

/** A watch on the data of a znode (including its creation and removal), or on its children. */
export type WatchKind = 'data' | 'children';

export type FromZooKeeper =
  | { readonly type: 'connected'; readonly session: string; readonly timeoutMs: number }
  | { readonly type: 'expired' }
  | { readonly type: 'ended' }
  | { readonly type: 'pong' }
  | { readonly type: 'answer'; readonly answer: ZooKeeperAnswer; readonly seen: number }
  | { readonly type: 'changed'; readonly kind: WatchKind; readonly path: string };
