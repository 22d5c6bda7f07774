import { createServer, type Socket } from 'node:net';
import { noBytes, noText } from '@tablelab/part1/testing';
import {
  ContentType,
  ErrorNumber,
  encodeFrame,
  encodeMessage,
  NetworkClient,
  type NetworkClientOptions,
  Opcode,
  RemoteTable,
} from '@tablelab/part2';
import {
  advanceClock,
  deadlineMs,
  getRequest,
  inOneTurn,
  sizeRequest,
  startClock,
  stopClock,
} from '@tablelab/part2/testing';
import { cases, freePort, withDeadline } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { startHoldingServer, startServer } from './support.ts';

const timeouts = { connectTimeoutMs: deadlineMs, callTimeoutMs: deadlineMs };

/** A server that the test controls. */
async function rogueServer(t: Test, onData: (socket: Socket, chunk: Buffer) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('data', (chunk) => onData(socket, chunk));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const bound = server.address();
  const port = typeof bound === 'object' ? (bound?.port ?? 0) : 0;
  const address = { host: '127.0.0.1', port };
  return {
    sockets,
    address,
    connect: async (options: Partial<NetworkClientOptions> = {}) => {
      const client = await NetworkClient.connect({ ...address, ...timeouts, ...options });
      t.teardown(() => client.close());
      return client;
    },
  };
}
const errorMessage = (error: number) =>
  encodeMessage({ opcode: Opcode.OP_ERROR, c_type: ContentType.CT_NONE, error });
const sizeReply = encodeMessage({ opcode: Opcode.OP_SIZE + 1, c_type: ContentType.CT_RESULT, result: 5 });

t.test('an OP_ERROR reply is returned unchanged (part2/README.md#client-errors)', async (t) => {
  const refusal = errorMessage(ErrorNumber.BAD_REQUEST);
  const client = await (await rogueServer(t, (socket) => socket.write(refusal))).connect();
  const reply = await client.call({ opcode: 77, c_type: ContentType.CT_NONE });
  t.equal(reply.opcode, Opcode.OP_ERROR);
  t.ok(client.isOpen);
  await client.close();
  t.notOk(client.isOpen);
  t.equal(await client.closed, undefined, 'no reason: it was closed here');
  await t.rejects(client.call(sizeRequest), { code: 'UNREACHABLE', mayHaveHappened: false });
});

t.test(
  'an unreachable server: UNREACHABLE, and nothing has happened (part2/README.md#client-errors)',
  async (t) => {
    const port = await freePort();
    for (const host of cases(t, ['127.0.0.1', 'localhost', 'no-such-host.invalid'])) {
      await t.rejects(
        RemoteTable.connect(`${host}:${port}`),
        { code: 'UNREACHABLE', mayHaveHappened: false },
        host,
      );
    }
    await t.rejects(RemoteTable.connect('nonsense'), { code: 'BAD_REQUEST' });
  },
);

t.test(
  'an invalid key, value or option is refused, and nothing is sent (part2/README.md#stub)',
  async (t) => {
    const { address, held, arrived } = await startHoldingServer(t);
    const table = await RemoteTable.connect(`127.0.0.1:${address.port}`, timeouts);
    t.teardown(() => table.disconnect());
    const wrong = { name: 'TableError', code: 'BAD_REQUEST', mayHaveHappened: false };
    for (const [name, value] of cases(t, noBytes)) {
      await t.rejects(table.put('a', value), { ...wrong, message: /^a value / }, `put ${name}`);
    }
    for (const [name, key] of cases(t, noText)) {
      const refusal = { ...wrong, message: /^a key is a string, not / };
      await t.rejects(table.put(key, Uint8Array.of()), refusal, `put ${name}`);
      await t.rejects(table.get(key), refusal, `get ${name}`);
      await t.rejects(table.del(key), refusal, `del ${name}`);
    }
    for (const none of cases(t, [undefined, null, 7, Symbol('a')]) as Iterable<never>) {
      await t.rejects(RemoteTable.connect(none), { ...wrong, message: /^an address is a string, not / });
    }
    for (const ms of cases(t, ['1', null, Number.NaN, 0, -1]) as Iterable<never>) {
      const options = { ...timeouts, callTimeoutMs: ms };
      await t.rejects(RemoteTable.connect('h:1', options), {
        ...wrong,
        message: /^callTimeoutMs is more than 0/,
      });
    }
    const size = t.rejects(table.size(), 'ended by the test');
    await withDeadline(arrived(1), deadlineMs, 'the one good call');
    t.equal(held[0]?.request.opcode, Opcode.OP_SIZE, 'nothing was sent before it');
    await table.disconnect();
    await size;
  },
);

t.test('connecting has a deadline (part2/README.md#client-errors)', async (t) => {
  const { address } = await rogueServer(t, () => undefined);
  const connecting = inOneTurn(() => {
    const connected = NetworkClient.connect({ ...address, ...timeouts, connectTimeoutMs: 1 });
    // Simulates a machine that drops all packets.
    const blockedUntil = performance.now() + 20;
    while (performance.now() < blockedUntil);
    return connected;
  });
  await t.rejects(connecting, { code: 'TIMEOUT', mayHaveHappened: false });
});

t.test(
  'a call has a deadline, after which the connection is closed (part2/README.md#client-errors)',
  async (t) => {
    const server = await rogueServer(t, () => undefined);
    const client = await server.connect({ callTimeoutMs: 10_000 });
    const patient = client.call(getRequest('a'));
    const impatient = client.call(getRequest('b'), { timeoutMs: 50 });
    await t.rejects(impatient, { code: 'TIMEOUT', mayHaveHappened: true });
    await t.rejects(patient, { code: 'UNREACHABLE', mayHaveHappened: true }, 'no later reply can be trusted');
    t.match(await client.closed, { code: 'TIMEOUT' });
    await t.rejects(client.call(sizeRequest), { code: 'UNREACHABLE', mayHaveHappened: false });
  },
);

t.test(
  'after a lost connection the error says whether the request may have happened (part2/README.md#client-errors)',
  async (t) => {
    const server = await rogueServer(t, (socket) => socket.end());
    const client = await server.connect();
    const sent = client.call(sizeRequest);
    await t.rejects(sent, { code: 'UNREACHABLE', mayHaveHappened: true });
    t.match(await client.closed, { code: 'UNREACHABLE', message: /closed the connection/ });

    const reset = await (await rogueServer(t, (socket) => socket.resetAndDestroy())).connect();
    await t.rejects(reset.call(sizeRequest), { code: 'UNREACHABLE', mayHaveHappened: true });

    const other = await server.connect();
    const [notSent, closed] = inOneTurn(() => [other.call(sizeRequest), other.close()] as const);
    await t.rejects(notSent, { code: 'UNREACHABLE', mayHaveHappened: false }, 'it never left');
    await closed;
  },
);

t.test(
  'the server’s final error reply becomes the reason for the end of the connection (part2/README.md#client-errors)',
  async (t) => {
    const server = await rogueServer(t, (socket) => socket.write(sizeReply));
    const client = await server.connect();
    await client.call(sizeRequest);
    for (const socket of server.sockets) socket.end(errorMessage(ErrorNumber.SHUTTING_DOWN));
    t.match(await client.closed, { code: 'SHUTTING_DOWN' });
    await t.rejects(client.call(sizeRequest), { code: 'UNREACHABLE', mayHaveHappened: false });
  },
);

t.test('a server that breaks the protocol is disconnected (part2/README.md#client-errors)', async (t) => {
  const wrong: Record<string, Uint8Array> = {
    'a reply to another request': encodeMessage({ opcode: Opcode.OP_GET + 1, c_type: ContentType.CT_VALUE }),
    'bytes that are no message': encodeFrame(Buffer.from('ping')),
    'a frame that is too long': Buffer.from('ffffffff7f', 'hex'),
  };
  for (const [name, bytes] of cases(t, Object.entries(wrong))) {
    const server = await rogueServer(t, (socket) =>
      socket.write(Buffer.concat([sizeReply, bytes, sizeReply])),
    );
    const client = await server.connect();
    const first = client.call(sizeRequest);
    const second = client.call(sizeRequest);
    // Both settle in the same turn: without a handler, the second rejection would be unhandled.
    const secondFails = t.rejects(second, { code: 'INTERNAL', mayHaveHappened: true }, name);
    t.equal((await first).result, 5, `${name}: what came before counts`);
    await secondFails;
    t.match(await client.closed, { code: 'INTERNAL' }, name);
  }
  const server = await rogueServer(t, (socket) => socket.write(Buffer.concat([sizeReply, sizeReply])));
  const client = await server.connect();
  t.equal((await client.call(sizeRequest)).result, 5);
  t.match(await client.closed, { code: 'INTERNAL' }, 'a reply too many');
});

t.test('calls have limits (part2/README.md#client-errors)', async (t) => {
  const { address, held, arrived } = await startHoldingServer(t);
  const client = await NetworkClient.connect({
    ...address,
    ...timeouts,
    requestsInFlightMax: 2,
    frameBytesMax: 64,
  });
  const calls = [client.call(getRequest('a')), client.call(getRequest('b'))];
  t.equal(client.requestsInFlight, 2);
  await t.rejects(client.call(getRequest('c')), { code: 'BUSY', mayHaveHappened: false });
  await arrived(2);
  for (const { answer } of held) answer();
  t.same(
    (await Promise.all(calls)).map(({ key }) => key),
    ['a', 'b'],
  );
  await t.rejects(client.call(getRequest('x'.repeat(64))), { code: 'TOO_LARGE', mayHaveHappened: false });
  t.equal(client.requestsInFlight, 0);
  await client.close();
});

t.test('concurrent calls get their own replies (part2/README.md#wire-pipelining)', async (t) => {
  const { address } = await startServer(t);
  const remote = await RemoteTable.connect(`127.0.0.1:${address.port}`);
  const keys = Array.from({ length: 5_000 }, (_, i) => `k${i}`);
  await Promise.all(keys.map((key) => remote.put(key, Buffer.from(key))));
  const values = await Promise.all(keys.map((key) => remote.get(key)));
  t.ok(values.every((value, i) => Buffer.from(value ?? []).toString() === keys[i]));
  await remote.disconnect();
});

t.test('closing does not wait for a server that never closes', async (t) => {
  const server = createServer({ allowHalfOpen: true }, (socket) =>
    socket.on('error', () => undefined).resume(),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const bound = server.address();
  const port = typeof bound === 'object' ? (bound?.port ?? 0) : 0;
  const client = await NetworkClient.connect({ host: '127.0.0.1', port, ...timeouts });
  await withDeadline(client.close(), deadlineMs, 'the client to close');
  t.notOk(client.isOpen);
  t.equal(await client.closed, undefined);
});

t.test('an answer may take 10 seconds unless told otherwise (part2/README.md#client-errors)', async (t) => {
  const { address, arrived } = await startHoldingServer(t);
  const remote = await RemoteTable.connect(`127.0.0.1:${address.port}`);
  stopClock();
  t.teardown(() => startClock());
  let error: unknown;
  void remote.size().catch((thrown: unknown) => {
    error = thrown;
  });
  await advanceClock(9_999);
  t.equal(error, undefined);
  await advanceClock(1);
  t.match(error, { code: 'TIMEOUT' });
  startClock();
  await arrived(1);
});

t.test('connecting may take 5 seconds unless told otherwise (part2/README.md#client-errors)', async (t) => {
  const { address } = await rogueServer(t, () => undefined);
  stopClock();
  t.teardown(() => startClock());
  // The network gets no turn before these times have passed.
  const connectAfter = (ms: number) =>
    inOneTurn(() => {
      const connected = RemoteTable.connect(`127.0.0.1:${address.port}`);
      void advanceClock(ms);
      return connected;
    });
  const remote = await connectAfter(4_999);
  t.teardown(() => remote.disconnect());
  const tooLate = connectAfter(5_000);
  startClock();
  await t.rejects(tooLate, { code: 'TIMEOUT' });
});
