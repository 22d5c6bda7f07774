import { entryToBuffer } from '@tablelab/part1';
import {
  Ack,
  ContentType,
  decodeMessage,
  ErrorNumber,
  encodeMessage,
  type MessageFields,
  Opcode,
  Outcome,
} from '@tablelab/part2';
import { Deferred, type RequestSource } from '@tablelab/part3';
import { must } from '@tablelab/shared';
import { eventually } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { ChainSkeleton } from '../src/adapters/chain-skeleton.ts';
import { nodeClock } from '../src/adapters/node/node-clock.ts';
import { nodeRandomness } from '../src/adapters/node/node-randomness.ts';
import { addressOpens, connectionOpens } from '../src/adapters/open-quota.ts';
import { TableReplicaStore } from '../src/adapters/store/table-replica-store.ts';
import { TableApplier } from '../src/adapters/table-applier.ts';
import { defaultChainLimits } from '../src/core/limits.ts';
import type { Update, WriteRequest } from '../src/core/update.ts';
import { ManualClock } from './support/manual-clock.ts';
import { RecordedConnection } from './support/recorded-connection.ts';
import { SoloDriver } from './support/solo-driver.ts';

const deadlineMs = 15_000;
const noData = new Uint8Array(0);
const put = (key: string, data: Uint8Array = Uint8Array.of(1)): WriteRequest => ({
  client: '',
  request: 0,
  firstIncomplete: 0,
  op: 'put',
  key,
  data,
});

t.test('writes that wait for room are admitted one after the other, in order', async (t) => {
  const { driver, stops } = (await SoloDriver.start(t, { limits: { logUpdatesMax: 4 } })).found();
  const replies = await Promise.all(
    Array.from({ length: 40 }, (_, n) => driver.write(put('a', Uint8Array.of(n)), 'assigned')),
  );
  t.same(
    replies.map((reply) => ('name' in reply ? reply.name.seq : reply.type)),
    Array.from({ length: 40 }, (_, seq) => seq),
  );
  t.same(stops, []);
});

t.test('a write that has room does not overtake one that waits for it', async (t) => {
  const solo = (await SoloDriver.start(t, { store: { memoryBytesMax: 16 << 20 } })).found();
  const { driver } = solo;
  const half = new Uint8Array(4 << 20);
  const replies = [
    driver.write(put('a', half), 'committed'),
    // As long as the first one is not executed it is not known whether there is room for this one.
    driver.write(put('b', new Uint8Array(13 << 20)), 'committed'),
    driver.write({ ...put('a'), op: 'del', data: new Uint8Array(0) }, 'committed'),
  ];
  t.ok(replies.every((reply) => reply instanceof Deferred));
  const [first, second, third] = await Promise.all(replies);
  t.match(first, { type: 'committed' });
  if (second?.type === 'committed') t.match(third, { name: { seq: second.name.seq + 1 } });
  else t.match(second, { type: 'refused', code: 'FULL' }, 'decided before the del could make room');
  t.match(third, { type: 'committed' });
});

t.test('a write that can be answered at once needs no promise', async (t) => {
  const solo = await SoloDriver.start(t);
  t.match(solo.driver.write(put('a'), 'assigned'), { type: 'refused', code: 'NOT_READY' }, 'no chain yet');
  solo.found();
  t.match(solo.driver.write(put('a'), 'assigned'), { type: 'assigned', name: { epoch: 0, seq: 0 } });
  const committed = solo.driver.write(put('a'), 'committed');
  t.ok(committed instanceof Deferred, 'the executor has not come to it');
  t.match(await committed, { type: 'committed', name: { epoch: 0, seq: 1 } });
});

t.test('a full table refuses writes at the head, and keeps working', async (t) => {
  const solo = (await SoloDriver.start(t, { store: { memoryBytesMax: 16 << 20 } })).found();
  const { driver } = solo;
  const data = new Uint8Array(1 << 20);
  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, n) => driver.write(put(`k${n}`, data), 'committed')),
  );
  const stored = replies.filter(({ type }) => type === 'committed').length;
  t.ok(stored >= 4 && stored < 16, `${stored} MiB went into a table of 16`);
  for (const reply of replies)
    if (reply.type !== 'committed') t.match(reply, { type: 'refused', code: 'FULL' });
  const table = must(driver.table, 'it has its table');
  t.equal(table.size, stored);
  t.match(await driver.write(put('k0', data), 'committed'), { type: 'committed' }, 'what it replaces counts');
  for (const key of table.keys()) {
    const del = { ...put(key, noData), op: 'del' } as const;
    t.match(await driver.write(del, 'committed'), { type: 'committed' }, 'a del is never refused');
  }
  t.match(
    await driver.write(put('k', data), 'committed'),
    { type: 'committed' },
    'what was deleted makes room',
  );
  t.same(solo.stops, []);
});

t.test('a bug in the core takes this server out of the chain, with an error', async (t) => {
  const solo = (await SoloDriver.start(t)).found();
  solo.join();
  const open = solo.driver.write(put('a'), 'committed');
  const connection = new RecordedConnection();
  solo.driver.accept(connection, new Uint8Array(0));
  solo.driver.handle({ type: 'executed', executed: 5, tableBytes: 0 });
  t.match(solo.stops, [/a bug in the chain, at event executed: .*executed 5, after 0, of 1/s]);
  t.match(await open, { type: 'unknown' }, 'who waited is told that nobody knows');
  t.ok(connection.isGone, 'its neighbours notice at once');
  solo.driver.handle({ type: 'executed', executed: 6, tableBytes: 0 });
  t.equal(solo.stops.length, 1, 'nothing more is handled');
  t.match(solo.driver.write(put('a'), 'assigned'), { type: 'refused', code: 'SHUTTING_DOWN' });
  solo.part();
  t.match(solo.driver.readRefusal(), { code: 'SHUTTING_DOWN' }, 'nor read');
});

t.test('so does one that comes up when a write is let in', async (t) => {
  const { driver, stops } = (await SoloDriver.start(t)).found();
  const open = driver.write(put('a'), 'committed');
  driver.core.writeRefusal = () => {
    throw new Error('broken');
  };
  t.match(driver.write(put('a'), 'assigned'), { type: 'refused', code: 'SHUTTING_DOWN' });
  t.match(await open, { type: 'unknown' });
  t.match(stops, [/a bug in the chain, with a write that waits: Error: broken/]);
});

t.test(
  'when a head’s lease ends, writes that wait for room are refused, so that clients try another server',
  async (t) => {
    const limits = { logUpdatesMax: 1, redialDelayMs: 60_000 };
    const solo = (await SoloDriver.start(t, { limits, sessionTimeoutMs: 2_000 })).found();
    solo.join();
    const begun = performance.now();
    const stuck = solo.driver.write(put('a'), 'committed');
    t.match(await solo.driver.write(put('a'), 'assigned'), { type: 'refused', code: 'NOT_READY' });
    t.ok(performance.now() - begun < 5_000, 'and does not wait for room for half a minute');
    solo.part();
    t.match(await stuck, { type: 'committed' }, 'what the chain has stays there');
  },
);

t.test('a write waits for room and for the chain only until its time-out', async (t) => {
  const limits = { logUpdatesMax: 1, redialDelayMs: 60_000 };
  const writeTimeoutMs = 10_000;
  const clock = new ManualClock();
  const solo = (await SoloDriver.start(t, { limits, writeTimeoutMs, clock })).found();
  const { driver } = solo;
  t.match(await driver.write(put('a'), 'committed'), { type: 'committed', name: { epoch: 0, seq: 0 } });
  solo.join();
  const stuck = driver.write(put('a'), 'committed');
  clock.pass(1);
  const refused = driver.write(put('a'), 'assigned');
  clock.pass(writeTimeoutMs - 2);
  t.equal(await Promise.race([stuck, refused, nextTurn()]), undefined, 'each has its time');
  clock.pass(1);
  t.match(await stuck, { type: 'unknown' }, 'the successor does not answer');
  t.equal(await Promise.race([refused, nextTurn()]), undefined);
  clock.pass(1);
  t.match(await refused, { type: 'refused', code: 'BUSY' }, 'the log is full');
  const joining = driver.write(put('a'), 'assigned');
  solo.part();
  t.match(await joining, { type: 'assigned', name: { epoch: 0, seq: 2 } }, 'alone again, there is room');
  t.same(solo.stops, []);
});

t.test('a leaving server answers pending writes, and refuses new ones', async (t) => {
  const solo = (await SoloDriver.start(t)).found();
  const { driver } = solo;
  const last = driver.write(put('a'), 'committed');
  driver.handle({ type: 'leave' });
  t.match(driver.write(put('b'), 'assigned'), { type: 'refused', code: 'SHUTTING_DOWN' });
  t.match(await last, { type: 'committed' });
  await eventually(() => solo.left, { deadlineMs, what: 'it to have left' });
  t.match(driver.core.readRefusal(nodeClock.now()), { code: 'NOT_READY' });
});

const skeletonTimeoutMs = 5_000;

const nextTurn = () => new Promise<undefined>((resolve) => setImmediate(resolve, undefined));

async function skeletonOf(t: Test): Promise<{
  solo: SoloDriver;
  call: (fields: MessageFields, connection?: object) => Promise<MessageFields>;
  clock: ManualClock;
}> {
  const clock = new ManualClock();
  const solo = await SoloDriver.start(t, { clock, writeTimeoutMs: skeletonTimeoutMs });
  const skeleton = new ChainSkeleton({
    driver: solo.driver,
    clock,
    randomness: nodeRandomness,
  });
  const oneConnection: RequestSource = {};
  const call = async (fields: MessageFields, connection: RequestSource = oneConnection) => {
    const frame = encodeMessage(fields);
    // All of these are shorter than 128 bytes, whose length is one byte.
    return skeleton.invoke(decodeMessage(frame.subarray(1)), connection);
  };
  return { solo, call, clock };
}

t.test('only a connection that opens one session after another has to wait', async (t) => {
  const { solo, call, clock } = await skeletonOf(t);
  const open = { opcode: Opcode.OP_OPEN, c_type: ContentType.CT_NONE };
  const busy = { opcode: Opcode.OP_ERROR, error: ErrorNumber.BUSY };
  const opened = { opcode: Opcode.OP_OPEN + 1 };
  for (let n = 0; n < 2 * connectionOpens.atOnceMax; n += 1) {
    t.match(await call(open), { error: ErrorNumber.NOT_READY }, 'what was refused does not count');
  }
  solo.found();
  for (let n = 0; n < connectionOpens.atOnceMax; n += 1) t.match(await call(open), opened);
  t.match(await call(open), busy);
  t.match(await call(open, {}), opened, 'another connection');
  clock.pass(connectionOpens.everyMs);
  t.match(await call(open), opened, 'in time there is one more');
  t.match(await call(open), busy);
});

t.test(
  'many connections of one address make the chain forget nobody’s session (part4/README.md#once-quota)',
  async (t) => {
    const { solo, call, clock } = await skeletonOf(t);
    solo.found();
    const open = { opcode: Opcode.OP_OPEN, c_type: ContentType.CT_NONE };
    const busy = { opcode: Opcode.OP_ERROR, error: ErrorNumber.BUSY };
    const opened = { opcode: Opcode.OP_OPEN + 1 };
    let count = 0;
    for (let n = 0; n < 700; n += 1) {
      const connection = { address: '192.0.2.1' };
      for (let m = 0; m < connectionOpens.atOnceMax; m += 1)
        if ((await call(open, connection)).opcode === opened.opcode) count += 1;
    }
    t.equal(count, addressOpens.atOnceMax, 'of 11,200 that were asked for');
    t.ok(count <= defaultChainLimits.sessionsMax / 10);
    t.match(await call(open, { address: '192.0.2.1' }), busy);
    t.match(await call(open, { address: '192.0.2.2' }), opened, 'another address');
    clock.pass(addressOpens.everyMs);
    t.match(await call(open, { address: '192.0.2.1' }), opened, 'in time there is one more');
    t.match(await call(open, { address: '192.0.2.1' }), busy);
  },
);

t.test('sessions on the wire: opened, used, repeated, refused', async (t) => {
  const { solo, call, clock } = await skeletonOf(t);
  const open = { opcode: Opcode.OP_OPEN, c_type: ContentType.CT_NONE };
  t.match(await call(open), { opcode: Opcode.OP_ERROR, error: ErrorNumber.NOT_READY });
  solo.found();
  const opened = await call(open);
  t.match(opened, { opcode: Opcode.OP_OPEN + 1, c_type: ContentType.CT_RESULT, sequence: 0, epoch: 1 });
  const client = must(opened.client, 'an OP_OPEN names the session');
  t.match(client, /^[0-9a-f]{32}$/);
  const write = {
    opcode: Opcode.OP_PUT,
    c_type: ContentType.CT_ENTRY,
    key: 'a',
    data: Uint8Array.of(1),
    client,
    request: 1,
    first_incomplete: 1,
    ack: Ack.COMMITTED,
  };
  t.match(await call(write), { opcode: Opcode.OP_PUT + 1, sequence: 1, epoch: 1 });
  t.match(await call(write), { sequence: 1 }, 'a repeat is the write it was');
  const other = await call({ ...write, data: Uint8Array.of(2) });
  t.match(other, { error: ErrorNumber.BAD_REQUEST }, 'another write under the same number is refused');
  t.match(await call({ opcode: Opcode.OP_GET, c_type: ContentType.CT_KEY, key: 'a' }), {
    data: Buffer.of(1),
  });
  t.match(await call({ ...write, request: 2, first_incomplete: 2 }), { sequence: 2 });
  const refusals: [string, Partial<MessageFields>, number][] = [
    ['what has been answered', { request: 1 }, ErrorNumber.BAD_REQUEST],
    ['a session that nobody has opened', { client: '0'.repeat(32) }, ErrorNumber.LOST],
    ['request 0', { request: 0, first_incomplete: 0 }, ErrorNumber.BAD_REQUEST],
    ['an answer missing beyond the request', { request: 3, first_incomplete: 4 }, ErrorNumber.BAD_REQUEST],
    ['a name of another form', { client: `${client}0` }, ErrorNumber.BAD_REQUEST],
  ];
  for (const [what, fields, error] of refusals) {
    t.match(await call({ ...write, ...fields }), { opcode: Opcode.OP_ERROR, error }, what);
  }
  t.match(await call({ ...open, client }), { error: ErrorNumber.BAD_REQUEST }, 'a session within a session');
  t.match(await call({ ...open, c_type: ContentType.CT_KEY }), { error: ErrorNumber.BAD_REQUEST });
  t.match(
    await call({ ...write, client: '', request: 0, first_incomplete: 0 }),
    { sequence: 3 },
    'without a session',
  );

  solo.join();
  const stuck = call({ ...write, request: 3 });
  await nextTurn();
  clock.pass(skeletonTimeoutMs);
  t.match(await stuck, { error: ErrorNumber.UNCERTAIN }, 'the chain does not get on');
  solo.part();
  t.match(await call({ ...write, request: 3 }), { sequence: 4 }, 'repeated, it is answered');
});

/** An applier on a real table, and what it says. */
async function startApplier(t: Test, options: { tasksMax?: number } = {}) {
  const said: string[] = [];
  const newStore = async () => {
    said.push('new table');
    return TableReplicaStore.start({ nLists: 1, memoryBytesMax: 1 << 30, ...options });
  };
  const store = await TableReplicaStore.start({ nLists: 1, memoryBytesMax: 1 << 30, ...options });
  const applier = new TableApplier({
    store,
    newStore,
    onExecuted: (executed) => said.push(`executed ${executed}`),
    onLoaded: (chunks) => said.push(`loaded ${chunks}`),
    onFailed: (detail) => said.push(`failed: ${detail}`),
  });
  t.teardown(() => applier.close());
  const until = (text: string) => eventually(() => said.includes(text), { deadlineMs, what: text });
  return { applier, said, until, store };
}

const update = (seq: number, fields: Partial<Update> = {}): Update => ({
  ...put(`key ${seq}`),
  seq,
  epoch: 0,
  isApplied: true,
  ...fields,
});
const chunkOf = (...keys: string[]) =>
  Buffer.concat(keys.map((key) => entryToBuffer({ key, value: Buffer.from('copied') })));

t.test('a write keeps none of the bytes of its request, which a later request may share', async (t) => {
  const clock = new ManualClock();
  const solo = (await SoloDriver.start(t, { clock })).found();
  const skeleton = new ChainSkeleton({ driver: solo.driver, clock, randomness: nodeRandomness });
  const writes: WriteRequest[] = [];
  solo.driver.write = (write) => {
    writes.push(write);
    return { type: 'refused', code: 'BUSY', detail: 'not here' };
  };
  const fields = {
    c_type: ContentType.CT_ENTRY,
    key: 'k',
    data: Buffer.alloc(40, 1),
    expected: Buffer.alloc(40, 2),
  };
  const request = decodeMessage(encodeMessage({ opcode: Opcode.OP_PUTIFEQUALS, ...fields }).subarray(1));
  skeleton.invoke(request, {});
  const [write] = writes;
  t.equal(writes.length, 1);
  t.not(write?.data.buffer, request.data.buffer, 'the value');
  t.not(write?.expected?.buffer, request.expected.buffer, 'the expected value');
});

t.test(
  'verify says what a write has found, while its update is in the log (part4/README.md#outcome-said)',
  async (t) => {
    const { solo, call } = await skeletonOf(t);
    solo.found();
    const key = { c_type: ContentType.CT_KEY, key: 'a' };
    const entry = { c_type: ContentType.CT_ENTRY, key: 'a', data: Uint8Array.of(1) };
    const { UNKNOWN, APPLIED, NOT_APPLIED } = Outcome;
    for (const [request, outcome] of [
      [{ opcode: Opcode.OP_DEL, ...key }, NOT_APPLIED],
      [{ opcode: Opcode.OP_PUTIFABSENT, ...entry }, APPLIED],
      [{ opcode: Opcode.OP_PUTIFABSENT, ...entry }, NOT_APPLIED],
      [{ opcode: Opcode.OP_PUT, ...entry }, UNKNOWN],
      [{ opcode: Opcode.OP_DEL, ...key }, APPLIED],
    ] as const) {
      const { result = -1, epoch } = await call({ ...request, ack: Ack.COMMITTED });
      const verify = { opcode: Opcode.OP_VERIFY, c_type: ContentType.CT_RESULT, result };
      t.match(await call({ ...verify, epoch: must(epoch, 'an epoch') }), { result: 1, outcome });
    }
  },
);

t.test('a server that begins an empty chain first has no table, and then an empty one', async (t) => {
  const clock = new ManualClock();
  const solo = await SoloDriver.start(t, { onTotalLoss: 'start-empty', clock });
  const { driver } = solo;
  const chain = 'c'.repeat(16);
  driver.handle({ type: 'session-started', session: '5'.repeat(16), timeoutMs: 2_000 });
  const view = { version: 1, servers: [{ id: 0, address: '127.0.0.1:1', session: '6'.repeat(16) }] };
  const members = [{ id: 0, member: '7'.repeat(16) }];
  const record = { chain, epochBase: 0, serial: 1, view: 1, members, capacityBytes: 1_000_000 };
  solo.show({ view, record });
  // The server is joining and has a part of the data when the only server with all data dies.
  const hello = {
    type: 'hello',
    id: 0,
    session: '6'.repeat(16),
    viewVersion: 1,
    chain,
    joining: true,
  } as const;
  driver.handle({ type: 'message', link: 'up', message: hello });
  const updates = [update(0)];
  driver.handle({ type: 'message', link: 'up', message: { type: 'updates', updates } });
  await driver.until(() => driver.core.executed === 1, deadlineMs);
  solo.show({ view: { version: 2, servers: [] }, record });
  // The servers with the data have two and a half session time-outs to return.
  clock.pass(5_000);
  await driver.until(() => driver.core.isMember, deadlineMs);
  t.equal(driver.core.readRefusal(clock.now()), undefined, 'it is the chain, for all that the core knows');
  const skeleton = new ChainSkeleton({ driver, clock, randomness: nodeRandomness });
  const request = encodeMessage({ opcode: Opcode.OP_SIZE, c_type: ContentType.CT_NONE });
  const size = () => skeleton.invoke(decodeMessage(request.subarray(1)), {});
  t.match(size(), { opcode: Opcode.OP_ERROR, error: ErrorNumber.NOT_READY });
  await eventually(() => driver.table !== undefined, { deadlineMs, what: 'an empty table' });
  solo.heartbeats(driver.core.id);
  t.match(size(), { opcode: Opcode.OP_SIZE + 1, result: 0 });
});

t.test('the table gets updates and chunks in order, and reports its progress', async (t) => {
  const { applier, said, until } = await startApplier(t);
  applier.wipe(100);
  t.same(said, [], 'a table that was never used is empty');
  applier.load(noData);
  t.same(said, ['loaded 1'], 'an empty chunk is loaded at once');
  applier.load(chunkOf('a', 'key 100', 'c'));
  applier.execute([
    update(100),
    update(101, { op: 'del', key: 'c', data: noData }),
    update(102, { op: 'open', key: '', client: 'c'.repeat(32) }),
  ]);
  applier.load(chunkOf('d'));
  applier.load(noData);
  await until('executed 103');
  await until('loaded 4');
  t.ok(said.indexOf('loaded 4') >= said.indexOf('executed 103'), 'in order');
  t.same(must(applier.store, 'a table').table.keys().toSorted(), ['a', 'd', 'key 100']);
  t.same(
    must(applier.store, 'a table').table.get('key 100'),
    Uint8Array.of(1),
    'an update comes over what was copied before',
  );
  const read = applier.read(0, 1 << 20);
  t.same([read.executed, read.next], [103, undefined]);
  // The chunk does not wait for what comes behind it, though the table never comes to its end.
  applier.load(chunkOf('e'));
  let seq = 103;
  while (!said.includes('loaded 5') && seq < 60_000) {
    for (const end = seq + 1_000; seq < end; seq += 1) applier.execute([update(seq)]);
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.ok(said.includes('loaded 5'), `after ${seq} updates`);
  await until(`executed ${seq}`);
  const numbers = said.filter((text) => text.startsWith('executed')).map((text) => Number(text.slice(9)));
  t.same(
    numbers,
    [...new Set(numbers)].toSorted((one, other) => one - other),
    'each count once, rising',
  );
  t.equal(said.filter((text) => text.startsWith('loaded')).at(-1), 'loaded 5', 'no chunk is told of again');
});

t.test('a wipe: an empty table, and no more reports of the old one', async (t) => {
  const { applier, said, until, store } = await startApplier(t);
  for (let seq = 0; seq < 3_000; seq += 1) applier.execute([update(seq)]);
  applier.wipe(7);
  said.length = 0;
  // The new table is not there yet: what comes waits for it, or is called off by the next wipe.
  applier.load(chunkOf('called off'));
  applier.execute([update(7)]);
  applier.wipe(500);
  applier.load(chunkOf('a'));
  applier.execute([update(500)]);
  await until('executed 501');
  await until('loaded 1');
  t.same(said.toSorted(), ['executed 501', 'loaded 1', 'new table'], 'one table is enough');
  t.same(must(applier.store, 'a table').table.keys().toSorted(), ['a', 'key 500']);
  t.not(applier.store, store);
  t.equal(store.executed, 3_000, 'the old one has ended in good order');
});

t.test('updates for which the queue has no room wait in order', async (t) => {
  const { applier, said, until } = await startApplier(t, { tasksMax: 2 });
  applier.execute(
    Array.from({ length: 50 }, (_, seq) => update(seq, { key: `${seq % 5}`, data: Uint8Array.of(seq) })),
  );
  applier.load(chunkOf('a', 'b', 'c', 'd'));
  applier.execute([update(50)]);
  await until('executed 51');
  t.ok(said.includes('loaded 1'));
  const { table } = must(applier.store, 'a table');
  t.same([table.get('4'), table.get('a')], [Uint8Array.of(49), new TextEncoder().encode('copied')]);
});
