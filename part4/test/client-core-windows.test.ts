import t from 'tap';
import { hasFreeNumber, newSession, releaseNumber, takeNumber } from '../src/client/core/client-session.ts';
import { Client, writer } from './support/scripted-client.ts';

/** Golden scripts of the client's core: how much may be under way. */

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

t.test('attempts of a lost connection make room in the window', async (t) => {
  const client = writer({ underWayMax: 2 });
  for (const call of [1, 2]) client.put(call, `k${call}`);
  client.disconnected(1);
  client.wake();
  t.same(client.connected(2), ['send 5 over 2: put k1 as S1#2 first 2']);
  t.same(client.written(5), ['call 1: written', 'send 6 over 2: put k2 as S1#3 first 3']);
});
