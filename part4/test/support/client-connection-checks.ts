import { isDeepStrictEqual } from 'node:util';
import { ContentType, decodeMessage, encodeMessage, FrameDecoder, Opcode } from '@tablelab/part2';
import { assert, must } from '@tablelab/shared';
import type { ClientConnection } from '../../src/client/client-connection.ts';
import type { ClientEvent, RequestToken } from '../../src/client/core/client-effects.ts';
import type { Clock, ConnectionListener, Transport } from '../../src/ports.ts';

/** The class under test: a connection of the client, or one that was broken on purpose. */
export type ClientConnectionClass = typeof ClientConnection;

const connectTimeoutMs = 500;

/** Checks of a connection of the client. Each check throws if it fails. */
export const clientConnectionChecks = {
  'requests of one turn are written together, and answered in their order': (Class) => {
    const test = new Bench(Class).up();
    test.send(1, 'a');
    test.send(2, 'b');
    equal(test.written, [], 'nothing is written before the turn is over');
    test.endTurn();
    equal(test.written, [['a', 'b']], 'one write');
    test.reply(1, 2);
    equal(test.events, ['answer 1: value 1', 'answer 2: value 2'], 'the answers');
  },
  'requests that have not left when the connection ends are unsent, and no others': (Class) => {
    const test = new Bench(Class).up();
    for (const token of [1, 2]) test.send(token, 'sent');
    test.endTurn();
    for (const token of [3, 4]) test.send(token, 'not sent');
    test.reply(1);
    test.listener.closed('reset');
    equal(
      test.events,
      ['answer 1: value 1', 'disconnected: lost the connection to s:1: reset; unsent 3, 4'],
      'told',
    );
    test.endTurn();
    equal(test.written.length, 1, 'nothing is written to a connection that is over');
  },
  'a connection that does not come up in time is given up': (Class) => {
    const test = new Bench(Class);
    test.pass(connectTimeoutMs - 1);
    equal([test.events, test.isDestroyed], [[], false], 'it has until then');
    test.pass(1);
    equal(
      [test.events, test.isDestroyed],
      [['disconnected: no connection to s:1 within 500 ms; unsent '], true],
      'given up',
    );
  },
  'a connection that cannot be made is reported with the reason': (Class) => {
    const test = new Bench(Class);
    test.listener.closed('ECONNREFUSED');
    test.pass(2 * connectTimeoutMs);
    equal(test.events, ['disconnected: cannot reach s:1: ECONNREFUSED; unsent '], 'once');
  },
  'a request that is too long is refused alone, at the end of its turn': (Class) => {
    const test = new Bench(Class).up();
    test.send(1, 'a');
    test.send(2, 'x'.repeat(17 << 20));
    equal(test.events, [], 'not from within');
    test.endTurn();
    equal([test.events, test.written], [['answer 2: TOO_LARGE'], [['a']]], 'the other one is sent');
    test.send(3, 'x'.repeat(17 << 20));
    test.listener.closed('reset');
    test.endTurn();
    equal(
      test.events.slice(1),
      ['disconnected: lost the connection to s:1: reset; unsent 3'],
      'it never left',
    );
  },
  'bytes that are no reply end the connection, after the answers before them': (Class) => {
    const test = new Bench(Class).up();
    for (const token of [1, 2]) test.send(token, 'a');
    test.endTurn();
    test.listener.received(Buffer.concat([valueReply(1), Uint8Array.of(2, 0xff, 0xff)]));
    const [answer, end] = test.events;
    equal([answer, test.isDestroyed, test.events.length], ['answer 1: value 1', true, 2], 'destroyed');
    assert(
      /^disconnected: the server broke the protocol.*; unsent $/.test(end ?? ''),
      () => `the reason: ${end}`,
    );
  },
  'nothing is reported after close()': (Class) => {
    const test = new Bench(Class).up();
    test.send(1, 'x'.repeat(17 << 20));
    test.connection.close();
    equal([test.events, test.isDestroyed], [[], true], 'closed');
    test.endTurn();
    test.pass(2 * connectTimeoutMs);
    equal([test.events, test.written], [[], []], 'nothing comes of what was to be sent');
    const early = new Bench(Class);
    early.connection.close();
    early.pass(2 * connectTimeoutMs);
    equal(early.events, [], 'nor of an attempt to connect');
  },
  'an answer by which the connection is closed is the last one': (Class) => {
    const test = new Bench(Class).up();
    for (const token of [1, 2]) test.send(token, 'a');
    test.endTurn();
    test.onAnswer = () => test.connection.close();
    test.reply(1, 2);
    equal(test.events, ['answer 1: value 1'], 'the second reply does not count');
  },
} satisfies Record<string, (Class: ClientConnectionClass) => void>;

/** A connection, and its ports, which a check controls. */
class Bench {
  readonly connection: ClientConnection;
  readonly events: string[] = [];
  /** The keys in each write. */
  readonly written: string[][] = [];
  isDestroyed = false;
  onAnswer: () => void = () => undefined;
  #listener: ConnectionListener | undefined;
  #now = 0;
  #timers: { readonly at: number; readonly run: () => void }[] = [];
  #soon: (() => void)[] = [];

  constructor(Class: ClientConnectionClass) {
    const clock: Clock = {
      now: () => this.#now,
      after: (delayMs, run) => {
        const timer = { at: this.#now + delayMs, run };
        this.#timers.push(timer);
        return { cancel: () => this.#timers.splice(this.#timers.indexOf(timer), 1) };
      },
      soon: (run) => this.#soon.push(run),
    };
    const transport: Transport = {
      dial: (_, listener) => {
        this.#listener = listener;
        return {
          write: (bytes) => this.written.push(keysIn(bytes)),
          end: () => undefined,
          destroy: () => {
            this.isDestroyed = true;
          },
        };
      },
    };
    const handle = (event: ClientEvent) => this.#handle(event);
    this.connection = new Class({ id: 1, address: 's:1', connectTimeoutMs, clock, transport, handle });
  }

  get listener(): ConnectionListener {
    return must(this.#listener, 'it has been dialled');
  }

  up(): this {
    this.listener.opened();
    equal(this.events.splice(0), ['connected'], 'it is up');
    return this;
  }

  send(token: RequestToken, key: string): void {
    this.connection.send(token, { op: 'get', key });
  }

  /** Each value is that of the next request in order. */
  reply(...values: number[]): void {
    this.listener.received(Buffer.concat(values.map(valueReply)));
  }

  endTurn(): void {
    for (const run of this.#soon.splice(0)) run();
  }

  pass(durationMs: number): void {
    this.#now += durationMs;
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    for (const { run } of due) run();
  }

  #handle(event: ClientEvent): void {
    if (event.type === 'answer') {
      const { answer, token } = event;
      const value = answer.type === 'value' ? `value ${answer.value?.[0]}` : answer.type;
      this.events.push(`answer ${token}: ${answer.type === 'error' ? answer.code : value}`);
      this.onAnswer();
    } else if (event.type === 'disconnected') {
      this.events.push(`disconnected: ${event.detail}; unsent ${event.unsent.join(', ')}`);
    } else {
      this.events.push(event.type);
    }
  }
}

function valueReply(value: number): Uint8Array {
  return encodeMessage({
    opcode: Opcode.OP_GET + 1,
    c_type: ContentType.CT_VALUE,
    data: Uint8Array.of(value),
    found: true,
  });
}

function keysIn(bytes: Uint8Array): string[] {
  return [...new FrameDecoder().push(bytes)].map((frame) => decodeMessage(frame).key);
}

function equal(actual: unknown, expected: unknown, what: string): void {
  const text = () => `${what}: ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`;
  assert(isDeepStrictEqual(actual, expected), text);
}
