import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { noBytes, noText } from '@tablelab/part1/testing';
import {
  ContentType,
  decodeMessage,
  encodeMessage,
  FrameDecoder,
  Opcode,
  parseAddress,
} from '@tablelab/part2';
import {
  AsyncRemoteTable,
  AsyncTableServer,
  type AsyncTableServerOptions,
  operationNumberOf,
} from '@tablelab/part3';
import { type ChildProgram, cases, eventually, spawnProgram, withDeadline } from '@tablelab/shared/testing';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { tableClientProgram } from '../src/client/client-program.ts';
import { closeGate, gatedExecutor } from './support/gate.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const program = (name: string) => fileURLToPath(new URL(`../src/programs/${name}.ts`, import.meta.url));

const dyingExecutor = new URL('./support/dying-executor.ts', import.meta.url);

async function startServer(
  t: Test,
  options: Partial<AsyncTableServerOptions> = {},
): Promise<AsyncTableServer> {
  const server = await AsyncTableServer.start({ host: '127.0.0.1', port: 0, nLists: 4, ...options });
  t.teardown(() => server.close());
  return server;
}

t.test(
  'all clients are served at once, none waits for another to leave (part3/README.md#server-all-clients)',
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
  'values are arbitrary bytes: every byte value, none, a MiB (part3/README.md#server-values)',
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

t.test('the stub refuses what is no key, no value or no number (part3/README.md#stub)', async (t) => {
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
  'an executor that dies: every client gets an answer, and the server says that it cannot go on (part3/README.md#threads-death)',
  async (t) => {
    const lines: string[] = [];
    const log = pino({}, { write: (line) => lines.push(line) });
    const server = await startServer(t, { executorProgram: dyingExecutor, log });
    const clients = await Promise.all([1, 2, 3].map(() => AsyncRemoteTable.connect(server.address)));
    t.teardown(() => Promise.all(clients.map((client) => client.disconnect())));
    await clients[0]?.put('die:exit', bytes('1'));
    const died = { code: 'INTERNAL', message: /the executor thread has died: it ended itself with code 3/ };
    t.match(await server.failed, died);
    const [, logged = '{}'] = lines;
    t.match(JSON.parse(logged), { level: 50, msg: 'failed', err: died }, 'the log tells of it');
    for (const client of clients) {
      await t.rejects(client.get('a'), died);
      await t.rejects(client.put('a', bytes('1')), died);
    }
  },
);

t.test(
  'metrics: connections, requests, queue, times, table and locks, over HTTP (part3/README.md#server-metrics)',
  async (t) => {
    const server = await startServer(t, { metrics: { host: '127.0.0.1', port: 0 } });
    const url = `http://${server.metricsAddress}/metrics`;
    const client = await AsyncRemoteTable.connect(server.address);
    t.teardown(() => client.disconnect());
    await client.put('a', bytes('1'));
    const opN = await client.put('b', bytes('2'));
    await client.get('a');
    await eventually(() => client.verify(opN), { deadlineMs: 5_000, what: 'the put to be executed' });
    const socket = connect(parseAddress(server.address));
    t.teardown(() => socket.destroy());
    socket.write(encodeMessage({ opcode: 77, c_type: ContentType.CT_NONE }));
    await once(socket, 'data');
    const response = await fetch(url);
    t.match(response.headers.get('content-type'), /^text\/plain/);
    const text = await response.text();
    for (const line of [
      /^tablelab_connections\{state="served"\} 2$/m,
      /^tablelab_requests_total\{opcode="OP_PUT"\} 2$/m,
      /^tablelab_requests_total\{opcode="OP_GET"\} 1$/m,
      /^tablelab_requests_total\{opcode="unknown"\} 1$/m,
      /^tablelab_queue_tasks 0$/m,
      /^tablelab_writes_assigned_total 2$/m,
      /^tablelab_writes_executed_total 2$/m,
      /^tablelab_table_keys 2$/m,
      /^tablelab_table_bytes [1-9]\d+$/m,
      /^tablelab_lock_waits_total\{lock="table"\} \d+$/m,
      /^tablelab_lock_waits_total\{lock="queue"\} \d+$/m,
      /^tablelab_buffered_bytes \d+$/m,
      /^# TYPE tablelab_write_wait_seconds histogram$/m,
      /^tablelab_write_wait_seconds_bucket\{le="\+Inf"\} 2$/m,
      /^tablelab_write_wait_seconds_count 2$/m,
      /^tablelab_write_execution_seconds_bucket\{le="0.000001"\} \d$/m,
      /^tablelab_write_execution_seconds_sum 0\.\d+$/m,
    ]) {
      t.match(text, line);
    }
    t.equal(/ NaN| undefined/.test(text), false, 'no figure is missing');
    t.equal((await fetch(url.replace('/metrics', '/'))).status, 404);
    t.equal((await fetch(`${url}?target=x`)).status, 200, 'parameters are allowed');
    t.equal((await fetch(url, { method: 'POST' })).status, 404);
    const taken = { host: '127.0.0.1', port: Number(server.metricsAddress?.split(':')[1]) };
    await t.rejects(AsyncTableServer.start({ host: '127.0.0.1', port: 0, nLists: 4, metrics: taken }), {
      code: 'BAD_REQUEST',
      message: /cannot serve metrics/,
    });
    const { port } = parseAddress(server.address);
    await t.rejects(
      AsyncTableServer.start({ host: '127.0.0.1', port, nLists: 4, metrics: { host: '127.0.0.1', port: 0 } }),
      { code: 'BAD_REQUEST', message: /another program/ },
    );
  },
);

t.test(
  'metrics: a connection that cannot be accepted, or that is silent, has no effect on others (part3/README.md#server-metrics)',
  async (t) => {
    const servers: Server[] = [];
    const listening = channel('http.server.request.start');
    const note = (message: unknown) => servers.push((message as { server: Server }).server);
    listening.subscribe(note);
    t.teardown(() => listening.unsubscribe(note));
    const server = await startServer(t, { metrics: { host: '127.0.0.1', port: 0 } });
    const url = `http://${server.metricsAddress}/metrics`;
    await (await fetch(url)).text();
    const [endpoint] = servers;
    t.ok(endpoint, 'its HTTP server');
    // As Node does when the system has no more file descriptors.
    t.ok(endpoint?.emit('error', new Error('accept EMFILE')), 'there is a listener');
    t.equal((await fetch(url)).status, 200);
    t.equal(endpoint?.timeout, 10_000, 'a connection without any traffic for ten seconds is closed');
  },
);

t.test(
  'metrics: what is assigned and not executed yet shows as that (part3/README.md#server-metrics)',
  async (t) => {
    const server = await startServer(t, {
      executorProgram: gatedExecutor,
      metrics: { host: '127.0.0.1', port: 0 },
    });
    const openGate = closeGate();
    t.teardown(openGate);
    const client = await AsyncRemoteTable.connect(server.address);
    t.teardown(() => client.disconnect());
    await Promise.all(['a', 'b', 'c'].map((key) => client.put(key, bytes(key))));
    const text = await (await fetch(`http://${server.metricsAddress}/metrics`)).text();
    t.match(text, /^tablelab_writes_assigned_total 3$/m);
    t.match(text, /^tablelab_writes_executed_total 0$/m);
    t.match(text, /^tablelab_queue_tasks 3$/m);
    t.match(text, /^tablelab_table_keys 0$/m);
  },
);

t.test('metrics: 16 connections at a time (part3/README.md#server-metrics)', async (t) => {
  const server = await startServer(t, { metrics: { host: '127.0.0.1', port: 0 } });
  const at = parseAddress(server.metricsAddress ?? '');
  /** Asks over a connection that stays open; resolves to what comes first, or to nothing when the connection is closed. */
  const ask = async () => {
    const socket = connect(at).on('error', () => undefined);
    t.teardown(() => socket.destroy());
    socket.write('GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n');
    const answer = await new Promise<string>((resolve) => {
      socket.once('data', (chunk) => resolve(chunk.toString())).once('close', () => resolve(''));
    });
    return { socket, answer };
  };
  const places = [];
  for (let i = 0; i < 16; i += 1) places.push(await ask());
  t.ok(
    places.every(({ answer }) => answer.startsWith('HTTP/1.1 200')),
    '16 are answered',
  );
  t.equal((await ask()).answer, '', 'one more is not');
  places[0]?.socket.destroy();
  const hasPlace = async () => (await ask()).answer.startsWith('HTTP/1.1 200');
  t.ok(await eventually(hasPlace, { deadlineMs: 5_000, what: 'a place that is free again' }));
});

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
  'close executes every write that has a number, however many are queued (part3/README.md#server-sigterm)',
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
  t.same(await tableClientProgram.getKeys(table), ['cart:1']);
  await tableClientProgram.disconnect(table);
  await t.rejects(table.size(), { code: 'UNREACHABLE' });
});

t.test(
  'the program: SIGTERM executes every write that has a number, then it exits with 0 (part3/README.md#server-sigterm)',
  async (t) => {
    const server = spawnProgram(program('table-server'), [
      '0',
      '4',
      '--log-level',
      'info',
      '--metrics-port',
      '0',
    ]);
    t.teardown(() => server.stop());
    const [, address = ''] = await server.waitForLine(/^listening on (\S+)$/, 10_000);
    const client = await AsyncRemoteTable.connect(address);
    // All in one write: when the first is answered, the others are on their way or in the queue.
    const puts = Array.from({ length: 1_000 }, (_, n) => client.put(`k${n}`, Buffer.alloc(1_000)));
    await puts[0];
    server.kill('SIGTERM');
    const outcomes = await Promise.allSettled(puts);
    const numbered = outcomes.filter(({ status }) => status === 'fulfilled').length;
    t.same(await server.exited, { code: 0, signal: null });
    const entries = server.stderrLines.map((line) => JSON.parse(line));
    t.match(entries[0], { msg: 'listening', address, metrics: /^127.0.0.1:\d+$/ });
    t.match(entries.at(-1), { msg: 'closed' });
    t.ok(
      numbered >= 1 && entries.at(-1).executed >= numbered,
      `${entries.at(-1).executed} executed of ${numbered} answered`,
    );
    await client.disconnect();
  },
);

/** The server's program with an executor that dies when it is told to. */
async function startDyingServer(t: Test): Promise<{ server: ChildProgram; address: string }> {
  const program = fileURLToPath(new URL('./support/dying-server.ts', import.meta.url));
  const server = spawnProgram(program, ['0', '4']);
  t.teardown(() => server.stop());
  const [, address = ''] = await server.waitForLine(/^listening on (\S+)$/, 10_000);
  return { server, address };
}

t.test(
  'the program: when its executor dies it says so in one line and exits with 1 (part3/README.md#threads-death)',
  async (t) => {
    const { server, address } = await startDyingServer(t);
    const clients = await Promise.all([1, 2].map(() => AsyncRemoteTable.connect(address)));
    await clients[0]?.put('die:exit', bytes('1'));
    const end = performance.now() + 20_000;
    for (const client of clients) {
      // Either an answer or the end of the connection: no client waits for ever.
      await t.rejects(
        (async () => {
          while (performance.now() < end) await client.put('a', bytes('1'));
        })(),
        { code: /^(INTERNAL|SHUTTING_DOWN|UNREACHABLE)$/ },
      );
    }
    t.same(await server.exited, { code: 1, signal: null });
    t.match(server.stderrLines, [
      /^table-server: the executor thread has died: it ended itself with code 3$/,
    ]);
    t.equal(server.stderrLines.length, 1);
  },
);

t.test(
  'the program: when its executor dies while the queue is drained, a stop is no clean end (part3/README.md#threads-death)',
  async (t) => {
    const { server, address } = await startDyingServer(t);
    const client = await AsyncRemoteTable.connect(address);
    await client.put('die:closing', bytes('1'));
    server.kill('SIGTERM');
    t.same(await server.exited, { code: 1, signal: null });
    t.match(server.stderrLines, [/^table-server: the executor thread has died: .*a bug in the table$/]);
    t.equal(server.stderrLines.length, 1);
    await client.disconnect();
  },
);

t.test('the program: clear errors, a clean end (part3/README.md#server-arguments)', async (t) => {
  const start = (...args: string[]) => spawnProgram(program('table-server'), args);
  const server = start('0', '4');
  t.teardown(() => server.stop());
  const [, address = ''] = await server.waitForLine(/^listening on (\S+)$/, 10_000);

  const second = start(address.split(':')[1] ?? '', '4');
  t.same(await second.exited, { code: 1, signal: null }, 'a port that is taken');
  t.match(second.stderrLines, [/^table-server: cannot listen on .*: another program listens there already$/]);
  const wrongs = [
    [],
    ['0'],
    ['0', '0'],
    ['x', '4'],
    ['70000', '4'],
    ['0', '4', '5'],
    ['0', '4', '--what'],
    ['0', '131073', '--memory-max', '1'],
    ['0', '4', '--memory-max', '0'],
    ['0', '4', '--metrics-port', 'x'],
    ['0', '4', '--log-level', 'loud'],
  ].map((args) => ({ args, wrong: start(...args) }));
  for (const { args, wrong } of cases(t, wrongs)) {
    t.same(await wrong.exited, { code: 2, signal: null }, `wrong arguments: ${JSON.stringify(args)}`);
    t.match(wrong.stderrLines[0], /^table-server: /);
  }

  const client = await AsyncRemoteTable.connect(address);
  await client.put('a', bytes('1'));
  server.kill('SIGTERM');
  t.same(await server.exited, { code: 0, signal: null }, 'SIGTERM ends it, with a client connected');
  await client.disconnect();
});
