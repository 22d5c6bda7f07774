import t from 'tap';
import { ClientCore } from '../src/client/core/client-core.ts';
import type { ClientEvent } from '../src/client/core/client-effects.ts';
import { clientCoreChecks } from './support/client-core-checks.ts';
import { clientCoreWork } from './support/client-core-work.ts';
import { Client, writer } from './support/scripted-client.ts';

for (const [name, check] of Object.entries({ ...clientCoreChecks, ...clientCoreWork })) {
  t.test(`among random events, or many: ${name}`, async (t) => {
    t.doesNotThrow(() => check(ClientCore));
  });
}

/** Golden scripts of the client's core: events at times, and the effects that follow, one line each. */

t.test(
  'writes go to the head, reads to the tail; a chain of one has one connection for both (part4/README.md#client-follows)',
  async (t) => {
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
  },
);

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

t.test(
  'pauses double from 5 to 200 ms, an answer resets them, a new view ends them (part4/README.md#client-refused)',
  async (t) => {
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
  },
);

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

t.test(
  'after a lost connection everything without an answer is sent again, in order (part4/README.md#client-follows)',
  async (t) => {
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
  },
);

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

t.test(
  'when the view has another head, unanswered requests are sent to it at once (part4/README.md#client-follows)',
  async (t) => {
    const client = writer();
    client.put(1, 'a');
    client.call(2, { op: 'get', key: 'a' });
    client.connected(2);
    t.same(client.view('m', 't'), ['disconnect 1', 'connect 3 to m'], 'and the tail is left alone');
    t.same(client.connected(3), ['send 5 over 3: put a as S1#2 first 2']);
    t.same(client.written(5), ['call 1: written']);
    t.same(client.answer(4, { type: 'value', value: undefined }), ['call 2: value']);
  },
);

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

t.test(
  'an aborted call ends at once; mayHaveHappened is false only if no attempt was sent (part4/README.md#client-abort)',
  async (t) => {
    const client = writer();
    client.put(1, 'a');
    client.call(2, { op: 'get', key: 'a' });
    t.same(client.step({ type: 'abort', call: 1 }), ['call 1: ABORTED (may have happened)'], 'a sent write');
    t.same(client.step({ type: 'abort', call: 1 }), [], 'it has its outcome');
    t.same(client.step({ type: 'abort', call: 2 }), ['call 2: ABORTED'], 'a read changes nothing');
    t.same(client.connected(2), [], 'a call that was aborted in the queue is not sent');
    t.same(client.written(3), [], 'a late answer is ignored');
    t.same(client.put(3, 'b'), ['send 4 over 1: put b as S1#3 first 3'], 'its number is not used again');
    client.refused(4, 'NOT_READY');
    t.same(client.step({ type: 'abort', call: 3 }), ['call 3: ABORTED'], 'its only attempt was refused');
    t.same(client.wake(), [], 'and there is no other');
    const unsent = new Client();
    unsent.put(1, 'a');
    t.same(unsent.step({ type: 'abort', call: 1 }), ['call 1: ABORTED'], 'never sent');
    t.same(unsent.view('h'), [], 'nor later');
  },
);

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
