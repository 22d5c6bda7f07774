import t from 'tap';
import { Client, writer } from './support/scripted-client.ts';

/** Golden scripts of the client's core: its session, and its end. */

t.test('the first write opens a session, and later ones share it (part4/README.md#once-open)', async (t) => {
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

t.test(
  'a store that was started over: calls under way fail with LOST, and later ones succeed (part4/README.md#client-begun-anew)',
  async (t) => {
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
  },
);

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
