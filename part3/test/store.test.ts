import {
  ContentType,
  decodeMessage,
  encodeMessage,
  FrameDecoder,
  type Message,
  type MessageFields,
  Opcode,
} from '@tablelab/part2';
import { AsyncSkeleton, operationFields, operationNumberOf, TableStore, TaskQueue } from '@tablelab/part3';
import { must, seededRandom } from '@tablelab/shared';
import t from 'tap';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const put = (key: string, value: string) => ({ op: 'put', key, data: bytes(value) }) as const;
const del = (key: string) => ({ op: 'del', key, data: new Uint8Array(0) }) as const;

/** A message as a server gets it: through its bytes. */
function received(fields: MessageFields): Message {
  const [payload] = new FrameDecoder().push(encodeMessage(fields));
  return decodeMessage(must(payload, 'a whole frame'));
}

t.test(
  'the task queue gives tasks out in the order they came in, whatever the pattern of puts and takes',
  async (t) => {
    const random = seededRandom(3);
    const queue = new TaskQueue<number>(7);
    const model: number[] = [];
    for (let next = 0; next < 5_000; next += 1) {
      if (random.int(2) === 0) {
        const count = random.int(4);
        const taken = queue.take(count);
        if (taken.join() !== model.splice(0, count).join()) t.fail(`task ${next}: took ${taken}`);
      } else if (queue.isFull) {
        t.equal(model.length, 7, 'full is what was said to be full');
        t.throws(() => queue.put(next), { code: 'BUSY' });
      } else {
        queue.put(next);
        model.push(next);
      }
      if (queue.length !== model.length) t.fail(`task ${next}: length ${queue.length}, not ${model.length}`);
    }
    t.same(queue.take(100), model, 'and nothing is left over');
    t.same(queue.take(1), []);
    for (const tasksMax of [0, -1, 1.5, Number.NaN])
      t.throws(() => new TaskQueue(tasksMax), { code: 'BAD_REQUEST' });
  },
);

t.test('writes are numbered at once and executed afterwards, in order', async (t) => {
  const store = new TableStore({ nLists: 2 });
  const counts: number[] = [];
  store.onExecuted((opCount) => counts.push(opCount));
  t.equal(store.submit(put('a', '1')), 0);
  t.equal(store.submit(put('a', '2')), 1);
  t.equal(store.submit(del('b')), 2);
  t.equal(store.lastAssigned, 3);
  t.equal(store.opCount, 0, 'nothing has been executed yet');
  t.equal(store.table.get('a'), undefined);
  t.equal(store.verify(0), false);
  await store.close();
  t.same(store.table.get('a'), bytes('2'), 'the later write wins');
  t.equal(store.opCount, 3);
  t.same(
    [-1, 0, 2, 3].map((opN) => store.verify(opN)),
    [false, true, true, false],
  );
  t.equal(counts.at(-1), 3, 'listeners learn of it');
  t.throws(() => store.submit(put('a', '3')), { code: 'SHUTTING_DOWN' });
});

t.test('a write keeps the value it was given, whatever becomes of the buffer', async (t) => {
  const store = new TableStore({ nLists: 1 });
  const data = bytes('before');
  store.submit({ op: 'put', key: 'a', data });
  data.fill(0);
  await store.close();
  t.same(store.table.get('a'), bytes('before'));
});

t.test('more writes than one batch: all are executed, and reads get their turn in between', async (t) => {
  const store = new TableStore({ nLists: 1 });
  for (let i = 0; i < 1_000; i += 1) store.submit(put(`k${i}`, `${i}`));
  const seen: number[] = [];
  store.onExecuted(() => seen.push(store.table.size));
  await store.close();
  t.equal(store.table.size, 1_000);
  t.ok(seen.length > 1, `the table was seen half full: ${seen}`);
});

t.test('a full queue: submit refuses, room comes with the next batch or does not come in time', async (t) => {
  const store = new TableStore({ nLists: 1, tasksMax: 2 });
  t.equal(await store.room(1_000), true, 'there is room');
  store.submit(put('a', '1'));
  store.submit(put('b', '2'));
  t.equal(store.isFull, true);
  t.throws(() => store.submit(put('c', '3')), { code: 'BUSY' });
  t.equal(store.lastAssigned, 2, 'a write that is refused takes no number');
  t.throws(() => store.submit(put('bad\0key', '3')), { code: 'BAD_REQUEST' });
  t.equal(await store.room(5_000), true);
  t.equal(store.submit(put('c', '3')), 2);

  const stuck = new TableStore({ nLists: 1, tasksMax: 1 });
  stuck.submit(put('a', '1'));
  // The executor runs between turns of the loop; a wait of no time at all ends before it.
  const skeleton = new AsyncSkeleton(stuck, { roomTimeoutMs: 0 });
  const blocked = skeleton.invoke(received({ opcode: Opcode.OP_DEL, c_type: ContentType.CT_KEY, key: 'a' }));
  const hold = performance.now() + 50;
  while (performance.now() < hold);
  t.match(await blocked, { opcode: Opcode.OP_ERROR, error: 6 }, 'BUSY');
});

t.test(
  'the skeleton answers writes with operation numbers and waits for room in the order of the requests',
  async (t) => {
    const store = new TableStore({ nLists: 1, tasksMax: 3 });
    const skeleton = new AsyncSkeleton(store);
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        skeleton.invoke(
          received({ opcode: Opcode.OP_PUT, c_type: ContentType.CT_ENTRY, key: 'k', data: bytes(`${i}`) }),
        ),
      ),
    );
    replies.forEach((reply, opN) => {
      t.match(
        reply,
        { opcode: Opcode.OP_PUT + 1, c_type: ContentType.CT_RESULT, result: opN },
        `write ${opN}`,
      );
    });
    await store.close();
    t.same(store.table.get('k'), bytes('19'), 'the last request is the last write');
  },
);

t.test('the skeleton: reads, verify, and what is no request', async (t) => {
  const store = new TableStore({ nLists: 1 });
  const skeleton = new AsyncSkeleton(store);
  const invoke = async (fields: MessageFields) => skeleton.invoke(received(fields));
  const verify = (opN: number) => invoke({ opcode: Opcode.OP_VERIFY, ...operationFields(opN) });
  await invoke({ opcode: Opcode.OP_PUT, c_type: ContentType.CT_ENTRY, key: 'a', data: bytes('1') });
  t.match(
    await verify(0),
    { opcode: Opcode.OP_VERIFY + 1, c_type: ContentType.CT_RESULT, result: 0 },
    'not yet',
  );
  await store.close();
  t.match(await verify(0), { result: 1 });
  t.match(await verify(1), { result: 0 }, 'never assigned');
  t.match(await invoke({ opcode: Opcode.OP_GET, c_type: ContentType.CT_KEY, key: 'a' }), {
    data: bytes('1'),
    found: true,
  });
  t.match(await invoke({ opcode: Opcode.OP_SIZE, c_type: ContentType.CT_NONE }), { result: 1 });
  t.match(await invoke({ opcode: Opcode.OP_GETKEYS, c_type: ContentType.CT_NONE }), { keys: ['a'] });
  const error = { opcode: Opcode.OP_ERROR, c_type: ContentType.CT_NONE };
  t.match(
    await invoke({ opcode: Opcode.OP_VERIFY, c_type: ContentType.CT_RESULT, result: -1 }),
    error,
    'negative',
  );
  t.match(await invoke({ opcode: Opcode.OP_VERIFY, c_type: ContentType.CT_NONE }), error, 'wrong content');
  t.match(
    await invoke({ opcode: Opcode.OP_PUT, c_type: ContentType.CT_KEY, key: 'a' }),
    error,
    'wrong content',
  );
  t.match(
    await invoke({ opcode: Opcode.OP_PUT, c_type: ContentType.CT_ENTRY, key: 'a\0', data: bytes('1') }),
    error,
    'NUL',
  );
  t.match(await invoke({ opcode: 77, c_type: ContentType.CT_NONE }), error, 'unknown opcode');
  t.match(
    await invoke({ opcode: Opcode.OP_DEL, c_type: ContentType.CT_KEY, key: 'a' }),
    { ...error, error: 7 },
    'closed',
  );
});

t.test('operation numbers outgrow the assignment’s 31 bits without a gap', async (t) => {
  for (const opN of [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 5, 2 ** 53 - 1]) {
    const message = received({ opcode: Opcode.OP_PUT + 1, ...operationFields(opN) });
    t.equal(operationNumberOf(message), opN);
    t.ok(message.result >= 0, 'a client of the original format reads no negative number');
  }
  const original = received({ opcode: Opcode.OP_VERIFY, c_type: ContentType.CT_RESULT, result: 128 });
  t.equal(operationNumberOf(original), 128, 'the original format has no `sequence`');
});
