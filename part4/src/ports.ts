/**
 * What the world is to a server or a client of the chain. Everything above these interfaces runs in the simulator as it
 * is; the simulator implements them, and nothing else of a server. The real implementations are thin: sockets, Node's
 * timers, the ZooKeeper client, part 3's table in shared memory.
 *
 * Callbacks are never called from within the call that registers them or that causes them: they come in a later turn.
 */

import type { KeyValueTable } from '@tablelab/part1';

// ---- time and chance ----

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds of a monotonic clock that goes on while the machine sleeps. */
  now(): number;
  /** Calls `run` once, after `delayMs`. */
  after(delayMs: number, run: () => void): Timer;
  /** Calls `run` in a turn of its own, as soon as what has come in meanwhile has had its turn. */
  soon(run: () => void): void;
}

export interface Randomness {
  /** That many random hexadecimal digits, fit for names that must not be guessed. */
  hex(digits: number): string;
  /** From 0 up to, not including, 1. */
  fraction(): number;
}

// ---- connections ----

/**
 * What happens to a connection. Nothing is called after {@link ConnectionListener.closed}, {@link Connection.end} or
 * {@link Connection.destroy}.
 */
export interface ConnectionListener {
  /** A dialled connection is up. Not called for an accepted one, which is up from the beginning. */
  opened(): void;
  /** Some bytes of the stream; a message may arrive in parts, or several at once. Nobody changes the bytes afterwards. */
  received(bytes: Uint8Array): void;
  /** The connection is gone, or could not be made. */
  closed(detail: string): void;
}

/** One end of a reliable, ordered stream of bytes. */
export interface Connection {
  /** Bytes that are not changed afterwards. What is written in one turn may leave together. */
  write(bytes: Uint8Array): void;
  /** Closes the connection once what was written has left. */
  end(): void;
  /** Closes the connection now; what was written may be lost. */
  destroy(detail: string): void;
}

/** A connection that another program has opened. */
export interface AcceptedConnection {
  /** Listens to it from now on; what has come in and was not taken yet comes first. */
  listen(listener: ConnectionListener): Connection;
}

export interface Transport {
  /** @param address `host:port` */
  dial(address: string, listener: ConnectionListener): Connection;
}

// ---- coordination: ZooKeeper, as far as the chain uses it ----

export interface SessionEnd {
  readonly reason: 'expired' | 'gave-up' | 'closed';
  readonly detail: string;
}

export interface NodeData {
  readonly data: Uint8Array;
  readonly version: number;
  /** The session that an ephemeral znode belongs to, 16 hexadecimal digits; zeros for a persistent one. */
  readonly owner: string;
}

export interface Children {
  /** In no particular order. */
  readonly names: readonly string[];
  /** ZooKeeper's cversion: rises with every child that comes or goes. */
  readonly version: number;
}

export type CreateMode = 'persistent' | 'ephemeral' | 'ephemeral-sequential';

export type TransactionStep =
  | { readonly op: 'check'; readonly path: string }
  | { readonly op: 'create'; readonly path: string; readonly data: Uint8Array; readonly mode: CreateMode }
  | { readonly op: 'setData'; readonly path: string; readonly data: Uint8Array; readonly version: number }
  | { readonly op: 'remove'; readonly path: string };

export type TransactionOutcome =
  | { readonly committed: true }
  | { readonly committed: false; readonly refusal: string };

/**
 * One session. Calls reject with a TableError: at once with UNREACHABLE where there is no connection, when the connection
 * is lost, or by their deadline; `mayHaveHappened` then says whether a write may have been done.
 */
export interface CoordinationSession {
  /** 16 hexadecimal digits. */
  readonly sessionId: string;
  /** The time-out that was granted. */
  readonly sessionTimeoutMs: number;
  readonly isConnected: boolean;
  /** Resolves once, when the session is over. */
  readonly ended: Promise<SessionEnd>;
  /** Calls `listener` after each reconnect: watches that were left may have been lost. */
  onConnected(listener: () => void): void;
  /** Makes the persistent znode `path`, without data, unless it is there. */
  ensure(path: string): Promise<void>;
  /** Undefined where the znode is absent; else a one-shot watch is left that calls `changed`. */
  getData(path: string, changed?: () => void): Promise<NodeData | undefined>;
  /** Undefined where the znode is absent; else a one-shot watch is left that calls `changed`. */
  children(path: string, changed?: () => void): Promise<Children | undefined>;
  /** Whether there is a znode; leaves a one-shot watch that calls `changed` when it comes, changes or goes. */
  exists(path: string, changed: () => void): Promise<boolean>;
  /** All steps or none. A write, also when it only checks. */
  transaction(steps: readonly TransactionStep[]): Promise<TransactionOutcome>;
  /** Ends the session, and with it removes its ephemeral znodes. Never rejects. */
  close(): Promise<void>;
}

export interface CoordinationService {
  /** @throws TableError UNREACHABLE when there is no session by the deadline, or `stop` was aborted */
  open(options: { readonly stop: AbortSignal }): Promise<CoordinationSession>;
}

// ---- the table of one server ----

export type StoreWrite =
  | { readonly op: 'put'; readonly key: string; readonly data: Uint8Array }
  | { readonly op: 'del'; readonly key: string };

/** Some entries of a walk through the table. */
export interface StoreEntries {
  readonly entries: Uint8Array;
  /** Where to go on; undefined: these were the last. */
  readonly next: number | undefined;
}

/**
 * A table that executes writes later, in the order in which it was given them, and is read at once. It never refuses a
 * write for want of memory: the head of the chain has seen to it that all fit (core/admission.ts).
 */
export interface ReplicaStore {
  /** For reads: as the executed writes have left it. */
  readonly table: KeyValueTable;
  /** How many writes it was given, and how many of them it has executed. */
  readonly submitted: number;
  readonly executed: number;
  /** What the executed writes have left, in logical bytes (shared/src/logical-size.ts). */
  readonly logicalBytes: number;
  /** How many logical bytes the table is sure to hold, whatever comes and goes. */
  readonly logicalCapacityBytes: number;
  /** The logical bytes of the entry that the executed writes have left under `key`, or 0. */
  logicalBytesOf(key: string): number;
  /** Takes a write, or says that its queue is full: {@link onRoom} follows. */
  submit(write: StoreWrite): boolean;
  onRoom(listener: () => void): void;
  /** Calls `listener` when writes have been executed, some or many at a time. */
  onExecuted(listener: (executed: number) => void): void;
  /** Calls `listener` once, when the table is of no use any more. */
  onFailed(listener: (detail: string) => void): void;
  /** Some entries from `cursor` on, 0 at first, as exactly the writes below `executed` have left them. */
  readEntries(cursor: number, bytesMax: number): StoreEntries & { readonly executed: number };
  /** Resolves once all that was submitted is executed. */
  close(): Promise<void>;
}
