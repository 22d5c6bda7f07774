import type { ListedServer } from '@tablelab/part4/live';

/** What the dashboard's server tells the page. Times are in milliseconds since 1970 unless their name says otherwise. */

/** Quantiles in milliseconds: half, 99 % and 99.9 % of the operations took at most so long. */
export type Quantiles = readonly [p50: number, p99: number, p999: number];

/** A point on the axis of time: what the servers did since the point before. */
export interface LivePoint {
  readonly at: number;
  /** Operations a second; undefined where no server says. */
  readonly reads: number | undefined;
  readonly writes: number | undefined;
  /** From a request to its reply, in the server; undefined without such operations. */
  readonly readMs: Quantiles | undefined;
  readonly writeMs: Quantiles | undefined;
}

/** Something that happened to the chain, as data: the page says it in the reader's language. */
export type LiveEvent = { readonly at: number } & WhatHappened;

export type WhatHappened = { readonly kind: 'view' | 'fault' | 'mended' | 'joining' } & (
  | { readonly what: 'zookeeper-lost' | 'zookeeper-back' }
  | { readonly what: 'view'; readonly version: number; readonly servers: readonly number[] }
  | {
      readonly what: 'waits' | 'is-in' | 'silent' | 'answers-again' | 'has-left';
      readonly id: number | undefined;
      readonly address: string;
    }
);

export interface LiveNow {
  readonly at: number;
  readonly zooKeeper: {
    readonly isUp: boolean;
    /** Why there is no connection; undefined if there is one, or nothing is known yet. */
    readonly trouble: string | undefined;
    /** What the record says; undefined: there is none, or it cannot be read. */
    readonly record: { readonly view: number; readonly members: readonly number[] } | undefined;
    readonly unreadable: string | undefined;
    /** The servers' numbers, head first. */
    readonly view: readonly number[];
  };
  /** Undefined before ZooKeeper has said anything. */
  readonly chain: string | undefined;
  readonly viewVersion: number;
  readonly servers: readonly ListedServer[];
}

/** `load`: how many operations a second `npm start` makes for trying the chain out. */
export type LiveMessage =
  | {
      readonly type: 'snapshot';
      readonly now: LiveNow;
      readonly points: readonly LivePoint[];
      readonly events: readonly LiveEvent[];
      /** What this page may do; the controls of `npm start` only there. */
      readonly controls: boolean;
      readonly load: number;
    }
  | {
      readonly type: 'change';
      readonly now: LiveNow;
      readonly point: LivePoint | undefined;
      readonly events: readonly LiveEvent[];
      readonly load: number;
    };

/** How far back the page goes. */
export const keptMs = 600_000;

export interface KeysFound {
  readonly keys: readonly string[];
  /** Where to go on; 0: these were the last. */
  readonly next: number;
  /** How many keys were looked at. */
  readonly looked: number;
}
