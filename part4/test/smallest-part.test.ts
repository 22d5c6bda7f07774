/** The smallest part of a history for which no order exists. */
import t from 'tap';
import { check, type Operation } from '../linearizability/index.ts';
import { smallestPart } from '../linearizability/smallest-part.ts';

const put = (value: number, call: number, end: number, key = 'a'): Operation => ({
  client: 1,
  call,
  return: end,
  outcome: 'ok',
  kind: 'put',
  key,
  value,
});
const get = (result: number | undefined, call: number, end: number, key = 'a'): Operation => ({
  client: 2,
  call,
  return: end,
  outcome: 'ok',
  kind: 'get',
  key,
  result,
});

t.test('a history with an order has no such part', async (t) => {
  t.equal(smallestPart([put(1, 0, 1), get(1, 2, 3)]), undefined);
  t.equal(smallestPart([]), undefined);
});

t.test('a stale read, the two writes, and nothing else', async (t) => {
  const [first, second, stale] = [put(1, 0, 1), put(2, 10, 11), get(1, 20, 21)];
  const other = Array.from({ length: 20 }, (_, index) => put(100 + index, index, index + 0.5, 'b'));
  const around = [get(1, 2, 3), get(1, 4, 5), get(2, 12, 13), put(3, 30, 31), get(3, 32, 33)];
  const part = smallestPart([first, ...other, second, ...around, stale]);
  t.same(part, [first, second, stale]);
});

t.test('a value that nobody wrote needs no other operation', async (t) => {
  const odd = get(9, 5, 6);
  t.same(smallestPart([put(1, 0, 1), get(1, 2, 3), odd]), [odd]);
});

t.test(
  'a write on which an answer depends stays, so that the part alone shows the contradiction',
  async (t) => {
    const del: Operation = {
      client: 1,
      call: 4,
      return: 5,
      outcome: 'ok',
      kind: 'del',
      key: 'a',
      result: true,
    };
    const back = get(1, 8, 9);
    const part = smallestPart([put(1, 0, 1), get(1, 2, 3), del, back, get(undefined, 10, 11)]) ?? [];
    t.ok(part.includes(del) && part.includes(back));
    t.ok(
      part.some(({ kind }) => kind === 'put'),
      'without the put, the read alone would have no order',
    );
    t.equal(check(part).verdict, 'not-linearizable');
  },
);
