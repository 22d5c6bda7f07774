import { connect, type Socket } from 'node:net';
import { checkMilliseconds, errorText, TableError } from '@tablelab/shared';
import { type Address, formatAddress } from '../wire/address.ts';
import type { Message, MessageFields } from '../wire/message.ts';
import { RequestPipeline } from './request-pipeline.ts';

export interface NetworkClientOptions extends Address {
  /** How long it may take to connect, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** How long a reply may take, in milliseconds. */
  readonly callTimeoutMs: number;
  /** The longest request that may be sent, in bytes. Replies may be slightly longer. */
  readonly frameBytesMax?: number;
  /** The largest number of calls without a reply. One more is refused with BUSY. */
  readonly requestsInFlightMax?: number;
}

export interface CallOptions {
  /** Overrides the connection's `callTimeoutMs`. */
  readonly timeoutMs?: number;
}

const defaultRequestsInFlightMax = 16_384;

/** The limit of unsent bytes. Above it, a call is refused with BUSY. */
const outputBytesMax = 64 * 1024 * 1024;

/** How long {@link NetworkClient.close} waits for the other side, in milliseconds. */
const closeTimeoutMs = 1_000;

/** Waits for the reply to one call. */
interface Caller {
  readonly resolve: (reply: Message) => void;
  readonly reject: (error: TableError) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * One connection to a server, with many calls under way at once. Invariant: replies come in the order of the calls. After
 * anything that breaks the order (a timeout, a reply that does not fit) the connection is destroyed.
 */
export class NetworkClient {
  readonly #socket: Socket;
  readonly #options: NetworkClientOptions;
  readonly #pipeline: RequestPipeline<Caller>;
  readonly #closed = Promise.withResolvers<TableError | undefined>();
  /** Why the connection ended; set as soon as it begins to end. */
  #ending: { readonly error: TableError | undefined } | undefined;
  #flushScheduled = false;

  /**
   * Connects to a server.
   * @throws TableError BAD_REQUEST for an invalid time-out, TIMEOUT, or UNREACHABLE if no program listens there
   */
  static async connect(options: NetworkClientOptions): Promise<NetworkClient> {
    const { host, port, connectTimeoutMs, callTimeoutMs } = options;
    checkMilliseconds('connectTimeoutMs', connectTimeoutMs);
    checkMilliseconds('callTimeoutMs', callTimeoutMs);
    const where = formatAddress(options);
    const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.once('connect', resolve);
    // Several addresses of one name fail with an error that has a code and no text.
    socket.once('error', (error: NodeJS.ErrnoException) => {
      reject(new TableError('UNREACHABLE', `cannot reach ${where}: ${error.code}`, { cause: error }));
    });
    const timer = setTimeout(() => {
      reject(new TableError('TIMEOUT', `no connection to ${where} within ${connectTimeoutMs} ms`));
    }, connectTimeoutMs);
    try {
      await promise;
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
    return new NetworkClient(socket, options);
  }

  private constructor(socket: Socket, options: NetworkClientOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#pipeline = new RequestPipeline(options);
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => this.#lose(errorText(error), error));
    socket.on('end', () => this.#lose('the server closed the connection'));
    socket.on('close', () => this.#onClose());
  }

  /** Settles when the connection is over: with the reason, or undefined after {@link close}. Never rejects. */
  get closed(): Promise<TableError | undefined> {
    return this.#closed.promise;
  }

  /** Whether calls can be sent. */
  get isOpen(): boolean {
    return this.#ending === undefined;
  }

  /** The number of calls without a reply. */
  get requestsInFlight(): number {
    return this.#pipeline.size;
  }

  /**
   * Sends `request` and resolves with its reply, also if that is an OP_ERROR. Does not wait for earlier calls. Calls of one
   * turn of the event loop leave in one write.
   * @throws TableError TIMEOUT or UNREACHABLE (`mayHaveHappened` says whether the request was sent), INTERNAL for a reply that
   *   does not fit, TOO_LARGE for a request above `frameBytesMax`, BUSY if too many calls are under way
   */
  call(request: MessageFields, options: CallOptions = {}): Promise<Message> {
    const { callTimeoutMs, requestsInFlightMax = defaultRequestsInFlightMax } = this.#options;
    if (this.#ending !== undefined) {
      const { error } = this.#ending;
      return Promise.reject(
        new TableError('UNREACHABLE', error?.message ?? 'the connection is closed', { cause: error }),
      );
    }
    const pipeline = this.#pipeline;
    if (
      pipeline.size >= requestsInFlightMax ||
      pipeline.bufferedBytes + this.#socket.writableLength >= outputBytesMax
    ) {
      return Promise.reject(new TableError('BUSY', `${pipeline.size} calls have no reply yet`));
    }
    const { promise, resolve, reject } = Promise.withResolvers<Message>();
    const timeoutMs = options.timeoutMs ?? callTimeoutMs;
    const timer = setTimeout(() => this.#expire(caller, timeoutMs), timeoutMs);
    const caller: Caller = { resolve, reject, timer };
    try {
      pipeline.add(request, caller);
    } catch (error) {
      clearTimeout(timer);
      return Promise.reject(error);
    }
    this.#scheduleFlush();
    return promise;
  }

  /** Ends the connection. Calls without a reply fail; await them first. */
  async close(): Promise<void> {
    this.#end(undefined);
    const timer = setTimeout(() => this.#socket.destroy(), closeTimeoutMs);
    await this.closed;
    clearTimeout(timer);
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    setImmediate(() => {
      this.#flushScheduled = false;
      if (this.#ending === undefined) this.#socket.write(this.#pipeline.take());
    });
  }

  #receive(chunk: Uint8Array): void {
    if (this.#ending !== undefined) return;
    try {
      for (const { caller, reply } of this.#pipeline.receive(chunk)) {
        clearTimeout(caller.timer);
        caller.resolve(reply);
      }
    } catch (error) {
      if (!(error instanceof TableError)) throw error;
      this.#break(error);
    }
  }

  #expire(expired: Caller, timeoutMs: number): void {
    const text = `no answer from ${formatAddress(this.#options)} within ${timeoutMs} ms`;
    this.#break(new TableError('TIMEOUT', text), expired);
  }

  /** The order of the replies is lost: no later one can be trusted. */
  #break(error: TableError, expired?: Caller): void {
    this.#end(error, expired);
    this.#socket.destroy();
  }

  #lose(text: string, cause?: unknown): void {
    const where = formatAddress(this.#options);
    this.#end(new TableError('UNREACHABLE', `lost the connection to ${where}: ${text}`, { cause }));
  }

  /** Accepts no more calls, fails those without a reply, and closes. `expired`: the call that timed out. */
  #end(error: TableError | undefined, expired?: Caller): void {
    if (this.#ending !== undefined) return;
    this.#ending = { error };
    const text = error?.message ?? 'the connection was closed';
    const otherCode = error?.code === 'INTERNAL' ? 'INTERNAL' : 'UNREACHABLE';
    for (const { caller, isSent } of this.#pipeline.end()) {
      clearTimeout(caller.timer);
      const code = caller === expired ? 'TIMEOUT' : otherCode;
      caller.reject(new TableError(code, text, { cause: error, mayHaveHappened: isSent }));
    }
    this.#socket.end();
  }

  #onClose(): void {
    this.#lose('it is closed');
    this.#closed.resolve(this.#ending?.error);
  }
}
