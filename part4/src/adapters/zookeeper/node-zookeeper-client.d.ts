/**
 * The parts of node-zookeeper-client 1.1.3 that the ZooKeeper wrapper uses; the package has no types. Internals are
 * declared because its faults cannot be corrected from outside. A test asserts the pinned version and that each of
 * these members exists.
 */
declare module 'node-zookeeper-client' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';

  export interface Stat {
    /** How often the data has been set. */
    readonly version: number;
    /** How often a child has come or gone. */
    readonly cversion: number;
    /** 8 bytes, big-endian: the session that owns an ephemeral znode, else zeros. */
    readonly ephemeralOwner: Buffer;
  }

  export interface Exception extends Error {
    getCode(): number;
  }

  export interface OperationResult {
    readonly type: number;
    /** Set by a create. */
    readonly path?: string;
    /** Set by a setData. */
    readonly stat?: Stat;
    /** Set when the transaction failed: 0 for operations before the one that failed. */
    readonly err?: number;
  }

  export interface Transaction {
    create(path: string, data: Buffer, mode: number): this;
    check(path: string, version?: number): this;
    setData(path: string, data: Buffer, version?: number): this;
    remove(path: string, version?: number): this;
    commit(callback: (error: Exception | undefined, results?: OperationResult[]) => void): void;
    /** Internal. The builder turns version 0 into -1, which means "any": the wrapper sets the true version here. */
    readonly ops: { version?: number }[];
  }

  export interface Server {
    readonly host: string;
    readonly port: number | string;
  }

  /** Internal. The handlers are bound anew for each socket, so that one set on the instance takes effect. */
  export interface ConnectionManager {
    /** The present or the last socket: the wrapper destroys it when nothing comes in. */
    socket?: Socket;
    /** All addresses, shuffled: the wrapper picks the next one itself. */
    readonly servers: readonly Server[];
    /** The time limit of a connect. The library forgets to clear it, and it then destroys the next socket. */
    connectTimeoutHandler: NodeJS.Timeout | null;
    /** A partial frame. It outlives its socket and would be taken for the beginning of the next one's data. */
    pendingBuffer: Buffer | null;
    /** Requests that wait for a connection. It outlives its socket: abandoned requests would be sent late. */
    readonly packetQueue: { queue: unknown[] };
    /** The idle time before a ping is sent, in ms: read when a session is connected. */
    pingTimeout: number;
    /** Calls back with the address to dial. The library's version cannot be stopped while it waits. */
    findNextServer(callback: (server: Server) => void): void;
    /** Takes received bytes. Throws an uncaught error for unknown error codes and for malformed data. */
    onSocketData(chunk: Buffer): void;
    onSocketError(error: Error): void;
    onSocketClosed(hadError: boolean): void;
  }

  export interface Client extends EventEmitter {
    connect(): void;
    close(): void;
    getSessionId(): Buffer;
    getSessionTimeout(): number;
    create(
      path: string,
      data: Buffer,
      mode: number,
      callback: (error: Exception | undefined, path?: string) => void,
    ): void;
    remove(path: string, version: number, callback: (error: Exception | undefined) => void): void;
    setData(
      path: string,
      data: Buffer,
      version: number,
      callback: (error: Exception | undefined, stat?: Stat) => void,
    ): void;
    getData(
      path: string,
      watcher: (() => void) | undefined,
      callback: (error: Exception | undefined, data?: Buffer, stat?: Stat) => void,
    ): void;
    /** `stat` is null for a znode that is not there. */
    exists(
      path: string,
      watcher: (() => void) | undefined,
      callback: (error: Exception | undefined, stat?: Stat | null) => void,
    ): void;
    getChildren(
      path: string,
      watcher: (() => void) | undefined,
      callback: (error: Exception | undefined, children?: string[], stat?: Stat) => void,
    ): void;
    transaction(): Transaction;
    /** Internal, see {@link ConnectionManager}. */
    readonly connectionManager: ConnectionManager;
  }

  interface Library {
    createClient(
      servers: string,
      options: { sessionTimeout: number; spinDelay: number; retries: number },
    ): Client;
    readonly CreateMode: { readonly PERSISTENT: 0; readonly EPHEMERAL: 1; readonly EPHEMERAL_SEQUENTIAL: 3 };
    readonly Exception: {
      readonly OK: 0;
      readonly NO_NODE: -101;
      readonly BAD_VERSION: -103;
      readonly NODE_EXISTS: -110;
      readonly NOT_EMPTY: -111;
      readonly RUNTIME_INCONSISTENCY: -2;
    };
  }
  const library: Library;
  export default library;
}
