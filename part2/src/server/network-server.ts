import type { Socket } from 'node:net';
import { must, TableError } from '@tablelab/shared';
import type { Address } from '../wire/address.ts';
import { ClientConnection, type RequestHandler } from './client-connection.ts';
import { type ConnectionLimits, defaultConnectionLimits } from './connection-limits.ts';
import { Listener } from './listener.ts';

export interface NetworkServerOptions extends Partial<ConnectionLimits> {
  readonly handler: RequestHandler;
  /** The address to listen on. Default: 127.0.0.1. */
  readonly host?: string;
  /** 0: any free port. */
  readonly port: number;
  /** The largest number of waiting clients. One more gets an OP_ERROR with BUSY. Default: 128. */
  readonly clientsWaitingMax?: number;
}

const defaultClientsWaitingMax = 128;

/** The largest number of finished connections that wait for their clients to close; the oldest is closed first. */
const leavingMax = 256;

/**
 * Serves one client at a time (assignment part 2): accepts connections, serves one client until it leaves, then the
 * next. A client joins the queue with the first bytes that it sends. Invariant: each connection is in one of the four
 * places, and each place has a limit.
 */
export class NetworkServer {
  readonly #options: NetworkServerOptions;
  readonly #limits: ConnectionLimits;
  readonly #clientsWaitingMax: number;
  /** Connected clients that have sent nothing; if there are too many, the oldest connection is closed. */
  readonly #silent = new Set<ClientConnection>();
  /** The queue, in the order of the clients' first bytes. */
  readonly #waiting = new Set<ClientConnection>();
  #served: ClientConnection | undefined;
  /** Everything is sent; the client must close its side. */
  readonly #leaving = new Set<ClientConnection>();
  #listener: Listener | undefined;
  #closing: Promise<void> | undefined;
  readonly #allGone = Promise.withResolvers<void>();

  constructor(options: NetworkServerOptions) {
    this.#options = options;
    this.#limits = { ...defaultConnectionLimits, ...options };
    this.#clientsWaitingMax = options.clientsWaitingMax ?? defaultClientsWaitingMax;
  }

  /** The number of connections, whatever their state. */
  get connections(): number {
    return this.#all().length;
  }

  /** The number of clients that wait for the served client to leave. */
  get clientsWaiting(): number {
    return this.#waiting.size;
  }

  /**
   * Starts to accept connections; resolves with the address.
   * @throws TableError BAD_REQUEST when the port is taken or may not be used, or the host is not this machine's
   */
  async listen(): Promise<Address> {
    const { host = '127.0.0.1', port } = this.#options;
    this.#listener = await Listener.open({ host, port }, (socket) => this.#accept(socket));
    return this.#listener.address;
  }

  /**
   * Accepts no more connections and requests; sends the due replies, sends every client SHUTTING_DOWN, and closes. Cuts
   * off the rest after `deadlineMs`.
   */
  close({ deadlineMs }: { deadlineMs: number }): Promise<void> {
    this.#closing ??= this.#close(deadlineMs);
    return this.#closing;
  }

  async #close(deadlineMs: number): Promise<void> {
    this.#listener?.close();
    const reason = new TableError('SHUTTING_DOWN', 'the server is shutting down');
    for (const connection of this.#all()) connection.leave(reason);
    const deadline = setTimeout(() => {
      for (const connection of this.#all()) connection.destroy();
    }, deadlineMs);
    if (this.connections > 0) await this.#allGone.promise;
    clearTimeout(deadline);
  }

  #all(): ClientConnection[] {
    const served = this.#served === undefined ? [] : [this.#served];
    return [...this.#silent, ...this.#waiting, ...served, ...this.#leaving];
  }

  #accept(socket: Socket): void {
    const connection = new ClientConnection(socket, {
      handler: this.#options.handler,
      limits: this.#limits,
      onRequest: () => this.#enqueue(connection),
      onDone: () => {
        this.#remove(connection);
        this.#seeOff(connection);
        this.#serveNext();
      },
      onClosed: () => {
        this.#remove(connection);
        this.#serveNext();
        if (this.connections === 0 && this.#closing !== undefined) this.#allGone.resolve();
      },
    });
    this.#silent.add(connection);
    // The limit is the number of clients that can be served or wait.
    if (this.#silent.size <= this.#clientsWaitingMax + 1) return;
    const oldest = must(this.#silent.values().next().value, 'one was added just now');
    this.#dismiss(oldest, 'too many connections: one that has sent nothing was closed');
  }

  #enqueue(connection: ClientConnection): void {
    this.#silent.delete(connection);
    const isFull = this.#served !== undefined && this.#waiting.size >= this.#clientsWaitingMax;
    if (isFull) {
      this.#dismiss(connection, 'the server has no room for another client: try again later');
    } else {
      this.#waiting.add(connection);
      this.#serveNext();
    }
  }

  #serveNext(): void {
    if (this.#served !== undefined || this.#closing !== undefined) return;
    const [next] = this.#waiting;
    if (next === undefined) return;
    this.#waiting.delete(next);
    this.#served = next;
    next.serve();
  }

  #dismiss(connection: ClientConnection, detail: string): void {
    this.#remove(connection);
    this.#seeOff(connection);
    connection.leave(new TableError('BUSY', detail));
  }

  #seeOff(connection: ClientConnection): void {
    this.#leaving.add(connection);
    if (this.#leaving.size <= leavingMax) return;
    const oldest = must(this.#leaving.values().next().value, 'one was added just now');
    // At once: the 'close' event comes later, and others that leave in this turn must not choose the same one.
    this.#remove(oldest);
    oldest.destroy();
  }

  #remove(connection: ClientConnection): void {
    for (const place of [this.#silent, this.#waiting, this.#leaving]) place.delete(connection);
    if (this.#served === connection) this.#served = undefined;
  }
}
