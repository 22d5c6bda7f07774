import type { ErrorCode } from '@tablelab/shared';
import { checkClientState } from '../../src/client/core/check-client-state.ts';
import { ClientCore } from '../../src/client/core/client-core.ts';
import type {
  ClientEffect,
  ClientEvent,
  ClientOperation,
  ClientRequest,
  ClientResult,
} from '../../src/client/core/client-effects.ts';
import { type ClientLimits, defaultClientLimits } from '../../src/client/core/client-limits.ts';

function requestText(request: ClientRequest): string {
  switch (request.op) {
    case 'open':
      return 'open';
    case 'put':
    case 'del':
      return `${request.op} ${request.key} as ${request.client}#${request.request} first ${request.firstIncomplete}`;
    case 'get':
      return `get ${request.key}`;
    case 'verify':
      return `verify ${request.name.epoch}:${request.name.number}`;
    default:
      return request.op;
  }
}

function line(effect: ClientEffect): string {
  switch (effect.type) {
    case 'connect':
      return `connect ${effect.connection} to ${effect.address}`;
    case 'disconnect':
      return `disconnect ${effect.connection}`;
    case 'send':
      return `send ${effect.token} over ${effect.connection}: ${requestText(effect.request)}`;
    case 'wake':
      return `wake at ${effect.at}`;
    default: {
      const { call, outcome } = effect;
      if (outcome.type !== 'error') return `call ${call}: ${outcome.type}`;
      return `call ${call}: ${outcome.code}${outcome.mayHaveHappened ? ' (may have happened)' : ''}`;
    }
  }
}

/**
 * A client under test. Wakes are not among the lines: {@link Client.wakeAt} has the last one. Connections are numbered from 1
 * in the order in which they are opened, whatever numbers the core gives them.
 */
export class Client {
  readonly core: ClientCore;
  now = 0;
  wakeAt = Number.POSITIVE_INFINITY;
  /** The error texts of calls that failed. */
  readonly details = new Map<number, string>();
  /** The core's numbers of its connections. */
  readonly #connections: number[] = [];
  #version = 0;

  constructor(limits: Partial<ClientLimits> = {}) {
    this.core = new ClientCore({ ...defaultClientLimits, ...limits });
  }

  step(event: ClientEvent): string[] {
    this.core.handle(
      'connection' in event ? { ...event, connection: this.#ownNumber(event) } : event,
      this.now,
    );
    checkClientState(this.core.state);
    const lines: string[] = [];
    for (const effect of this.core.takeEffects()) {
      if (effect.type === 'wake') this.wakeAt = effect.at;
      else lines.push(line(this.#shown(effect)));
      if (effect.type === 'complete' && effect.outcome.type === 'error') {
        this.details.set(effect.call, effect.outcome.detail);
      }
    }
    return lines;
  }

  #ownNumber({ connection }: { readonly connection: number }): number {
    return this.#connections[connection - 1] ?? connection;
  }

  #shown(effect: ClientEffect): ClientEffect {
    if (effect.type === 'connect') this.#connections.push(effect.connection);
    if (!('connection' in effect)) return effect;
    return { ...effect, connection: this.#connections.indexOf(effect.connection) + 1 };
  }

  /** The servers of the chain, head first. */
  view(...addresses: string[]): string[] {
    this.#version += 1;
    const servers = addresses.map((address, id) => ({ id, address, session: '' }));
    return this.step({ type: 'view', view: { version: this.#version, servers } });
  }

  /** The same servers, with their chain. */
  viewOf(chain: string, ...addresses: string[]): string[] {
    this.#version += 1;
    const servers = addresses.map((address, id) => ({ id, address, session: '' }));
    return this.step({ type: 'view', view: { version: this.#version, servers }, chain });
  }

  call(call: number, operation: ClientOperation, timeoutMs = 15_000): string[] {
    return this.step({ type: 'call', call, operation, deadline: this.now + timeoutMs });
  }

  put(call: number, key: string, timeoutMs?: number): string[] {
    return this.call(call, { op: 'put', key, data: Uint8Array.of(1) }, timeoutMs);
  }

  connected(connection: number): string[] {
    return this.step({ type: 'connected', connection });
  }

  disconnected(connection: number, unsent: number[] = []): string[] {
    return this.step({ type: 'disconnected', connection, detail: 'lost', unsent });
  }

  answer(token: number, answer: ClientResult): string[] {
    return this.step({ type: 'answer', token, answer });
  }

  written(token: number, client = ''): string[] {
    return this.answer(token, {
      type: 'written',
      name: { epoch: 0, number: token },
      client,
      isApplied: undefined,
    });
  }

  refused(
    token: number,
    code: string,
    mayHaveHappened = code === 'UNCERTAIN' || code === 'INTERNAL',
  ): string[] {
    const detail = `said ${code}`;
    return this.step({
      type: 'answer',
      token,
      answer: { type: 'error', code: code as ErrorCode, detail, mayHaveHappened },
    });
  }

  /** Advances the time to the core's wake-up, or to `at`. */
  wake(at = this.wakeAt): string[] {
    this.now = at;
    return this.step({ type: 'wake' });
  }
}

/** A client of a chain h, t that has the session S1, is connected to the head (1), and has sent two tokens. */
export function writer(limits: Partial<ClientLimits> = {}): Client {
  const client = new Client(limits);
  client.view('h', 't');
  client.put(0, 'first');
  client.connected(1);
  client.written(1, 'S1');
  client.written(2);
  return client;
}
