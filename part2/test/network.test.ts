import { connect } from 'node:net';
import { ContentType, decodeMessage, ErrorNumber, encodeFrame, encodeMessage, Opcode } from '@tablelab/part2';
import {
  AcceptedWrites,
  deadlineMs,
  echo,
  echoAtOnce,
  getRequest,
  putRequest,
  sizeRequest,
} from '@tablelab/part2/testing';
import { TableError } from '@tablelab/shared';
import { cases, eventually, withDeadline } from '@tablelab/shared/testing';
import t from 'tap';
import { startServer } from './support.ts';

const { OP_SIZE, OP_GET, OP_GETKEYS, OP_PUT, OP_SCAN, OP_ERROR } = Opcode;
const { CT_NONE, CT_KEY, CT_KEYS, CT_ENTRY } = ContentType;

const bytesOf = (text: string) => new TextEncoder().encode(text);

t.test(
  'what the stub asks for happens to the table, or fails with the server’s error (part2/README.md#message-error)',
  async (t) => {
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

    const refusing = await startServer(t, {
      handler: () => {
        throw new TableError('BUSY', 'not now');
      },
    });
    const refused = await refusing.connect();
    await t.rejects(refused.put('a', bytesOf('v')), { code: 'BUSY' }, 'the server’s errors are the stub’s');
    await t.rejects(refused.del('a'), { code: 'BUSY' });
    await t.rejects(refused.get('a'), { code: 'BUSY' });
  },
);

t.test('getKeys returns all keys, however many (part2/README.md#message-scan)', async (t) => {
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

t.test('the longest value that fits into a put can be read (part2/README.md#wire-limit-reply)', async (t) => {
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

t.test('a reply that is too long becomes an error (part2/README.md#wire-limit-reply)', async (t) => {
  const { connect, table } = await startServer(t, { frameBytesMax: 1_024 });
  for (let i = 0; i < 300; i += 1) table.put(`key number ${i}`, bytesOf('v'));
  const remote = await connect();
  await t.rejects(remote.getKeys(), { code: 'TOO_LARGE', mayHaveHappened: false });
  t.equal(await remote.size(), 300, 'the connection goes on');
});

t.test(
  'a scan meets each key once, page by page, and stays short (part2/README.md#message-scan-short)',
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
    const scan = { opcode: OP_SCAN, c_type: CT_KEY, key: 'user:', from: 0, limit: 7 };
    client.send(
      encodeMessage(scan),
      encodeMessage({ ...scan, from: 12_345 }),
      encodeMessage({ ...scan, limit: 0 }),
    );
    const [page, wrong, rest] = await client.replies(3);
    t.match(page, { opcode: OP_SCAN + 1, c_type: CT_KEYS });
    t.equal(page?.keys.length, 7);
    t.match(wrong, { opcode: OP_ERROR, error: ErrorNumber.BAD_REQUEST }, 'a place in another table');
    t.ok((rest?.keys.length ?? 0) <= 1_000 && (rest?.next ?? 0) > 0, `${rest?.keys.length} keys at a time`);
  },
);

t.test(
  'getKeys goes page by page where the keys do not fit into a reply (part2/README.md#message-scan)',
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
      [OP_PUT + 1, 0],
      [OP_PUT + 1, 0],
      [OP_PUT + 1, 0],
      [OP_SIZE + 1, 3],
    ],
  );
  for (const byte of encodeMessage(sizeRequest)) client.send(Uint8Array.of(byte));
  t.equal((await client.reply()).result, 3, 'and one request in many segments is one');
});

t.test('replies keep the order of the requests (part2/README.md#wire-order)', async (t) => {
  const { raw, table } = await startServer(t);
  table.put('k', bytesOf('v'));
  for (let n = 0; n < 20_000; n += 1) table.put(`key ${n}`, bytesOf('v'));
  const client = await raw();
  const requests = [
    getRequest('k'),
    { opcode: 77, c_type: CT_NONE },
    // A long list, which is made in several steps.
    { opcode: OP_GETKEYS, c_type: CT_NONE },
    sizeRequest,
    putRequest('l', bytesOf('w')),
    getRequest('a\0b'),
    getRequest('l'),
  ];
  client.send(Buffer.concat(requests.map(encodeMessage)));
  t.same(
    (await client.replies(requests.length)).map(({ opcode }) => opcode),
    [OP_GET + 1, OP_ERROR, OP_GETKEYS + 1, OP_SIZE + 1, OP_PUT + 1, OP_ERROR, OP_GET + 1],
  );
});

t.test(
  'replies to requests that arrived together leave in one write (part2/README.md#wire-pipelining)',
  async (t) => {
    const { raw } = await startServer(t, { handler: echoAtOnce });
    const client = await raw();
    const writes = new AcceptedWrites();
    t.teardown(() => writes.stop());
    const together = 100;
    const requests = Buffer.concat(Array.from({ length: together }, () => encodeMessage(sizeRequest)));
    // If the machine is busy in the middle, the server answers what has arrived.
    const inOneWrite = async () => {
      const before = writes.count;
      client.send(requests);
      await client.replies(together);
      return writes.count - before === 1;
    };
    t.ok(await eventually(inOneWrite, { deadlineMs, what: `${together} replies to leave in one write` }));
  },
);

t.test('a handler that throws fails only its request (part2/README.md#message-bug)', async (t) => {
  const { raw } = await startServer(t, {
    handler: (request) => {
      if (request.key === 'bad') throw new Error('a bug');
      if (request.key === 'wrong') return { opcode: OP_GET + 1, c_type: CT_NONE, result: 0.5 };
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
    // Meanwhile the server notices that this client has closed its side.
    for (let n = 0; n < 3; n += 1) {
      first.send(encodeMessage(sizeRequest));
      await first.reply();
    }
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

t.test(
  'a list of many keys is made in several turns of the event loop (part2/README.md#message-getkeys)',
  async (t) => {
    const { table, raw } = await startServer(t);
    const keys = 100_000;
    for (let i = 0; i < keys; i += 1) table.put(`key:${i}`, new Uint8Array(0));
    let turn = 0;
    let isCounting = true;
    const count = () => {
      turn += 1;
      if (isCounting) setImmediate(count);
    };
    setImmediate(count);
    t.teardown(() => {
      isCounting = false;
    });
    const turns = new Set<number>();
    const { scan } = table;
    table.scan = (options) => {
      turns.add(turn);
      return scan.call(table, options);
    };
    const client = await raw();
    client.send(encodeMessage({ opcode: OP_GETKEYS, c_type: CT_NONE }), encodeMessage(sizeRequest));
    const [listed, size] = await client.replies(2);
    t.match(listed, { opcode: OP_GETKEYS + 1, c_type: CT_KEYS });
    t.equal(new Set(listed?.keys).size, keys, 'all keys');
    t.match(size, { opcode: OP_SIZE + 1, result: keys }, 'and the next request is answered after it');
    t.ok(turns.size > 1, `${turns.size} turns`);
  },
);

t.test(
  'keys that do not fit into a reply are refused before one is read (part2/README.md#message-getkeys)',
  async (t) => {
    const { table, raw } = await startServer(t);
    for (let i = 0; i < 17; i += 1) table.put(`${i}`.padEnd(1 << 20), new Uint8Array(0));
    const scans = t.capture(table, 'scan', table.scan);
    const lists = t.capture(table, 'keys', table.keys);
    const client = await raw();
    client.send(encodeMessage({ opcode: OP_GETKEYS, c_type: CT_NONE }));
    t.match(await client.reply(), { opcode: OP_ERROR, error: ErrorNumber.TOO_LARGE });
    t.same([...scans(), ...lists()], []);
  },
);
