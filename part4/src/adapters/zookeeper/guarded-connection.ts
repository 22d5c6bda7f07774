import { errorText, must } from '@tablelab/shared';
import zookeeper, { type Client, type ConnectionManager, type Server } from 'node-zookeeper-client';

/** Half a frame larger than this is no answer of a ZooKeeper server, whose own limit is 1 MiB. */
const frameBytesMax = 4 * 1024 * 1024;
/** A connection is destroyed after a third of the session time-out without a byte: so many ticks make a third. */
const silentTicksMax = 8;
const ticksPerSession = 3 * silentTicksMax;
/** An idle connection is pinged so often in a session time-out: three pings may be lost before it counts as silent. */
const pingsPerSession = 9;
/** After all servers have been tried once, the pause before the next round is at most this part of a session time-out. */
const pausesPerSession = 10;

export interface ConnectionListener {
  /** The session is connected: the first time, or again. */
  connected(): void;
  /** The socket has closed, connected or not. The library goes on trying unless {@link GuardedConnection.destroy}. */
  closed(): void;
  /** ZooKeeper has given the session up. */
  expired(): void;
}

/**
 * node-zookeeper-client with those of its traps defused that concern the connection: it notices a server that accepts
 * and says nothing and a link that is frozen, starts each socket with empty buffers, survives bytes it does not
 * understand, and can be stopped at any time leaving neither timers nor sockets.
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
      // Its retries do not know whether the first try took effect: they have made two znodes of one.
      retries: 0,
    });
    this.#manager = this.client.connectionManager;
    this.#guard(this.#manager);
    this.client.on('connected', () => this.#connected());
    this.client.on('expired', () => this.#listener.expired());
  }

  /** Why the last connection failed or ended, for a person to read. */
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

  /** Ends everything at once, without a word to the server. */
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
        this.drop(`unintelligible answer: ${errorText(error)}`);
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

  /** Each address once without delay, then a pause; the random part keeps a herd of clients from dialling in step. */
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
   * Counts ticks instead of reading the clock: a process that was paused must first be let read what has come in
   * meanwhile, and a pause is one tick only.
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
