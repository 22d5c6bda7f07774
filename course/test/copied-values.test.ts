import t from 'tap';
import { Codec, type Crossing } from '../src/grade/remote/codec.ts';
import { SharedObjects } from '../src/grade/remote/shared-objects.ts';
import * as shared from '@tablelab/shared';

class Account {}

function codec(firstId: 0 | 1, crossing: Crossing = 'copied'): Codec {
  const remote = {
    callable: () => () => undefined,
    iterator: () => ({}),
    asyncIterator: () => ({}),
    promise: async () => undefined,
    reference: () => ({}),
    watch: () => undefined,
  };
  const side = {
    isReference: () => false,
    exportOf: () => undefined,
    exported: () => undefined,
    urlText: String,
  };
  const classes = new Map([['Account', Account]]);
  const objects = new SharedObjects({ firstId });
  return new Codec({ crossing, objects, classes, errors: shared, remote, side });
}

/** What arrives at the other side. */
function carried(message: readonly unknown[]): unknown[] {
  const { text, parts } = codec(0).encode(message);
  return codec(1).decode({ text, bytes: new Uint8Array(Buffer.concat(parts)) });
}

function received(head: unknown): unknown {
  return codec(1).decode({ text: JSON.stringify([[head], [], [], []]), bytes: new Uint8Array(0) })[0];
}

t.test('plain data arrives as it was sent', async (t) => {
  const message = [
    { type: 'put', key: 'k', data: Uint8Array.of(1, 2, 3), none: undefined, list: [1, [2n, -0, Number.NaN]] },
    new Map<unknown, unknown>([
      ['a', new Set([1, 'b'])],
      [2, { at: Number.POSITIVE_INFINITY, absent: null, is: true }],
    ]),
    Buffer.from('text'),
    new Uint8Array(0),
    Uint32Array.of(7, 2 ** 31),
  ];
  const arrived = carried(message);
  t.strictSame(arrived, message);
  t.ok(Buffer.isBuffer(arrived[2]), 'also the class of a view');
});

t.test('a copy shares nothing with what was sent', async (t) => {
  const bytes = new Uint8Array(16).fill(1);
  const [part] = carried([bytes.subarray(4, 6)]) as [Uint8Array];
  bytes.fill(2);
  t.same([...part], [1, 1]);
  t.equal(part.buffer.byteLength, 2, 'nor does it bring along what lies around it');
});

t.test('an object of a known class keeps its identity', async (t) => {
  const [first, second] = carried([new Account(), [new Account()]]) as [unknown, unknown[]];
  t.ok(first instanceof Account && second[0] instanceof Account);
  const one = new Account();
  const [same, again] = carried([one, { one }]) as [unknown, { one: unknown }];
  t.equal(again.one, same);
});

t.test('a field called __proto__ is a field', async (t) => {
  const object = received(['o', '__proto__', ['o', 'isMember', true], 'a', 1]) as Record<string, unknown>;
  t.equal(Object.getPrototypeOf(object), Object.prototype);
  t.equal(object.isMember, undefined);
  t.notOk('isMember' in {});
});

t.test('malformed values are refused', async (t) => {
  for (const value of [
    ['?'],
    ['y', 'Uint8Array', 0, 1],
    ['y', 'Function', 0, 0],
    { a: 1 },
    ['r', 4],
    ['m', ['x'], 1],
    ['s', { a: 1 }],
    ['a', ['b', '1e9']],
  ]) {
    t.throws(() => received(value), { name: 'Error' }, JSON.stringify(value));
  }
  let deep: unknown = 1;
  for (let depth = 0; depth < 300; depth += 1) deep = [deep];
  t.throws(() => carried([deep]), /nested/);
});
