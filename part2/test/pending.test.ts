import { encodeMessage, Pending } from '@tablelab/part2';
import t from 'tap';
import { echo, getRequest, startServer } from './support.ts';

t.test('an answer that comes later, or is there already, is told once', async (t) => {
  const told: string[] = [];
  const later = new Pending<string>();
  later.whenSettled((value) => told.push(value));
  t.same(told, []);
  later.settle('a');
  later.settle('b');
  later.whenSettled((value) => told.push(value));
  t.same(told, ['a', 'a'], 'the first answer counts');
  t.equal(await later, 'a', 'it can be awaited');
  const source = new Pending<number>();
  const changed = source.map((value) => value + 1);
  source.settle(1);
  t.equal(await changed, 2);
});

t.test('a pending reply is sent when it is there (part2/README.md#wire-order)', async (t) => {
  const pending = new Pending<ReturnType<typeof echo>>();
  const { raw } = await startServer(t, {
    handler: (received) => {
      return received.key === 'later' ? pending : echo(received);
    },
  });
  const client = await raw();
  client.send(encodeMessage(getRequest('first')));
  t.match(await client.reply(), { key: 'first' });
  client.send(encodeMessage(getRequest('later')), encodeMessage(getRequest('last')));
  pending.settle({ opcode: 31, c_type: 60, key: 'later' });
  t.same(
    (await client.replies(2)).map(({ key }) => key),
    ['later', 'last'],
  );
});
