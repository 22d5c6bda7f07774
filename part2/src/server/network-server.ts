import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { errorText, must, TableError } from '@tablelab/shared';
import { type Address, formatAddress } from '../wire/address.ts';
import type { RequestHandler } from '../wire/message.ts';
import { ByteBudget } from './byte-budget.ts';
import { type ConnectionLimits, defaultConnectionLimits } from './connection-limits.ts';
import { type ConnectionOwner, ServerConnection } from './server-connection.ts';
import { TurnBudget } from './turn-budget.ts';

/**
 * Takes over a connection that is no client's. Gets the first frame's payload before it is decoded, and what arrived
 * behind it; true: the socket is its own from now on (with no listeners of the server's left), false: go on as usual.
 */
export type Upgrade = (firstPayload: Uint8Array, socket: Socket, rest: Uint8Array) => boolean;

export interface NetworkServerOptions extends Partial<ConnectionLimits> {
  readonly handler: RequestHandler;
  /** The address to listen on; 127.0.0.1 unless told otherwise. */
  readonly host?: string;
  /** 0: any free port. */
  readonly port: number;
  /** How many clients are served at once: 1 in part 2. */
  readonly clientsServedMax: number;
  /** How many more may wait for a place; whoever comes then gets an OP_ERROR with BUSY. */
  readonly clientsWaitingMax: number;
  /** What all connections together may hold of unfinished requests and unread replies, in bytes. */
  readonly bufferBytesMax?: number;
  readonly upgrade?: Upgrade;
  /** Called when the last connection has gone. */
  readonly onIdle?: () => void;
}

const defaultBufferBytesMax = 512 * 1024 * 1024;

/** How many connections that are answered and done may wait for their clients to close; the oldest go first. */
const lingeringMax = 256;

/** When the system begins to ask a silent client's machine whether it is still there, in milliseconds. */
const keepAliveDelayMs = 30_000;

/**
 * Accepts connections and decides which of them are served (assignment part 2: one at a time; part 3: all at once).
 *
 * A client takes a place with its first whole request and keeps it until it leaves; clients beyond
 * `clientsServedMax` wait, in the order of their first requests. Invariant: a connection is in at most one of the
 * four sets; sets have limits.
 */
export class NetworkServer {
  readonly #options: NetworkServerOptions;
  readonly #limits: ConnectionLimits;
  readonly #server: Server;
  readonly #budget: ByteBudget;
  readonly #turns = new TurnBudget();
  /** Connected, and no whole request yet. As many as clients in all; beyond, whoever has been silent longest goes. */
  readonly #silent = new Set<ServerConnection>();
  readonly #waiting = new Set<ServerConnection>();
  readonly #served = new Set<ServerConnection>();
  readonly #lingering = new Set<ServerConnection>();
  #closing: Promise<void> | undefined;
  /** Settles when the last connection goes after {@link close}. Not net.Server's: that waits for upgraded ones. */
  readonly #allGone = Promise.withResolvers<void>();

  constructor(options: NetworkServerOptions) {
    this.#options = options;
    this.#limits = { ...defaultConnectionLimits, ...options };
    this.#budget = new ByteBudget(options.bufferBytesMax ?? defaultBufferBytesMax);
    this.#server = createServer({
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveDelayMs,
    });
    this.#server.on('connection', (socket) => this.#accept(socket));
  }

  /** All connections, those that are only waiting for their clients to close included. */
  get connections(): number {
    return this.#all().length;
  }

  get clientsServed(): number {
    return this.#served.size;
  }

  get clientsWaiting(): number {
    return this.#waiting.size;
  }

  /** Connections that have not sent a whole request yet. */
  get clientsSilent(): number {
    return this.#silent.size;
  }

  /** What all connections hold of unfinished requests and unread replies. */
  get bufferedBytes(): number {
    return this.#budget.usedBytes;
  }

  /**
   * Resolves once connections are accepted, with the address they are accepted at.
   * @throws TableError BAD_REQUEST when the port is taken or may not be used, or the host is not this machine's
   */
  async listen(): Promise<Address> {
    const { host = '127.0.0.1', port } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    try {
      this.#server.listen({ host, port }, resolve);
      await promise;
    } catch (error) {
      throw listenError(error, { host, port });
    }
    this.#server.off('error', reject);
    // The system could not accept a connection, for want of file descriptors as a rule: it is one client's misfortune.
    this.#server.on('error', () => undefined);
    const { port: boundPort } = this.#server.address() as AddressInfo;
    return { host, port: boundPort };
  }

  /**
   * Accepts no more connections and takes no more requests; answers and sends what is in hand, says SHUTTING_DOWN to
   * every client, and closes. What is not done after `deadlineMs` is cut off.
   */
  close({ deadlineMs }: { deadlineMs: number }): Promise<void> {
    this.#closing ??= this.#close(deadlineMs);
    return this.#closing;
  }

  async #close(deadlineMs: number): Promise<void> {
    this.#server.close();
    const reason = new TableError('SHUTTING_DOWN', 'the server is shutting down');
    for (const connection of this.#all()) connection.stop(reason);
    const deadline = setTimeout(() => {
      for (const connection of this.#all()) connection.destroy();
    }, deadlineMs);
    if (this.#all().length > 0) await this.#allGone.promise;
    clearTimeout(deadline);
  }

  #all(): ServerConnection[] {
    return [...this.#silent, ...this.#waiting, ...this.#served, ...this.#lingering];
  }

  readonly #owner: ConnectionOwner = {
    greeted: (connection, firstPayload) => this.#greeted(connection, firstPayload),
    finished: (connection) => {
      this.#remove(connection);
      this.#linger(connection);
      this.#admit();
    },
    closed: (connection) => {
      this.#remove(connection);
      this.#admit();
      if (this.connections === 0) this.#options.onIdle?.();
    },
  };

  #accept(socket: Socket): void {
    const { handler, clientsServedMax, clientsWaitingMax } = this.#options;
    const connection = new ServerConnection(socket, {
      handler,
      limits: this.#limits,
      owner: this.#owner,
      budget: this.#budget,
      turns: this.#turns,
    });
    this.#silent.add(connection);
    if (this.#silent.size <= clientsServedMax + clientsWaitingMax) return;
    const oldest = must(this.#silent.values().next().value, 'one was added just now');
    this.#dismiss(oldest, 'too many connections: the ones that send nothing have to go');
  }

  #greeted(connection: ServerConnection, firstPayload: Uint8Array): void {
    const { upgrade, clientsServedMax, clientsWaitingMax } = this.#options;
    if (upgrade !== undefined && connection.handOver((socket, rest) => upgrade(firstPayload, socket, rest))) {
      this.#owner.closed(connection);
      return;
    }
    this.#silent.delete(connection);
    if (this.#served.size < clientsServedMax) {
      this.#served.add(connection);
      connection.serve();
    } else if (this.#waiting.size < clientsWaitingMax) {
      this.#waiting.add(connection);
      connection.wait();
    } else {
      this.#dismiss(connection, 'the server has as many clients as it takes: try again later');
    }
  }

  #dismiss(connection: ServerConnection, detail: string): void {
    this.#remove(connection);
    this.#linger(connection);
    connection.stop(new TableError('BUSY', detail));
  }

  #linger(connection: ServerConnection): void {
    this.#lingering.add(connection);
    if (this.#lingering.size <= lingeringMax) return;
    must(this.#lingering.values().next().value, 'one was added just now').destroy();
  }

  #remove(connection: ServerConnection): void {
    for (const set of [this.#silent, this.#waiting, this.#served, this.#lingering]) set.delete(connection);
  }

  /** Gives free places to those who wait. */
  #admit(): void {
    if (this.#closing !== undefined) {
      if (this.#all().length === 0) this.#allGone.resolve();
      return;
    }
    for (const connection of this.#waiting) {
      if (this.#served.size >= this.#options.clientsServedMax) return;
      this.#waiting.delete(connection);
      this.#served.add(connection);
      connection.serve();
    }
  }
}

const listenFailures: { readonly [code: string]: string } = {
  EADDRINUSE: 'another program listens there already',
  EACCES: 'no permission',
  EADDRNOTAVAIL: 'this is no address of this machine',
  ENOTFOUND: 'there is no such host',
};

function listenError(error: unknown, address: Address): TableError {
  const { code } = error as NodeJS.ErrnoException;
  const reason = listenFailures[String(code)] ?? errorText(error);
  return new TableError('BAD_REQUEST', `cannot listen on ${formatAddress(address)}: ${reason}`, {
    cause: error,
  });
}
