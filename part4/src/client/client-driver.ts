import { must, TableError, unreachable } from '@tablelab/shared';
import type { View } from '../core/view.ts';
import { Connections } from './connections.ts';
import { ClientCore } from './core/client-core.ts';
import type {
  CallId,
  ClientEffect,
  ClientError,
  ClientEvent,
  ClientOperation,
  ClientResult,
} from './core/client-effects.ts';
import type { ClientLimits } from './core/client-limits.ts';

export interface ClientDriverOptions {
  readonly limits: ClientLimits;
  readonly connectTimeoutMs: number;
}

interface Caller {
  readonly resolve: (result: ClientResult) => void;
  readonly reject: (error: TableError) => void;
}

/** Runs a client's core over real connections and by a real clock. */
export class ClientDriver {
  readonly #core: ClientCore;
  readonly #connections: Connections;
  readonly #callers = new Map<CallId, Caller>();
  #lastCall = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ limits, connectTimeoutMs }: ClientDriverOptions) {
    this.#core = new ClientCore(limits);
    this.#connections = new Connections({ connectTimeoutMs, handle: (event) => this.#handle(event) });
  }

  /** @throws TableError, whose `mayHaveHappened` says whether the operation may have been executed */
  call(operation: ClientOperation, timeoutMs: number): Promise<ClientResult> {
    this.#lastCall += 1;
    const call = this.#lastCall;
    const { promise, resolve, reject } = Promise.withResolvers<ClientResult>();
    this.#callers.set(call, { resolve, reject });
    this.#handle({ type: 'call', call, operation, deadline: performance.now() + timeoutMs });
    return promise;
  }

  view(view: View): void {
    this.#handle({ type: 'view', view });
  }

  /** Fails all calls, and resolves once every connection is closed. */
  async close(): Promise<void> {
    this.#handle({ type: 'close' });
    clearTimeout(this.#timer);
    await this.#connections.closed();
  }

  /** What is carried out here brings its events later, so one is over before the next begins. */
  #handle(event: ClientEvent): void {
    this.#core.handle(event, performance.now());
    for (const effect of this.#core.takeEffects()) this.#perform(effect);
  }

  #perform(effect: ClientEffect): void {
    switch (effect.type) {
      case 'connect':
        return this.#connections.connect(effect.connection, effect.address);
      case 'disconnect':
        return this.#connections.disconnect(effect.connection);
      case 'send':
        return this.#connections.send(effect.connection, effect.token, effect.request);
      case 'complete':
        return this.#complete(effect.call, effect.outcome);
      case 'wake':
        clearTimeout(this.#timer);
        this.#timer = setTimeout(
          () => this.#handle({ type: 'wake' }),
          Math.max(0, Math.ceil(effect.at - performance.now())),
        );
        return;
      default:
        return unreachable(effect);
    }
  }

  #complete(call: CallId, outcome: ClientResult | ClientError): void {
    const { resolve, reject } = must(this.#callers.get(call), 'a call completes once');
    this.#callers.delete(call);
    if (outcome.type !== 'error') return resolve(outcome);
    reject(new TableError(outcome.code, outcome.detail, { mayHaveHappened: outcome.mayHaveHappened }));
  }
}
