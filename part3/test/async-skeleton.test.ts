import { mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ContentType, ErrorNumber, type MessageFields, Opcode, type Reply } from '@tablelab/part2';
import { AsyncSkeleton, operationFields, operationNumberOf } from '@tablelab/part3';
import { cases } from '@tablelab/shared/testing';
import t from 'tap';
import { bytes } from './support/start-server.ts';
import {
  mebibyte,
  patient,
  put,
  putRequest,
  received,
  startGatedStore,
  startStore,
  submit,
} from './support/stores.ts';

t.test(
  'the skeleton answers writes with operation numbers and waits for room in the order of the requests (part3/README.md#write-numbers)',
  async (t) => {
    const store = await startStore(t, { tasksMax: 3 });
    const skeleton = new AsyncSkeleton(store, patient);
    for (const opN of cases(t, Array(50).keys())) {
      const reply = await skeleton.invoke(putRequest('k', `${opN}`));
      t.match(
        reply,
        { opcode: Opcode.OP_PUT + 1, c_type: ContentType.CT_RESULT, result: opN },
        `write ${opN}`,
      );
    }
    await store.close();
    t.same(store.table.get('k'), bytes('49'), 'the last request is the last write');
  },
);

t.test('the skeleton distinguishes FULL and BUSY (part3/README.md#message-errors)', async (t) => {
  const { store, openGate } = await startGatedStore(t, { memoryBytesMax: mebibyte });
  const skeleton = new AsyncSkeleton(store, { roomTimeoutMs: 1 });
  const large = 'x'.repeat(700_000);
  t.match(await skeleton.invoke(putRequest('a', large)), { result: 0 });
  t.match(await skeleton.invoke(putRequest('b', large)), { error: ErrorNumber.BUSY }, 'a write is under way');
  openGate();
  t.match(
    await store.submitWhenRoom(put('b', large), patient.roomTimeoutMs),
    { error: { code: 'FULL' } },
    'it is done',
  );
  t.match(await skeleton.invoke(putRequest('b', large)), {
    error: ErrorNumber.FULL,
    detail: /no room for an entry/,
  });
  t.match(await skeleton.invoke(putRequest('c', 'x'.repeat(mebibyte))), { error: ErrorNumber.TOO_LARGE });
  t.match(
    await skeleton.invoke(putRequest('a', large)),
    { result: 1 },
    'a put that replaces as much is no problem',
  );
});

t.test('the skeleton lets a write wait for five seconds (part3/README.md#queue-full)', async (t) => {
  const { store } = await startGatedStore(t, { tasksMax: 1 });
  submit(store, put('a', '1'));
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  let answer: Reply | undefined;
  void Promise.resolve(new AsyncSkeleton(store).invoke(putRequest('b', '2'))).then((reply) => {
    answer = reply;
  });
  mock.timers.tick(4_999);
  await setImmediate();
  t.equal(answer, undefined, 'it still waits');
  mock.timers.tick(1);
  await setImmediate();
  t.match(answer, { error: ErrorNumber.BUSY, detail: /for 5000 ms/ });
});

t.test('the skeleton limits the bytes of waiting writes (part3/README.md#queue-full)', async (t) => {
  const { store, openGate } = await startGatedStore(t, { tasksMax: 1 });
  const skeleton = new AsyncSkeleton(store, patient);
  submit(store, put('a', '1'));
  const large = 'x'.repeat(15 * 1024 * 1024);
  const replying = Promise.all(Array.from({ length: 6 }, () => skeleton.invoke(putRequest('k', large))));
  openGate();
  const replies = await replying;
  t.same(
    replies.map(({ error = 0 }) => error),
    [0, 0, 0, 0, ErrorNumber.BUSY, ErrorNumber.BUSY],
    'BUSY beyond 64 MiB',
  );
});

t.test('the skeleton: reads, verify, and invalid requests (part3/README.md#message-requests)', async (t) => {
  const { store, openGate } = await startGatedStore(t, {});
  const skeleton = new AsyncSkeleton(store);
  const invoke = async (fields: MessageFields) => skeleton.invoke(received(fields));
  const verify = (opN: number) => invoke({ opcode: Opcode.OP_VERIFY, ...operationFields(opN) });
  await invoke({ opcode: Opcode.OP_PUT, c_type: ContentType.CT_ENTRY, key: 'a', data: bytes('1') });
  t.match(
    await verify(0),
    { opcode: Opcode.OP_VERIFY + 1, c_type: ContentType.CT_RESULT, result: 0 },
    'not yet',
  );
  openGate();
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
    { ...error, error: ErrorNumber.SHUTTING_DOWN },
    'closed',
  );
});

t.test(
  'operation numbers outgrow the assignment’s 31 bits without a gap (part3/README.md#message-op-n)',
  async (t) => {
    for (const opN of [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 5, 2 ** 53 - 1]) {
      const message = received({ opcode: Opcode.OP_PUT + 1, ...operationFields(opN) });
      t.equal(operationNumberOf(message), opN);
      t.ok(message.result >= 0, 'a client of the original format reads no negative number');
    }
    const original = received({ opcode: Opcode.OP_VERIFY, c_type: ContentType.CT_RESULT, result: 128 });
    t.equal(operationNumberOf(original), 128, 'the original format has no `sequence`');
  },
);
