/**
 * The interfaces of a server or a client of the chain to its environment. All code above them runs unchanged in the
 * simulator, which implements only these interfaces. The real implementations are thin: sockets, Node's timers, the
 * ZooKeeper client, part 3's table in shared memory.
 *
 * A callback never runs within the call that registers or causes it, but in a later turn.
 */

import type { KeyValueTable } from '@tablelab/part1';

// ---- time and randomness ----

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds of a monotonic clock that continues while the machine is suspended. */
  now(): number;
  /** Calls `run` once, after `delayMs`. */
  after(delayMs: number, run: () => void): Timer;
  /** Calls `run` in a later turn, after everything that has arrived meanwhile has been handled. */
  soon(run: () => void): void;
}

export interface Randomness {
  /** Random hexadecimal digits, suitable for names that must not be guessed. */
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
  /**
   * Some bytes of the stream; a message may arrive in parts, or several at once. The bytes do not change afterwards.
   */
  received(bytes: Uint8Array): void;
  /** The connection is gone, or could not be established. */
  closed(detail: string): void;
}

/** One end of a reliable, ordered stream of bytes. */
export interface Connection {
  /** The caller must not change the bytes afterwards. Writes of one turn may leave together. */
  write(bytes: Uint8Array): void;
  /** Closes the connection once everything written has left. */
  end(): void;
  /** Closes the connection now; written data may be lost. */
  destroy(detail: string): void;
}

/** A connection that another program has opened. */
export interface AcceptedConnection {
  /** Listens to it from now on; data that has already arrived comes first. */
  listen(listener: ConnectionListener): Connection;
}

export interface Transport {
  /** @param address `host:port` */
  dial(address: string, listener: ConnectionListener): Connection;
}

// ---- coordination: the parts of ZooKeeper that the chain uses ----

export interface SessionEnd {
  readonly reason: 'expired' | 'gave-up' | 'closed';
  readonly detail: string;
}

export interface NodeData {
  readonly data: Uint8Array;
  readonly version: number;
  /** The session that owns an ephemeral znode, 16 hexadecimal digits; zeros for a persistent one. */
  readonly owner: string;
}

export interface Children {
  /** In no particular order. */
  readonly names: readonly string[];
  /** ZooKeeper's cversion: it rises with every child that is created or removed. */
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
 * One session. Calls reject with a TableError: at once with UNREACHABLE without a connection, when the connection is
 * lost, or at their deadline. `mayHaveHappened` says whether a write may have been done.
 */
export interface CoordinationSession {
  /** 16 hexadecimal digits. */
  readonly sessionId: string;
  /** The granted time-out. */
  readonly sessionTimeoutMs: number;
  readonly isConnected: boolean;
  /** Resolves once, when the session is over. */
  readonly ended: Promise<SessionEnd>;
  /** Calls `listener` after each reconnect: earlier watches may have been lost. */
  onConnected(listener: () => void): void;
  /** Creates the persistent znode `path`, without data, unless it exists. */
  ensure(path: string): Promise<void>;
  /** Undefined if the znode is absent; otherwise leaves a one-shot watch that calls `changed`. */
  getData(path: string, changed?: () => void): Promise<NodeData | undefined>;
  /** Undefined if the znode is absent; otherwise leaves a one-shot watch that calls `changed`. */
  children(path: string, changed?: () => void): Promise<Children | undefined>;
  /** Whether the znode exists; leaves a one-shot watch that calls `changed` when it is created, changed or removed. */
  exists(path: string, changed: () => void): Promise<boolean>;
  /** Does all steps or none. It is a write even if it only checks. */
  transaction(steps: readonly TransactionStep[]): Promise<TransactionOutcome>;
  /** Ends the session, which removes its ephemeral znodes. Never rejects. */
  close(): Promise<void>;
}

export interface CoordinationService {
  /** @throws TableError UNREACHABLE if there is no session by the deadline, or `stop` is aborted */
  open(options: { readonly stop: AbortSignal }): Promise<CoordinationSession>;
}

// ---- the table of one server ----

export type StoreWrite =
  | { readonly op: 'put'; readonly key: string; readonly data: Uint8Array }
  | { readonly op: 'del'; readonly key: string };

/** Some entries of a walk through the table. */
export interface StoreEntries {
  readonly entries: Uint8Array;
  /** Where to continue; undefined: these were the last. */
  readonly next: number | undefined;
}

/**
 * A table that executes writes asynchronously, in the order in which it got them, and reads synchronously. It never
 * refuses a write for lack of memory: the head of the chain admits only writes that fit (core/admission.ts).
 */
export interface ReplicaStore {
  /** For reads: the table after the executed writes. */
  readonly table: KeyValueTable;
  /** The number of submitted writes, and how many of them have been executed. */
  readonly submitted: number;
  readonly executed: number;
  /** The size after the executed writes, in logical bytes (shared/src/logical-size.ts). */
  readonly logicalBytes: number;
  /** What all keys take in a message, more or less, in bytes. */
  readonly keysBytes: number;
  /** The number of logical bytes that the table can certainly hold. */
  readonly logicalCapacityBytes: number;
  /** The logical bytes of the entry under `key` after the executed writes, or 0. */
  logicalBytesOf(key: string): number;
  /** Whether `value` is the value under `key` after the executed writes. */
  hasValue(key: string, value: Uint8Array): boolean;
  /** Accepts a write; returns false if the queue is full, and {@link onRoom} follows. */
  submit(write: StoreWrite): boolean;
  onRoom(listener: () => void): void;
  /** Calls `listener` when one or more writes have been executed. */
  onExecuted(listener: (executed: number) => void): void;
  /** Calls `listener` once, when the table has failed. */
  onFailed(listener: (detail: string) => void): void;
  /** Some entries from `cursor` on, which is 0 at first, in the state after exactly the writes below `executed`. */
  readEntries(cursor: number, bytesMax: number): StoreEntries & { readonly executed: number };
  /** Resolves once all submitted writes are executed. */
  close(): Promise<void>;
}
