import { setImmediate, setTimeout } from 'node:timers/promises';
import { tableContract } from '@tablelab/part1/testing';
import {
  ContentType,
  decodeMessage,
  encodeMessage,
  FrameDecoder,
  type Message,
  type MessageFields,
  Opcode,
} from '@tablelab/part2';
import {
  AsyncSkeleton,
  operationFields,
  operationNumberOf,
  TableStore,
  type TableStoreOptions,
  type Write,
} from '@tablelab/part3';
import { must, seededRandom } from '@tablelab/shared';
import t, { type Test } from 'tap';
import { LockedTable } from '../src/locked-table.ts';
import { SharedTable } from '../src/shared-memory/shared-table.ts';
import { closeGate, gatedExecutor } from './support/gate.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const put = (key: string, value: string) => ({ op: 'put', key, data: bytes(value) }) as const;
const del = (key: string) => ({ op: 'del', key, data: new Uint8Array(0) }) as const;

/** A message as a server gets it: through its bytes. */
function received(fields: MessageFields): Message {
  const [payload] = new FrameDecoder().push(encodeMessage(fields));
  return decodeMessage(must(payload, 'a whole frame'));
}

const putRequest = (key: string, value: string) =>
  received({ opcode: Opcode.OP_PUT, c_type: ContentType.CT_ENTRY, key, data: bytes(value) });

/** For what must come: a machine with other work to do takes its time. */
const patient = { roomTimeoutMs: 20_000 };

/** Waits until the write may be submitted; there is but one who writes. */
async function roomFor(store: TableStore, write: Write): Promise<void> {
  const deadline = performance.now() + patient.roomTimeoutMs;
  while (store.mustWait(write)) {
    if (!(await store.room(write, deadline - performance.now()))) throw new Error('no room in all that time');
  }
}

/** Rejects with what `attempt` throws; repeats it until then, for the executor may take its time to get that far. */
async function untilThrows(attempt: () => void): Promise<void> {
  const deadline = performance.now() + patient.roomTimeoutMs;
  while (performance.now() < deadline) {
    attempt();
    await setTimeout(5);
  }
}

/** Resolves once the store has executed so many writes, in a turn of its own. */
async function untilExecuted(store: TableStore, opCount: number): Promise<void> {
  const deadline = performance.now() + patient.roomTimeoutMs;
  while (store.opCount < opCount) {
    if (performance.now() > deadline)
      throw new Error(`${store.opCount} of ${opCount} writes in all that time`);
    await setTimeout(1);
  }
}

async function startStore(t: Test, options: Partial<TableStoreOptions> = {}): Promise<TableStore> {
  const store = await TableStore.start({ nLists: 1, ...options });
  t.teardown(() => store.close());
  return store;
}

async function startGatedStore(
  t: Test,
  options: Partial<TableStoreOptions>,
): Promise<{ store: TableStore; openGate: () => void }> {
  const store = await TableStore.start({ nLists: 1, ...options, executorProgram: gatedExecutor });
  const openGate = closeGate();
  t.teardown(() => {
    openGate();
    return store.close();
  });
  return { store, openGate };
}

const dyingExecutor = new URL('./support/dying-executor.ts', import.meta.url);

t.test(
  'writes are numbered at once and executed afterwards, in order, by another thread (part3/README.md#write-numbers, part3/README.md#write-copies)',
  async (t) => {
    const { store, openGate } = await startGatedStore(t, { nLists: 2 });
    const counts: number[] = [];
    store.onExecuted((opCount) => counts.push(opCount));
    t.equal(store.submit(put('a', '1')), 0);
    const { data } = put('a', '2');
    t.equal(store.submit({ op: 'put', key: 'a', data }), 1);
    data.fill(0);
    t.equal(store.submit(del('b')), 2);
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
    t.throws(() => store.submit(put('a', '3')), { code: 'SHUTTING_DOWN' });
  },
);

t.test('main executes a few short writes itself while the executor has nothing to do', async (t) => {
  const { store, openGate } = await startGatedStore(t, { mainWritesMax: 3 });
  const counts: number[] = [];
  store.onExecuted((opCount) => counts.push(opCount));
  t.equal(store.submit(put('a', '1')), 0);
  store.submit(put('b', '1'));
  store.submit(del('a'));
  t.equal(store.opCount, 3, 'they are executed');
  t.same(counts, [], 'listeners hear of them in a turn of its own');
  await setImmediate();
  t.same(counts, [3]);
  t.same(store.table.keys(), ['b']);

  store.submit({ op: 'put', key: 'a', data: new Uint8Array(4_097) });
  t.equal(store.opCount, 3, 'a long one is for the executor');
  store.submit(put('a', '2'));
  t.equal(store.opCount, 3, 'and so is what comes behind it');
  openGate();
  await untilExecuted(store, 5);
  t.same(store.table.get('a'), bytes('2'), 'in the order of their numbers');

  await setImmediate();
  for (let n = 0; n < 3; n += 1) store.submit(put('a', `${n}`));
  t.equal(store.opCount, 8, 'once it is done main goes on');
  store.submit({ op: 'none', key: '', data: bytes('') });
  t.equal(store.opCount, 8, 'with no more than its limit in one turn');
  await store.close();
  t.equal(store.opCount, 9);
});

t.test(
  'what reads see while the other thread writes is always the state after some number of writes (part3/README.md#write-order, part3/README.md#read-at-once)',
  async (t) => {
    const random = seededRandom(6);
    const store = await startStore(t);
    const names = ['a', 'b', 'c', 'd', 'e'];
    /** The model: what the table holds after n writes. */
    const states: ReadonlyMap<string, string>[] = [new Map()];
    const told: number[] = [];
    store.onExecuted((opCount) => told.push(opCount));
    let readsAmidWrites = 0;

    /** Checks one read: `states[n]` explains it for an n that was `op_count` while it was made. */
    function check<T>(
      what: string,
      read: () => T,
      expected: (state: ReadonlyMap<string, string>) => T,
    ): void {
      const before = store.opCount;
      const found = JSON.stringify(read());
      const after = store.opCount;
      if (after < store.lastAssigned) readsAmidWrites += 1;
      // Who counts executed writes must not learn of one later than who reads it.
      if ((told.at(-1) ?? 0) < before)
        t.fail(`listeners know of ${told.at(-1)} writes, a read saw ${before}`);
      const explained = states
        .slice(before, after + 1)
        .some((state) => JSON.stringify(expected(state)) === found);
      if (!explained)
        t.fail(`${what} = ${found}, which no state after ${before} to ${after} writes explains`);
    }

    const text = (value: Uint8Array | undefined) =>
      value === undefined ? null : Buffer.from(value).toString();
    for (let step = 0; step < 20_000; step += 1) {
      const name = random.pick(names);
      switch (random.int(8)) {
        case 0:
        case 1:
        case 2: {
          const value = `${step}`.padEnd(random.pick([5, 50, 500]));
          states.push(new Map(must(states.at(-1), 'the first')).set(name, value));
          if (store.submit(put(name, value)) !== states.length - 2)
            t.fail(`the number of write ${states.length - 2}`);
          break;
        }
        case 3: {
          const state = new Map(must(states.at(-1), 'the first'));
          state.delete(name);
          states.push(state);
          store.submit(del(name));
          break;
        }
        case 4:
          check(
            `get ${name}`,
            () => text(store.table.get(name)),
            (state) => state.get(name) ?? null,
          );
          break;
        case 5:
          check(
            'size',
            () => store.table.size,
            (state) => state.size,
          );
          break;
        case 6:
          check(
            'keys',
            () => store.table.keys().sort(),
            (state) => [...state.keys()].sort(),
          );
          break;
        default:
          if (random.int(4) === 0) await setImmediate();
      }
    }
    await store.close();
    t.same(
      Object.fromEntries(store.table.keys().map((key) => [key, text(store.table.get(key))])),
      Object.fromEntries(must(states.at(-1), 'the first')),
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

t.test(
  'a full queue: submit refuses, room comes when the executor has got on (part3/README.md#queue-full)',
  async (t) => {
    const { store, openGate } = await startGatedStore(t, { tasksMax: 2 });
    store.submit(put('a', '1'));
    t.equal(store.mustWait(put('b', '2')), false);
    store.submit(put('b', '2'));
    t.equal(store.mustWait(put('c', '3')), true);
    t.throws(() => store.submit(put('c', '3')), { code: 'BUSY' });
    t.equal(store.lastAssigned, 2, 'a write that is refused takes no number');
    t.throws(() => store.submit(put('bad\0key', '3')), { code: 'BAD_REQUEST' });
    t.equal(await store.room(put('c', '3'), 1), false, 'no room in a millisecond');
    const room = store.room(put('c', '3'), patient.roomTimeoutMs);
    openGate();
    t.equal(await room, true);
    t.equal(store.submit(put('c', '3')), 2);
  },
);

t.test(
  'a value of 16 MiB passes through, one that no frame carries does not (part3/README.md#queue-fifo)',
  async (t) => {
    const store = await startStore(t);
    const data = new Uint8Array(16 * 1024 * 1024 - 64).fill(0xa5);
    for (let opN = 0; opN < 6; opN += 1) {
      const write = { op: 'put', key: `large ${opN}`, data } as const;
      await roomFor(store, write);
      store.submit(write);
    }
    t.throws(() => store.submit({ op: 'put', key: 'a'.repeat(65), data }), { code: 'TOO_LARGE' });
    await store.close();
    t.equal(store.table.size, 6);
    t.ok(Buffer.from(store.table.get('large 5') ?? []).equals(data));
  },
);

t.test(
  'full memory: a write that has no place is refused before it gets a number, and all others are executed (part3/README.md#write-certain)',
  async (t) => {
    const store = await startStore(t, { memoryBytesMax: 1024 * 1024 });
    const random = seededRandom(7);
    const model = new Map<string, number>();
    let refused = 0;
    async function write(one: Write): Promise<boolean> {
      await roomFor(store, one);
      try {
        store.submit(one);
        return true;
      } catch (error) {
        t.match(error, { code: 'BUSY', message: /no memory for this write: \d+ of 1048576 bytes/ });
        refused += 1;
        return false;
      }
    }
    for (let step = 0; step < 3_000; step += 1) {
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
  'an executor that dies ends the store: nobody waits for it, everybody hears why (part3/README.md#threads-death)',
  async (t) => {
    const whys = {
      'die:exit-0': /^the executor thread has died: it ended itself with code 0$/,
      'die:heap': /^the executor thread has died: .*memory/,
    };
    for (const [key, message] of Object.entries(whys)) {
      const store = await startStore(t, { executorProgram: dyingExecutor, tasksMax: 2 });
      const error = { name: 'TableError', code: 'INTERNAL', message };
      store.submit(put('a', '1'));
      store.submit(put(key, '1'));
      const waiting = new AsyncSkeleton(store, patient).invoke(putRequest('b', '2'));
      t.match(await store.failed, error, key);
      t.match(
        await waiting,
        { opcode: Opcode.OP_ERROR, detail: message },
        `${key}: a write that waits for room hears of it`,
      );
      t.throws(() => store.submit(put('b', '2')), error);
      t.throws(
        () => store.table.get('a'),
        error,
        `${key}: reads are refused, though the lock may be held for ever`,
      );
      t.equal(store.mustWait(put('b', '2')), false);
      await store.close();
    }
  },
);

t.test(
  'an executor that holds a lock for ever is taken for dead (part3/README.md#threads-hang)',
  async (t) => {
    const died = { code: 'INTERNAL', message: /^the executor thread has died: a lock .* was not released/ };
    const hung = await startStore(t, { executorProgram: dyingExecutor, tasksMax: 1 });
    hung.submit(put('die:hang', '1'));
    const blocked = new AsyncSkeleton(hung, { roomTimeoutMs: 20 }).invoke(putRequest('a', '1'));
    t.match(
      await blocked,
      { opcode: Opcode.OP_ERROR, error: 6 },
      'a write waits for room no longer than it may: BUSY',
    );
    await t.rejects(
      untilThrows(() => hung.table.get('a')),
      died,
      'a read that finds the lock held gives up',
    );
    t.match(await hung.failed, died);
    await hung.close();

    const queueHeld = await startStore(t, { executorProgram: dyingExecutor });
    const write = put('a', '1');
    queueHeld.submit(put('die:hang-queue', '1'));
    await t.rejects(
      untilThrows(() => queueHeld.submit(write)),
      died,
    );
    t.match(await queueHeld.failed, died);
    t.throws(() => queueHeld.submit(write), died);
  },
);

t.test(
  'closing: an executor that dies meanwhile is an error; one that does not start is one at once (part3/README.md#threads-death)',
  async (t) => {
    const store = await TableStore.start({ nLists: 1, executorProgram: dyingExecutor });
    store.submit(put('die:throw', '1'));
    await t.rejects(store.close(), { code: 'INTERNAL', message: /a bug in the table/ });
    const left = await TableStore.start({ nLists: 1, executorProgram: dyingExecutor });
    left.submit(put('die:exit-0', '1'));
    left.submit(put('a', '1'));
    const message = 'the executor thread has died: it left 2 writes';
    await t.rejects(left.close(), { name: 'TableError', code: 'INTERNAL', message });
    t.match(await left.failed, { message }, 'who ends as if it were done is found out');
    await t.rejects(
      TableStore.start({
        nLists: 1,
        executorProgram: new URL('./support/stillborn-executor.ts', import.meta.url),
      }),
      { code: 'INTERNAL', message: /cannot start/ },
    );
    for (const options of [{ nLists: 0 }, { nLists: 1, tasksMax: 0 }, { nLists: 1, memoryBytesMax: 1 }]) {
      await t.rejects(TableStore.start(options), { code: 'BAD_REQUEST' });
    }
  },
);

t.test(
  'keys that no reply carries are refused before main has read them all (part3/README.md#threads-short)',
  async (t) => {
    const store = await startStore(t);
    const data = new Uint8Array(0);
    for (let opN = 0; opN < 17; opN += 1) {
      const write = { op: 'put', key: String.fromCharCode(97 + opN).repeat(1024 * 1024), data } as const;
      await roomFor(store, write);
      store.submit(write);
    }
    await store.close();
    const reply = await new AsyncSkeleton(store).invoke(
      received({ opcode: Opcode.OP_GETKEYS, c_type: ContentType.CT_NONE }),
    );
    t.match(reply, { opcode: Opcode.OP_ERROR, error: 2, detail: /^17 keys take more than/ });
  },
);

t.test(
  'full memory is said at once to who does not want to wait (part3/README.md#write-certain)',
  async (t) => {
    const { store, openGate } = await startGatedStore(t, { memoryBytesMax: 1024 * 1024 });
    const large = { op: 'put', key: 'large', data: new Uint8Array(700_000) } as const;
    t.equal(store.memoryRefusal(large), undefined, 'there is room');
    store.submit(large);
    const another = { ...large, key: 'another' };
    t.equal(store.memoryRefusal(another), undefined, 'not known before the writes in the queue are executed');
    openGate();
    await store.close();
    t.match(store.memoryRefusal(another), { code: 'BUSY', message: /no memory for this write/ });
  },
);

tableContract(t, 'the table behind its lock (part3/README.md#threads-locks)', (lists) => {
  const table = SharedTable.create({ nLists: lists, memoryBytesMax: 64 * 1024 * 1024 });
  const notLost = (): never => {
    throw new Error('nobody else has the lock');
  };
  const nothing = () => undefined;
  return new LockedTable({
    table,
    keysBytesMax: 1_000_000,
    check: nothing,
    onLockLost: notLost,
    onUnlocked: nothing,
  });
});

t.test(
  'the skeleton answers writes with operation numbers and waits for room in the order of the requests (part3/README.md#write-numbers)',
  async (t) => {
    const store = await startStore(t, { tasksMax: 3 });
    const skeleton = new AsyncSkeleton(store, patient);
    for (let opN = 0; opN < 50; opN += 1) {
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

t.test('the skeleton lets only so many bytes wait for room (part3/README.md#queue-full)', async (t) => {
  const { store, openGate } = await startGatedStore(t, { tasksMax: 1 });
  const skeleton = new AsyncSkeleton(store, patient);
  store.submit(put('a', '1'));
  const large = 'x'.repeat(15 * 1024 * 1024);
  const replying = Promise.all(Array.from({ length: 6 }, () => skeleton.invoke(putRequest('k', large))));
  openGate();
  const replies = await replying;
  t.same(
    replies.map(({ error = 0 }) => error),
    [0, 0, 0, 0, 6, 6],
    'BUSY beyond 64 MiB',
  );
});

t.test(
  'the skeleton: reads, verify, and what is no request (part3/README.md#message-requests)',
  async (t) => {
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
      { ...error, error: 7 },
      'closed',
    );
  },
);

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
