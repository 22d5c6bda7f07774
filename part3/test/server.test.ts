import { connect } from 'node:net';
import { noBytes, noText } from '@tablelab/part1/testing';
import {
  ContentType,
  decodeMessage,
  encodeMessage,
  FrameDecoder,
  Opcode,
  parseAddress,
} from '@tablelab/part2';
import { AsyncRemoteTable, operationNumberOf } from '@tablelab/part3';
import { cases, eventually, withDeadline } from '@tablelab/shared/testing';
import { pino } from 'pino';
import t from 'tap';
import { tableClientProgram } from '../src/client/client-program.ts';
import { closeGate, gatedExecutor } from './sandboxed/gate.ts';
import { bytes, startServer } from './support/start-server.ts';

const dyingExecutor = new URL('./sandboxed/dying-executor.ts', import.meta.url);

t.test(
  'all clients are served at once; none waits for another one to leave (part3/README.md#server-all-clients)',
  async (t) => {
    const { address } = await startServer(t);
    const clients = await Promise.all(Array.from({ length: 100 }, () => AsyncRemoteTable.connect(address)));
    t.teardown(() => Promise.all(clients.map((client) => client.disconnect())));
    const numbers = await Promise.all(clients.map((client, i) => client.put(`k${i}`, bytes(`${i}`))));
    t.same(
      [...numbers].sort((a, b) => a - b),
      Array.from({ length: 100 }, (_, i) => i),
      'each write has its own number',
    );
    for (const [i, client] of cases(t, clients.entries())) {
      const opN = numbers[(i + 1) % 100] ?? -1;
      await eventually(() => client.verify(opN), { deadlineMs: 5_000, what: `write ${opN} to be executed` });
      t.same(
        await client.get(`k${(i + 1) % 100}`),
        bytes(`${(i + 1) % 100}`),
        'a client sees what another wrote',
      );
    }
  },
);

t.test(
  'values are arbitrary bytes: every byte value, empty, 1 MiB (part3/README.md#server-values)',
  async (t) => {
    const client = await AsyncRemoteTable.connect((await startServer(t)).address);
    t.teardown(() => client.disconnect());
    const values = {
      all: Uint8Array.from({ length: 256 }, (_, i) => i),
      empty: new Uint8Array(0),
      large: new Uint8Array(1 << 20).fill(0xab),
    };
    let opN = -1;
    for (const [key, value] of Object.entries(values)) opN = await client.put(key, value);
    await eventually(() => client.verify(opN), { deadlineMs: 5_000, what: 'the writes to be executed' });
    for (const [key, value] of Object.entries(values)) {
      t.ok(Buffer.from((await client.get(key)) ?? []).equals(value), `${key} comes back as it was`);
    }
    t.not(await client.get('empty'), undefined, 'an empty value is not an absent one');
    t.equal(await client.get('absent'), undefined);
    opN = await client.del('all');
    await eventually(() => client.verify(opN), { deadlineMs: 5_000, what: 'the del to be executed' });
    t.same((await client.getKeys()).sort(), ['empty', 'large']);
    t.equal(await client.size(), 2);
  },
);

t.test('the stub refuses an invalid key, value or number (part3/README.md#stub)', async (t) => {
  const server = await startServer(t);
  const client = await AsyncRemoteTable.connect(server.address);
  t.teardown(() => client.disconnect());
  const wrong = { name: 'TableError', code: 'BAD_REQUEST', mayHaveHappened: false };
  for (const [name, value] of cases(t, noBytes)) {
    await t.rejects(client.put('a', value), { ...wrong, message: /^a value / }, `put ${name}`);
  }
  for (const [name, key] of cases(t, noText)) {
    const refusal = { ...wrong, message: /^a key is a string, not / };
    await t.rejects(client.put(key, bytes('1')), refusal, `put ${name}`);
    await t.rejects(client.get(key), refusal, `get ${name}`);
    await t.rejects(client.del(key), refusal, `del ${name}`);
  }
  for (const opN of cases(t, [undefined, null, '1', {}, -1, 0.5, 2 ** 53, Number.NaN] as never[])) {
    await t.rejects(client.verify(opN), { ...wrong, message: /^an operation is numbered from 0 up, not / });
  }
  t.equal(await client.put('a', bytes('1')), 0, 'no write before it has reached the server');
});

t.test(
  'malformed input gets an error and has no effect on other clients (part3/README.md#server-survives)',
  async (t) => {
    const { address } = await startServer(t);
    const bystander = await AsyncRemoteTable.connect(address);
    t.teardown(() => bystander.disconnect());
    const inputs = {
      garbage: Buffer.from(`GET /${'x'.repeat(100)} HTTP/1.1\r\n\r\n`),
      'a frame that announces 4 GiB': Buffer.from([0x80, 0x80, 0x80, 0x80, 0x10, 1, 2, 3]),
      'an unknown opcode': encodeMessage({ opcode: 77, c_type: ContentType.CT_NONE }),
      'a key with NUL': encodeMessage({ opcode: Opcode.OP_GET, c_type: ContentType.CT_KEY, key: 'a\0b' }),
    };
    for (const [what, input] of cases(t, Object.entries(inputs))) {
      const socket = connect(parseAddress(address));
      t.teardown(() => socket.destroy());
      const answered = new Promise<Buffer>((resolve, reject) => {
        socket.once('data', resolve);
        socket.once('error', reject);
      });
      socket.write(input);
      // The reply's first field is the opcode: OP_ERROR, 99.
      t.equal((await answered)[2], Opcode.OP_ERROR, `${what} gets an error`);
      t.equal(await bystander.size(), 0, 'and the next request of another client is answered');
    }
  },
);

t.test('reads do not wait for writes (part3/README.md#read-at-once)', async (t) => {
  const server = await startServer(t, { executorProgram: gatedExecutor });
  const openGate = closeGate();
  t.teardown(openGate);
  const client = await AsyncRemoteTable.connect(server.address);
  t.teardown(() => client.disconnect());
  const opN = await client.put('a', bytes('1'));
  const reads = Promise.all([client.get('a'), client.size(), client.getKeys(), client.verify(opN)]);
  const answers = await withDeadline(reads, 5_000, 'reads behind a write that is not executed');
  t.same(answers, [undefined, 0, [], false], 'they see the table as it is before the write');
  openGate();
  await eventually(() => client.verify(opN), { deadlineMs: 5_000, what: 'the write to be executed' });
  t.same(await client.get('a'), bytes('1'));
});

t.test(
  'a full queue: writing clients are not read from, nothing is lost, and the order is kept (part3/README.md#queue-full)',
  async (t) => {
    const tasksMax = 4;
    const server = await startServer(t, { tasksMax, executorProgram: gatedExecutor });
    const openGate = closeGate();
    t.teardown(openGate);
    const writes = 3_000;
    const request = (n: number) =>
      encodeMessage({
        opcode: Opcode.OP_PUT,
        c_type: ContentType.CT_ENTRY,
        key: `k${n % 7}`,
        data: Buffer.alloc(10_000, n),
      });
    const socket = connect(parseAddress(server.address));
    t.teardown(() => socket.destroy());
    const frames = new FrameDecoder();
    const numbers: number[] = [];
    let awaited = tasksMax;
    let arrived = Promise.withResolvers<void>();
    socket.on('data', (chunk) => {
      for (const payload of frames.push(chunk)) numbers.push(operationNumberOf(decodeMessage(payload)));
      if (numbers.length >= awaited) arrived.resolve();
    });
    socket.write(Buffer.concat(Array.from({ length: writes }, (_, n) => request(n))));
    await withDeadline(arrived.promise, 20_000, 'the replies to what the queue holds');
    t.equal(numbers.length, tasksMax, 'as many are answered as the queue holds');
    t.ok(socket.writableLength > 0, 'the rest has not been taken from the client');

    const reader = await AsyncRemoteTable.connect(server.address);
    t.equal(await reader.get('k1'), undefined, 'a client that reads is served meanwhile');
    awaited = writes;
    arrived = Promise.withResolvers<void>();
    openGate();
    await withDeadline(arrived.promise, 20_000, 'all replies');
    t.same(
      numbers,
      Array.from({ length: writes }, (_, n) => n),
      'every write is answered, in order',
    );
    await eventually(() => reader.verify(writes - 1), {
      deadlineMs: 10_000,
      what: 'the last write to be executed',
    });
    t.same(
      await reader.get(`k${(writes - 1) % 7}`),
      new Uint8Array(10_000).fill(writes - 1),
      'the last one counts',
    );
    await reader.disconnect();
  },
);

t.test(
  'an executor that dies: every client gets an answer, and the server reports that it cannot go on (part3/README.md#threads-death)',
  async (t) => {
    const lines: string[] = [];
    const log = pino({}, { write: (line) => lines.push(line) });
    const server = await startServer(t, { executorProgram: dyingExecutor, log });
    const clients = await Promise.all([1, 2, 3].map(() => AsyncRemoteTable.connect(server.address)));
    t.teardown(() => Promise.all(clients.map((client) => client.disconnect())));
    await clients[0]?.put('die:exit', bytes('1'));
    const died = { code: 'INTERNAL', message: /the executor thread has died: it ended itself with code 3/ };
    t.match(await server.failed, died);
    const failures = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'failed');
    t.match(failures, [{ level: 50, err: died }], 'the log tells of it');
    for (const client of clients) {
      await t.rejects(client.get('a'), died);
      await t.rejects(client.put('a', bytes('1')), died);
    }
  },
);

t.test(
  'close executes all numbered writes, however many are queued (part3/README.md#server-sigterm)',
  async (t) => {
    const lines: string[] = [];
    const log = pino({}, { write: (line) => lines.push(line) });
    const server = await startServer(t, { executorProgram: gatedExecutor, log });
    const openGate = closeGate();
    t.teardown(openGate);
    const client = await AsyncRemoteTable.connect(server.address);
    t.teardown(() => client.disconnect());
    const writes = 100;
    await Promise.all(Array.from({ length: writes }, (_, n) => client.put(`k${n}`, bytes('1'))));
    const closed = server.close();
    let isClosed = false;
    const noteEnd = () => {
      isClosed = true;
    };
    closed.then(noteEnd, noteEnd);
    await t.rejects(client.size(), 'no more requests are taken');
    await client.disconnect();
    for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    t.notOk(isClosed, 'the server waits for the writes in the queue');
    openGate();
    await withDeadline(closed, 20_000, 'the server to close');
    t.match(JSON.parse(lines.at(-1) ?? '{}'), { msg: 'closed', executed: writes });
  },
);

t.test('the client completes keys (part3/README.md#server-client)', async (t) => {
  const { address } = await startServer(t);
  const table = await tableClientProgram.connect(address, { timeoutMs: 5_000 });
  const opN = await table.put('cart:1', bytes('1'));
  await eventually(() => table.verify(opN), { deadlineMs: 5_000, what: 'the put to be executed' });
  t.same(await tableClientProgram.getKeys(table, 'cart'), ['cart:1']);
  await tableClientProgram.disconnect(table);
  await t.rejects(table.size(), { code: 'UNREACHABLE' });
});
