import { unreachable } from '@tablelab/shared';
import type {
  ClientError,
  ClientOperation,
  ClientRequest,
  ClientResult,
} from '../../src/client/core/client-effects.ts';
import { defaultClientLimits } from '../../src/client/core/client-limits.ts';
import { answerOf, messageOf } from '../../src/client/wire.ts';
import { formatName, parseName } from '../../src/write-name.ts';
import { type ClientParts, SimClient } from '../client.ts';
import { textOf } from '../history-tree.ts';
import { MessageStream } from '../message-stream.ts';
import type { Call } from './action.ts';

/** How long a call may take, in session time-outs. */
const deadlineSessions = 20;

/** Something that gets an outcome; undefined: it has none yet. */
export interface Answer {
  outcome: ClientResult | ClientError | undefined;
}

const noBytes = new Uint8Array(0);
const decoder = new TextDecoder('utf-8', { fatal: true });

/** A client whose calls are all made by hand. */
export class HandClient {
  readonly #parts: ClientParts;
  readonly #name: string;
  readonly #client: SimClient;

  constructor(parts: ClientParts, name: string) {
    const { sessionTimeoutMs } = parts.zooKeeper;
    this.#parts = parts;
    this.#name = name;
    this.#client = new SimClient(parts, {
      name,
      operations: 0,
      window: 0,
      thinkMs: 0,
      pauseMs: 0,
      deadlineMs: deadlineSessions * sessionTimeoutMs,
      keys: [],
      wideReads: 0,
      limits: {
        ...defaultClientLimits,
        attemptTimeoutMs: 2 * sessionTimeoutMs,
        retryDelayMs: { first: 5, last: 100 },
      },
    });
  }

  get isDone(): boolean {
    return this.#client.isDone;
  }

  /** A call as the stub makes it: it follows the chain, and repeats what is not answered. */
  call(call: Call): Answer {
    return this.#client.call(operationOf(call));
  }

  /** One request over a connection of its own, to a server of any place. Of a write: without a client session. */
  ask(call: Call, address: string): Answer {
    const { network, recorder, world } = this.#parts;
    const request = requestOf(call);
    const record = this.#recordOf(call);
    const answer: Answer = { outcome: undefined };
    world.trace(() => `${this.#name} asks ${address} ${call.do} ${'key' in call ? call.key : call.name}`);
    const stream = new MessageStream(network, this.#client.process, address, {
      opened: () => stream.send(messageOf(request)),
      reply: (message) => {
        const outcome = answerOf(request, message);
        answer.outcome = outcome;
        world.trace(() => `${this.#name} is told ${describeOutcome(outcome)}`);
        stream.close();
        if (record === undefined) return;
        if (outcome.type === 'value') {
          recorder.ok(record, outcome.value === undefined ? undefined : textOf(outcome.value));
        } else if (outcome.type === 'written') recorder.ok(record, outcome.isApplied);
        else if (outcome.type === 'error' && !outcome.mayHaveHappened) recorder.didNotHappen(record);
      },
      closed: (detail) => {
        answer.outcome ??= { type: 'error', code: 'UNREACHABLE', detail, mayHaveHappened: true };
      },
    });
    return answer;
  }

  #recordOf(call: Call): number | undefined {
    const { recorder } = this.#parts;
    switch (call.do) {
      case 'put':
        return recorder.invoke(this.#name, {
          kind: 'put',
          key: call.key,
          value: textOf(bytesOf(call.value)),
        });
      case 'get':
      case 'del':
        return recorder.invoke(this.#name, { kind: call.do, key: call.key });
      case 'verify':
        return undefined;
      default:
        return unreachable(call);
    }
  }
}

function requestOf(call: Call): ClientRequest {
  const withoutSession = { client: '', request: 0, firstIncomplete: 0 };
  switch (call.do) {
    case 'put':
      return { op: 'put', key: call.key, data: bytesOf(call.value), ...withoutSession };
    case 'del':
      return { op: 'del', key: call.key, data: noBytes, ...withoutSession };
    case 'get':
      return { op: 'get', key: call.key };
    case 'verify':
      return { op: 'verify', name: parseName(call.name) };
    default:
      return unreachable(call);
  }
}

function operationOf(call: Call): ClientOperation {
  switch (call.do) {
    case 'put':
      return { op: 'put', key: call.key, data: bytesOf(call.value) };
    case 'get':
    case 'del':
      return { op: call.do, key: call.key };
    case 'verify':
      return { op: 'verify', name: parseName(call.name) };
    default:
      return unreachable(call);
  }
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A value as the text that it was put as; in hexadecimal digits if it was none. */
export function valueText(value: Uint8Array): string {
  try {
    const text = decoder.decode(value);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a value with such characters is no text
    return /[\x00-\x1f]/.test(text) ? textOf(value) : text;
  } catch {
    return textOf(value);
  }
}

/** An outcome on one line. */
export function describeOutcome(outcome: ClientResult | ClientError): string {
  switch (outcome.type) {
    case 'written':
      return `COMMITTED as ${formatName(outcome.name)}${outcome.isApplied === false ? ', without effect' : ''}`;
    case 'value':
      return outcome.value === undefined ? 'no such key' : `value ${valueText(outcome.value)}`;
    case 'verified':
      return outcome.executed ? 'executed' : 'pending';
    case 'error':
      return `${outcome.code}: ${outcome.detail}`;
    default:
      return outcome.type;
  }
}
