import { connect, type Socket } from 'node:net';
import { errorText, TableError } from '@tablelab/shared';
import { replyHeadroomBytes } from '../server/connection-limits.ts';
import { type Address, formatAddress } from '../wire/address.ts';
import { errorFromReply } from '../wire/error-reply.ts';
import { FrameBatch } from '../wire/frame-batch.ts';
import { defaultFrameBytesMax, FrameDecoder } from '../wire/framing.ts';
import { type Message, type MessageFields, Opcode } from '../wire/message.ts';
import { decodeMessage } from '../wire/message-codec.ts';

export interface NetworkClientOptions extends Address {
  /** How long the connection may take to come up, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** How long a reply may take, in milliseconds. */
  readonly callTimeoutMs: number;
  /** The longest request that is sent, in bytes; replies may be a little longer. */
  readonly frameBytesMax?: number;
  /** How many calls may be without a reply; one more is refused with BUSY. */
  readonly requestsInFlightMax?: number;
}

export interface CallOptions {
  /** In place of the connection's `callTimeoutMs`. */
  readonly timeoutMs?: number;
}

const defaultRequestsInFlightMax = 16_384;

/** While this much waits to be sent, a call is refused with BUSY, in bytes. */
const outputBytesMax = 64 * 1024 * 1024;

/** How long {@link NetworkClient.close} waits for the other side, in milliseconds. */
const closeTimeoutMs = 1_000;

/** A call that has no reply yet. */
interface Pending {
  readonly opcode: number;
  readonly resolve: (reply: Message) => void;
  readonly reject: (error: TableError) => void;
  readonly timer: NodeJS.Timeout;
  /** Whether the socket has the request: from then on the server may execute it. */
  sent: boolean;
}

/**
 * One connection to a server, with many calls under way at once. Invariant: replies belong to the calls in their
 * order, so after anything that breaks the order (a timeout, a reply that does not fit) the connection is destroyed.
 */
export class NetworkClient {
  readonly #socket: Socket;
  readonly #options: NetworkClientOptions;
  readonly #decoder: FrameDecoder;
  readonly #batch: FrameBatch;
  readonly #pending: Pending[] = [];
  /** Those of the pending calls whose requests are still in the batch. */
  readonly #unsent: Pending[] = [];
  readonly #closed = Promise.withResolvers<TableError | undefined>();
  /** Why the connection ended, from the moment it began to. */
  #ending: { readonly error: TableError | undefined } | undefined;
  #flushScheduled = false;

  /**
   * Connects to a server.
   * @throws TableError TIMEOUT, or UNREACHABLE when nobody listens there
   */
  static async connect(options: NetworkClientOptions): Promise<NetworkClient> {
    const { host, port, connectTimeoutMs } = options;
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
    const { frameBytesMax = defaultFrameBytesMax } = options;
    this.#socket = socket;
    this.#options = options;
    this.#decoder = new FrameDecoder({ frameBytesMax: frameBytesMax + replyHeadroomBytes });
    this.#batch = new FrameBatch({ payloadBytesMax: frameBytesMax });
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => this.#lose(errorText(error), error));
    socket.on('end', () => this.#lose('the server closed the connection'));
    socket.on('close', () => this.#onClose());
  }

  /** Settles when the connection is over: with the reason, or undefined after {@link close}. Never rejects. */
  get closed(): Promise<TableError | undefined> {
    return this.#closed.promise;
  }

  /** Whether a call has a chance. */
  get isOpen(): boolean {
    return this.#ending === undefined;
  }

  /** How many calls have no reply yet. */
  get requestsInFlight(): number {
    return this.#pending.length;
  }

  /**
   * Sends `request` and gives the reply to it: an OP_ERROR too, as it came. Does not wait for earlier calls. Calls of
   * one turn of the event loop go out in one write.
   * @throws TableError TIMEOUT or UNREACHABLE (`mayHaveHappened` says whether the request was on its way), INTERNAL for
   *   a reply that does not fit, TOO_LARGE for a request above `frameBytesMax`, BUSY with too many calls under way
   */
  call(request: MessageFields, options: CallOptions = {}): Promise<Message> {
    const { callTimeoutMs, requestsInFlightMax = defaultRequestsInFlightMax } = this.#options;
    if (this.#ending !== undefined) {
      const { error } = this.#ending;
      return Promise.reject(
        new TableError('UNREACHABLE', error?.message ?? 'the connection is closed', { cause: error }),
      );
    }
    if (
      this.#pending.length >= requestsInFlightMax ||
      this.#batch.bytes + this.#socket.writableLength >= outputBytesMax
    ) {
      return Promise.reject(new TableError('BUSY', `${this.#pending.length} calls without a reply already`));
    }
    try {
      this.#batch.append(request);
    } catch (error) {
      return Promise.reject(error);
    }
    const { promise, resolve, reject } = Promise.withResolvers<Message>();
    const timeoutMs = options.timeoutMs ?? callTimeoutMs;
    const timer = setTimeout(() => this.#expire(pending, timeoutMs), timeoutMs);
    const pending: Pending = { opcode: request.opcode, resolve, reject, timer, sent: false };
    this.#pending.push(pending);
    this.#unsent.push(pending);
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
      if (this.#ending === undefined) this.#flush();
    });
  }

  #flush(): void {
    this.#socket.write(this.#batch.take());
    for (const pending of this.#unsent.splice(0)) pending.sent = true;
  }

  #receive(chunk: Uint8Array): void {
    try {
      for (const payload of this.#decoder.push(chunk)) {
        this.#settle(decodeMessage(payload));
        if (this.#ending !== undefined) return;
      }
    } catch (error) {
      this.#break(
        new TableError('INTERNAL', `the server broke the protocol: ${errorText(error)}`, { cause: error }),
      );
    }
  }

  #settle(reply: Message): void {
    const pending = this.#pending[0];
    if (pending?.sent !== true) {
      // Nobody asked: the server's last word before it closes.
      const error =
        reply.opcode === Opcode.OP_ERROR
          ? errorFromReply(reply)
          : new TableError('INTERNAL', `a reply with opcode ${reply.opcode} that nobody asked for`);
      this.#break(error);
    } else if (reply.opcode === pending.opcode + 1 || reply.opcode === Opcode.OP_ERROR) {
      this.#pending.shift();
      clearTimeout(pending.timer);
      pending.resolve(reply);
    } else {
      const text = `a reply with opcode ${reply.opcode} to a request with opcode ${pending.opcode}`;
      this.#break(new TableError('INTERNAL', text));
    }
  }

  #expire(pending: Pending, timeoutMs: number): void {
    const where = formatAddress(this.#options);
    const text = `no answer from ${where} within ${timeoutMs} ms`;
    this.#pending.splice(this.#pending.indexOf(pending), 1);
    pending.reject(new TableError('TIMEOUT', text, { mayHaveHappened: pending.sent }));
    this.#break(new TableError('TIMEOUT', text));
  }

  /** The order of the replies is lost: no later one can be trusted. */
  #break(error: TableError): void {
    this.#end(error);
    this.#socket.destroy();
  }

  #lose(text: string, cause?: unknown): void {
    const where = formatAddress(this.#options);
    this.#end(new TableError('UNREACHABLE', `lost the connection to ${where}: ${text}`, { cause }));
  }

  /** Takes no more calls, fails those without a reply, and closes. */
  #end(error: TableError | undefined): void {
    if (this.#ending !== undefined) return;
    this.#ending = { error };
    for (const { reject, timer, sent } of this.#pending.splice(0)) {
      clearTimeout(timer);
      const code = error?.code === 'INTERNAL' ? 'INTERNAL' : 'UNREACHABLE';
      reject(
        new TableError(code, error?.message ?? 'the connection was closed', {
          cause: error,
          mayHaveHappened: sent,
        }),
      );
    }
    this.#socket.end();
  }

  #onClose(): void {
    this.#lose('it is closed');
    this.#closed.resolve(this.#ending?.error);
  }
}
