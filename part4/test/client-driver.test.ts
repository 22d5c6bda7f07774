import { getEventListeners } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { ContentType, encodeMessage, formatAddress, Opcode } from '@tablelab/part2';
import { eventually, freePort, withDeadline } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { nodeClock } from '../src/adapters/node/node-clock.ts';
import { socketTransport } from '../src/adapters/node/socket-transport.ts';
import { ClientDriver } from '../src/client/client-driver.ts';
import type { WriteOperation } from '../src/client/core/client-effects.ts';
import { defaultClientLimits } from '../src/client/core/client-limits.ts';
import { nameFields } from '../src/write-name.ts';
import { answering, startNetworkServer } from './support/answering-server.ts';
import { deadlineMs, openResources, testTimeoutMs } from './support/zookeeper-sessions.ts';

t.setTimeout(testTimeoutMs);

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Long, so that no request of these tests is repeated because of this time-out. */
const limits = { ...defaultClientLimits, attemptTimeoutMs: 10 * deadlineMs };

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

t.test(
  'a signal ends a call, and says whether it may have happened (part4/README.md#client-abort)',
  async (t) => {
    const { handler, requests } = answering();
    const release = Promise.withResolvers<void>();
    const { address } = await startNetworkServer(t, async (request) => {
      const reply = await handler(request);
      if (request.key === 'slow') await release.promise;
      return reply;
    });
    const driver = startDriver(t, address);
    await driver.call(put('first'), deadlineMs);
    const before = requests.length;
    await t.rejects(driver.call(put('never'), deadlineMs, AbortSignal.abort()), {
      name: 'TableError',
      code: 'ABORTED',
      mayHaveHappened: false,
    });
    const abort = new AbortController();
    const slow = driver.call(put('slow'), deadlineMs, abort.signal);
    await eventually(() => requests.some(({ key }) => key === 'slow'), { deadlineMs });
    abort.abort();
    await t.rejects(slow, { name: 'TableError', code: 'ABORTED', mayHaveHappened: true });
    t.equal(requests.length, before + 1, 'the call whose signal was aborted before is not sent');
    release.resolve();
    const { signal } = new AbortController();
    t.match(await driver.call(put('next'), deadlineMs, signal), { type: 'written' });
    t.equal(getEventListeners(signal, 'abort').length, 0, 'a call that is over listens no more');
  },
);
