import { setImmediate } from 'node:timers/promises';
import { noBytes, noText, tableContract } from '@tablelab/part1/testing';
import { ContentType, ErrorNumber, Opcode } from '@tablelab/part2';
import { AsyncSkeleton, TableStore, type Write } from '@tablelab/part3';
import { logicalEntryBytes, must, seededRandom } from '@tablelab/shared';
import { cases, withDeadline } from '@tablelab/shared/testing';
import t from 'tap';
import { logicalCapacity } from '../src/shared-memory/capacity.ts';
import { SharedTable } from '../src/shared-memory/shared-table.ts';
import { LockedTable } from '../src/store/locked-table.ts';
import { type Fact, type Step, StoreSteps } from './sandboxed/store-steps.ts';
import { bytes } from './support/start-server.ts';
import {
  decide,
  del,
  mebibyte,
  patient,
  put,
  received,
  startGatedStore,
  startStore,
  submit,
  submitPatiently,
} from './support/stores.ts';

t.test(
  'a write with a key or value of another type is refused (part3/README.md#write-certain)',
  async (t) => {
    const store = await TableStore.start({ nLists: 1 });
    t.teardown(() => store.close());
    const refused = { type: 'refused', error: { code: 'BAD_REQUEST' } };
    for (const [name, data] of cases(t, noBytes))
      t.match(store.submit({ op: 'put', key: 'a', data }), refused, name);
    for (const [name, key] of cases(t, noText)) t.match(store.submit({ ...del('a'), key }), refused, name);
    t.equal(submit(store, put('a', '1')), 0, 'none of them has a number');
  },
);

t.test(
  'writes are numbered at once and executed afterwards, in order, by another thread (part3/README.md#write-numbers, part3/README.md#write-copies)',
  async (t) => {
    const { store, openGate } = await startGatedStore(t, { nLists: 2 });
    const counts: number[] = [];
    store.onExecuted((opCount) => counts.push(opCount));
    t.equal(submit(store, put('a', '1')), 0);
    const { data } = put('a', '2');
    t.equal(submit(store, { op: 'put', key: 'a', data }), 1);
    data.fill(0);
    t.equal(submit(store, del('b')), 2);
    t.equal(store.lastAssigned, 3);
    t.equal(store.opCount, 0, 'nothing has been executed yet');
    t.equal(store.table.get('a'), undefined);
    t.equal(store.verify(0), false);
    openGate();
    await store.close();
    t.same(store.table.get('a'), bytes('2'), 'the later write wins, with the value it was given');
    t.equal(store.opCount, 3);
    t.same(
      [-1, 0, 2, 3].map((opN) => store.verify(opN)),
      [false, true, true, false],
    );
    t.equal(counts.at(-1), 3, 'listeners learn of it');
    t.throws(() => submit(store, put('a', '3')), { code: 'SHUTTING_DOWN' });
  },
);

t.test(
  'the numbers have no gap, however often the queue is full (part3/README.md#write-numbers)',
  async (t) => {
    const store = await startStore(t, { tasksMax: 3 });
    for (const opN of cases(t, Array(50).keys()))
      t.same(await decide(store, put('k', `${opN}`)), { type: 'admitted', opN }, `write ${opN}`);
    await store.close();
    t.same(store.table.get('k'), bytes('49'), 'the last one counts');
  },
);

t.test(
  'reads during writes always see the state after some number of writes (part3/README.md#write-order)',
  async (t) => {
    const random = seededRandom(6);
    const store = await startStore(t);
    const names = ['a', 'b', 'c', 'd', 'e'];
    /** The model: what the table holds after n writes. */
    const states: ReadonlyMap<string, string>[] = [new Map()];
    const newest = () => new Map(must(states.at(-1), 'the first'));
    const steps = new StoreSteps(store);
    let readsAmidWrites = 0;

    function check(step: Step, { result, before, after, assigned, told }: Fact): void {
      if (step.op === 'put' || step.op === 'del') {
        if (result !== states.length - 1) t.fail(`write ${states.length - 1} has the number ${result}`);
        const state = newest();
        if (step.op === 'put') state.set(step.key, step.value);
        else state.delete(step.key);
        states.push(state);
        return;
      }
      if (after < assigned) readsAmidWrites += 1;
      // A listener must learn of an executed write no later than a reader sees it.
      if (told < before) t.fail(`listeners know of ${told} writes, a read saw ${before}`);
      // One of the states explains the read: one after so many writes as `op_count` was while it was made.
      const found = JSON.stringify(result);
      if (!states.slice(before, after + 1).some((state) => JSON.stringify(readOf(state, step)) === found))
        t.fail(`${step.op} = ${found}, which no state after ${before} to ${after} writes explains`);
    }

    let turn: Step[] = [];
    for (const number of cases(t, Array(20_000).keys())) {
      const key = random.pick(names);
      const kind = random.int(8);
      if (kind <= 2) turn.push({ op: 'put', key, value: `${number}`.padEnd(random.pick([5, 50, 500])) });
      else if (kind === 3) turn.push({ op: 'del', key });
      else if (kind === 4) turn.push({ op: 'get', key });
      else if (kind === 5) turn.push({ op: 'size' });
      else if (kind === 6) turn.push({ op: 'keys' });
      else if (random.int(4) === 0) {
        for (const [index, fact] of steps.run(turn).entries()) check(turn[index] as Step, fact);
        turn = [];
        await setImmediate();
      }
    }
    await store.close();
    const { told } = steps;
    t.same(
      Object.fromEntries(
        store.table.keys().map((key) => [key, Buffer.from(store.table.get(key) ?? []).toString()]),
      ),
      Object.fromEntries(newest()),
      'in the end all writes have been executed',
    );
    t.equal(told.at(-1), states.length - 1);
    t.same(
      told,
      [...told].sort((a, b) => a - b),
      'listeners hear of rising counts',
    );
    t.ok(readsAmidWrites > 100, `${readsAmidWrites} reads met writes under way`);
  },
);

/** What a read returns in this state. */
function readOf(state: ReadonlyMap<string, string>, step: Step): unknown {
  switch (step.op) {
    case 'get':
      return state.get(step.key);
    case 'size':
      return state.size;
    case 'keys':
      return [...state.keys()].sort();
    default:
      throw new Error(`${step.op} is a write`);
  }
}

t.test(
  'a full queue: a write waits until the executor has made room, or is refused with BUSY (part3/README.md#queue-full)',
  async (t) => {
    const { store, openGate } = await startGatedStore(t, { tasksMax: 2 });
    submit(store, put('a', '1'));
    submit(store, put('b', '2'));
    t.same(store.submit(put('c', '3')), { type: 'wait' });
    t.equal(store.lastAssigned, 2, 'a write that waits has no number');
    t.match(store.submit(put('bad\0key', '3')), { type: 'refused', error: { code: 'BAD_REQUEST' } });
    const busy = { type: 'refused', error: { code: 'BUSY' } };
    t.match(await store.submitWhenRoom(put('c', '3'), 1), busy);
    const waiting = store.submitWhenRoom(put('c', '3'), patient.roomTimeoutMs);
    t.same(store.submit(put('d', '4')), { type: 'wait' }, 'those that came later wait behind it');
    const behind = store.submitWhenRoom(put('d', '4'), patient.roomTimeoutMs);
    openGate();
    t.same(await waiting, { type: 'admitted', opN: 2 });
    t.same(await behind, { type: 'admitted', opN: 3 });
    t.equal(await submitPatiently(store, put('e', '5')), 4);
  },
);

t.test('a small write does not overtake a large one that waits (part3/README.md#queue-full)', async (t) => {
  const { store, openGate } = await startGatedStore(t, { queueBytesMax: 17 * mebibyte });
  const large = { op: 'put', key: 'large', data: new Uint8Array(10 * mebibyte) } as const;
  submit(store, large);
  t.same(store.submit(large), { type: 'wait' });
  const waiting = store.submitWhenRoom(large, patient.roomTimeoutMs);
  t.same(store.submit(put('small', '1')), { type: 'wait' }, 'although there is room for it');
  const behind = store.submitWhenRoom(put('small', '1'), patient.roomTimeoutMs);
  openGate();
  t.same(await Promise.all([waiting, behind]), [
    { type: 'admitted', opN: 1 },
    { type: 'admitted', opN: 2 },
  ]);
});

t.test(
  'writes that wait when the store closes are refused at once (part3/README.md#queue-full)',
  async (t) => {
    const { store, openGate } = await startGatedStore(t, { tasksMax: 1 });
    submit(store, put('a', '1'));
    const waiting = store.submitWhenRoom(put('b', '2'), patient.roomTimeoutMs);
    const closed = store.close();
    t.match(await waiting, { type: 'refused', error: { code: 'SHUTTING_DOWN' } });
    openGate();
    await closed;
    t.equal(store.opCount, 1);
  },
);

t.test(
  'a value of 16 MiB passes through the queue, one that fits into no frame does not (part3/README.md#queue-large)',
  async (t) => {
    const store = await startStore(t);
    const data = new Uint8Array(16 * 1024 * 1024 - 64).fill(0xa5);
    for (let opN = 0; opN < 6; opN += 1) {
      await submitPatiently(store, { op: 'put', key: `large ${opN}`, data });
    }
    t.throws(() => submit(store, { op: 'put', key: 'a'.repeat(65), data }), { code: 'TOO_LARGE' });
    await store.close();
    t.equal(store.table.size, 6);
    t.ok(Buffer.from(store.table.get('large 5') ?? []).equals(data));
  },
);

t.test(
  'full memory: a write without room is refused before it gets a number, and all others are executed (part3/README.md#write-certain)',
  async (t) => {
    const store = await startStore(t, { memoryBytesMax: mebibyte });
    const random = seededRandom(7);
    const model = new Map<string, number>();
    let refused = 0;
    const bytesOf = (key: string) =>
      model.has(key) ? logicalEntryBytes(key.length, model.get(key) ?? 0) : 0;
    const capacity = logicalCapacity({ memoryBytesMax: mebibyte, nLists: 1 });
    let bytes = 0;
    async function write(one: Write): Promise<boolean> {
      const { key, data } = one;
      const after =
        bytes - bytesOf(key) + (one.op === 'put' ? logicalEntryBytes(key.length, data.length) : 0);
      const admission = await decide(store, one);
      const hasRoom = after <= capacity;
      if (hasRoom !== (admission.type === 'admitted'))
        t.fail(`${after} bytes of ${capacity}: ${admission.type}`);
      if (admission.type === 'refused') {
        t.match(admission.error, {
          code: 'FULL',
          message: /no room for an entry of \d+ bytes: \d+ of \d+ bytes are/,
        });
        refused += 1;
        return false;
      }
      bytes = after;
      return true;
    }
    for (const _ of cases(t, Array(3_000).keys())) {
      const key = `k${random.int(150)}`;
      const length = random.int(20_000);
      if (random.int(4) === 0) {
        await write(del(key));
        model.delete(key);
      } else if (await write({ op: 'put', key, data: new Uint8Array(length) })) {
        model.set(key, length);
      }
    }
    t.ok(refused > 100, `${refused} writes were refused`);
    t.ok(model.size > 10, `${model.size} keys are there`);
    for (const key of model.keys()) await write(del(key));
    t.equal(
      await write({ op: 'put', key: 'large', data: new Uint8Array(500_000) }),
      true,
      'deleted: there is room again',
    );
    model.clear();
    model.set('large', 500_000);
    await store.close();
    t.equal(store.opCount, store.lastAssigned);
    t.same(
      Object.fromEntries(store.table.keys().map((key) => [key, store.table.get(key)?.length])),
      Object.fromEntries(model),
    );
  },
);

t.test(
  'keys that do not fit into a reply are refused before main has read them all (part3/README.md#server-keys)',
  async (t) => {
    const store = await startStore(t);
    const data = new Uint8Array(0);
    for (let opN = 0; opN < 17; opN += 1) {
      await submitPatiently(store, { op: 'put', key: String.fromCharCode(97 + opN).repeat(mebibyte), data });
    }
    await store.close();
    const reply = await new AsyncSkeleton(store).invoke(
      received({ opcode: Opcode.OP_GETKEYS, c_type: ContentType.CT_NONE }),
    );
    t.match(reply, {
      opcode: Opcode.OP_ERROR,
      error: ErrorNumber.TOO_LARGE,
      detail: /^all keys take more than/,
    });
  },
);

t.test(
  'a full table: FULL at once if no write is under way, and a put counts only for what it adds (part3/README.md#write-full)',
  async (t) => {
    const { store, openGate } = await startGatedStore(t, { memoryBytesMax: mebibyte });
    const large = { op: 'put', key: 'large', data: new Uint8Array(700_000) } as const;
    submit(store, large);
    const another = { ...large, key: 'another' };
    t.same(store.submit(another), { type: 'wait' }, 'the writes in the queue may yet make room');
    t.same(store.submit(large), { type: 'wait' }, 'or be replaced');
    t.equal(submit(store, put('small', '1')), 1, 'what fits beside all of them need not wait');
    const tooLarge = { ...large, data: new Uint8Array(1_000_000) };
    t.match(store.submit(tooLarge), { error: { code: 'TOO_LARGE' } }, 'what never fits need not wait either');
    const waiting = store.submitWhenRoom(another, patient.roomTimeoutMs);
    openGate();
    const full = { type: 'refused', error: { code: 'FULL', mayHaveHappened: false } };
    t.match(await waiting, full);
    t.match(store.submit(another), full, 'no write is under way');
    t.equal(submit(store, large), 2, 'nothing is added by what replaces itself');
    t.equal(await submitPatiently(store, del('large')), 3);
    t.equal(await submitPatiently(store, another), 4, 'deleted: there is room again');
  },
);

t.test(
  'a write that begins to wait after all others learns of the executor’s progress (part3/README.md#queue-full)',
  async (t) => {
    const { store, openGate } = await startGatedStore(t, { memoryBytesMax: mebibyte });
    const large = { op: 'put', key: 'large', data: new Uint8Array(700_000) } as const;
    submit(store, large);
    // The store has looked for progress since, and has stopped because nothing waited for it.
    for (let turn = 0; turn < 10; turn += 1) await setImmediate();
    const waiting = store.submitWhenRoom({ ...large, key: 'another' }, patient.roomTimeoutMs);
    openGate();
    t.match(await waiting, { type: 'refused', error: { code: 'FULL' } });
  },
);

t.test('a refused write uses no number (part3/README.md#message-requests)', async (t) => {
  const store = await startStore(t, { memoryBytesMax: mebibyte });
  const large = new Uint8Array(700_000);
  const writes: readonly { write: Write; code?: string }[] = [
    { write: put('a', '1') },
    { write: put('bad\0key', '1'), code: 'BAD_REQUEST' },
    { write: del('\ud800'), code: 'BAD_REQUEST' },
    { write: { op: 'put', key: 'large', data: new Uint8Array(mebibyte) }, code: 'TOO_LARGE' },
    { write: { op: 'put', key: 'large', data: large } },
    { write: { op: 'put', key: 'larger', data: large }, code: 'FULL' },
    { write: { op: 'putIfAbsent', key: 'larger', data: large }, code: 'FULL' },
    { write: { op: 'putIfEquals', key: 'a', data: large, expected: Buffer.from('1') }, code: 'FULL' },
    { write: del('large') },
  ];
  let opN = 0;
  for (const { write, code } of writes) {
    const admission = await decide(store, write);
    if (code !== undefined) t.match(admission, { type: 'refused', error: { code } });
    else t.same(admission, { type: 'admitted', opN: opN++ });
    t.equal(store.lastAssigned, opN);
  }
  await store.close();
  t.equal(store.opCount, opN, 'and all that have one are executed');
});

t.test('progress of the executor during a check is not missed (part3/README.md#write-numbers)', async (t) => {
  const store = await startStore(t);
  const steps = new StoreSteps(store);
  const writes = 20_000;
  const roundsMax = 50;
  let told: number[] = [];
  let allTold = Promise.withResolvers<void>();
  let last = 0;
  store.onExecuted((opCount) => {
    // Main blocks here during its first check, until the executor has done the rest.
    const deadline = performance.now() + patient.roomTimeoutMs;
    while (told.length === 0 && store.figures.queueLength > 0 && performance.now() < deadline);
    told.push(opCount);
    if (opCount === last) allTold.resolve();
  });
  // A main thread that gets no processor for a while makes its first check when all is done: such a round shows nothing.
  for (let round = 0; round < roundsMax && told.length <= 1; round += 1) {
    told = [];
    allTold = Promise.withResolvers();
    last += writes;
    // In one turn: the executor is woken once, and meets a long queue.
    steps.run(Array.from({ length: writes }, (_, n) => ({ op: 'put', key: 'a', value: `${n}` })));
    await withDeadline(allTold.promise, patient.roomTimeoutMs, 'the last write to be told');
  }
  t.ok(told.length > 1, `${told} writes are told of`);
});

tableContract(t, 'the table behind its lock (part3/README.md#threads-locks)', (lists) => {
  const table = SharedTable.create({ nLists: lists, memoryBytesMax: 64 * 1024 * 1024 });
  return new LockedTable({
    table,
    keysBytesMax: 1_000_000,
    lock: () => table.mutex.lock(),
    onUnlocked: () => undefined,
  });
});
