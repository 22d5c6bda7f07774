import { errorText, must } from '@tablelab/shared';
import zookeeper, { type Client, type ConnectionManager, type Server } from 'node-zookeeper-client';

/** A partial frame above this size cannot come from a ZooKeeper server, whose limit is 1 MiB. */
const frameBytesMax = 4 * 1024 * 1024;
/** A connection is destroyed after a third of the session time-out without a byte; a third is this number of ticks. */
const silentTicksMax = 8;
const ticksPerSession = 3 * silentTicksMax;
/** Pings on an idle connection in one session time-out: three pings may be lost before it counts as silent. */
const pingsPerSession = 9;
/**
 * After all servers have been tried once, the pause before the next round is at most this fraction of a session
 * time-out.
 */
const pausesPerSession = 10;

export interface ConnectionListener {
  /** The session is connected: the first time, or again. */
  connected(): void;
  /** The socket has closed, connected or not. The library keeps trying until {@link GuardedConnection.destroy}. */
  closed(): void;
  /** ZooKeeper has expired the session. */
  expired(): void;
}

/**
 * node-zookeeper-client with the faults of its connection handling corrected: it detects a server that accepts but
 * never answers and a frozen connection, starts each socket with empty buffers, survives malformed bytes, and can be
 * stopped at any time without leaving timers or sockets.
 *
 * Invariant: at most one socket is open, and none is once `destroy` has been called and its close event has passed.
 */
export class GuardedConnection {
  readonly client: Client;
  readonly #manager: ConnectionManager;
  readonly #listener: ConnectionListener;
  readonly #log: (message: string) => void;
  #watchdog: NodeJS.Timeout | undefined;
  #redial: NodeJS.Timeout | undefined;
  #watchedSocket: ConnectionManager['socket'];
  #silentTicks = 0;
  #nextIndex = 0;
  #failedDials = 0;
  #destroyed = false;
  #lastError = 'no answer';

  constructor(options: {
    servers: string;
    sessionTimeoutMs: number;
    listener: ConnectionListener;
    log: (message: string) => void;
  }) {
    this.#listener = options.listener;
    this.#log = options.log;
    this.client = zookeeper.createClient(options.servers, {
      sessionTimeout: options.sessionTimeoutMs,
      spinDelay: 0,
      // Its retries ignore that the first try may have taken effect: they have created two znodes instead of one.
      retries: 0,
    });
    this.#manager = this.client.connectionManager;
    this.#guard(this.#manager);
    this.client.on('connected', () => this.#connected());
    this.client.on('expired', () => this.#listener.expired());
  }

  /** Why the last connection failed or ended, for error messages. */
  get lastError(): string {
    return this.#lastError;
  }

  connect(): void {
    this.#watch(this.client.getSessionTimeout());
    this.client.connect();
  }

  /** Drops the socket; the library dials again. */
  drop(reason: string): void {
    this.#lastError = reason;
    this.#manager.socket?.destroy();
  }

  /** Ends everything at once, without telling the server. */
  destroy(): void {
    this.#destroyed = true;
    clearInterval(this.#watchdog);
    clearTimeout(this.#redial);
    if (this.#manager.connectTimeoutHandler !== null) clearTimeout(this.#manager.connectTimeoutHandler);
    this.#manager.socket?.destroy();
  }

  #guard(manager: ConnectionManager): void {
    const { onSocketData, onSocketError, onSocketClosed } = manager;
    manager.findNextServer = (dial) => this.#nextServer(dial);
    manager.onSocketData = (chunk) => {
      this.#silentTicks = 0;
      try {
        onSocketData.call(manager, chunk);
        if ((manager.pendingBuffer?.length ?? 0) > frameBytesMax) throw new Error('a frame is too long');
      } catch (error) {
        this.#log(`dropping a ZooKeeper connection: ${errorText(error)}`);
        this.drop(`malformed answer: ${errorText(error)}`);
      }
    };
    manager.onSocketError = (error) => {
      this.#lastError = errorText(error);
      onSocketError.call(manager, error);
    };
    manager.onSocketClosed = (hadError) => {
      if (manager.connectTimeoutHandler !== null) clearTimeout(manager.connectTimeoutHandler);
      manager.pendingBuffer = null;
      manager.packetQueue.queue.length = 0;
      this.#listener.closed();
      onSocketClosed.call(manager, hadError);
    };
  }

  /** Tries each address once without delay, then pauses; the random part spreads out the clients. */
  #nextServer(dial: (server: Server) => void): void {
    if (this.#destroyed) return;
    const { servers } = this.#manager;
    const server = must(servers[this.#nextIndex++ % servers.length], 'the library has at least one address');
    const pauseMs = (this.client.getSessionTimeout() / pausesPerSession) * (0.5 + Math.random() / 2);
    this.#redial = setTimeout(() => dial(server), this.#failedDials++ < servers.length ? 0 : pauseMs);
  }

  #connected(): void {
    this.#failedDials = 0;
    const sessionTimeoutMs = this.client.getSessionTimeout();
    // The library reads this right after the event.
    this.#manager.pingTimeout = Math.floor(sessionTimeoutMs / pingsPerSession);
    this.#watch(sessionTimeoutMs);
    this.#listener.connected();
  }

  /**
   * Counts ticks instead of reading the clock: a process that was paused must first read what has arrived meanwhile; a
   * pause counts as one tick.
   */
  #watch(sessionTimeoutMs: number): void {
    clearInterval(this.#watchdog);
    this.#watchdog = setInterval(() => {
      const { socket } = this.#manager;
      if (socket === undefined || socket.destroyed || socket !== this.#watchedSocket) {
        this.#watchedSocket = socket;
        this.#silentTicks = 0;
      } else if (++this.#silentTicks >= silentTicksMax) {
        this.drop('the server is silent');
      }
    }, sessionTimeoutMs / ticksPerSession);
  }
}
