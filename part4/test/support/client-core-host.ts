import { assert, type ErrorCode, must, type Random, seededRandom } from '@tablelab/shared';
import type {
  CallId,
  ClientEffect,
  ClientError,
  ClientEvent,
  ClientOperation,
  ClientRequest,
  ClientResult,
  ConnectionId,
  RequestToken,
} from '../../src/client/core/client-effects.ts';

/** One request that was sent for a call. A `lost` one may have been executed, and a `pending` one may still be. */
interface Sent {
  readonly token: RequestToken;
  readonly request: ClientRequest;
  fate: 'pending' | 'done' | 'refused' | 'lost' | 'unsent';
}

interface Opened {
  isUp: boolean;
  /** Requests without an answer, in order. */
  readonly sent: Sent[];
}

/** A call, and the expectations for its outcome. */
export interface Made {
  readonly id: CallId;
  readonly operation: ClientOperation;
  readonly deadline: number;
  readonly sent: Sent[];
  outcomes: (ClientResult | ClientError)[];
  completedAt: number;
  /** When the host sent `abort`; undefined: never. */
  abortedAt: number | undefined;
  /** What `sent` had come to by then. */
  fates: Sent['fate'][];
}

/** Possible answers of servers: temporary codes, LOST, and permanent codes. */
const errors: readonly ErrorCode[] = [
  ...(['NOT_HEAD', 'NOT_TAIL', 'NOT_READY', 'BUSY', 'SHUTTING_DOWN', 'UNCERTAIN'] as const),
  ...(['LOST', 'BAD_REQUEST', 'TOO_LARGE', 'FULL', 'INTERNAL'] as const),
];

const addresses = ['s1', 's2', 's3'];

/** The longest pause between two events, and the longest deadline, in milliseconds. */
const pauseMsMax = 40;
const deadlineMsMax = 2_000;

/**
 * A host of a client's core that randomly does what a host may do (client-core.ts): calls, views, connections and their
 * ends, answers in the order of the requests. It knows whether each request may have been executed.
 */
export class ClientCoreHost {
  readonly random: Random;
  now = 0;
  readonly calls: Made[] = [];
  readonly #connections = new Map<ConnectionId, Opened>();
  #wakeAt: number | undefined;
  #version = 0;
  #opens = 0;
  /** Sessions that the chain has reported as unknown. */
  readonly #lostSessions = new Set<string>();

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  /** The next event, at a later time. */
  next(): ClientEvent {
    const pauseMs = this.random.int(3) === 0 ? this.random.int(pauseMsMax) : 0;
    this.now = Math.min(this.now + pauseMs, this.#wakeAt ?? Number.POSITIVE_INFINITY);
    if (this.now === this.#wakeAt) return this.#wake();
    const chance = this.random.int(100);
    if (chance < 30) return this.#call();
    if (chance < 34) return this.#view();
    if (chance < 38) return this.#disconnected() ?? this.#call();
    if (chance < 90) return this.#answer() ?? this.#connected() ?? this.#view();
    return (chance < 95 ? this.#connected() : this.#abort()) ?? this.#call();
  }

  /** The next event if only time passes; undefined: the core waits for nothing. */
  nextWake(): ClientEvent | undefined {
    if (this.#wakeAt === undefined) return undefined;
    this.now = this.#wakeAt;
    return this.#wake();
  }

  perform(effect: ClientEffect): void {
    switch (effect.type) {
      case 'connect':
        this.#connections.set(effect.connection, { isUp: false, sent: [] });
        return;
      case 'disconnect':
        for (const sent of this.#connections.get(effect.connection)?.sent ?? []) sent.fate = 'lost';
        this.#connections.delete(effect.connection);
        return;
      case 'send': {
        const connection = must(this.#connections.get(effect.connection), 'requests go over connections');
        const sent: Sent = { token: effect.token, request: effect.request, fate: 'pending' };
        const session = sessionOf(effect.request);
        assert(!this.#lostSessions.has(session), () => `nothing is sent in ${session}, which is lost`);
        connection.sent.push(sent);
        this.#callOf(effect.request)?.sent.push(sent);
        return;
      }
      case 'complete': {
        const made = must(this.calls[effect.call], 'there is such a call');
        made.outcomes.push(effect.outcome);
        made.completedAt = this.now;
        made.fates = made.sent.map(({ fate }) => fate);
        return;
      }
      default:
        this.#wakeAt = effect.at;
    }
  }

  /** Undefined for requests without a key. */
  #callOf(request: ClientRequest): Made | undefined {
    return 'key' in request && request.op !== 'open' ? this.calls[Number(request.key)] : undefined;
  }

  #wake(): ClientEvent {
    this.#wakeAt = undefined;
    return { type: 'wake' };
  }

  #call(): ClientEvent {
    const id = this.calls.length;
    const deadline = this.now + this.random.int(deadlineMsMax);
    const operation = this.#operation(id);
    this.calls.push({
      id,
      operation,
      deadline,
      sent: [],
      outcomes: [],
      completedAt: -1,
      abortedAt: undefined,
      fates: [],
    });
    return { type: 'call', call: id, operation, deadline };
  }

  /** Mostly of a call without an outcome. */
  #abort(): ClientEvent | undefined {
    if (this.calls.length === 0) return undefined;
    const made = this.random.pick(this.calls.slice(-8));
    if (made.outcomes.length === 0) made.abortedAt = this.now;
    return { type: 'abort', call: made.id };
  }

  /** The key is the number of the call. */
  #operation(id: CallId): ClientOperation {
    const key = String(id);
    const chance = this.random.int(10);
    if (chance < 5) return { op: 'put', key, data: Uint8Array.of(id & 0xff) };
    if (chance < 6) return { op: 'del', key };
    return chance < 8 ? { op: 'get', key } : { op: 'size' };
  }

  #view(): ClientEvent {
    this.#version += 1;
    const servers = addresses
      .filter(() => this.random.int(3) > 0)
      .map((address, id) => ({ id, address, session: '' }));
    return { type: 'view', view: { version: this.#version, servers } };
  }

  #connected(): ClientEvent | undefined {
    for (const [id, connection] of this.#connections) {
      if (connection.isUp) continue;
      connection.isUp = true;
      return { type: 'connected', connection: id };
    }
    return undefined;
  }

  /** The last requests may never have left this machine. */
  #disconnected(): ClientEvent | undefined {
    const ids = [...this.#connections.keys()];
    if (ids.length === 0) return undefined;
    const id = this.random.pick(ids);
    const { sent } = must(this.#connections.get(id), 'it has just been there');
    const leftUnsent = sent.slice(sent.length - this.random.int(sent.length + 1));
    for (const one of sent) one.fate = leftUnsent.includes(one) ? 'unsent' : 'lost';
    this.#connections.delete(id);
    const unsent = leftUnsent.map(({ token }) => token);
    return { type: 'disconnected', connection: id, detail: 'lost', unsent };
  }

  #answer(): ClientEvent | undefined {
    const owing = [...this.#connections.values()].filter(({ sent }) => sent.length > 0);
    if (owing.length === 0) return undefined;
    const sent = must(this.random.pick(owing).sent.shift(), 'it owes an answer');
    const session = sessionOf(sent.request);
    if (this.#lostSessions.has(session)) return this.#refuse(sent, 'LOST');
    if (this.random.int(4) > 0) {
      sent.fate = 'done';
      return { type: 'answer', token: sent.token, answer: this.#result(sent.request) };
    }
    const code = this.random.pick(errors);
    if (code === 'LOST' && session !== '') this.#lostSessions.add(session);
    return this.#refuse(sent, code);
  }

  #refuse(sent: Sent, code: ErrorCode): ClientEvent {
    const mayHaveHappened = code === 'UNCERTAIN' || code === 'INTERNAL';
    sent.fate = mayHaveHappened ? 'lost' : 'refused';
    const answer: ClientError = { type: 'error', code, detail: `said ${code}`, mayHaveHappened };
    return { type: 'answer', token: sent.token, answer };
  }

  #result({ op }: ClientRequest): ClientResult {
    if (op === 'get') return { type: 'value', value: undefined };
    if (op === 'size') return { type: 'size', size: 0 };
    const name = { epoch: 0, number: 0 };
    if (op !== 'open') return { type: 'written', name, client: '', isApplied: undefined };
    this.#opens += 1;
    return { type: 'written', name, client: `S${this.#opens}`, isApplied: undefined };
  }
}

/** Empty for requests without a session. */
function sessionOf(request: ClientRequest): string {
  return 'client' in request ? request.client : '';
}
