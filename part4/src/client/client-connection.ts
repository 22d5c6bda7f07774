import { RequestPipeline } from '@tablelab/part2/request-pipeline';
import { TableError } from '@tablelab/shared';
import type { Clock, Connection, ConnectionListener, Timer, Transport } from '../ports.ts';
import type {
  ClientError,
  ClientEvent,
  ClientRequest,
  ConnectionId,
  RequestToken,
} from './core/client-effects.ts';
import { answerOf, errorOf, messageOf } from './wire.ts';

export interface ClientConnectionOptions {
  readonly id: ConnectionId;
  /** `host:port` */
  readonly address: string;
  /** How long it may take to connect, in milliseconds. */
  readonly connectTimeoutMs: number;
  readonly clock: Clock;
  readonly transport: Transport;
  /** Gets `connected`, `answer` and `disconnected`, none of them after {@link ClientConnection.close}. */
  readonly handle: (event: ClientEvent) => void;
}

/** One connection from the client's core to a server. Requests of one turn are written together. */
export class ClientConnection implements ConnectionListener {
  readonly #options: ClientConnectionOptions;
  readonly #connection: Connection;
  readonly #connectTimer: Timer;
  readonly #pipeline = new RequestPipeline<{
    readonly token: RequestToken;
    readonly request: ClientRequest;
  }>();
  /** Errors of requests that cannot be sent, reported at the end of the turn. */
  readonly #refused = new Map<RequestToken, ClientError>();
  #state: 'connecting' | 'up' | 'over' = 'connecting';
  #isFlushing = false;

  constructor(options: ClientConnectionOptions) {
    const { address, connectTimeoutMs, clock, transport } = options;
    this.#options = options;
    this.#connectTimer = clock.after(connectTimeoutMs, () => {
      this.#break(`no connection to ${address} within ${connectTimeoutMs} ms`);
    });
    this.#connection = transport.dial(address, this);
  }

  /** The connection must be up. */
  send(token: RequestToken, request: ClientRequest): void {
    try {
      this.#pipeline.add(messageOf(request), { token, request });
    } catch (error) {
      if (!(error instanceof TableError)) throw error;
      this.#refused.set(token, errorOf(error));
    }
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    this.#options.clock.soon(() => this.#flush());
  }

  /** Requests without an answer may still be executed. */
  close(): void {
    this.#end();
    this.#connection.destroy('the client no longer needs it');
  }

  opened(): void {
    this.#connectTimer.cancel();
    this.#state = 'up';
    this.#options.handle({ type: 'connected', connection: this.#options.id });
  }

  received(bytes: Uint8Array): void {
    try {
      for (const { caller, reply } of this.#pipeline.receive(bytes)) {
        this.#answer(caller.token, answerOf(caller.request, reply));
        if (this.#state === 'over') return;
      }
    } catch (error) {
      if (!(error instanceof TableError)) throw error;
      this.#break(error.message);
    }
  }

  closed(detail: string): void {
    const what = this.#state === 'up' ? 'lost the connection to' : 'cannot reach';
    this.#lose(`${what} ${this.#options.address}: ${detail}`);
  }

  #flush(): void {
    this.#isFlushing = false;
    for (const [token, error] of this.#refused) {
      if (this.#state === 'over') return;
      this.#refused.delete(token);
      this.#answer(token, error);
    }
    if (this.#state === 'up' && this.#pipeline.bufferedBytes > 0)
      this.#connection.write(this.#pipeline.take());
  }

  #answer(token: RequestToken, answer: ReturnType<typeof answerOf>): void {
    this.#options.handle({ type: 'answer', token, answer });
  }

  #break(detail: string): void {
    this.#connection.destroy(detail);
    this.#lose(detail);
  }

  #lose(detail: string): void {
    const unsent = this.#end();
    this.#options.handle({ type: 'disconnected', connection: this.#options.id, detail, unsent });
  }

  /** Returns the requests that were not sent. */
  #end(): RequestToken[] {
    this.#state = 'over';
    this.#connectTimer.cancel();
    const waiting = this.#pipeline.end().filter(({ isSent }) => !isSent);
    return [...waiting.map(({ caller }) => caller.token), ...this.#refused.keys()];
  }
}
