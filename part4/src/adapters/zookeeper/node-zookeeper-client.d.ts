/**
 * What the ZooKeeper wrapper uses of node-zookeeper-client 1.1.3, which brings no types, and nothing else. Its internals
 * are named here because its traps cannot be defused from outside; a test asserts the pinned version and that each of
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
    /** Set when the transaction failed: 0 for operations before the culprit. */
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
    /** Ends a connect; the library forgets to clear it, and then it destroys the socket after this one. */
    connectTimeoutHandler: NodeJS.Timeout | null;
    /** Half a frame. It outlives its socket and would be taken for the beginning of the next one's data. */
    pendingBuffer: Buffer | null;
    /** What waits for a connection. It outlives its socket: requests that were given up would be sent late. */
    readonly packetQueue: { queue: unknown[] };
    /** After how long an idle connection sends a ping, in ms: read when a session is connected. */
    pingTimeout: number;
    /** Calls back with the address to dial. The library's own one cannot be stopped while it waits. */
    findNextServer(callback: (server: Server) => void): void;
    /** Takes bytes off the wire. Throws, uncaught, at error codes it does not know and at garbage. */
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
