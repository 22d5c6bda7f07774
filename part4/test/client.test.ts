import { type AddressInfo, createServer, type Server } from 'node:net';
import { Table } from '@tablelab/part1';
import { noBytes, noText } from '@tablelab/part1/testing';
import {
  Ack,
  ContentType,
  ErrorNumber,
  encodeMessage,
  formatAddress,
  type Message,
  type MessageFields,
  Opcode,
  type Reply,
  Skeleton,
} from '@tablelab/part2';
import { Deferred, MultiplexingServer } from '@tablelab/part3';
import { must } from '@tablelab/shared';
import { cases, eventually, freePort, startZooKeeper, withDeadline } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { FaultProxy } from '../chaos/fault-proxy.ts';
import { nodeClock } from '../src/adapters/node/node-clock.ts';
import { socketTransport } from '../src/adapters/node/socket-transport.ts';
import { ChainDirectory } from '../src/adapters/zookeeper/chain-directory.ts';
import { type ZooKeeperSession, zooKeeperService } from '../src/adapters/zookeeper/zookeeper-session.ts';
import { ChainTable, type ChainTableOptions } from '../src/client/chain-table.ts';
import { ClientDriver } from '../src/client/client-driver.ts';
import type { ClientRequest, WriteOperation } from '../src/client/core/client-effects.ts';
import { defaultClientLimits } from '../src/client/core/client-limits.ts';
import { ViewSource } from '../src/client/view-source.ts';
import { answerOf, messageOf } from '../src/client/wire.ts';
import type { View } from '../src/core/view.ts';
import { nameFields } from '../src/write-name.ts';
import {
  deadlineMs,
  openObserver,
  openResources,
  passed,
  testTimeoutMs,
} from './support/zookeeper-sessions.ts';

t.setTimeout(testTimeoutMs);

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

// ---- the wire ----

const emptyMessage: Message = {
  opcode: Opcode.OP_BAD,
  c_type: ContentType.CT_BAD,
  key: '',
  data: new Uint8Array(0),
  result: 0,
  keys: [],
  epoch: 0,
  client: '',
  request: 0,
  first_incomplete: 0,
  ack: Ack.ASSIGNED,
  error: 0,
  detail: '',
  found: false,
  sequence: 0,
  from: 0,
  limit: 0,
  next: 0,
  server: '',
};

t.test('requests as messages, and the results in their replies', async (t) => {
  const write = { client: '00000000000000ab', request: 7, firstIncomplete: 5 };
  const identity = { client: '00000000000000ab', request: 7, first_incomplete: 5, ack: Ack.COMMITTED };
  const named = nameFields({ epoch: 3, number: 9 });
  const name = { epoch: 3, number: 9 };
  const none = new Uint8Array(0);
  const cases: [ClientRequest, MessageFields, Partial<Message>, object][] = [
    [
      { op: 'open', key: '', data: none, client: '', request: 0, firstIncomplete: 0 },
      { opcode: Opcode.OP_OPEN, c_type: ContentType.CT_NONE, ack: Ack.COMMITTED },
      { ...named, client: 'ab' },
      { type: 'written', name, client: 'ab' },
    ],
    [
      { op: 'put', key: 'k', data: bytes('v'), ...write },
      { opcode: Opcode.OP_PUT, c_type: ContentType.CT_ENTRY, key: 'k', data: bytes('v'), ...identity },
      named,
      { type: 'written', name, client: '' },
    ],
    [
      { op: 'del', key: 'k', data: none, ...write },
      { opcode: Opcode.OP_DEL, c_type: ContentType.CT_KEY, key: 'k', ...identity },
      named,
      { type: 'written', name, client: '' },
    ],
    [
      { op: 'get', key: 'k' },
      { opcode: Opcode.OP_GET, c_type: ContentType.CT_KEY, key: 'k' },
      { c_type: ContentType.CT_VALUE, data: none, found: true },
      { type: 'value', value: none },
    ],
    [
      { op: 'size' },
      { opcode: Opcode.OP_SIZE, c_type: ContentType.CT_NONE },
      { c_type: ContentType.CT_RESULT, result: 4 },
      { type: 'size', size: 4 },
    ],
    [
      { op: 'keys' },
      { opcode: Opcode.OP_GETKEYS, c_type: ContentType.CT_NONE },
      { c_type: ContentType.CT_KEYS, keys: ['a'] },
      { type: 'keys', keys: ['a'] },
    ],
    [
      { op: 'verify', name },
      { opcode: Opcode.OP_VERIFY, ...nameFields(name) },
      { c_type: ContentType.CT_RESULT, result: 1 },
      { type: 'verified', executed: true },
    ],
  ];
  for (const [request, message, reply, answer] of cases) {
    t.same(messageOf(request), message, request.op);
    const received = (fields: Partial<Message>) => ({
      ...emptyMessage,
      opcode: message.opcode + 1,
      ...fields,
    });
    t.match(answerOf(request, received(reply)), answer, request.op);
    t.match(
      answerOf(request, received({ c_type: ContentType.CT_BAD })),
      { type: 'error', code: 'INTERNAL', mayHaveHappened: true },
      `${request.op}: a reply that does not fit says nothing`,
    );
    for (const [code, mayHaveHappened] of [
      ['NOT_HEAD', false],
      ['UNCERTAIN', true],
    ] as const) {
      const error = { opcode: Opcode.OP_ERROR, error: ErrorNumber[code], detail: 'why' };
      t.same(answerOf(request, received(error)), { type: 'error', code, detail: 'why', mayHaveHappened });
    }
  }
  const open = cases.map(([request]) => request).find(({ op }) => op === 'open');
  for (const fields of [{ ...named, epoch: 0, client: 'ab' }, named]) {
    const reply = { ...emptyMessage, opcode: Opcode.OP_OPEN + 1, ...fields };
    t.match(answerOf(must(open, 'it is among the cases'), reply), { code: 'INTERNAL' });
  }
});

// ---- the driver, and servers whose answers the test decides ----

/** Long, so that no request of these tests is repeated because of this time-out. */
const limits = { ...defaultClientLimits, attemptTimeoutMs: 10 * deadlineMs };

/** Writes get the next name, an `open` the session `s`, reads the answers of an empty table. */
function answering(): { handler: (request: Message) => Reply; requests: Message[] } {
  const requests: Message[] = [];
  const reads = new Skeleton(new Table(1));
  const handler = (request: Message): Reply => {
    requests.push({ ...request, data: request.data.slice() });
    const { opcode } = request;
    if (opcode !== Opcode.OP_OPEN && opcode !== Opcode.OP_PUT) return reads.invoke(request);
    return { opcode: opcode + 1, ...nameFields({ epoch: 0, number: requests.length }), client: 's' };
  };
  return { handler, requests };
}

async function startNetworkServer(
  t: Test,
  handler: (request: Message) => Reply | Promise<Reply>,
  port = 0,
): Promise<{ address: string; server: MultiplexingServer }> {
  const server = new MultiplexingServer({
    handler: (request) => {
      const reply = handler(request);
      return reply instanceof Promise ? Deferred.of(reply) : reply;
    },
  });
  t.teardown(() => server.close({ deadlineMs: 0 }));
  return { address: formatAddress(await server.listen({ host: '127.0.0.1', port })), server };
}

function startDriver(t: Test, address: string, options: Partial<typeof limits> = {}): ClientDriver {
  const driver = new ClientDriver({
    limits: { ...limits, ...options },
    connectTimeoutMs: 5_000,
    clock: nodeClock,
    transport: socketTransport,
  });
  t.teardown(() => driver.close());
  driver.view({ version: 1, servers: [{ id: 0, address, session: '' }] });
  return driver;
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return formatAddress({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
}

const put = (key: string): WriteOperation => ({ op: 'put', key, data: bytes(key) });

t.test('calls share a connection and do not wait for each other’s answers', async (t) => {
  const { handler, requests } = answering();
  const allArrived = Promise.withResolvers<void>();
  const { address, server } = await startNetworkServer(t, async (request) => {
    const reply = await handler(request);
    if (requests.length === 4) allArrived.resolve();
    if (request.opcode !== Opcode.OP_OPEN) await allArrived.promise;
    return reply;
  });
  const driver = startDriver(t, address);
  const results = await Promise.all(['a', 'b', 'c'].map((key) => driver.call(put(key), deadlineMs)));
  t.match(results, [
    { type: 'written', name: { number: 2 } },
    { name: { number: 3 } },
    { name: { number: 4 } },
  ]);
  t.same(
    requests.map(({ key, client, request, first_incomplete }) => [key, client, request, first_incomplete]),
    [
      ['', '', 0, 0],
      ['a', 's', 1, 1],
      ['b', 's', 2, 1],
      ['c', 's', 3, 1],
    ],
  );
  t.equal(server.connections, 1);
});

t.test('requests that a dead server has not answered are repeated at the next one, in order', async (t) => {
  const first = answering();
  const allArrived = Promise.withResolvers<void>();
  const dying = await startNetworkServer(t, (request) => {
    if (request.opcode === Opcode.OP_OPEN) return first.handler(request);
    first.handler(request);
    if (first.requests.length === 4) allArrived.resolve();
    return new Promise(() => undefined);
  });
  const driver = startDriver(t, dying.address);
  const calls = ['a', 'b', 'c'].map((key) => driver.call(put(key), deadlineMs));
  await allArrived.promise;
  await dying.server.close({ deadlineMs: 0 });

  const second = answering();
  await startNetworkServer(t, second.handler, Number(dying.address.split(':')[1]));
  await Promise.all(calls);
  t.same(
    second.requests.map(({ key, request }) => `${key}${request}`),
    ['a1', 'b2', 'c3'],
    'under their numbers',
  );
});

t.test('a paused server loses its connection after the time-out of an attempt', async (t) => {
  const { handler, requests } = answering();
  const { address } = await startNetworkServer(t, async (request) => {
    const reply = await handler(request);
    return requests.length === 1 ? new Promise(() => undefined) : reply;
  });
  const driver = startDriver(t, address, { attemptTimeoutMs: 50 });
  t.same(await driver.call({ op: 'size' }, deadlineMs), { type: 'size', size: 0 });
  t.equal(requests.length, 2);
});

t.test('an unreachable server: TIMEOUT at the deadline, with the cause', async (t) => {
  const driver = startDriver(t, `127.0.0.1:${await freePort()}`);
  await t.rejects(driver.call(put('a'), 100), {
    code: 'TIMEOUT',
    mayHaveHappened: false,
    message: /^no answer within 100 ms: cannot reach 127\.0\.0\.1:\d+: ECONNREFUSED$/,
  });
});

t.test('a reply that breaks the protocol is ignored, and the request is repeated', async (t) => {
  const { address } = await startNetworkServer(t, () => ({ opcode: 1, c_type: ContentType.CT_NONE }));
  const driver = startDriver(t, address);
  await t.rejects(driver.call({ op: 'size' }, 100), {
    code: 'TIMEOUT',
    message: /the last attempt: a reply with opcode 1/,
  });
});

t.test('a value that is too long to be sent fails only its own call', async (t) => {
  const { handler, requests } = answering();
  const { address, server } = await startNetworkServer(t, handler);
  const driver = startDriver(t, address);
  const calls = [put('a'), { ...put('b'), data: new Uint8Array(17 << 20) }, put('c')];
  const outcomes = await Promise.allSettled(calls.map((call) => driver.call(call, deadlineMs)));
  t.match(outcomes, [
    { status: 'fulfilled' },
    { reason: { code: 'TOO_LARGE', mayHaveHappened: false } },
    { status: 'fulfilled' },
  ]);
  t.same(
    requests.map(({ key }) => key),
    ['', 'a', 'c'],
  );
  t.equal(server.connections, 1);
});

t.test('a write that was not sent before its connection ended has not happened', async (t) => {
  const reply = (opcode: number) =>
    encodeMessage({ opcode: opcode + 1, ...nameFields({ epoch: 0, number: 0 }), client: 's' });
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.write(reply(Opcode.OP_OPEN));
      // The second reply has no request, which ends the connection in the turn in which the put is answered.
      socket.once('data', () => socket.end(Buffer.concat([reply(Opcode.OP_PUT), reply(Opcode.OP_PUT)])));
    });
    // The client cannot connect again.
    server.close();
  });
  const driver = startDriver(t, await listening(server), { underWayMax: 1 });
  // The second is sent when the answer to the first is there, which is in the same piece as what ends the connection.
  const calls = [driver.call(put('a'), deadlineMs), driver.call(put('b'), 200)];
  await t.resolves(calls[0] as Promise<unknown>);
  await t.rejects(calls[1] as Promise<unknown>, {
    code: 'TIMEOUT',
    mayHaveHappened: false,
    message: /the last attempt: a reply with opcode 41 that nobody asked for/,
  });
});

t.test('after a server has closed an idle connection, the client connects again', async (t) => {
  const first = await startNetworkServer(t, answering().handler);
  const driver = startDriver(t, first.address);
  await driver.call({ op: 'size' }, deadlineMs);
  await first.server.close({ deadlineMs: 0 });
  await startNetworkServer(t, answering().handler, Number(first.address.split(':')[1]));
  t.same(await driver.call({ op: 'size' }, deadlineMs), { type: 'size', size: 0 });
});

t.test('a connection that is no longer needed when it is established is closed', async (t) => {
  const server = createServer();
  const gone = new Promise<void>((resolve) => {
    server.on('connection', (socket) => socket.resume().on('close', () => resolve()));
  });
  const address = await listening(server);
  t.teardown(() => server.close());
  const driver = startDriver(t, address);
  const call = driver.call({ op: 'size' }, deadlineMs);
  const other = await startNetworkServer(t, answering().handler);
  driver.view({ version: 2, servers: [{ id: 1, address: other.address, session: '' }] });
  t.same(await call, { type: 'size', size: 0 });
  await withDeadline(gone, deadlineMs, 'the end of the first connection');
});

t.test('an error about a write has the core’s knowledge', async (t) => {
  const { handler } = answering();
  const { address } = await startNetworkServer(t, (request) =>
    request.opcode === Opcode.OP_OPEN ? handler(request) : new Promise(() => undefined),
  );
  const driver = startDriver(t, address);
  await t.rejects(driver.call(put('a'), 200), { code: 'TIMEOUT', mayHaveHappened: true });
  await t.rejects(driver.call({ op: 'size' }, 20), { code: 'TIMEOUT', mayHaveHappened: false });
});

t.test('close fails the calls under way, and leaves nothing behind', async (t) => {
  const before = openResources();
  const answered = Promise.withResolvers<void>();
  const { address, server } = await startNetworkServer(t, async () => {
    await answered.promise;
    return { opcode: Opcode.OP_SIZE + 1, c_type: ContentType.CT_RESULT };
  });
  t.teardown(() => answered.resolve());
  const driver = startDriver(t, address);
  const call = driver.call({ op: 'size' }, deadlineMs);
  await eventually(() => server.connections === 1, { deadlineMs });
  driver.close();
  await t.rejects(call, { code: 'UNREACHABLE' });
  await t.rejects(driver.call({ op: 'size' }, deadlineMs), { code: 'UNREACHABLE' });
  await eventually(() => openResources().length <= before.length + 1, {
    deadlineMs,
    what: 'the client is gone',
  });
  answered.resolve();
  await eventually(() => server.connections === 0, { deadlineMs });
  await server.close({ deadlineMs: 0 });
  await eventually(() => openResources().join() === before.join(), {
    deadlineMs,
  });
});

// ---- ZooKeeper ----

const nothing = new Uint8Array(0);
const zookeeper = await startZooKeeper({ tickTimeMs: 200 });
t.teardown(() => zookeeper.stop());

/** Puts a server at the end of the chain; gives its znode's path. */
async function addServer(session: ZooKeeperSession, address: string): Promise<string> {
  const path = await session.create('/chain/node', bytes(address), 'ephemeral-sequential');
  return must(path, 'its number is a new one');
}

async function connectTable(t: Test, options: Partial<ChainTableOptions> = {}): Promise<ChainTable> {
  const table = await ChainTable.connect({ zookeeper: zookeeper.address, deadlineMs, ...options });
  t.teardown(() => table.disconnect());
  return table;
}

t.test('without a chain, calls wait for one, and the client creates none', async (t) => {
  const observer = await openObserver(t, zookeeper.address);
  const { handler, requests } = answering();
  const { address } = await startNetworkServer(t, handler);
  const impatient = await connectTable(t, { deadlineMs: 300 });
  const timeout = { code: 'TIMEOUT', message: 'no answer within 300 ms: there is no server in the chain' };
  await t.rejects(impatient.put('a', nothing), { ...timeout, mayHaveHappened: false });
  t.equal(await observer.getData('/chain'), undefined, 'the client has not made it');

  const table = await connectTable(t);
  const value = bytes('as it was');
  const waiting = Promise.all([table.size(), table.put('a', value)]);
  value.fill(0);
  await observer.ensure('/chain');
  await t.rejects(impatient.size(), timeout, 'an empty chain is none either');
  await addServer(observer, address);
  t.match(await waiting, [0, { epoch: 0 }]);
  const written = requests.find(({ key }) => key === 'a');
  t.equal(
    Buffer.from(written?.data ?? []).toString(),
    'as it was',
    'the bytes are those of the time of the call',
  );
  await addServer(observer, 'no address');
  await observer.create('/chain/other', bytes('127.0.0.1:1'), 'ephemeral');
  t.equal(await impatient.size(), 0, 'other znodes are left out');
});

t.test('ZooKeeper out of reach: the old view serves; a new session brings the new one', async (t) => {
  const observer = await openObserver(t, zookeeper.address);
  const old = await startNetworkServer(t, answering().handler);
  await observer.ensure('/chain');
  for (const name of (await observer.children('/chain'))?.names ?? [])
    await observer.remove(`/chain/${name}`);
  const path = await addServer(observer, old.address);
  const proxy = await FaultProxy.start(zookeeper);
  t.teardown(() => proxy.close());
  const sessionTimeoutMs = 1_000;
  const log: string[] = [];
  const table = await connectTable(t, {
    zookeeper: proxy.address,
    sessionTimeoutMs,
    log: (message) => log.push(message),
  });
  t.equal(await table.size(), 0);

  proxy.freeze('toServer', 'toClient');
  const frozenAt = performance.now();
  const young = await startNetworkServer(t, answering().handler);
  await observer.remove(path);
  await addServer(observer, young.address);
  await passed(frozenAt, 3 * sessionTimeoutMs);
  t.equal(await table.size(), 0);
  t.equal(young.server.connections, 0, 'the old server answers, as far as this client knows');
  await old.server.close({ deadlineMs: 0 });
  const waiting = table.size();
  proxy.thaw();
  t.equal(await waiting, 0);
  t.equal(young.server.connections, 1);
  t.match(log.join('\n'), /the session has ended: no connection for 1000 ms; opening another/);
});

t.test('if the chain’s znode is removed, the last view remains until there is another one', async (t) => {
  const observer = await openObserver(t, zookeeper.address);
  await observer.ensure('/chain');
  for (const name of (await observer.children('/chain'))?.names ?? [])
    await observer.remove(`/chain/${name}`);
  const old = await addServer(observer, '127.0.0.1:1');
  const told: string[][] = [];
  const source = await ViewSource.open({
    coordination: zooKeeperService({
      servers: zookeeper.address,
      sessionTimeoutMs: 4_000,
      connectDeadlineMs: deadlineMs,
    }),
    clock: nodeClock,
    onView: ({ servers }) => told.push(servers.map(({ address }) => address)),
    log: () => undefined,
  });
  t.teardown(() => source.close());
  await eventually(() => told.length === 1, { deadlineMs });
  const steps = [old, '/chain'].map((path) => ({ op: 'remove', path }) as const);
  const seen: View[] = [];
  await new ChainDirectory(observer, { clock: nodeClock }).watch((view) => seen.push(view));
  t.match(await observer.transaction(steps), { committed: true });
  // Another session has seen it by now; this one sees it with its next read at the latest.
  await eventually(() => seen.at(-1)?.version === -1, { deadlineMs });
  await observer.transaction([
    { op: 'create', path: '/chain', data: nothing, mode: 'persistent' },
    { op: 'create', path: '/chain/node', data: bytes('127.0.0.1:2'), mode: 'ephemeral-sequential' },
  ]);
  await eventually(() => told.at(-1)?.includes('127.0.0.1:2'), { deadlineMs });
  t.same(told, [['127.0.0.1:1'], ['127.0.0.1:2']]);
});

t.test('disconnect ends the session, and leaves nothing behind', async (t) => {
  const before = openResources();
  const table = await ChainTable.connect({ zookeeper: zookeeper.address, deadlineMs });
  await table.disconnect();
  await t.rejects(table.size(), { code: 'UNREACHABLE' });
  await eventually(() => openResources().join() === before.join(), { deadlineMs });
});

t.test('an invalid address, and an unreachable ZooKeeper', async (t) => {
  await t.rejects(ChainTable.connect({ zookeeper: 'nowhere' }), { code: 'BAD_REQUEST' });
  const connecting = ChainTable.connect({ zookeeper: '127.0.0.1:1', deadlineMs: 200 });
  await t.rejects(connecting, { code: 'UNREACHABLE', message: /127\.0\.0\.1:1 cannot be reached/ });
  const table = await connectTable(t);
  await t.rejects(table.get('a\0'), { code: 'BAD_REQUEST' });
});

t.test(
  'an invalid key, value or name is refused, and nothing is sent (part4/README.md#client-arguments)',
  async (t) => {
    const observer = await openObserver(t, zookeeper.address);
    const { handler, requests } = answering();
    const { address } = await startNetworkServer(t, handler);
    await observer.ensure('/chain');
    for (const name of (await observer.children('/chain'))?.names ?? [])
      await observer.remove(`/chain/${name}`);
    await addServer(observer, address);
    const table = await connectTable(t);
    t.equal(await table.size(), 0, 'the client is connected');
    const wrong = { code: 'BAD_REQUEST', mayHaveHappened: false };
    for (const [name, value] of cases(t, noBytes)) {
      await t.rejects(table.put('a', value), { ...wrong, message: /^a value / }, `put ${name}`);
    }
    for (const [name, key] of cases(t, noText)) {
      for (const call of [table.put(key, nothing), table.get(key), table.del(key)] as Promise<unknown>[]) {
        await t.rejects(call, { ...wrong, message: /^a key is a string, not / }, name);
      }
    }
    for (const none of [undefined, null, 7] as never[]) {
      const connecting = ChainTable.connect({ zookeeper: none });
      await t.rejects(connecting, { ...wrong, message: /^zookeeper is a string, not / });
    }
    for (const name of [
      undefined,
      null,
      '1:2',
      7,
      {},
      { number: -1 },
      { number: 0, epoch: 0.5 },
      { number: 1e300 },
    ] as never[]) {
      await t.rejects(table.verify(name), { ...wrong, message: /^a write is named by \{ epoch, number \}/ });
    }
    await table.put('b', nothing);
    t.same(
      requests.map(({ opcode }) => opcode),
      [Opcode.OP_SIZE, Opcode.OP_OPEN, Opcode.OP_PUT],
      'the two good calls, and the session',
    );
  },
);

t.test('an invalid time is a wrong option', async (t) => {
  for (const option of ['deadlineMs', 'attemptTimeoutMs', 'sessionTimeoutMs']) {
    for (const ms of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, '1' as never, null as never]) {
      await t.rejects(ChainTable.connect({ zookeeper: zookeeper.address, [option]: ms }), {
        code: 'BAD_REQUEST',
        message: new RegExp(`^${option} is more than 0`),
      });
    }
  }
});
