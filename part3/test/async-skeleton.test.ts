import { ContentType, ErrorNumber, type MessageFields, Opcode, Outcome, type Reply } from '@tablelab/part2';
import { advanceClock, startClock, stopClock } from '@tablelab/part2/testing';
import { AsyncSkeleton, operationFields, operationNumberOf } from '@tablelab/part3';
import { cases, eventually } from '@tablelab/shared/testing';
import t from 'tap';
import { Outcomes, outcomesKept } from '../src/shared-memory/outcomes.ts';
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
  submitPatiently,
} from './support/stores.ts';

t.test(
  'the skeleton answers writes with operation numbers and waits for room in the order of the requests (part3/README.md#queue-full)',
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

t.test('verify says what a write has done (part3/README.md#message-outcome)', async (t) => {
  const { store, openGate } = await startGatedStore(t, {});
  const skeleton = new AsyncSkeleton(store, patient);
  const { OP_PUTIFABSENT, OP_PUTIFEQUALS, OP_DEL, OP_VERIFY } = Opcode;
  const { UNKNOWN, APPLIED, NOT_APPLIED } = Outcome;
  const invoke = async (fields: MessageFields) => received(await skeleton.invoke(received(fields)));
  const entry = (opcode: number, data: string, expected = '') => ({
    ...putRequest('k', data),
    opcode,
    expected: bytes(expected),
  });
  const del = { opcode: OP_DEL, c_type: ContentType.CT_KEY, key: 'k' };
  const writes: readonly (readonly [MessageFields, number])[] = [
    [entry(OP_PUTIFEQUALS, 'a'), NOT_APPLIED],
    [del, NOT_APPLIED],
    [entry(OP_PUTIFABSENT, 'one'), APPLIED],
    [entry(OP_PUTIFABSENT, 'two'), NOT_APPLIED],
    [entry(OP_PUTIFEQUALS, 'two', 'one'), APPLIED],
    [entry(OP_PUTIFEQUALS, 'three', 'one'), NOT_APPLIED],
    [entry(Opcode.OP_PUT, 'four'), UNKNOWN],
    [entry(OP_PUTIFEQUALS, '', 'four'), APPLIED],
    [del, APPLIED],
    [del, NOT_APPLIED],
    [entry(OP_PUTIFABSENT, 'last'), APPLIED],
  ];
  const verify = (opN: number) =>
    invoke({ opcode: OP_VERIFY, c_type: ContentType.CT_RESULT, result: opN, sequence: opN });
  for (const [opN, [request]] of writes.entries()) {
    t.match(await invoke(request), { opcode: request.opcode + 1, result: opN, outcome: UNKNOWN });
    t.match(await verify(opN), { result: 0, outcome: UNKNOWN }, 'its condition is not evaluated yet');
  }
  openGate();
  t.equal(submit(store, put('other', '1')), writes.length);
  await eventually(() => store.opCount > writes.length, {
    deadlineMs: patient.roomTimeoutMs,
    what: 'the writes to be executed',
  });
  for (const [opN, [request, outcome]] of writes.entries()) {
    t.match(await verify(opN), { result: 1, outcome }, `write ${opN}, opcode ${request.opcode}`);
  }
  t.same(store.table.get('k'), bytes('last'));
});

t.test(
  'outcomes are kept for the last writes, and not for ever (part3/README.md#message-outcome)',
  async (t) => {
    const outcomes = new Outcomes();
    const count = 3 * outcomesKept;
    for (let opN = 0; opN < count; opN += 1) outcomes.note(opN, 1 + (opN % 2));
    t.equal(outcomes.of(count - outcomesKept, count), 1, 'the oldest that is kept');
    t.equal(outcomes.of(count - 1, count), 2);
    t.equal(outcomes.of(count - outcomesKept - 1, count), Outcome.UNKNOWN);
    t.equal(outcomes.memory.byteLength, 2 * outcomesKept, 'a byte each');
  },
);

t.test(
  'a put whose condition is not met leaves no memory reserved (part3/README.md#message-outcome)',
  async (t) => {
    const store = await startStore(t, { memoryBytesMax: mebibyte });
    const value = new Uint8Array(100_000).fill(1);
    await submitPatiently(store, { op: 'put', key: 'k', data: value });
    for (let i = 0; i < 100; i += 1) {
      const op = i % 2 === 0 ? 'putIfAbsent' : 'putIfEquals';
      await submitPatiently(store, { op, key: 'k', data: value, expected: bytes('x') });
    }
    for (let i = 0; i < 5; i += 1) await submitPatiently(store, { op: 'put', key: `k${i}`, data: value });
    await store.close();
    t.equal(store.table.size, 6);
  },
);

t.test('the skeleton: FULL, and TOO_LARGE (part3/README.md#message-errors)', async (t) => {
  const store = await startStore(t, { memoryBytesMax: mebibyte });
  const skeleton = new AsyncSkeleton(store);
  const large = 'x'.repeat(700_000);
  t.match(await skeleton.invoke(putRequest('a', large)), { result: 0 });
  await eventually(() => store.opCount === 1, { deadlineMs: patient.roomTimeoutMs, what: 'the write' });
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

t.test('the skeleton: BUSY while a write is under way (part3/README.md#queue-full)', async (t) => {
  const { store, openGate } = await startGatedStore(t, { memoryBytesMax: mebibyte });
  const skeleton = new AsyncSkeleton(store, { roomTimeoutMs: 1 });
  const large = 'x'.repeat(700_000);
  t.match(await skeleton.invoke(putRequest('a', large)), { result: 0 });
  t.match(await skeleton.invoke(putRequest('b', large)), { error: ErrorNumber.BUSY });
  openGate();
  t.match(
    await store.submitWhenRoom(put('b', large), patient.roomTimeoutMs),
    { error: { code: 'FULL' } },
    'it is done',
  );
});

t.test('the skeleton lets a write wait for five seconds (part3/README.md#queue-full)', async (t) => {
  const { store } = await startGatedStore(t, { tasksMax: 1 });
  submit(store, put('a', '1'));
  stopClock();
  t.teardown(() => startClock());
  let answer: Reply | undefined;
  void Promise.resolve(new AsyncSkeleton(store).invoke(putRequest('b', '2'))).then((reply) => {
    answer = reply;
  });
  await advanceClock(4_999);
  t.equal(answer, undefined, 'it still waits');
  await advanceClock(1);
  t.match(answer, { error: ErrorNumber.BUSY });
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
    // A store that has numbered so many writes.
    const store = await startStore(t);
    const admitted = { type: 'admitted', opN: 2 ** 31 + 5 };
    const late = Object.create(store, { table: { value: store.table }, submit: { value: () => admitted } });
    const reply = received((await new AsyncSkeleton(late).invoke(putRequest('k', 'v'))) as Reply);
    t.equal(operationNumberOf(reply), admitted.opN, 'the reply to a write has the whole number');
    t.ok(reply.result >= 0);

    const original = received({ opcode: Opcode.OP_VERIFY, c_type: ContentType.CT_RESULT, result: 128 });
    t.equal(operationNumberOf(original), 128, 'the original format has no `sequence`');
  },
);
