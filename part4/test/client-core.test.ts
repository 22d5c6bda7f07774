import type { ErrorCode } from '@tablelab/shared';
import t from 'tap';
import { checkClientState } from '../src/client/core/check-client-state.ts';
import { ClientCore } from '../src/client/core/client-core.ts';
import type {
  ClientEffect,
  ClientEvent,
  ClientOperation,
  ClientRequest,
  ClientResult,
} from '../src/client/core/client-effects.ts';
import { type ClientLimits, defaultClientLimits } from '../src/client/core/client-limits.ts';
import { hasFreeNumber, newSession, releaseNumber, takeNumber } from '../src/client/core/client-session.ts';
import { clientCoreChecks } from './support/client-core-checks.ts';
import { clientCoreWork } from './support/client-core-work.ts';

for (const [name, check] of Object.entries({ ...clientCoreChecks, ...clientCoreWork })) {
  t.test(`among random events, or many: ${name}`, async (t) => {
    t.doesNotThrow(() => check(ClientCore));
  });
}

/** Golden scripts of the client's core: events at times, and the effects that follow, one line each. */

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

/** A client under test. Wakes are not among the lines: {@link Client.wakeAt} has the last one. */
class Client {
  readonly core: ClientCore;
  now = 0;
  wakeAt = Number.POSITIVE_INFINITY;
  /** The error texts of calls that failed. */
  readonly details = new Map<number, string>();
  #version = 0;

  constructor(limits: Partial<ClientLimits> = {}) {
    this.core = new ClientCore({ ...defaultClientLimits, ...limits });
  }

  step(event: ClientEvent): string[] {
    this.core.handle(event, this.now);
    checkClientState(this.core.state);
    const lines: string[] = [];
    for (const effect of this.core.takeEffects()) {
      if (effect.type === 'wake') this.wakeAt = effect.at;
      else lines.push(line(effect));
      if (effect.type === 'complete' && effect.outcome.type === 'error') {
        this.details.set(effect.call, effect.outcome.detail);
      }
    }
    return lines;
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
    return this.answer(token, { type: 'written', name: { epoch: 0, number: token }, client });
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
function writer(limits: Partial<ClientLimits> = {}): Client {
  const client = new Client(limits);
  client.view('h', 't');
  client.put(0, 'first');
  client.connected(1);
  client.written(1, 'S1');
  client.written(2);
  return client;
}

t.test('the first write opens a session, and later ones share it', async (t) => {
  const client = new Client();
  t.same(client.view('h', 't'), [], 'no connection is made before there is a call');
  t.same(client.put(1, 'a'), ['connect 1 to h']);
  t.same(client.put(2, 'b'), []);
  t.same(client.connected(1), ['send 1 over 1: open'], 'one for both');
  t.same(client.call(3, { op: 'del', key: 'c' }), []);
  t.same(client.written(1, 'S1'), [
    'send 2 over 1: put a as S1#1 first 1',
    'send 3 over 1: put b as S1#2 first 1',
    'send 4 over 1: del c as S1#3 first 1',
  ]);
  t.same(client.written(2), ['call 1: written']);
  t.same(client.written(3), ['call 2: written']);
  t.same(
    client.put(4, 'd'),
    ['send 5 over 1: put d as S1#4 first 3'],
    'what has its result may be forgotten',
  );
});

t.test('writes go to the head, reads to the tail; a chain of one has one connection for both', async (t) => {
  const client = new Client();
  client.view('h', 'm', 't');
  t.same(client.call(1, { op: 'get', key: 'a' }), ['connect 1 to t']);
  t.same(client.connected(1), ['send 1 over 1: get a'], 'a read needs no session');
  t.same(client.answer(1, { type: 'value', value: undefined }), ['call 1: value']);
  t.same(client.call(2, { op: 'size' }), ['send 2 over 1: size']);
  t.same(client.call(3, { op: 'keys' }), ['send 3 over 1: keys']);
  t.same(client.call(4, { op: 'verify', name: { epoch: 7, number: 8 } }), ['send 4 over 1: verify 7:8']);
  t.same(client.put(5, 'a'), ['connect 2 to h']);

  const alone = new Client();
  alone.view('only');
  t.same(alone.put(1, 'a'), ['connect 1 to only']);
  t.same(alone.call(2, { op: 'size' }), []);
  t.same(alone.connected(1), ['send 1 over 1: open', 'send 2 over 1: size']);
});

for (const code of ['NOT_HEAD', 'NOT_READY', 'BUSY', 'SHUTTING_DOWN', 'UNCERTAIN']) {
  t.test(
    `a write that is answered ${code} is repeated under its number (part4/README.md#client-refused)`,
    async (t) => {
      const client = writer();
      t.same(client.put(1, 'a'), ['send 3 over 1: put a as S1#2 first 2']);
      t.same(client.refused(3, code), []);
      t.equal(client.wakeAt, 5);
      t.same(client.wake(), ['send 4 over 1: put a as S1#2 first 2']);
      t.same(client.written(4), ['call 1: written']);
    },
  );
}

for (const code of ['NOT_TAIL', 'NOT_READY', 'BUSY', 'SHUTTING_DOWN']) {
  t.test(`a read that is answered ${code} is repeated`, async (t) => {
    const client = new Client();
    client.view('h', 't');
    client.call(1, { op: 'get', key: 'a' });
    client.connected(1);
    t.same(client.refused(1, code), []);
    t.same(client.wake(), ['send 2 over 1: get a']);
    t.same(client.answer(2, { type: 'value', value: undefined }), ['call 1: value']);
  });
}

for (const [code, doubt] of [
  ['BAD_REQUEST', false],
  ['TOO_LARGE', false],
  ['FULL', false],
  ['INTERNAL', true],
] as const) {
  t.test(
    `${code} will not change with time: the call fails with it, and is not repeated (part4/README.md#client-refused)`,
    async (t) => {
      const client = writer();
      client.put(1, 'a');
      t.same(client.refused(3, code), [`call 1: ${code}${doubt ? ' (may have happened)' : ''}`]);
      t.equal(client.details.get(1), `said ${code}`);
      client.call(2, { op: 'get', key: 'a' });
      client.connected(2);
      t.same(client.refused(4, code), [`call 2: ${code}`], 'a read is never in doubt: it changes nothing');
      t.same(client.put(3, 'b'), ['send 5 over 1: put b as S1#3 first 3'], 'a number is never used again');
    },
  );
}

t.test('verify of a write whose place another write has taken: LOST is its answer', async (t) => {
  const client = new Client();
  client.view('t');
  client.call(1, { op: 'verify', name: { epoch: 0, number: 0 } });
  client.connected(1);
  t.same(client.refused(1, 'LOST'), ['call 1: LOST']);
});

t.test('pauses double from 5 to 200 ms, an answer resets them, a new view ends them', async (t) => {
  const client = writer();
  client.put(1, 'a');
  const waits: number[] = [];
  for (let token = 3; token < 10; token += 1) {
    client.refused(token, 'NOT_READY');
    waits.push(client.wakeAt - client.now);
    client.wake();
  }
  t.same(waits, [5, 10, 20, 40, 80, 160, 200]);
  client.refused(10, 'NOT_READY');
  t.same(client.view('h', 't'), ['send 11 over 1: put a as S1#2 first 2'], 'a new view ends the pause');
  client.refused(11, 'NOT_READY');
  t.equal(client.wakeAt - client.now, 5);
  client.wake();
  client.refused(12, 'NOT_READY');
  t.equal(client.wakeAt - client.now, 10);
  client.wake();
  client.written(13);
  client.put(2, 'b');
  client.refused(14, 'NOT_READY');
  t.equal(client.wakeAt - client.now, 5);
});

t.test(
  'requests that are refused together pause once, and are repeated in the order of their numbers',
  async (t) => {
    const client = writer();
    for (const call of [1, 2, 3]) client.put(call, `k${call}`);
    for (const token of [5, 3, 4]) t.same(client.refused(token, 'NOT_READY'), []);
    t.same(client.put(4, 'k4'), [], 'a new one waits with them');
    t.equal(client.wakeAt, 5);
    t.same(client.wake(), ['send 6 over 1: put k1 as S1#2 first 2']);
    t.same(client.written(6), [
      'call 1: written',
      'send 7 over 1: put k2 as S1#3 first 3',
      'send 8 over 1: put k3 as S1#4 first 3',
      'send 9 over 1: put k4 as S1#5 first 3',
    ]);
  },
);

t.test('after a lost connection everything without an answer is sent again, in order', async (t) => {
  const client = writer();
  for (const call of [1, 2, 3]) client.put(call, `k${call}`);
  client.written(3);
  t.same(client.disconnected(1), []);
  t.same(client.wake(), ['connect 2 to h']);
  t.same(client.put(4, 'k4'), []);
  t.same(client.connected(2), ['send 6 over 2: put k2 as S1#3 first 3']);
  t.same(client.written(4), [], 'an answer over the old connection does not count');
  t.same(client.written(6), [
    'call 2: written',
    'send 7 over 2: put k3 as S1#4 first 4',
    'send 8 over 2: put k4 as S1#5 first 4',
  ]);
});

t.test('an unreachable server is tried repeatedly, with growing pauses', async (t) => {
  const client = new Client();
  client.view('h', 't');
  t.same(client.call(1, { op: 'size' }, 100), ['connect 1 to t']);
  for (const [connection, at] of [
    [1, 5],
    [2, 15],
    [3, 35],
  ] as const) {
    t.same(client.disconnected(connection), []);
    t.equal(client.wakeAt, at);
    t.same(client.wake(), [`connect ${connection + 1} to t`]);
  }
  t.same(client.wake(100), ['call 1: TIMEOUT']);
  t.equal(client.details.get(1), 'no answer within 100 ms: lost');
});

t.test(
  'a server that owes an answer for too long loses its connection; one that answers does not',
  async (t) => {
    const client = writer({ attemptTimeoutMs: 1_000 });
    for (const call of [1, 2, 3]) client.put(call, `k${call}`);
    client.now = 900;
    t.same(client.written(3), ['call 1: written']);
    t.same(client.wake(1_000), [], 'it has answered 100 ms ago');
    t.equal(client.wakeAt, 1_900);
    t.same(client.wake(), ['disconnect 1']);
    t.same(client.wake(), ['connect 2 to h']);
    t.same(client.connected(2), ['send 6 over 2: put k2 as S1#3 first 3']);
    t.same(client.written(6), ['call 2: written', 'send 7 over 2: put k3 as S1#4 first 4']);
    t.same(client.written(7), ['call 3: written']);
    t.same(client.wake(20_000), [], 'a server that owes no answer may be silent');
  },
);

t.test('when the view has another head, unanswered requests are sent to it at once', async (t) => {
  const client = writer();
  client.put(1, 'a');
  client.call(2, { op: 'get', key: 'a' });
  client.connected(2);
  t.same(client.view('m', 't'), ['disconnect 1', 'connect 3 to m'], 'and the tail is left alone');
  t.same(client.connected(3), ['send 5 over 3: put a as S1#2 first 2']);
  t.same(client.written(5), ['call 1: written']);
  t.same(client.answer(4, { type: 'value', value: undefined }), ['call 2: value']);
});

t.test(
  'LOST: a write that cannot have happened continues in a new session (part4/README.md#client-lost)',
  async (t) => {
    const client = writer();
    for (const call of [1, 2]) client.put(call, `k${call}`);
    client.refused(3, 'NOT_READY');
    t.same(client.refused(4, 'LOST'), []);
    t.same(client.wake(), ['send 5 over 1: open']);
    t.same(client.written(5, 'S2'), [
      'send 6 over 1: put k1 as S2#1 first 1',
      'send 7 over 1: put k2 as S2#2 first 1',
    ]);
    t.same(client.written(6), ['call 1: written']);
    t.same(client.written(7), ['call 2: written']);
  },
);

t.test('LOST: only a write that may have happened fails (part4/README.md#client-lost)', async (t) => {
  const client = writer();
  client.put(1, 'a');
  client.disconnected(1);
  client.wake();
  client.put(2, 'b');
  t.same(client.connected(2), ['send 4 over 2: put a as S1#2 first 2']);
  t.same(client.refused(4, 'LOST'), ['call 1: LOST (may have happened)']);
  t.match(client.details.get(1), /forgotten this client’s session/);
  t.same(client.wake(), ['send 5 over 2: open']);
  t.same(client.written(5, 'S2'), ['send 6 over 2: put b as S2#1 first 1']);
});

t.test('LOST: a queued write that may have happened fails at once', async (t) => {
  const client = writer();
  for (const call of [1, 2]) client.put(call, `k${call}`);
  client.refused(3, 'UNCERTAIN');
  t.same(client.refused(4, 'LOST'), ['call 1: LOST (may have happened)']);
  t.same(client.wake(), ['send 5 over 1: open']);
});

t.test('LOST: an attempt of the old session that has no answer fails with its connection', async (t) => {
  const client = writer();
  for (const call of [1, 2]) client.put(call, `k${call}`);
  client.refused(3, 'LOST');
  t.same(client.disconnected(1), ['call 2: LOST (may have happened)']);
});

t.test('LOST of the old session does not touch the new one', async (t) => {
  const client = writer();
  for (const call of [1, 2, 3]) client.put(call, `k${call}`);
  client.refused(3, 'LOST');
  client.written(4);
  t.same(client.wake(), ['send 6 over 1: open']);
  t.same(client.refused(5, 'LOST'), []);
  t.same(client.written(6, 'S2'), [], 'the refusal is followed by a pause');
  t.same(client.wake(), ['send 7 over 1: put k1 as S2#1 first 1', 'send 8 over 1: put k3 as S2#2 first 1']);
});

t.test('a head that forgets every session is not asked in an endless loop without pauses', async (t) => {
  const client = writer();
  client.put(1, 'a');
  const waits: number[] = [];
  for (let token = 3; token < 9; token += 2) {
    t.same(client.refused(token, 'LOST'), []);
    waits.push(client.wakeAt - client.now);
    client.wake();
    client.written(token + 1, `S${token}`);
  }
  t.same(waits, [5, 10, 20]);
});

t.test('opening a session: it is repeated after a refusal; if it fails, the writes fail', async (t) => {
  const client = new Client();
  client.view('h', 't');
  client.put(1, 'a');
  client.put(2, 'b');
  client.connected(1);
  t.same(client.refused(1, 'NOT_READY'), []);
  t.same(client.wake(), ['send 2 over 1: open']);
  t.same(client.disconnected(1), []);
  client.wake();
  t.same(client.connected(2), ['send 3 over 2: open']);
  t.same(client.refused(3, 'BAD_REQUEST'), ['call 1: BAD_REQUEST', 'call 2: BAD_REQUEST']);
  t.equal(client.details.get(1), 'the chain opens no session for writes: said BAD_REQUEST');
});

t.test('mayHaveHappened at the deadline: false only if each attempt was refused or never sent', async (t) => {
  const cases: [string, boolean, (client: Client) => void][] = [
    ['refused', false, (client) => client.refused(3, 'NOT_READY')],
    ['refused by UNCERTAIN', true, (client) => client.refused(3, 'UNCERTAIN')],
    ['without an answer', true, () => undefined],
    ['on a connection that was lost', true, (client) => client.disconnected(1)],
    ['on a connection that was lost, before it was sent', false, (client) => client.disconnected(1, [3])],
    [
      'in doubt, and then refused',
      true,
      (client) => {
        client.disconnected(1);
        client.wake();
        client.connected(2);
        client.refused(4, 'NOT_READY');
      },
    ],
    ['at a server that is no longer in the view', true, (client) => client.view('m', 't')],
    ['in an empty chain', true, (client) => client.view()],
  ];
  for (const [what, mayHaveHappened, happen] of cases) {
    const client = writer();
    t.same(client.put(1, 'a', 1_000), ['send 3 over 1: put a as S1#2 first 2']);
    happen(client);
    t.same(client.wake(1_000), [`call 1: TIMEOUT${mayHaveHappened ? ' (may have happened)' : ''}`], what);
    t.match(client.details.get(1), /^no answer within 1000 ms: /);
  }
  const unsent = new Client();
  unsent.view('h');
  unsent.put(1, 'a', 1_000);
  t.same(unsent.wake(1_000), ['call 1: TIMEOUT'], 'never sent');
  const read = new Client();
  read.view('t');
  read.call(1, { op: 'size' }, 1_000);
  read.connected(1);
  t.same(read.wake(1_000), ['call 1: TIMEOUT'], 'a read changes nothing');
});

t.test('the error text at the deadline states the reason', async (t) => {
  const cases: [RegExp, (client: Client) => void][] = [
    [/: ZooKeeper has not told yet which servers are in the chain$/, () => undefined],
    [/: there is no server in the chain$/, (client) => client.view()],
    [/: there is no connection to t yet$/, (client) => client.view('h', 't')],
    [
      /: t was asked once, and has not answered yet$/,
      (client) => {
        client.view('h', 't');
        client.connected(1);
      },
    ],
    [
      /: the last attempt: said NOT_TAIL$/,
      (client) => {
        client.view('h', 't');
        client.connected(1);
        client.refused(1, 'NOT_TAIL');
      },
    ],
  ];
  for (const [detail, happen] of cases) {
    const client = new Client();
    client.call(1, { op: 'size' }, 50);
    happen(client);
    t.same(client.wake(50), ['call 1: TIMEOUT']);
    t.match(client.details.get(1), detail);
  }
});

t.test('a call that was given up: its number is not reused, and a late answer is ignored', async (t) => {
  const client = writer();
  client.put(1, 'a', 100);
  t.same(client.wake(100), ['call 1: TIMEOUT (may have happened)']);
  t.same(client.put(2, 'b'), ['send 4 over 1: put b as S1#3 first 3'], 'servers may forget it');
  t.same(client.written(3), []);
  t.same(client.written(4), ['call 2: written']);
});

t.test('a call that was given up in the queue is not sent', async (t) => {
  const client = writer();
  client.put(1, 'a', 100);
  client.put(2, 'b');
  client.refused(3, 'NOT_READY');
  client.refused(4, 'NOT_READY');
  client.core.handle({ type: 'wake' }, 3);
  t.same(client.wake(100), ['call 1: TIMEOUT', 'send 5 over 1: put b as S1#3 first 3']);
});

t.test('an answer that comes with the deadline still counts', async (t) => {
  const client = writer();
  client.put(1, 'a', 100);
  client.now = 100;
  t.same(client.written(3), ['call 1: written']);
});

t.test('calls wait for a view and for a server until their deadlines', async (t) => {
  const client = new Client();
  t.same(client.put(1, 'a'), []);
  t.same(client.view(), [], 'an empty chain');
  t.same(client.view('h', 't'), ['connect 1 to h']);
  t.same(client.put(2, 'b', 0), ['call 2: TIMEOUT'], 'no time at all');
});

t.test('a window limits the requests under way, separately for writes and reads', async (t) => {
  const client = writer({ underWayMax: 2 });
  t.equal([1, 2, 3, 4].flatMap((call) => client.put(call, `k${call}`)).length, 2);
  for (const call of [5, 6, 7, 8]) client.call(call, { op: 'size' });
  t.same(client.connected(2), ['send 5 over 2: size'], 'the first over a connection goes alone');
  t.same(client.answer(5, { type: 'size', size: 0 }), [
    'call 5: size',
    'send 6 over 2: size',
    'send 7 over 2: size',
  ]);
  t.same(client.written(3), ['call 1: written', 'send 8 over 1: put k3 as S1#4 first 3']);
  t.same(client.answer(6, { type: 'size', size: 0 }), ['call 6: size', 'send 9 over 2: size']);
});

t.test(
  'a window also limits the bytes under way: after the request that fills it, none is sent',
  async (t) => {
    const client = writer({ underWayBytesMax: 100 });
    const put = (call: number, bytes: number) =>
      client.call(call, { op: 'put', key: 'k', data: new Uint8Array(bytes) }).length;
    t.same([put(1, 90), put(2, 200), put(3, 0)], [1, 1, 0], 'three bytes for the key');
    t.same(client.written(3), ['call 1: written']);
    t.same(client.written(4), ['call 2: written', 'send 5 over 1: put k as S1#4 first 4']);
    const large = writer({ underWayBytesMax: 100 });
    large.call(1, { op: 'put', key: 'k', data: new Uint8Array(1_000) });
    large.disconnected(1);
    large.wake();
    t.same(
      large.connected(2),
      ['send 4 over 2: put k as S1#2 first 2'],
      'what was lost is not under way any more',
    );
  },
);

t.test(
  'numbers under way lie within the window, so that no server has to keep too many outcomes',
  async (t) => {
    const client = writer({ underWayMax: 2 });
    for (const call of [1, 2, 3]) client.put(call, `k${call}`);
    client.refused(3, 'NOT_READY');
    t.same(client.written(4), ['call 2: written']);
    t.same(client.wake(), ['send 5 over 1: put k1 as S1#2 first 2'], 'number 4 has to wait for number 2');
    t.same(client.written(5), ['call 1: written', 'send 6 over 1: put k3 as S1#4 first 4']);

    const session = newSession(1, 'S');
    const taken = [1, 2, 3].map(() => takeNumber(session));
    t.same(
      taken.map(({ request }) => request),
      [1, 2, 3],
    );
    const [first, second, third] = taken;
    t.equal(hasFreeNumber(session, 3), false);
    releaseNumber(session, second);
    t.same([session.firstIncomplete, hasFreeNumber(session, 3)], [1, false]);
    releaseNumber(session, first);
    t.same([session.firstIncomplete, hasFreeNumber(session, 3)], [3, true]);
    const fourth = takeNumber(session);
    t.same(fourth, { session: 1, request: 4 });
    for (const numbered of [third, fourth]) releaseNumber(session, numbered);
    t.equal(session.firstIncomplete, 5);
    releaseNumber(newSession(2, 'S2'), fourth);
    t.equal(session.firstIncomplete, 5, 'a number of another session changes nothing');
  },
);

t.test('one call too many is refused', async (t) => {
  const client = new Client({ callsMax: 1 });
  client.put(1, 'a');
  t.same(client.put(2, 'b'), ['call 2: BUSY']);
});

t.test('close fails all calls, also later ones, and closes the connections', async (t) => {
  const client = writer();
  client.put(1, 'a');
  client.call(2, { op: 'size' });
  t.same(client.step({ type: 'close' }), [
    'call 1: UNREACHABLE (may have happened)',
    'call 2: UNREACHABLE',
    'disconnect 1',
    'disconnect 2',
  ]);
  t.same(client.put(3, 'b'), ['call 3: UNREACHABLE']);
  t.same(client.written(3), []);
});

t.test('the core asks for a wake-up when something is due, once for each time', async (t) => {
  const client = new Client();
  const wakes = (event: ClientEvent) => {
    client.core.handle(event, client.now);
    return client.core.takeEffects().flatMap((effect) => (effect.type === 'wake' ? [effect.at] : []));
  };
  const size = { type: 'call', operation: { op: 'size' } } as const;
  t.same(wakes({ ...size, call: 1, deadline: 100 }), [100]);
  t.same(wakes({ ...size, call: 2, deadline: 200 }), [], 'it is woken earlier anyway');
  t.same(wakes({ ...size, call: 3, deadline: 50 }), [50]);
  client.now = 49;
  t.same(wakes({ type: 'wake' }), [50], 'a wake that comes too early is asked for again');
  client.now = 50;
  t.same(wakes({ type: 'wake' }), [100]);
  client.now = 100;
  t.same(wakes({ type: 'wake' }), [200]);
  client.now = 200;
  t.same(wakes({ type: 'wake' }), [], 'nothing is left');
});

t.test('attempts of a lost connection make room in the window', async (t) => {
  const client = writer({ underWayMax: 2 });
  for (const call of [1, 2]) client.put(call, `k${call}`);
  client.disconnected(1);
  client.wake();
  t.same(client.connected(2), ['send 5 over 2: put k1 as S1#2 first 2']);
  t.same(client.written(5), ['call 1: written', 'send 6 over 2: put k2 as S1#3 first 3']);
});

t.test('a server that takes over during several writes gets them in order', async (t) => {
  const client = writer();
  for (const call of [1, 2, 3]) client.put(call, `k${call}`);
  t.same(client.view('m', 't'), ['disconnect 1', 'connect 2 to m']);
  t.same(
    client.connected(2),
    ['send 6 over 2: put k1 as S1#2 first 2'],
    'one first, to see whether it takes it',
  );
  t.same(client.refused(6, 'NOT_HEAD'), [], 'it would have taken those behind the refused one');
  t.same(client.wake(), ['send 7 over 2: put k1 as S1#2 first 2']);
  t.equal(client.written(7).length, 3);

  client.call(4, { op: 'size' });
  client.connected(3);
  client.answer(10, { type: 'size', size: 0 });
  const lines = client.view('t');
  t.same(lines, ['disconnect 2', 'send 11 over 3: put k2 as S1#3 first 3'], 'also over an old connection');
});

t.test(
  'a call that was given up has ended: a late error, or the end of its connection, changes nothing',
  async (t) => {
    for (const code of ['BAD_REQUEST', 'NOT_READY', 'LOST']) {
      const client = writer();
      client.put(1, 'a', 100);
      client.wake(100);
      t.same(client.refused(3, code), []);
      t.same(client.wake(client.now + 10), [], 'it is not sent again');
    }
    const client = writer();
    client.put(1, 'a', 100);
    client.wake(100);
    t.same(client.disconnected(1), []);
    t.same(client.wake(client.now + 10), [], 'nor is there any need for another connection');
  },
);

t.test('a store that was started over: calls under way fail with LOST, and later ones succeed', async (t) => {
  const client = new Client();
  client.viewOf('one', 'h', 't');
  client.put(0, 'a');
  client.connected(1);
  client.written(1, 'S1');
  client.call(1, { op: 'get', key: 'a' });
  t.same(
    client.viewOf('one', 'h', 't', 'u').filter((text) => text.startsWith('call')),
    [],
    'another view of the same chain',
  );
  const lines = client.viewOf('two', 'h2', 't2');
  t.same(
    lines.filter((text) => text.startsWith('call')),
    ['call 0: LOST (may have happened)', 'call 1: LOST'],
  );
  t.match(client.details.get(1), /the store was begun anew/);
  t.match(client.call(2, { op: 'size' }), [], 'the next one waits for its connection');
  t.equal(client.core.state.calls.size, 1);
});

t.test('a store that was started over while no call was under way: only the next call fails', async (t) => {
  const client = new Client();
  client.viewOf('one', 's');
  t.same(client.step({ type: 'view', view: { version: 7, servers: [] } }), [], 'a view without a record');
  t.same(client.viewOf('two', 's'), []);
  t.same(client.call(0, { op: 'get', key: 'a' }), ['call 0: LOST']);
  t.match(client.call(1, { op: 'get', key: 'a' }), ['connect 1 to s']);
});

t.test('the first chain that a client sees fails no call', async (t) => {
  const client = new Client();
  client.call(0, { op: 'size' });
  client.view();
  t.match(client.viewOf('one', 's'), ['connect 1 to s']);
});
