import { connect, Socket } from 'node:net';
import {
  ContentType,
  ErrorNumber,
  encodeFrame,
  encodeMessage,
  Opcode,
  type RequestHandler,
  type Upgrade,
} from '@tablelab/part2';
import { TableError } from '@tablelab/shared';
import { eventually, withDeadline } from '@tablelab/shared/testing';
import t from 'tap';
import { TurnBudget } from '../src/server/turn-budget.ts';
import { deadlineMs, echo, getRequest, holdingHandler, sizeRequest, startServer } from './support.ts';

const { OP_SIZE, OP_GET, OP_PUT, OP_ERROR } = Opcode;
const { CT_NONE, CT_ENTRY, CT_VALUE } = ContentType;

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

t.test('the longest value that fits into a put comes back (part2/README.md#wire-limit)', async (t) => {
  const frameBytesMax = 4_096;
  const { connect, raw } = await startServer(t, { frameBytesMax, clientsServedMax: 2 });
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
  const { held, handler, arrived } = holdingHandler();
  const { raw } = await startServer(t, { handler });
  const client = await raw();
  client.send(...['a', 'b', 'c', 'd', 'e'].map((key) => encodeMessage(getRequest(key))));
  await arrived(5);
  held[4]?.answer();
  held[2]?.fail(new TableError('NOT_TAIL', 'elsewhere'));
  held[1]?.answer();
  held[3]?.fail(new Error('a bug'));
  held[0]?.answer();
  t.same(
    (await client.replies(5)).map(({ key, error }) => key || error),
    ['a', 'b', ErrorNumber.NOT_TAIL, ErrorNumber.INTERNAL, 'e'],
  );
});

t.test('what is answered at once waits for what is not (part2/README.md#wire-order)', async (t) => {
  const { held, handler, arrived } = holdingHandler();
  const { raw } = await startServer(t, {
    handler: (request) => (request.key === 'later' ? handler(request) : echo(request)),
  });
  const client = await raw();
  client.send(...['first', 'later', 'at once', 'later'].map((key) => encodeMessage(getRequest(key))));
  t.match(await client.reply(), { key: 'first' });
  await arrived(2);
  held[1]?.answer();
  held[0]?.answer();
  t.same(
    (await client.replies(3)).map(({ key }) => key),
    ['later', 'at once', 'later'],
  );
});

t.test('replies of one turn of the loop leave in one write (part2/README.md#wire-pipelining)', async (t) => {
  const { held, handler, arrived } = holdingHandler();
  const { raw } = await startServer(t, { handler });
  const client = await raw();
  client.send(Buffer.concat(Array.from({ length: 100 }, (_, i) => encodeMessage(getRequest(`${i}`)))));
  await arrived(100);
  const chunks: number[] = [];
  client.socket.on('data', (chunk) => chunks.push(chunk.length));
  for (const { answer } of held) answer();
  await client.replies(100);
  t.ok(chunks.length <= 2, `100 replies came in ${chunks.length} pieces`);
});

t.test('a handler that throws costs one request an error (part2/README.md#message-error)', async (t) => {
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
    t.same([server.clientsServed, await first.size()], [1, 1], 'the first is served all the while');
    await first.disconnect();
    t.same(await answer, bytesOf('v'), 'then the second, which came first');
    t.same([server.clientsServed, server.clientsWaiting], [1, 1]);
    await second.disconnect();
    t.equal((await third.replies(2))[1]?.result, 1, 'then the third, with all it had sent ahead');
    third.socket.resetAndDestroy();
    const fourth = await connect();
    t.equal(await fourth.size(), 1, 'a client that dies makes room too');
  },
);

t.test('a client that sends nothing takes no place (part2/README.md#server-one-client)', async (t) => {
  const { server, connect, raw } = await startServer(t, { clientsWaitingMax: 1 });
  const silent = [await raw(), await raw()];
  await eventually(() => server.clientsSilent === 2, { deadlineMs });
  t.equal(await (await connect()).size(), 0);
  t.match(await silent[0]?.reply(), { opcode: OP_ERROR, error: ErrorNumber.BUSY }, 'the oldest had to go');
  await silent[0]?.end();
  t.equal(server.clientsServed, 1);
});

t.test('with all places taken a client is told so (part2/README.md#server-one-client)', async (t) => {
  const { server, connect, raw } = await startServer(t, { clientsWaitingMax: 0 });
  const first = await connect();
  await first.size();
  const refused = await raw();
  refused.send(encodeMessage(sizeRequest));
  t.match(await refused.reply(), { opcode: OP_ERROR, error: ErrorNumber.BUSY });
  await refused.end();
  const stub = await connect();
  await t.rejects(stub.size(), { code: 'BUSY', mayHaveHappened: false });
  t.equal(server.clientsServed, 1);
});

t.test(
  'a client that has said all it wanted is still answered (part2/README.md#server-survives)',
  async (t) => {
    const { held, handler, arrived } = holdingHandler();
    const { raw } = await startServer(t, { handler, requestsInFlightMax: 1 });
    const client = await raw();
    client.send(encodeMessage(getRequest('a')), encodeMessage(getRequest('b')), '05');
    client.socket.end();
    await arrived(1);
    held[0]?.answer();
    await arrived(2);
    held[1]?.answer();
    t.same(
      (await client.replies(2)).map(({ key }) => key),
      ['a', 'b'],
    );
    await client.end();
  },
);

t.test(
  'bad input costs its sender an error, and the next client is served (part2/README.md#wire-errors)',
  async (t) => {
    const { raw, connect } = await startServer(t);
    const fatal: Record<string, [string, number]> = {
      'garbage for a message': [`04${Buffer.from('ping').toString('hex')}`, ErrorNumber.BAD_REQUEST],
      'a length of 4 GiB': ['8080808010', ErrorNumber.TOO_LARGE],
      'a length that does not end': ['ffffffffffff', ErrorNumber.BAD_REQUEST],
    };
    for (const [name, [bytes, error]] of Object.entries(fatal)) {
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
  },
);

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

t.test('the last reply is not overtaken by a reset (part2/README.md#wire-errors)', async (t) => {
  const { raw } = await startServer(t);
  const client = await raw();
  client.socket.pause();
  // More than the server reads at once: a socket that is closed with bytes unread sends a reset.
  client.send('8080808010', new Uint8Array(4 << 20));
  const sent = Promise.withResolvers<void>();
  client.socket.write(new Uint8Array(1), () => sent.resolve());
  await withDeadline(sent.promise, deadlineMs, 'the server to take what comes behind');
  client.socket.resume();
  t.match(await client.reply(), { opcode: OP_ERROR, error: ErrorNumber.TOO_LARGE });
});

t.test('who does not read is not read from (part2/README.md#server-backpressure)', async (t) => {
  const { server, raw, table } = await startServer(t, { outputBytesMax: 256 * 1024 });
  const value = new Uint8Array(1 << 20).fill(7);
  table.put('big', value);
  const client = await raw();
  client.socket.pause();
  const requests = 40;
  client.send(Buffer.concat(Array.from({ length: requests }, () => encodeMessage(getRequest('big')))));
  await eventually(() => server.bufferedBytes > 0, { deadlineMs, what: 'replies that are not read' });
  let held = 0;
  // The kernel takes some megabytes; when it takes no more, what the server holds stays below its limit and a reply.
  for (let i = 0; i < 50; i += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    held = Math.max(held, server.bufferedBytes);
  }
  t.ok(held < 256 * 1024 + 2 * value.length, `${held} bytes are held for a client that does not read`);
  client.socket.resume();
  const replies = await client.replies(requests);
  t.ok(
    replies.every(({ data }) => data.length === value.length),
    'and all comes once it reads',
  );
  t.equal(replies.length, requests);
});

t.test('more requests are read when some are answered (part2/README.md#server-backpressure)', async (t) => {
  const { held, handler, arrived } = holdingHandler();
  const { raw } = await startServer(t, { handler, requestsInFlightMax: 3 });
  const client = await raw();
  client.send(Buffer.concat(Array.from({ length: 10 }, (_, i) => encodeMessage(getRequest(`${i}`)))));
  for (let done = 0; done < 10; done += 1) {
    await arrived(Math.min(10, done + 3));
    t.ok(held.length <= done + 3, `${held.length} requests in hand, ${done} of them answered`);
    held[done]?.answer();
    await client.reply();
  }
});

t.test(
  'one client’s requests do not keep everything else waiting (part2/README.md#server-backpressure)',
  async (t) => {
    let slow = 0;
    const handler: RequestHandler = ({ key }) => {
      const end = performance.now() + (key === 'slow' ? 20 : 0);
      while (performance.now() < end);
      if (key === 'slow') slow += 1;
      return { opcode: OP_GET + 1, c_type: ContentType.CT_VALUE };
    };
    const { raw } = await startServer(t, { handler, clientsServedMax: 2 });
    const [greedy, modest] = [await raw(), await raw()];
    modest.send(encodeMessage(getRequest('first')));
    await modest.reply();
    greedy.send(Buffer.concat(Array.from({ length: 200 }, () => encodeMessage(getRequest('slow')))));
    await greedy.reply();
    modest.send(encodeMessage(getRequest('quick')));
    await modest.reply();
    t.ok(slow < 200, `the other client was served after ${slow} of 200 slow requests`);
  },
);

t.test(
  'a client with one request does not wait for all that another has sent ahead (part2/README.md#server-backpressure)',
  async (t) => {
    const ahead = 500;
    const order: string[] = [];
    let onFirst = () => {};
    const handler: RequestHandler = ({ key }) => {
      order.push(key);
      if (order.length === 2) onFirst();
      return { opcode: OP_GET + 1, c_type: ContentType.CT_VALUE };
    };
    const { raw } = await startServer(t, { handler, clientsServedMax: 2 });
    const [greedy, modest] = [await raw(), await raw()];
    modest.send(encodeMessage(getRequest('first')));
    await modest.reply();
    // Within the server's turn: the next one finds this request.
    onFirst = () => modest.send(encodeMessage(getRequest('modest')));
    greedy.send(Buffer.concat(Array.from({ length: ahead }, () => encodeMessage(getRequest('greedy')))));
    await modest.reply();
    await greedy.replies(ahead);
    const place = order.indexOf('modest');
    t.ok(place > 0 && place < ahead / 2, `it was served behind ${place - 1} of ${ahead}`);
  },
);

t.test('a turn is shared out anew each time (part2/README.md#server-backpressure)', async (t) => {
  const turns = new TurnBudget();
  const all = turns.share;
  turns.use(all - 20);
  t.equal(turns.share, 20, 'what others have left');
  turns.use(20);
  t.ok(turns.share > 0 && turns.share < 20, 'nobody gets nothing');
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(turns.share, all);
  turns.use(3);
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(turns.share, all, 'the next time too');
});

t.test(
  'nothing more is read while requests that have arrived wait for their turn (part2/README.md#server-backpressure)',
  async (t) => {
    const ahead = 100_000;
    let bufferedMax = 0;
    const handler: RequestHandler = () => {
      bufferedMax = Math.max(bufferedMax, server.bufferedBytes);
      return { opcode: OP_GET + 1, c_type: ContentType.CT_VALUE };
    };
    const { server, raw } = await startServer(t, { handler });
    const client = await raw();
    const request = encodeMessage(getRequest('x'.repeat(50)));
    client.send(Buffer.concat(Array.from({ length: ahead }, () => request)));
    await client.replies(ahead);
    const sentBytes = ahead * request.length;
    t.ok(bufferedMax < sentBytes / 10, `${bufferedMax} of ${sentBytes} bytes were held at once`);
  },
);

t.test(
  'replies to what one client has sent ahead go out together, though it takes several turns (part2/README.md#wire-pipelining)',
  async (t) => {
    const { raw } = await startServer(t);
    const client = await raw();
    const written: number[] = [];
    const write = Socket.prototype.write;
    t.teardown(() => {
      Socket.prototype.write = write;
    });
    Socket.prototype.write = function (this: Socket, ...args: Parameters<Socket['write']>) {
      if (this !== client.socket) written.push((args[0] as Uint8Array).length);
      return write.apply(this, args);
    } as Socket['write'];
    const ahead = 100;
    // Replies are held back for ten milliseconds at most, and the machine may take longer for all of them.
    await eventually(
      async () => {
        written.length = 0;
        client.send(Buffer.concat(Array.from({ length: ahead }, () => encodeMessage(sizeRequest))));
        await client.replies(ahead);
        return written.length === 1;
      },
      { deadlineMs, what: `${ahead} replies to go out in one write` },
    );
    t.equal(written.length, 1);
  },
);

t.test('requests in hand are counted by bytes too (part2/README.md#server-backpressure)', async (t) => {
  const { held, handler, arrived } = holdingHandler();
  const { raw, server } = await startServer(t, { handler, frameBytesMax: 100_000 });
  const client = await raw();
  const put = { opcode: OP_PUT, c_type: CT_ENTRY, key: 'a', data: new Uint8Array(60_000) };
  client.send(Buffer.concat(Array.from({ length: 10 }, () => encodeMessage(put))));
  for (let done = 0; done < 10; done += 1) {
    await arrived(Math.min(10, done + 2));
    t.ok(held.length <= done + 2, `${held.length} large requests in hand, ${done} of them answered`);
    t.ok(server.bufferedBytes >= 60_000, 'they count against the memory of all clients');
    held[done]?.answer();
    await client.reply();
  }
  await eventually(() => server.bufferedBytes === 0, { deadlineMs, what: 'the memory to be free again' });
});

/** The beginning of a frame of 2 MiB: as many bytes as `bytes`. */
const unfinished = (bytes: number) => encodeFrame(new Uint8Array(2 << 20)).subarray(0, bytes);
const bigPut = encodeMessage({ opcode: OP_PUT, c_type: CT_ENTRY, key: 'k', data: new Uint8Array(1_500_000) });
const busy = { opcode: OP_ERROR, error: ErrorNumber.BUSY };

t.test(
  'connections without a place do not take the memory of who is served (part2/README.md#server-memory)',
  async (t) => {
    const { server, raw, table } = await startServer(t, { bufferBytesMax: 4 << 20 });
    const served = await raw();
    served.send(encodeMessage(sizeRequest));
    await served.reply();
    const silent = [];
    for (let i = 0; i < 8; i += 1) {
      const hoarder = await raw();
      silent.push(hoarder);
      hoarder.send(unfinished(1 << 20));
    }
    t.match(await Promise.any(silent.map((hoarder) => hoarder.reply())), busy, 'it costs them an error');
    served.send(bigPut, bigPut);
    t.match(await served.replies(2), [{ opcode: OP_PUT + 1 }, { opcode: OP_PUT + 1 }], 'and nobody else');
    t.equal(table.size, 1);
    t.ok(server.bufferedBytes <= 2 << 20, 'half of the memory is nobody’s without a place');
  },
);

t.test('of those without a place the largest goes first (part2/README.md#server-memory)', async (t) => {
  const { server, raw, connect } = await startServer(t, { bufferBytesMax: 4 << 20 });
  const served = await connect();
  await served.size();
  const [largest, small, waiting] = [await raw(), await raw(), await raw()];
  const sent = async (bytes: number) => {
    await eventually(() => server.bufferedBytes >= bytes, { deadlineMs, what: `${bytes} bytes to arrive` });
  };
  largest.send(unfinished(900_000));
  await sent(900_000);
  small.send(unfinished(700_000));
  await sent(1_600_000);
  waiting.send(encodeMessage({ opcode: OP_PUT, c_type: CT_ENTRY, key: 'k', data: new Uint8Array(800_000) }));
  t.match(await largest.reply(), busy);
  await largest.end();
  await eventually(() => server.clientsWaiting === 1, { deadlineMs, what: 'the third client to wait' });
  t.equal(server.clientsSilent, 1);
  t.ok(server.bufferedBytes >= 1_500_000, 'the others hold what they sent');
  await served.disconnect();
  t.match(await waiting.reply(), { opcode: OP_PUT + 1 }, 'and are served when it is their turn');
});

t.test(
  'many small requests without a place cost nobody a place (part2/README.md#server-memory)',
  async (t) => {
    const { server, raw } = await startServer(t, { bufferBytesMax: 20_000 });
    const served = await raw();
    const put = encodeMessage({ opcode: OP_PUT, c_type: CT_ENTRY, key: 'k', data: new Uint8Array(6_000) });
    served.send(encodeMessage(sizeRequest), put.subarray(0, 5_000));
    await served.reply();
    for (let i = 1; i <= 9; i += 1) {
      const small = await raw();
      small.send(unfinished(1_500));
      const bytes = 5_000 + i * 1_500;
      await eventually(() => server.bufferedBytes === bytes, { deadlineMs, what: `${bytes} bytes` });
    }
    served.send(put.subarray(5_000));
    t.match(await served.reply(), { opcode: OP_PUT + 1 });
    t.equal(server.clientsSilent, 9);
  },
);

t.test(
  'who is served and holds on to memory goes before who is in good order (part2/README.md#server-memory)',
  async (t) => {
    const options = { clientsServedMax: 20, bufferBytesMax: 4 << 20, outputBytesMax: 256 * 1024 };
    const { server, raw, table } = await startServer(t, options);
    table.put('big', new Uint8Array(1 << 20));
    table.put('huge', new Uint8Array(8 << 20));
    const patient = await raw();
    const hoarders = [await raw(), await raw(), await raw(), await raw(), await raw(), await raw()];
    for (const client of [patient, ...hoarders]) {
      client.send(encodeMessage(sizeRequest));
      await client.reply();
    }
    for (const hoarder of hoarders) hoarder.send(unfinished(1 << 20));
    t.match(await hoarders[0]?.reply(), busy, 'it costs them an error');
    patient.send(bigPut, encodeMessage(getRequest('big')), encodeMessage(sizeRequest));
    t.match(await patient.replies(3), [{ opcode: OP_PUT + 1 }, { opcode: OP_GET + 1 }, { result: 3 }]);
    for (const hoarder of hoarders) hoarder.socket.destroy();
    await eventually(() => server.bufferedBytes === 0, { deadlineMs, what: 'the memory to be free again' });

    const deaf = await raw();
    deaf.socket.pause();
    deaf.send(Buffer.concat(Array.from({ length: 5 }, () => encodeMessage(getRequest('huge')))));
    await eventually(() => server.bufferedBytes > 4 << 20, { deadlineMs, what: 'replies that are not read' });
    patient.send(encodeMessage(getRequest('big')), encodeMessage(getRequest('none')));
    const replies = await patient.replies(2);
    t.match(replies, [{ opcode: OP_GET + 1, found: true }, { opcode: OP_GET + 1 }]);
    t.equal(replies[0]?.data.length, 1 << 20);
    await eventually(() => server.clientsServed === 1, { deadlineMs, what: 'the deaf client to be cut off' });
    await eventually(() => server.bufferedBytes === 0, { deadlineMs, what: 'the memory to be free again' });
  },
);

t.test('who alone holds too much gets the error itself (part2/README.md#server-memory)', async (t) => {
  const { held, handler, arrived } = holdingHandler();
  const { server, raw } = await startServer(t, {
    handler,
    bufferBytesMax: 1 << 20,
    outputBytesMax: 8 << 20,
    frameBytesMax: 4 << 20,
  });
  const client = await raw();
  const get = encodeMessage(getRequest('big'));
  const reply = { opcode: OP_GET + 1, c_type: CT_VALUE, data: new Uint8Array(1 << 20), found: true };
  client.send(Buffer.concat([get, get, get, encodeMessage(sizeRequest)]));
  await arrived(4);
  // Together, so that none is on its way before the others: all four replies are in hand.
  for (const { answer } of held.slice(0, 3)) answer(reply);
  held[3]?.answer();
  const replies = await client.replies(4);
  t.same(
    replies.map(({ opcode, error, data }) => [opcode, error, data.length]),
    [
      [OP_GET + 1, 0, 1 << 20],
      [OP_ERROR, ErrorNumber.BUSY, 0],
      [OP_ERROR, ErrorNumber.BUSY, 0],
      [OP_SIZE + 1, 0, 0],
    ],
  );
  await eventually(() => server.bufferedBytes === 0, { deadlineMs, what: 'the memory to be free again' });
  client.send(encodeFrame(new Uint8Array(2 << 20)));
  t.match(await client.reply(), busy, 'for a request as for replies');
  await client.end();
  t.equal(server.bufferedBytes, 0);
});

t.test('a client that is silent for long has to go (part2/README.md#server-idle)', async (t) => {
  const { held, handler, arrived } = holdingHandler();
  const { raw, server } = await startServer(t, { handler, idleTimeoutMs: 200, clientsServedMax: 1 });
  const silent = await raw();
  t.match(await silent.reply(), { opcode: OP_ERROR, error: ErrorNumber.BUSY, detail: /200 ms/ });
  await silent.end();

  const waitsForAnswer = await raw();
  const waitsForPlace = await raw();
  waitsForAnswer.send(encodeMessage(getRequest('a')));
  await arrived(1);
  waitsForPlace.send(encodeMessage(getRequest('b')));
  await eventually(() => server.clientsWaiting === 1, { deadlineMs });
  const late = await raw();
  await late.end();
  t.equal(held.length, 1, 'longer than the time has passed');
  held[0]?.answer();
  t.match(await waitsForAnswer.reply(), { key: 'a' }, 'who waits for an answer is not silent');
  await arrived(2);
  held[1]?.answer();
  t.match(await waitsForPlace.reply(), { key: 'b' }, 'nor is who waits for a place');
});

t.test('a request has to arrive within its time (part2/README.md#server-idle)', async (t) => {
  const { raw } = await startServer(t, { frameTimeoutMs: 300, clientsServedMax: 2 });
  for (const before of [[], [encodeMessage(sizeRequest)]]) {
    const slow = await raw();
    slow.send(...before, '20');
    // Bytes that trickle in do not help: it is the whole request that has a deadline.
    const trickle = setInterval(() => slow.send('00'), 50);
    t.teardown(() => clearInterval(trickle));
    const last = (await slow.replies(before.length + 1)).at(-1);
    clearInterval(trickle);
    t.match(last, { opcode: OP_ERROR, error: ErrorNumber.BAD_REQUEST, detail: /300 ms/ });
    await slow.end();
  }
});

t.test('replies that nobody reads have their time (part2/README.md#server-idle)', async (t) => {
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

t.test('who reads one reply and no other has its time too (part2/README.md#server-idle)', async (t) => {
  const { raw, server, table } = await startServer(t, { frameTimeoutMs: 300, outputBytesMax: 64 << 20 });
  const valueBytes = 15 << 20;
  table.put('big', new Uint8Array(valueBytes));
  const deaf = await raw();
  deaf.socket.pause();
  for (const unreadBytes of [0, valueBytes]) {
    deaf.send(encodeMessage(getRequest('big')));
    await eventually(() => server.bufferedBytes > unreadBytes, { deadlineMs, what: 'a reply not read' });
  }
  deaf.socket.on('data', () => {
    if (deaf.socket.bytesRead > valueBytes + 1_000) deaf.socket.pause();
  });
  deaf.socket.resume();
  t.match(await deaf.reply(), { opcode: OP_GET + 1 });
  await eventually(() => server.connections === 0, { deadlineMs, what: 'the deaf client to be cut off' });
  t.ok(deaf.socket.bytesRead < 2 * valueBytes);
});

t.test('who has read its replies may be silent again (part2/README.md#server-idle)', async (t) => {
  const { raw, server, table } = await startServer(t, { frameTimeoutMs: 300, clientsServedMax: 2 });
  table.put('big', new Uint8Array(16 << 20));
  const slow = await raw();
  slow.socket.pause();
  slow.send(encodeMessage(getRequest('big')));
  await eventually(() => server.bufferedBytes > 0, { deadlineMs, what: 'a reply that is not read' });
  slow.socket.resume();
  await slow.reply();
  await eventually(() => server.bufferedBytes === 0, { deadlineMs, what: 'all to be taken' });
  const clock = await raw();
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
  // It goes on sending; at some point there is nobody any more.
  const sending = setInterval(() => stubborn.write('x'), 20);
  t.teardown(() => clearInterval(sending));
  await withDeadline(promise, deadlineMs, 'the end of the connection');
  t.equal(server.clientsServed, 0);
});

t.test('goodbyes do not pile up (part2/README.md#server-survives)', async (t) => {
  const { server, address, connect: connectStub } = await startServer(t, { clientsServedMax: 1_000 });
  // They never close their side.
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
  'close answers what is in hand, says so to the rest, and ends (part2/README.md#server-sigterm)',
  async (t) => {
    const { held, handler, arrived } = holdingHandler();
    const { raw, server } = await startServer(t, { handler, requestsInFlightMax: 1 });
    const busy = await raw();
    busy.send(encodeMessage(getRequest('a')), encodeMessage(getRequest('b')));
    await arrived(1);
    const waiting = await raw();
    waiting.send(encodeMessage(getRequest('c')));
    await eventually(() => server.clientsWaiting === 1, { deadlineMs });
    const silent = await raw();
    await eventually(() => server.clientsSilent === 1, { deadlineMs });
    const closed = server.close({ deadlineMs });
    t.equal(server.close({ deadlineMs: 1 }), closed, 'closing twice is closing once');
    const shuttingDown = { opcode: OP_ERROR, error: ErrorNumber.SHUTTING_DOWN };
    for (const client of [waiting, silent]) t.match(await client.reply(), shuttingDown);
    held[0]?.answer();
    t.match(await busy.replies(2), [{ opcode: OP_GET + 1, key: 'a' }, shuttingDown]);
    await withDeadline(closed, deadlineMs, 'the server to close');
    t.equal(held.length, 1, 'no request was taken after that');
    await t.rejects(raw(), { code: 'ECONNREFUSED' });
  },
);

t.test('close cuts off at its deadline what does not finish (part2/README.md#server-sigterm)', async (t) => {
  const { held, handler, arrived } = holdingHandler();
  const { raw, server } = await startServer(t, { handler });
  const client = await raw();
  client.send(encodeMessage(getRequest('a')));
  await arrived(1);
  await withDeadline(server.close({ deadlineMs: 50 }), deadlineMs, 'the server to close');
  held[0]?.answer();
  await client.end();
});

t.test('nor does it wait for who does not read (part2/README.md#server-sigterm)', async (t) => {
  const { raw, server, table } = await startServer(t);
  table.put('big', new Uint8Array(15 << 20));
  const deaf = await raw();
  deaf.socket.pause();
  deaf.send(encodeMessage(getRequest('big')));
  await eventually(() => server.bufferedBytes > 0, { deadlineMs, what: 'a reply that is not read' });
  await withDeadline(server.close({ deadlineMs: 50 }), deadlineMs, 'the server to close');
  t.equal(server.bufferedBytes, 0);
});

t.test('a server can start again on its port at once (part2/README.md#server-restart)', async (t) => {
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

t.test('a server that cannot listen says why (part2/README.md#server-arguments)', async (t) => {
  await t.rejects(startServer(t, { host: '8.8.8.8' }), {
    code: 'BAD_REQUEST',
    message: /no address of this/,
  });
  await t.rejects(startServer(t, { port: 70_000 }), { code: 'BAD_REQUEST' });
});

t.test('the first frame may turn a connection into something else', async (t) => {
  const taken: { payload: string; rest: string }[] = [];
  const upgrade: Upgrade = (payload, socket, rest) => {
    const text = Buffer.from(payload).toString();
    if (text === 'bug') throw new Error('a bug');
    if (text !== 'link') return false;
    taken.push({ payload: text, rest: Buffer.from(rest).toString() });
    socket.on('data', (chunk) => socket.write(chunk));
    return true;
  };
  const { server, address, connect: connectStub, raw } = await startServer(t, { upgrade });
  const client = await connectStub();
  t.equal(await client.size(), 0, 'a client is not taken over');

  const link = connect({ ...address });
  t.teardown(() => link.destroy());
  link.write(Buffer.concat([encodeFrame(bytesOf('link')), bytesOf('and more')]));
  await eventually(() => taken.length === 1, { deadlineMs, what: 'the upgrade' });
  t.same(taken, [{ payload: 'link', rest: 'and more' }], 'although all places are taken');
  t.same([server.clientsServed, server.clientsWaiting, server.clientsSilent], [1, 0, 0], 'it is no client');
  t.equal(server.bufferedBytes, 0, 'nor does it count against the clients’ memory');

  const broken = await raw();
  broken.send(encodeFrame(bytesOf('bug')));
  t.match(await broken.reply(), { opcode: OP_ERROR, error: ErrorNumber.INTERNAL });
  await withDeadline(server.close({ deadlineMs: 1_000 }), deadlineMs, 'the server to close');

  const echoed = Promise.withResolvers<string>();
  link.on('data', (chunk) => echoed.resolve(chunk.toString()));
  link.write('still here');
  t.equal(await withDeadline(echoed.promise, deadlineMs, 'the echo'), 'still here', 'the server forgot it');
  const closed = Promise.withResolvers<void>();
  link.on('close', () => closed.resolve());
  link.end();
  await withDeadline(closed.promise, deadlineMs, 'both sides to close');
});
