import type { Children, NodeData, TransactionOutcome, TransactionStep } from '../src/ports.ts';

/** The name of the machine that ZooKeeper's servers are on. */
export const zooKeeperHost = 'zk';
export const zooKeeperAddress = `${zooKeeperHost}:2181`;

/** What a session asks for; answered in order. */
export type ZooKeeperCall =
  | { readonly type: 'transaction'; readonly steps: readonly TransactionStep[] }
  /** `watches`: leaves a watch where the call leaves one. */
  | { readonly type: 'getData' | 'children' | 'exists'; readonly path: string; readonly watches: boolean };

export type ZooKeeperAnswer = TransactionOutcome | NodeData | Children | boolean | undefined;

export type ToZooKeeper =
  | ZooKeeperCall
  /** Begins a session, or goes on with one, of which everything up to `seen` has been shown. */
  | { readonly type: 'connect'; readonly session: string | undefined; readonly seen: number }
  | { readonly type: 'ping' }
  /** Ends the session. */
  | { readonly type: 'end' };

/** Of the data of a znode, its coming and going included, or of its children. */
export type WatchKind = 'data' | 'children';

export type FromZooKeeper =
  | { readonly type: 'connected'; readonly session: string; readonly timeoutMs: number }
  | { readonly type: 'expired' }
  | { readonly type: 'ended' }
  | { readonly type: 'pong' }
  | { readonly type: 'answer'; readonly answer: ZooKeeperAnswer; readonly seen: number }
  | { readonly type: 'changed'; readonly kind: WatchKind; readonly path: string };
