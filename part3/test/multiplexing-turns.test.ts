import { ContentType, encodeMessage, Opcode } from '@tablelab/part2';
import { getRequest } from '@tablelab/part2/testing';
import type { RequestHandler } from '@tablelab/part3';
import t from 'tap';
import { TurnBudget } from '../src/server/turn-budget.ts';
import { startMultiplexing } from './support/multiplexing.ts';

const { OP_GET } = Opcode;

t.test('the requests of one client do not block the others (part3/README.md#server-turns)', async (t) => {
  let slow = 0;
  const handler: RequestHandler = ({ key }) => {
    const end = performance.now() + (key === 'slow' ? 20 : 0);
    while (performance.now() < end);
    if (key === 'slow') slow += 1;
    return { opcode: OP_GET + 1, c_type: ContentType.CT_VALUE };
  };
  const { raw } = await startMultiplexing(t, { handler });
  const [greedy, modest] = [await raw(), await raw()];
  modest.send(encodeMessage(getRequest('first')));
  await modest.reply();
  greedy.send(Buffer.concat(Array.from({ length: 200 }, () => encodeMessage(getRequest('slow')))));
  await greedy.reply();
  modest.send(encodeMessage(getRequest('quick')));
  await modest.reply();
  t.ok(slow < 200, `the other client was served after ${slow} of 200 slow requests`);
});

t.test(
  'a client with one request does not wait for all requests that another has sent ahead (part3/README.md#server-turns)',
  async (t) => {
    const ahead = 500;
    const order: string[] = [];
    let onFirst = () => {};
    const handler: RequestHandler = ({ key }) => {
      order.push(key);
      if (order.length === 2) onFirst();
      return { opcode: OP_GET + 1, c_type: ContentType.CT_VALUE };
    };
    const { raw } = await startMultiplexing(t, { handler });
    const [greedy, modest] = [await raw(), await raw()];
    modest.send(encodeMessage(getRequest('first')));
    await modest.reply();
    // Within the server's turn: the next one finds this request.
    onFirst = () => modest.send(encodeMessage(getRequest('modest')));
    greedy.send(Buffer.concat(Array.from({ length: ahead }, () => encodeMessage(getRequest('greedy')))));
    await modest.reply();
    await greedy.replies(ahead);
    const place = order.indexOf('modest');
    t.ok(place > 0 && place < ahead / 2, `it was served behind ${place - 1} of ${ahead}`);
  },
);

t.test('each turn has a new budget (part3/README.md#server-turns)', async (t) => {
  const turns = new TurnBudget();
  const taker = { proceed: () => undefined };
  const all = turns.share;
  turns.use(taker, all - 20, 0);
  t.equal(turns.share, 20, 'what others have left');
  turns.use(taker, 20, 0);
  t.ok(turns.share > 0 && turns.share < 20, 'each connection gets some');
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(turns.share, all);
  turns.use(taker, 3, 0);
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(turns.share, all, 'the next time too');
});

t.test(
  'in a crowd with long requests, clients whose requests were short go first (part3/README.md#server-turns)',
  async (t) => {
    const turns = new TurnBudget();
    const order: string[] = [];
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const taker = (name: string, tookMs: number) => ({
      proceed() {
        t.ok(turns.mayGoOn(this), 'its turn has come');
        order.push(name);
        turns.use(this, 1, tookMs);
      },
    });
    const modest = taker('modest', 0.1);
    const crowd = Array.from({ length: 60 }, (_, index) => taker(`long ${index}`, 6));
    t.ok(turns.mayGoOn(modest));
    modest.proceed();
    await turn();
    let waiting = 0;
    for (const one of crowd) {
      if (turns.mayGoOn(one)) one.proceed();
      else waiting += 1;
    }
    t.equal(waiting, 58, 'the time of a turn is over after 10 ms');
    t.notOk(turns.mayGoOn(modest), 'for all');
    order.length = 0;
    await turn();
    t.same(
      order.splice(0),
      ['modest', 'long 2', 'long 3'],
      'who asks for little goes first, at the next turn',
    );
    for (let more = 0; more < 29; more += 1) await turn();
    t.equal(order.length, 56, 'and nobody is left out');
    const long = taker('too long', 20);
    t.ok(turns.mayGoOn(long), 'without a crowd nobody waits');
  },
);

t.test(
  'nothing more is read while received requests wait for their turn (part3/README.md#server-turns)',
  async (t) => {
    const ahead = 100_000;
    let bufferedMax = 0;
    const handler: RequestHandler = () => {
      bufferedMax = Math.max(bufferedMax, server.bufferedBytes);
      return { opcode: OP_GET + 1, c_type: ContentType.CT_VALUE };
    };
    const { server, raw } = await startMultiplexing(t, { handler });
    const client = await raw();
    const request = encodeMessage(getRequest('x'.repeat(50)));
    client.send(Buffer.concat(Array.from({ length: ahead }, () => request)));
    await client.replies(ahead);
    const sentBytes = ahead * request.length;
    t.ok(bufferedMax < sentBytes / 10, `${bufferedMax} of ${sentBytes} bytes were held at once`);
  },
);
