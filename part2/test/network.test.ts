import { connect } from 'node:net';
import { mock } from 'node:test';
import {
  ContentType,
  decodeMessage,
  ErrorNumber,
  encodeFrame,
  encodeMessage,
  Opcode,
  type RequestHandler,
} from '@tablelab/part2';
import {
  deadlineMs,
  echo,
  getRequest,
  putRequest,
  serverSockets,
  sizeRequest,
  socketWrites,
} from '@tablelab/part2/testing';
import { cases, eventually, withDeadline } from '@tablelab/shared/testing';
import t from 'tap';
import { startServer } from './support.ts';

const { OP_SIZE, OP_GET, OP_PUT, OP_ERROR } = Opcode;
const { CT_NONE, CT_KEY, CT_KEYS, CT_ENTRY, CT_VALUE } = ContentType;

const bytesOf = (text: string) => new TextEncoder().encode(text);

t.test('the stub works like a table (part2/README.md#stub)', async (t) => {
  const { connect, table } = await startServer(t);
  const remote = await connect();
  await remote.put('a', bytesOf('one'));
  await remote.put('b', bytesOf('two'));
  t.same(await remote.get('a'), bytesOf('one'));
  t.equal(await remote.get('none'), undefined);
  t.equal(await remote.size(), 2);
  t.same((await remote.getKeys()).sort(), ['a', 'b']);
  t.equal(await remote.del('a'), true);
  t.equal(await remote.del('a'), false);
  t.same(table.keys(), ['b']);
  await t.rejects(remote.put('a\0b', bytesOf('v')), { code: 'BAD_REQUEST', mayHaveHappened: false });
});

t.test('getKeys returns all keys, however many (part2/README.md#stub)', async (t) => {
  const { connect, table } = await startServer(t);
  const keys = Array.from({ length: 20_000 }, (_, n) => `k${n}`);
  for (const key of keys) table.put(key, bytesOf('v'));
  const remote = await connect();
  const given = await remote.getKeys();
  t.equal(given.length, keys.length);
  t.equal(new Set(given).size, keys.length);
});

t.test('values are arbitrary bytes (part2/README.md#values-are-bytes)', async (t) => {
  const remote = await (await startServer(t)).connect();
  const values = {
    all: Uint8Array.from({ length: 256 }, (_, i) => i),
    empty: new Uint8Array(0),
    big: Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * 31) & 255),
  };
  for (const [key, value] of Object.entries(values)) await remote.put(key, value);
  for (const [key, value] of Object.entries(values)) {
    t.ok(Buffer.compare((await remote.get(key)) ?? Buffer.from('absent'), value) === 0, key);
  }
});

t.test(
  'a value is a copy, not a part of the received bytes (part2/README.md#values-are-bytes)',
  async (t) => {
    const { connect, table } = await startServer(t);
    const remote = await connect();
    for (const [key, length] of cases(t, [
      ['short', 1],
      ['long', 100_000],
    ] as const)) {
      table.put(key, new Uint8Array(length).fill(1));
      const values = await Promise.all([remote.get(key), remote.get(key)]);
      for (const value of values)
        t.equal(value?.buffer.byteLength, length, 'it keeps nothing else in memory');
    }
  },
);

t.test('the longest value that fits into a put can be read (part2/README.md#wire-limit)', async (t) => {
  const frameBytesMax = 4_096;
  const { connect, raw } = await startServer(t, { frameBytesMax });
  const remote = await connect({ frameBytesMax });
  // Opcode, content type, tag and length of the data: two bytes each, three for the last.
  const longest = new Uint8Array(frameBytesMax - 7);
  await remote.put('', longest);
  t.equal((await remote.get(''))?.length, longest.length);
  await t.rejects(remote.put('', new Uint8Array(frameBytesMax - 6)), {
    code: 'TOO_LARGE',
    mayHaveHappened: false,
  });
  t.equal(await remote.size(), 1, 'the client refused it without sending anything');
  await remote.disconnect();

  const other = await raw();
  other.send(encodeFrame(new Uint8Array(frameBytesMax + 1)));
  t.match(await other.reply(), { opcode: OP_ERROR, error: ErrorNumber.TOO_LARGE }, 'and so does the server');
  await other.end();
});

t.test('a reply that is too long becomes an error (part2/README.md#wire-limit)', async (t) => {
  const { connect, table } = await startServer(t, { frameBytesMax: 1_024 });
  for (let i = 0; i < 300; i += 1) table.put(`key number ${i}`, bytesOf('v'));
  const remote = await connect();
  await t.rejects(remote.getKeys(), { code: 'TOO_LARGE', mayHaveHappened: false });
  t.equal(await remote.size(), 300, 'the connection goes on');
});

t.test(
  'a scan meets each key once, page by page, and stays short (part2/README.md#message-scan)',
  async (t) => {
    const { connect, raw, table } = await startServer(t);
    const remote = await connect();
    for (let i = 0; i < 5_000; i += 1) table.put(`user:${i}`, bytesOf('v'));
    table.put('other', bytesOf('v'));
    const all = async (keys: AsyncIterable<string>) => {
      const met: string[] = [];
      for await (const key of keys) met.push(key);
      return met.toSorted();
    };
    t.same(
      await all(remote.scan('user:')),
      table
        .keys()
        .filter((key) => key !== 'other')
        .toSorted(),
    );
    t.same(await all(remote), table.keys().toSorted());
    t.same(await all(remote.scan('none')), []);
    t.same(
      await remote.scanPage('other', { from: 0, limit: 1 }).then(({ next }) => next > 0),
      true,
      'not at the end yet',
    );
    const client = await raw();
    await remote.disconnect();
    const scan = { opcode: 80, c_type: CT_KEY, key: 'user:', from: 0, limit: 7 };
    client.send(
      encodeMessage(scan),
      encodeMessage({ ...scan, from: 12_345 }),
      encodeMessage({ ...scan, limit: 0 }),
    );
    const [page, wrong, rest] = await client.replies(3);
    t.match(page, { opcode: 81, c_type: CT_KEYS });
    t.equal(page?.keys.length, 7);
    t.match(wrong, { opcode: OP_ERROR, error: ErrorNumber.BAD_REQUEST }, 'a place in another table');
    t.ok((rest?.keys.length ?? 0) <= 1_000 && (rest?.next ?? 0) > 0, `${rest?.keys.length} keys at a time`);
  },
);

t.test(
  'getKeys goes page by page where the keys do not fit into a reply (part2/README.md#stub)',
  async (t) => {
    const { connect, table } = await startServer(t, { frameBytesMax: 60_000 });
    for (let i = 0; i < 10_000; i += 1) table.put(`key number ${i}`, bytesOf('v'));
    const remote = await connect();
    t.same((await remote.getKeys()).toSorted(), table.keys().toSorted());
  },
);

t.test('many requests in one segment are many requests (part2/README.md#wire-pipelining)', async (t) => {
  const { raw } = await startServer(t);
  const client = await raw();
  const put = (i: number) =>
    encodeMessage({ opcode: OP_PUT, c_type: CT_ENTRY, key: `k${i}`, data: Uint8Array.of(i) });
  client.send(Buffer.concat([put(0), put(1), put(2), encodeMessage(sizeRequest)]));
  t.same(
    (await client.replies(4)).map(({ opcode, result }) => [opcode, result]),
    [
      [41, 0],
      [41, 0],
      [41, 0],
      [11, 3],
    ],
  );
  for (const byte of encodeMessage(sizeRequest)) client.send(Uint8Array.of(byte));
  t.equal((await client.reply()).result, 3, 'and one request in many segments is one');
});

t.test('replies keep the order of the requests (part2/README.md#wire-order)', async (t) => {
  const { raw, table } = await startServer(t);
  table.put('k', bytesOf('v'));
  const client = await raw();
  const requests = [
    getRequest('k'),
    { opcode: 77, c_type: CT_NONE },
    sizeRequest,
    putRequest('l', bytesOf('w')),
    getRequest('a\0b'),
    getRequest('l'),
  ];
  client.send(Buffer.concat(requests.map(encodeMessage)));
  t.same(
    (await client.replies(requests.length)).map(({ opcode }) => opcode),
    [OP_GET + 1, OP_ERROR, OP_SIZE + 1, OP_PUT + 1, OP_ERROR, OP_GET + 1],
  );
});

t.test(
  'replies to requests that arrived together leave in one write (part2/README.md#wire-pipelining)',
  async (t) => {
    const { raw } = await startServer(t);
    const client = await raw();
    const written = socketWrites(t, client.socket);
    const together = 100;
    const requests = Buffer.concat(Array.from({ length: together }, () => encodeMessage(sizeRequest)));
    // If the machine is busy in the middle, the server answers what has arrived.
    const inOneWrite = async () => {
      written.length = 0;
      client.send(requests);
      await client.replies(together);
      return written.length === 1;
    };
    t.ok(await eventually(inOneWrite, { deadlineMs, what: `${together} replies to leave in one write` }));
  },
);

t.test('a handler that throws fails only its request (part2/README.md#message-error)', async (t) => {
  const { raw } = await startServer(t, {
    handler: (request) => {
      if (request.key === 'bad') throw new Error('a bug');
      if (request.key === 'wrong') return { opcode: 31, c_type: CT_NONE, result: 0.5 };
      return echo(request);
    },
  });
  const client = await raw();
  client.send(...['bad', 'wrong', 'good'].map((key) => encodeMessage(getRequest(key))));
  t.match(await client.replies(3), [
    { opcode: OP_ERROR, error: ErrorNumber.INTERNAL, detail: 'a bug' },
    { opcode: OP_ERROR, error: ErrorNumber.INTERNAL },
    { opcode: OP_GET + 1, key: 'good' },
  ]);
});

t.test(
  'one client at a time: the next waits and is served (part2/README.md#server-one-client)',
  async (t) => {
    const { server, connect, raw } = await startServer(t);
    const first = await connect();
    await first.put('k', bytesOf('v'));
    const second = await connect();
    const third = await raw();
    const answer = second.get('k');
    await eventually(() => server.clientsWaiting === 1, { deadlineMs, what: 'the second client to wait' });
    third.send(encodeMessage(getRequest('k')), encodeMessage(sizeRequest));
    await eventually(() => server.clientsWaiting === 2, { deadlineMs, what: 'the third client to wait' });
    t.equal(await first.size(), 1, 'the first is served all the while');
    t.same(third.allReplies(), [], 'and the third is not');
    await first.disconnect();
    t.same(await answer, bytesOf('v'), 'then the second, which came first');
    t.equal(server.clientsWaiting, 1);
    await second.disconnect();
    t.equal((await third.replies(2))[1]?.result, 1, 'then the third, with all it had sent ahead');
    third.socket.resetAndDestroy();
    const fourth = await connect();
    t.equal(await fourth.size(), 1, 'a client that dies makes room too');
  },
);

t.test(
  'a client that sends nothing does not block the others (part2/README.md#server-one-client)',
  async (t) => {
    const { server, connect, raw } = await startServer(t, { clientsWaitingMax: 1 });
    const silent = [await raw(), await raw()];
    await eventually(() => server.connections === 2, { deadlineMs });
    t.equal(await (await connect()).size(), 0);
    t.match(
      await silent[0]?.reply(),
      { opcode: OP_ERROR, error: ErrorNumber.BUSY },
      'the one that connected first is closed',
    );
    await silent[0]?.end();
    t.equal(server.clientsWaiting, 0);
  },
);

t.test(
  'when too many clients wait, a further one gets BUSY (part2/README.md#server-one-client)',
  async (t) => {
    const { connect, raw } = await startServer(t, { clientsWaitingMax: 0 });
    const first = await connect();
    await first.size();
    const refused = await raw();
    refused.send(encodeMessage(sizeRequest));
    t.match(await refused.reply(), { opcode: OP_ERROR, error: ErrorNumber.BUSY });
    await refused.end();
    const stub = await connect();
    await t.rejects(stub.size(), { code: 'BUSY', mayHaveHappened: false });
    t.equal(await first.size(), 0, 'the first is served on');
  },
);

t.test(
  'a client that has closed its sending side is still answered (part2/README.md#server-survives)',
  async (t) => {
    const { raw } = await startServer(t);
    const first = await raw();
    first.send(encodeMessage(sizeRequest));
    await first.reply();
    const client = await raw();
    client.send(encodeMessage(getRequest('a')), encodeMessage(sizeRequest), '05');
    client.socket.end();
    first.socket.end();
    t.same(
      (await client.replies(2)).map(({ opcode }) => opcode),
      [OP_GET + 1, OP_SIZE + 1],
      'after its turn has come',
    );
    await client.end();
  },
);

t.test('bad input gets an error, and the next client is served (part2/README.md#wire-errors)', async (t) => {
  const { raw, connect } = await startServer(t);
  const fatal: Record<string, [string, number]> = {
    'garbage for a message': [`04${Buffer.from('ping').toString('hex')}`, ErrorNumber.BAD_REQUEST],
    'a length of 4 GiB': ['8080808010', ErrorNumber.TOO_LARGE],
    'a length that does not end': ['ffffffffffff', ErrorNumber.BAD_REQUEST],
  };
  for (const [name, [bytes, error]] of cases(t, Object.entries(fatal))) {
    for (const before of [[], [encodeMessage(sizeRequest)]]) {
      const client = await raw();
      client.send(...before, bytes, encodeMessage(sizeRequest));
      const last = (await client.replies(before.length + 1)).at(-1);
      t.match(last, { opcode: OP_ERROR, error }, `${name}: an error`);
      await client.end();
      const next = await connect();
      t.equal(await next.size(), 0, `${name}: and the next client is served`);
      await next.disconnect();
    }
  }
});

t.test(
  'an unknown opcode or a bad key does not end the connection (part2/README.md#wire-errors)',
  async (t) => {
    const { raw } = await startServer(t);
    const client = await raw();
    client.send(
      encodeMessage({ opcode: 77, c_type: CT_NONE }),
      encodeMessage({ opcode: OP_PUT, c_type: CT_ENTRY, key: 'a\0b' }),
      '00',
      encodeMessage(sizeRequest),
    );
    t.match(await client.replies(4), [
      { opcode: OP_ERROR, error: ErrorNumber.BAD_REQUEST },
      { opcode: OP_ERROR, error: ErrorNumber.BAD_REQUEST },
      { opcode: OP_ERROR, error: ErrorNumber.BAD_REQUEST },
      { opcode: OP_SIZE + 1, result: 0 },
    ]);
  },
);

t.test(
  'a program that sends no frames gets an error at once, in its format (part2/README.md#wire-unframed)',
  async (t) => {
    const { address } = await startServer(t);
    // Requests of the original's clients: size, get k, put k v, del k, getkeys.
    const requests = ['080a103c', '081e100a1a016b', '0828101e1a016b2a0176', '0814100a1a016b', '0832103c'];
    for (const request of cases(t, requests)) {
      for (const cutAt of [request.length, 2, 4]) {
        const client = connect({ ...address, noDelay: true });
        t.teardown(() => client.destroy());
        const chunks: Buffer[] = [];
        client.on('data', (chunk) => chunks.push(chunk));
        const ended = new Promise<void>((resolve) => client.once('end', resolve));
        client.write(Buffer.from(request.slice(0, cutAt), 'hex'));
        if (cutAt < request.length)
          setImmediate(() => client.write(Buffer.from(request.slice(cutAt), 'hex')));
        await withDeadline(ended, 2_000, `the answer to ${request}`);
        const reply = decodeMessage(Buffer.concat(chunks));
        t.match(reply, { opcode: OP_ERROR, error: ErrorNumber.BAD_REQUEST, detail: /has no frame/ }, request);
      }
    }
  },
);

t.test('the last reply is not overtaken by a reset (part2/README.md#wire-errors)', async (t) => {
  const { raw } = await startServer(t);
  const client = await raw();
  client.socket.pause();
  // More than the server reads at once: closing a socket with unread bytes sends a reset.
  client.send('8080808010', new Uint8Array(4 << 20));
  const sent = Promise.withResolvers<void>();
  client.socket.write(new Uint8Array(1), () => sent.resolve());
  await withDeadline(sent.promise, deadlineMs, 'the server to take what comes behind');
  client.socket.resume();
  t.match(await client.reply(), { opcode: OP_ERROR, error: ErrorNumber.TOO_LARGE });
});

t.test('a client that does not read is not read from (part2/README.md#server-backpressure)', async (t) => {
  const value = new Uint8Array(1 << 20).fill(7);
  let executed = 0;
  const handler: RequestHandler = () => {
    executed += 1;
    return { opcode: OP_GET + 1, c_type: CT_VALUE, data: value, found: true };
  };
  const { raw } = await startServer(t, { handler });
  const client = await raw();
  client.socket.pause();
  const requests = 100;
  client.send(Buffer.concat(Array.from({ length: requests }, () => encodeMessage(getRequest('big')))));
  await eventually(() => executed > 0, { deadlineMs, what: 'the first request' });
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  // The kernel takes some megabytes.
  t.ok(
    executed < 30,
    `${executed} of ${requests} replies of 1 MiB were made for a client that does not read`,
  );
  client.socket.resume();
  const replies = await client.replies(requests);
  t.ok(
    replies.every(({ data }) => data.length === value.length),
    'and all come once it reads',
  );
});

t.test('from a waiting client at most 64 KiB are read (part2/README.md#server-backpressure)', async (t) => {
  const { raw, connect, server } = await startServer(t);
  const served = await connect();
  await served.size();
  const waiting = await raw();
  const data = new Uint8Array(15 << 20);
  waiting.send(encodeMessage(putRequest('a', data)), encodeMessage(putRequest('b', data)));
  await eventually(() => server.clientsWaiting === 1, { deadlineMs });
  // A server without this limit would have read all of it meanwhile.
  for (let round = 0; round < 500; round += 1) await served.size();
  t.ok(waiting.socket.writableLength > 8 << 20, 'most of it is still with the client');
  await served.disconnect();
  t.match(await waiting.replies(2), [{ opcode: OP_PUT + 1 }, { opcode: OP_PUT + 1 }], 'until it is served');
});

t.test(
  'requests that arrived together do not delay signals and timers (part2/README.md#server-backpressure)',
  async (t) => {
    const requests = 200;
    let executed = 0;
    const handler: RequestHandler = () => {
      const end = performance.now() + 20;
      while (performance.now() < end);
      executed += 1;
      return { opcode: OP_GET + 1, c_type: CT_VALUE };
    };
    const { server, raw } = await startServer(t, { handler });
    const client = await raw();
    client.send(Buffer.concat(Array.from({ length: requests }, () => encodeMessage(getRequest('slow')))));
    await client.reply();
    await server.close({ deadlineMs });
    t.ok(executed < requests, `the server has closed after ${executed} of ${requests} slow requests`);
  },
);

t.test(
  'the default limits are 5 minutes, 10 seconds and 10 seconds (part2/README.md#server-idle)',
  async (t) => {
    const sockets = serverSockets(t);
    const { raw, table } = await startServer(t);
    table.put('big', new Uint8Array(15 << 20));
    const client = await raw();
    const served = await eventually(() => sockets[0], { deadlineMs, what: 'the connection' });
    const { timeout: silence } = served;
    t.equal(silence, 5 * 60_000, 'a client that is silent');
    client.socket.pause();
    client.send(encodeMessage(getRequest('big')));
    await eventually(() => served.timeout !== silence, { deadlineMs, what: 'a reply that is not read' });
    t.equal(served.timeout, 10_000, 'replies that are not read');
    client.socket.resume();
    await client.reply();
    await eventually(() => served.timeout === silence, { deadlineMs, what: 'the reply to be taken' });

    mock.timers.enable({ apis: ['setTimeout'] });
    t.teardown(() => mock.timers.reset());
    const bytesBefore = served.bytesRead;
    client.send('20');
    const deadline = performance.now() + deadlineMs;
    while (served.bytesRead === bytesBefore && performance.now() < deadline) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    mock.timers.tick(9_999);
    t.notOk(served.writableEnded, 'a request may take as long as this to arrive');
    mock.timers.tick(1);
    t.ok(served.writableEnded, 'and no longer');
  },
);

t.test('a client that is silent for too long is disconnected (part2/README.md#server-idle)', async (t) => {
  const { raw, server } = await startServer(t, { idleTimeoutMs: 200 });
  const silent = await raw();
  t.match(await silent.reply(), { opcode: OP_ERROR, error: ErrorNumber.BUSY, detail: /200 ms/ });
  await silent.end();

  const served = await raw();
  served.send(encodeMessage(sizeRequest));
  await served.reply();
  const waiting = await raw();
  waiting.send(encodeMessage(getRequest('b')));
  await eventually(() => server.clientsWaiting === 1, { deadlineMs });
  const speaking = setInterval(() => served.send(encodeMessage(sizeRequest)), 50);
  t.teardown(() => clearInterval(speaking));
  const late = await raw();
  await late.end();
  t.equal(server.clientsWaiting, 1, 'longer than the time has passed');
  clearInterval(speaking);
  t.match(await waiting.reply(), { opcode: OP_GET + 1 }, 'a client that waits for its turn is not silent');
});

t.test('a request must arrive within its time limit (part2/README.md#server-idle)', async (t) => {
  const { raw } = await startServer(t, { frameTimeoutMs: 300 });
  for (const before of [[], [encodeMessage(sizeRequest)]]) {
    const slow = await raw();
    slow.send(...before, '20');
    // Single bytes do not extend the deadline, which is that of the whole request.
    const trickle = setInterval(() => slow.send('00'), 50);
    t.teardown(() => clearInterval(trickle));
    const last = (await slow.replies(before.length + 1)).at(-1);
    clearInterval(trickle);
    t.match(last, { opcode: OP_ERROR, error: ErrorNumber.BAD_REQUEST, detail: /300 ms/ });
    await slow.end();
  }
});

t.test('unread replies have a time limit (part2/README.md#server-idle)', async (t) => {
  const { raw, connect, server, table } = await startServer(t, { frameTimeoutMs: 300 });
  table.put('big', new Uint8Array(8 << 20));
  const deaf = await raw();
  deaf.socket.pause();
  deaf.send(Buffer.concat(Array.from({ length: 13 }, () => encodeMessage(getRequest('big')))));
  const next = await connect();
  t.equal(await next.size(), 1, 'the next client is served');
  deaf.socket.resume();
  await deaf.end();
  t.ok(deaf.socket.bytesRead < 13 * (8 << 20), `${deaf.socket.bytesRead} bytes came: the rest is lost`);
  t.equal(server.connections, 1, 'the deaf one was cut off');
});

t.test(
  'the time limit also applies to a client that reads one reply and no more (part2/README.md#server-idle)',
  async (t) => {
    const valueBytes = 15 << 20;
    const data = new Uint8Array(valueBytes);
    let executed = 0;
    const handler: RequestHandler = () => {
      executed += 1;
      return { opcode: OP_GET + 1, c_type: CT_VALUE, data, found: true };
    };
    const { raw, server } = await startServer(t, { handler, frameTimeoutMs: 300, outputBytesMax: 64 << 20 });
    const deaf = await raw();
    deaf.socket.pause();
    for (const requests of [1, 2]) {
      deaf.send(encodeMessage(getRequest('big')));
      await eventually(() => executed === requests, { deadlineMs, what: 'a reply that is not read' });
    }
    deaf.socket.on('data', () => {
      if (deaf.socket.bytesRead > valueBytes + 1_000) deaf.socket.pause();
    });
    deaf.socket.resume();
    t.match(await deaf.reply(), { opcode: OP_GET + 1 });
    await eventually(() => server.connections === 0, { deadlineMs, what: 'the deaf client to be cut off' });
    t.ok(deaf.socket.bytesRead < 2 * valueBytes);
  },
);

t.test('a client that has read its replies may be silent again (part2/README.md#server-idle)', async (t) => {
  const limits = { frameTimeoutMs: 300 };
  const { raw, table } = await startServer(t, limits);
  table.put('big', new Uint8Array(16 << 20));
  const slow = await raw();
  slow.socket.pause();
  slow.send(encodeMessage(getRequest('big')));
  await eventually(() => slow.socket.readableLength > 0, { deadlineMs, what: 'the reply to begin' });
  slow.socket.resume();
  await slow.reply();
  // A client of another server, whose time limit begins now, shows when the time is over.
  const clock = await (await startServer(t, limits)).raw();
  clock.send('20');
  t.match(await clock.reply(), { opcode: OP_ERROR, detail: /300 ms/ }, 'longer than the time has passed');
  slow.send(encodeMessage(sizeRequest));
  t.match(await slow.reply(), { opcode: OP_SIZE + 1 });
});

t.test('a client that does not close is cut off (part2/README.md#server-survives)', async (t) => {
  const { address, server } = await startServer(t);
  const socket = connect({ ...address, allowHalfOpen: true });
  t.teardown(() => socket.destroy());
  socket.on('error', () => undefined);
  socket.end('ffffffffffff', 'hex');
  const stubborn = connect({ ...address, allowHalfOpen: true });
  t.teardown(() => stubborn.destroy());
  stubborn.on('error', () => undefined);
  stubborn.write(Buffer.from('ffffffffffff', 'hex'));
  const { promise, resolve } = Promise.withResolvers<void>();
  stubborn.on('close', () => resolve());
  stubborn.on('data', () => undefined);
  // It keeps sending until the connection is gone.
  const sending = setInterval(() => stubborn.write('x'), 20);
  t.teardown(() => clearInterval(sending));
  await withDeadline(promise, deadlineMs, 'the end of the connection');
  await eventually(() => server.connections === 0, { deadlineMs, what: 'both connections to be gone' });
});

t.test('the number of finished connections is limited (part2/README.md#server-survives)', async (t) => {
  const { server, address, connect: connectStub } = await startServer(t, { clientsWaitingMax: 1_000 });
  // These clients never close their side.
  const sockets = Array.from({ length: 400 }, () => connect({ ...address, allowHalfOpen: true }));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
  });
  let over = 0;
  for (const socket of sockets) {
    socket.once('end', () => {
      over += 1;
    });
    socket.on('error', () => undefined).resume();
    socket.write(Buffer.from('ffffffffffff', 'hex'));
  }
  await eventually(() => over === sockets.length, { deadlineMs, what: 'all of them to be told' });
  t.ok(server.connections <= 256, `${server.connections} connections are kept`);
  t.equal(await (await connectStub()).size(), 0);
});

t.test(
  'close sends the due replies, tells all other clients, and ends (part2/README.md#server-sigterm)',
  async (t) => {
    const data = new Uint8Array(8 << 20);
    let executed = 0;
    const handler: RequestHandler = () => {
      executed += 1;
      return { opcode: OP_GET + 1, c_type: CT_VALUE, data, found: true };
    };
    const { raw, server } = await startServer(t, { handler });
    const reading = await raw();
    reading.socket.pause();
    reading.send(Buffer.concat(Array.from({ length: 5 }, () => encodeMessage(getRequest('big')))));
    await eventually(() => executed > 0, { deadlineMs, what: 'the first request' });
    const waiting = await raw();
    waiting.send(encodeMessage(sizeRequest));
    await eventually(() => server.clientsWaiting === 1, { deadlineMs });
    const silent = await raw();
    await eventually(() => server.connections === 3, { deadlineMs });
    const closed = server.close({ deadlineMs });
    t.equal(server.close({ deadlineMs: 1 }), closed, 'closing twice is closing once');
    const answered = executed;
    const shuttingDown = { opcode: OP_ERROR, error: ErrorNumber.SHUTTING_DOWN };
    for (const client of [waiting, silent]) t.match(await client.reply(), shuttingDown);
    reading.socket.resume();
    const replies = await reading.replies(answered + 1);
    t.match(replies.pop(), shuttingDown);
    t.ok(
      replies.every((reply) => reply.data.length === data.length),
      'what was answered arrives whole',
    );
    await withDeadline(closed, deadlineMs, 'the server to close');
    t.equal(executed, answered, 'no request was taken after that');
    await t.rejects(raw(), { code: 'ECONNREFUSED' });
  },
);

t.test('close does not wait for a client that does not read (part2/README.md#server-sigterm)', async (t) => {
  const { raw, server, table } = await startServer(t);
  table.put('big', new Uint8Array(15 << 20));
  const deaf = await raw();
  deaf.socket.pause();
  deaf.send(encodeMessage(getRequest('big')));
  await eventually(() => deaf.socket.readableLength > 0, { deadlineMs, what: 'the reply to begin' });
  await withDeadline(server.close({ deadlineMs: 50 }), deadlineMs, 'the server to close');
  t.equal(server.connections, 0);
});

t.test('a server can be restarted on its port at once (part2/README.md#server-restart)', async (t) => {
  const first = await startServer(t);
  const client = await first.connect();
  await client.size();
  await first.server.close({ deadlineMs });
  const { port } = first.address;
  const second = await startServer(t, { port });
  t.equal(second.address.port, port);
  t.equal(await (await second.connect()).size(), 0);
  await t.rejects(startServer(t, { port }), { code: 'BAD_REQUEST', message: /already/ });
});

t.test('a server that cannot listen reports the reason (part2/README.md#server-arguments)', async (t) => {
  await t.rejects(startServer(t, { host: '8.8.8.8' }), {
    code: 'BAD_REQUEST',
    message: /does not have that address/,
  });
  await t.rejects(startServer(t, { port: 70_000 }), { code: 'BAD_REQUEST' });
});
