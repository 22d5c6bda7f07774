import type { Socket } from 'node:net';
import { type Address, Listener, type Reply } from '@tablelab/part2';
import { must, TableError } from '@tablelab/shared';
import { ByteBudget } from './byte-budget.ts';
import { ClientConnection } from './client-connection.ts';
import { type ConnectionCounts, connectionCounts } from './connection-counts.ts';
import { type ConnectionLimits, defaultConnectionLimits } from './connection-limits.ts';
import type { RequestHandler } from './requests-in-hand.ts';
import { TurnBudget } from './turn-budget.ts';

export interface MultiplexingServerOptions extends Partial<ConnectionLimits> {
  readonly handler: RequestHandler;
  /** Sees each reply as soon as it is given, before it is sent. */
  readonly onReply?: (reply: Reply) => void;
  /** The largest number of clients served at once; one more gets an OP_ERROR with BUSY. */
  readonly clientsServedMax?: number;
  /** Default: as many as the system allows. */
  readonly counts?: ConnectionCounts;
  /** The memory limit of all connections for unfinished requests and unread replies, in bytes. */
  readonly bufferBytesMax?: number;
}

export const defaultBufferBytesMax = 512 * 1024 * 1024;

/**
 * Serves all its clients at once (assignment part 3).
 *
 * A client gets a place with its first complete request and keeps it until it leaves. A client that connects and sends
 * nothing needs no place. Invariant: a connection is in at most one of the three sets, and each set has a limit.
 */
export class MultiplexingServer {
  readonly #handler: RequestHandler;
  readonly #onReply: ((reply: Reply) => void) | undefined;
  readonly #limits: ConnectionLimits;
  readonly #counts: ConnectionCounts;
  readonly #budget: ByteBudget;
  readonly #turns = new TurnBudget();
  /** Connected without a complete request; if there are too many, the oldest is closed. */
  readonly #silent = new Set<ClientConnection>();
  readonly #served = new Set<ClientConnection>();
  readonly #lingering = new Set<ClientConnection>();
  #listener: Listener | undefined;
  #closing: Promise<void> | undefined;
  readonly #allGone = Promise.withResolvers<void>();

  constructor(options: MultiplexingServerOptions) {
    this.#handler = options.handler;
    this.#onReply = options.onReply;
    this.#limits = { ...defaultConnectionLimits, ...options };
    const { counts = connectionCounts(), clientsServedMax: served = counts.served } = options;
    this.#counts = { ...counts, served, silent: Math.min(counts.silent, served) };
    this.#budget = new ByteBudget(options.bufferBytesMax ?? defaultBufferBytesMax);
  }

  /** All connections, including those that only wait for their clients to close. */
  get connections(): number {
    return this.#all().length;
  }

  get clientsServed(): number {
    return this.#served.size;
  }

  /** Connections that have not sent a complete request yet. */
  get clientsSilent(): number {
    return this.#silent.size;
  }

  /** The bytes of unfinished requests and unread replies of all connections. */
  get bufferedBytes(): number {
    return this.#budget.usedBytes;
  }

  /**
   * Accepts connections at `host` and `port` (0: any free one); resolves with the address once they are accepted.
   * @throws TableError BAD_REQUEST when the port is taken or may not be used, or the host is not this machine's
   */
  async listen(at: Address): Promise<Address> {
    this.#listener = await Listener.open(at, (socket) => this.serve(socket));
    return this.#listener.address;
  }

  /** Serves a client whose connection was accepted elsewhere. `received`: the bytes that it has sent so far. */
  serve(socket: Socket, received?: Uint8Array): void {
    const connection = new ClientConnection(socket, {
      handler: this.#handler,
      onReply: this.#onReply,
      limits: this.#limits,
      budget: this.#budget,
      turns: this.#turns,
      admit: () => this.#admit(connection),
      onDone: () => {
        this.#remove(connection);
        this.#linger(connection);
      },
      onClosed: () => {
        this.#remove(connection);
        if (this.#closing !== undefined && this.connections === 0) this.#allGone.resolve();
      },
    });
    this.#silent.add(connection);
    if (this.#closing !== undefined) {
      connection.stop(shuttingDown());
    } else if (this.#silent.size > this.#counts.silent) {
      const oldest = must(this.#silent.values().next().value, 'one was added just now');
      this.#dismiss(oldest, 'too many connections: one that has sent nothing was closed');
    }
    if (received !== undefined) connection.receive(received);
  }

  /**
   * Accepts no more connections and requests; answers the pending ones, sends every client SHUTTING_DOWN, and closes.
   * Cuts off the rest after `deadlineMs`.
   */
  close({ deadlineMs }: { deadlineMs: number }): Promise<void> {
    this.#closing ??= this.#close(deadlineMs);
    return this.#closing;
  }

  async #close(deadlineMs: number): Promise<void> {
    this.#listener?.close();
    for (const connection of this.#all()) connection.stop(shuttingDown());
    const deadline = setTimeout(() => {
      for (const connection of this.#all()) connection.destroy();
    }, deadlineMs);
    if (this.connections > 0) await this.#allGone.promise;
    clearTimeout(deadline);
  }

  #all(): ClientConnection[] {
    return [...this.#silent, ...this.#served, ...this.#lingering];
  }

  #admit(connection: ClientConnection): boolean {
    if (this.#served.size >= this.#counts.served) {
      this.#dismiss(connection, 'the server has no room for another client: try again later');
      return false;
    }
    this.#silent.delete(connection);
    this.#served.add(connection);
    return true;
  }

  #dismiss(connection: ClientConnection, detail: string): void {
    this.#remove(connection);
    this.#linger(connection);
    connection.stop(new TableError('BUSY', detail));
  }

  #linger(connection: ClientConnection): void {
    this.#lingering.add(connection);
    if (this.#lingering.size <= this.#counts.lingering) return;
    const oldest = must(this.#lingering.values().next().value, 'one was added just now');
    // At once: the 'close' event comes later, and others that leave in this turn must not choose the same one.
    this.#remove(oldest);
    oldest.destroy();
  }

  #remove(connection: ClientConnection): void {
    for (const set of [this.#silent, this.#served, this.#lingering]) set.delete(connection);
  }
}

function shuttingDown(): TableError {
  return new TableError('SHUTTING_DOWN', 'the server is shutting down');
}
