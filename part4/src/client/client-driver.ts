import { assert, must, TableError, unreachable } from '@tablelab/shared';
import type { ChainId } from '../core/membership-record.ts';
import type { View } from '../core/view.ts';
import type { Clock, Timer, Transport } from '../ports.ts';
import { ClientConnection } from './client-connection.ts';
import { ClientCore } from './core/client-core.ts';
import type {
  CallId,
  ClientEffect,
  ClientError,
  ClientEvent,
  ClientOperation,
  ClientResult,
  ConnectionId,
} from './core/client-effects.ts';
import type { ClientLimits } from './core/client-limits.ts';
import type { HeldSession } from './core/client-session.ts';
import type { ClientState } from './core/client-state.ts';

export interface ClientDriverOptions {
  readonly limits: ClientLimits;
  /** The session to go on in. Default: a new one. */
  readonly held?: HeldSession | undefined;
  /** How long it may take to connect to a server, in milliseconds. */
  readonly connectTimeoutMs: number;
  readonly clock: Clock;
  readonly transport: Transport;
}

type Done = (outcome: ClientResult | ClientError) => void;

/** The host of a client's core: it gives the core connections and a clock, and returns the outcomes of calls. */
export class ClientDriver {
  readonly #options: ClientDriverOptions;
  readonly #core: ClientCore;
  readonly #connections = new Map<ConnectionId, ClientConnection>();
  /** The callbacks of calls without an outcome. */
  readonly #done = new Map<CallId, Done>();
  #lastCall = 0;
  #wakeTimer: Timer | undefined;
  #isHandling = false;

  constructor(options: ClientDriverOptions) {
    this.#options = options;
    this.#core = new ClientCore(options.limits, options.held);
  }

  /**
   * `signal`: ends the call with ABORTED; one that is aborted already sends nothing.
   * @throws TableError, whose `mayHaveHappened` says whether the operation may have been executed
   */
  call(operation: ClientOperation, timeoutMs: number, signal?: AbortSignal): Promise<ClientResult> {
    const { promise, resolve, reject } = Promise.withResolvers<ClientResult>();
    if (signal?.aborted) {
      reject(new TableError('ABORTED', 'this call was aborted before it was made'));
      return promise;
    }
    const abort = () => this.abort(call);
    // Heard before the call is begun: a call that is refused at once ends within `begin`.
    signal?.addEventListener('abort', abort);
    const call = this.begin(operation, timeoutMs, (outcome) => {
      signal?.removeEventListener('abort', abort);
      if (outcome.type !== 'error') return resolve(outcome);
      const { code, detail, mayHaveHappened } = outcome;
      reject(new TableError(code, detail, { mayHaveHappened }));
    });
    return promise;
  }

  /** Like {@link call}, without a promise: `done` gets the outcome, and must not call this driver. */
  begin(operation: ClientOperation, timeoutMs: number, done: Done): CallId {
    this.#lastCall += 1;
    const call = this.#lastCall;
    this.#done.set(call, done);
    const now = this.#options.clock.now();
    this.#handle({ type: 'call', call, operation, deadline: now + timeoutMs }, now);
    return call;
  }

  /** Ends a call with ABORTED if it has no outcome yet. */
  abort(call: CallId): void {
    this.#handle({ type: 'abort', call });
  }

  /** The state of the core; read-only. */
  get state(): ClientState {
    return this.#core.state;
  }

  /** See {@link ClientEvent}, `view`. */
  view(view: View, chain?: ChainId): void {
    this.#handle({ type: 'view', view, chain });
  }

  /** See {@link ClientEvent}, `hold`. */
  hold(): void {
    this.#handle({ type: 'hold' });
  }

  /** Fails all calls, also later ones, and closes all connections. */
  close(): void {
    this.#handle({ type: 'close' });
    this.#wakeTimer?.cancel();
  }

  #handle(event: ClientEvent, now = this.#options.clock.now()): void {
    assert(!this.#isHandling, 'the effects of an event are carried out before the next one');
    this.#isHandling = true;
    this.#core.handle(event, now);
    for (const effect of this.#core.takeEffects()) this.#perform(effect);
    this.#isHandling = false;
  }

  #perform(effect: ClientEffect): void {
    switch (effect.type) {
      case 'connect':
        return this.#connect(effect.connection, effect.address);
      case 'disconnect':
        this.#connectionOf(effect.connection).close();
        this.#connections.delete(effect.connection);
        return;
      case 'send':
        return this.#connectionOf(effect.connection).send(effect.token, effect.request);
      case 'complete': {
        const done = must(this.#done.get(effect.call), 'a call has one outcome');
        this.#done.delete(effect.call);
        return done(effect.outcome);
      }
      case 'wake':
        return this.#wakeAt(effect.at);
      default:
        return unreachable(effect);
    }
  }

  #connect(id: ConnectionId, address: string): void {
    const { connectTimeoutMs, clock, transport } = this.#options;
    const handle = (event: ClientEvent) => {
      if (event.type === 'disconnected') this.#connections.delete(id);
      this.#handle(event);
    };
    const connection = new ClientConnection({ id, address, connectTimeoutMs, clock, transport, handle });
    this.#connections.set(id, connection);
  }

  #connectionOf(id: ConnectionId): ClientConnection {
    return must(this.#connections.get(id), 'the core knows the connections that there are');
  }

  #wakeAt(at: number): void {
    const { clock } = this.#options;
    this.#wakeTimer?.cancel();
    this.#wakeTimer = clock.after(Math.max(0, Math.ceil(at - clock.now())), () =>
      this.#handle({ type: 'wake' }),
    );
  }
}
