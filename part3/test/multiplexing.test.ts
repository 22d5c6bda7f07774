import { connect } from 'node:net';
import {
  ContentType,
  decodeMessage,
  ErrorNumber,
  encodeFrame,
  encodeMessage,
  Listener,
  Opcode,
} from '@tablelab/part2';
import {
  deadlineMs,
  echo,
  getRequest,
  putRequest,
  RawClient,
  sizeRequest,
  socketWrites,
} from '@tablelab/part2/testing';
import { Deferred, type RequestHandler } from '@tablelab/part3';
import { TableError } from '@tablelab/shared';
import { cases, eventually, withDeadline } from '@tablelab/shared/testing';
import t from 'tap';
import { TurnBudget } from '../src/server/turn-budget.ts';
import { holdingHandler, startMultiplexing } from './support/multiplexing.ts';

const { OP_SIZE, OP_GET, OP_PUT, OP_ERROR } = Opcode;
const { CT_ENTRY, CT_VALUE } = ContentType;

t.test('replies keep the order of the requests (part3/README.md#server-order)', async (t) => {
  const { held, handler, arrived } = holdingHandler();
  const { raw } = await startMultiplexing(t, { handler });
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

t.test('a reply that is ready waits for an earlier one (part3/README.md#server-order)', async (t) => {
  const { held, handler, arrived } = holdingHandler();
  const { raw } = await startMultiplexing(t, {
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

t.test(
  'a program that sends no frames gets an error at once, in its format (part2/README.md#wire-unframed)',
  async (t) => {
    const { address } = await startMultiplexing(t);
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

t.test('more requests are read after some are answered (part3/README.md#server-backpressure)', async (t) => {
  const { held, handler, arrived } = holdingHandler();
  const { raw } = await startMultiplexing(t, { handler, requestsInFlightMax: 3 });
  const client = await raw();
  client.send(Buffer.concat(Array.from({ length: 10 }, (_, i) => encodeMessage(getRequest(`${i}`)))));
  for (let done = 0; done < 10; done += 1) {
    await arrived(Math.min(10, done + 3));
    t.ok(held.length <= done + 3, `${held.length} requests in hand, ${done} of them answered`);
    held[done]?.answer();
    await client.reply();
  }
});

t.test('the requests of one client do not block the others (part3/README.md#server-turns)', async (t) => {
  let slow = 0;
  const handler: RequestHandler = ({ key }) => {
    const end = performance.now() + (key === 'slow' ? 20 : 0);
    while (performance.now() < end);
    if (key === 'slow') slow += 1;
    return { opcode: OP_GET + 1, c_type: ContentType.CT_VALUE };
  };
  const { raw } = await startMultiplexing(t, { handler });
  const [greedy, modest] = [await raw(), await raw()];
  modest.send(encodeMessage(getRequest('first')));
  await modest.reply();
  greedy.send(Buffer.concat(Array.from({ length: 200 }, () => encodeMessage(getRequest('slow')))));
  await greedy.reply();
  modest.send(encodeMessage(getRequest('quick')));
  await modest.reply();
  t.ok(slow < 200, `the other client was served after ${slow} of 200 slow requests`);
});

t.test(
  'a client with one request does not wait for all requests that another has sent ahead (part3/README.md#server-turns)',
  async (t) => {
    const ahead = 500;
    const order: string[] = [];
    let onFirst = () => {};
    const handler: RequestHandler = ({ key }) => {
      order.push(key);
      if (order.length === 2) onFirst();
      return { opcode: OP_GET + 1, c_type: ContentType.CT_VALUE };
    };
    const { raw } = await startMultiplexing(t, { handler });
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

t.test('each turn has a new budget (part3/README.md#server-turns)', async (t) => {
  const turns = new TurnBudget();
  const taker = { proceed: () => undefined };
  const all = turns.share;
  turns.use(taker, all - 20, 0);
  t.equal(turns.share, 20, 'what others have left');
  turns.use(taker, 20, 0);
  t.ok(turns.share > 0 && turns.share < 20, 'each connection gets some');
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(turns.share, all);
  turns.use(taker, 3, 0);
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(turns.share, all, 'the next time too');
});

t.test(
  'in a crowd with long requests, clients whose requests were short go first (part3/README.md#server-turns)',
  async (t) => {
    const turns = new TurnBudget();
    const order: string[] = [];
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const taker = (name: string, tookMs: number) => ({
      proceed() {
        t.ok(turns.mayGoOn(this), 'its turn has come');
        order.push(name);
        turns.use(this, 1, tookMs);
      },
    });
    const modest = taker('modest', 0.1);
    const crowd = Array.from({ length: 60 }, (_, index) => taker(`long ${index}`, 6));
    t.ok(turns.mayGoOn(modest));
    modest.proceed();
    await turn();
    let waiting = 0;
    for (const one of crowd) {
      if (turns.mayGoOn(one)) one.proceed();
      else waiting += 1;
    }
    t.equal(waiting, 58, 'the time of a turn is over after 10 ms');
    t.notOk(turns.mayGoOn(modest), 'for all');
    order.length = 0;
    await turn();
    t.same(
      order.splice(0),
      ['modest', 'long 2', 'long 3'],
      'who asks for little goes first, at the next turn',
    );
    for (let more = 0; more < 29; more += 1) await turn();
    t.equal(order.length, 56, 'and nobody is left out');
    const long = taker('too long', 20);
    t.ok(turns.mayGoOn(long), 'without a crowd nobody waits');
  },
);

t.test(
  'nothing more is read while received requests wait for their turn (part3/README.md#server-turns)',
  async (t) => {
    const ahead = 100_000;
    let bufferedMax = 0;
    const handler: RequestHandler = () => {
      bufferedMax = Math.max(bufferedMax, server.bufferedBytes);
      return { opcode: OP_GET + 1, c_type: ContentType.CT_VALUE };
    };
    const { server, raw } = await startMultiplexing(t, { handler });
    const client = await raw();
    const request = encodeMessage(getRequest('x'.repeat(50)));
    client.send(Buffer.concat(Array.from({ length: ahead }, () => request)));
    await client.replies(ahead);
    const sentBytes = ahead * request.length;
    t.ok(bufferedMax < sentBytes / 10, `${bufferedMax} of ${sentBytes} bytes were held at once`);
  },
);

t.test(
  'replies to one client’s pipelined requests leave together, even if they take several turns (part3/README.md#server-order)',
  async (t) => {
    const { raw } = await startMultiplexing(t);
    const client = await raw();
    const written = socketWrites(t, client.socket);
    const ahead = 100;
    // Replies are held back for at most ten milliseconds, and the machine may take longer for all of them.
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

t.test('pending requests are also limited in bytes (part3/README.md#server-backpressure)', async (t) => {
  const { held, handler, arrived } = holdingHandler();
  const { raw, server } = await startMultiplexing(t, { handler, frameBytesMax: 100_000 });
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

t.test('a client that does not read is not read from (part3/README.md#server-backpressure)', async (t) => {
  const { server, raw, table } = await startMultiplexing(t, { outputBytesMax: 256 * 1024 });
  const value = new Uint8Array(1 << 20).fill(7);
  table.put('big', value);
  const client = await raw();
  client.socket.pause();
  const requests = 40;
  client.send(Buffer.concat(Array.from({ length: requests }, () => encodeMessage(getRequest('big')))));
  await eventually(() => server.bufferedBytes > 0, { deadlineMs, what: 'replies that are not read' });
  let held = 0;
  // The kernel buffers some megabytes; after that, the server holds at most its limit plus one reply.
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

/** The beginning of a frame of 2 MiB: as many bytes as `bytes`. */
const unfinished = (bytes: number) => encodeFrame(new Uint8Array(2 << 20)).subarray(0, bytes);
const bigPut = encodeMessage(putRequest('k', new Uint8Array(1_500_000)));
const busy = { opcode: OP_ERROR, error: ErrorNumber.BUSY };

t.test(
  'connections without a place do not take the memory of served clients (part3/README.md#server-memory)',
  async (t) => {
    const { server, raw, table } = await startMultiplexing(t, { bufferBytesMax: 4 << 20 });
    const served = await raw();
    served.send(encodeMessage(sizeRequest));
    await served.reply();
    const silent = [];
    for (let i = 0; i < 8; i += 1) {
      const hoarder = await raw();
      silent.push(hoarder);
      hoarder.send(unfinished(1 << 20));
    }
    t.match(await Promise.any(silent.map((hoarder) => hoarder.reply())), busy, 'they get an error');
    served.send(bigPut, bigPut);
    t.match(
      await served.replies(2),
      [{ opcode: OP_PUT + 1 }, { opcode: OP_PUT + 1 }],
      'and the served client nothing',
    );
    t.equal(table.size, 1);
    t.ok(server.bufferedBytes <= 2 << 20, 'connections without a place have half of the memory at most');
  },
);

t.test(
  'of the connections without a place, the largest is closed first (part3/README.md#server-memory)',
  async (t) => {
    const { server, raw, connect, table } = await startMultiplexing(t, { bufferBytesMax: 4 << 20 });
    const served = await connect();
    await served.size();
    const [largest, small, last] = [await raw(), await raw(), await raw()];
    const sent = async (bytes: number) => {
      await eventually(() => server.bufferedBytes >= bytes, { deadlineMs, what: `${bytes} bytes to arrive` });
    };
    largest.send(unfinished(900_000));
    await sent(900_000);
    small.send(unfinished(700_000));
    await sent(1_600_000);
    const put = encodeMessage(putRequest('k', new Uint8Array(800_000)));
    last.send(put.subarray(0, put.length - 1));
    t.match(await largest.reply(), busy);
    await largest.end();
    await sent(1_500_000);
    t.equal(server.clientsSilent, 2, 'the others hold what they sent');
    last.send(put.subarray(put.length - 1));
    t.match(await last.reply(), { opcode: OP_PUT + 1 }, 'and are served once their requests are whole');
    t.equal(table.size, 1);
  },
);

t.test(
  'many small requests without a place close no connection (part3/README.md#server-memory)',
  async (t) => {
    const { server, raw } = await startMultiplexing(t, { bufferBytesMax: 20_000 });
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
  'a client that has held memory for longest is closed first (part3/README.md#server-memory)',
  async (t) => {
    const options = { bufferBytesMax: 4 << 20, outputBytesMax: 256 * 1024 };
    const { server, raw, table } = await startMultiplexing(t, options);
    table.put('big', new Uint8Array(1 << 20));
    table.put('huge', new Uint8Array(8 << 20));
    const patient = await raw();
    const hoarders = [await raw(), await raw(), await raw(), await raw(), await raw(), await raw()];
    for (const client of [patient, ...hoarders]) {
      client.send(encodeMessage(sizeRequest));
      await client.reply();
    }
    for (const hoarder of hoarders) hoarder.send(unfinished(1 << 20));
    t.match(await hoarders[0]?.reply(), busy, 'they get an error');
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

t.test(
  'a single client that holds too much gets the error itself (part3/README.md#server-memory)',
  async (t) => {
    const { held, handler, arrived } = holdingHandler();
    const { server, raw } = await startMultiplexing(t, {
      handler,
      bufferBytesMax: 3 << 19,
      outputBytesMax: 8 << 20,
      frameBytesMax: 4 << 20,
    });
    const client = await raw();
    const get = encodeMessage(getRequest('big'));
    const reply = { opcode: OP_GET + 1, c_type: CT_VALUE, data: new Uint8Array(1 << 20), found: true };
    client.send(Buffer.concat([get, get, get, encodeMessage(sizeRequest)]));
    await arrived(4);
    // Sent together, so that all four replies are pending at the same time.
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
  },
);

t.test('a client that is silent for too long is disconnected (part3/README.md#server-idle)', async (t) => {
  const { held, handler, arrived } = holdingHandler();
  const { raw } = await startMultiplexing(t, { handler, idleTimeoutMs: 200 });
  const silent = await raw();
  t.match(await silent.reply(), { opcode: OP_ERROR, error: ErrorNumber.BUSY, detail: /200 ms/ });
  await silent.end();

  const waiting = await raw();
  waiting.send(encodeMessage(getRequest('a')));
  await arrived(1);
  const late = await raw();
  await late.end();
  held[0]?.answer();
  t.match(await waiting.reply(), { key: 'a' }, 'a client that waits for an answer is not silent');
});

t.test('a request must arrive within its time limit (part3/README.md#server-idle)', async (t) => {
  const { raw } = await startMultiplexing(t, { frameTimeoutMs: 300 });
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

t.test('unread replies have a time limit (part3/README.md#server-idle)', async (t) => {
  const { raw, connect, server, table } = await startMultiplexing(t, { frameTimeoutMs: 300 });
  table.put('big', new Uint8Array(8 << 20));
  const deaf = await raw();
  deaf.socket.pause();
  deaf.send(Buffer.concat(Array.from({ length: 13 }, () => encodeMessage(getRequest('big')))));
  const next = await connect();
  t.equal(await next.size(), 1, 'everybody else is served');
  await eventually(() => server.connections === 1, { deadlineMs, what: 'the deaf client to be cut off' });
  deaf.socket.resume();
  await deaf.end();
  t.ok(deaf.socket.bytesRead < 13 * (8 << 20), `${deaf.socket.bytesRead} bytes came: the rest is lost`);
});

t.test('the number of finished connections is limited (part3/README.md#server-survives)', async (t) => {
  const { server, address, connect: connectStub } = await startMultiplexing(t);
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
  'close answers the pending requests, tells the other clients, and ends (part3/README.md#server-sigterm)',
  async (t) => {
    const { held, handler, arrived } = holdingHandler();
    const { raw, server } = await startMultiplexing(t, { handler, requestsInFlightMax: 1 });
    const busy = await raw();
    busy.send(encodeMessage(getRequest('a')), encodeMessage(getRequest('b')));
    await arrived(1);
    const silent = await raw();
    await eventually(() => server.clientsSilent === 1, { deadlineMs });
    const closed = server.close({ deadlineMs });
    t.equal(server.close({ deadlineMs: 1 }), closed, 'closing twice is closing once');
    const shuttingDown = { opcode: OP_ERROR, error: ErrorNumber.SHUTTING_DOWN };
    t.match(await silent.reply(), shuttingDown);
    held[0]?.answer();
    t.match(await busy.replies(2), [{ opcode: OP_GET + 1, key: 'a' }, shuttingDown]);
    await withDeadline(closed, deadlineMs, 'the server to close');
    t.equal(held.length, 1, 'no request was taken after that');
    await t.rejects(raw(), { code: 'ECONNREFUSED' });
  },
);

t.test(
  'at its deadline, close ends connections that have not finished (part3/README.md#server-sigterm)',
  async (t) => {
    const { held, handler, arrived } = holdingHandler();
    const { raw, server } = await startMultiplexing(t, { handler });
    const client = await raw();
    client.send(encodeMessage(getRequest('a')));
    await arrived(1);
    await withDeadline(server.close({ deadlineMs: 50 }), deadlineMs, 'the server to close');
    held[0]?.answer();
    await client.end();
  },
);

t.test('close does not wait for a client that does not read (part3/README.md#server-sigterm)', async (t) => {
  const { raw, server, table } = await startMultiplexing(t);
  table.put('big', new Uint8Array(15 << 20));
  const deaf = await raw();
  deaf.socket.pause();
  deaf.send(encodeMessage(getRequest('big')));
  await eventually(() => server.bufferedBytes > 0, { deadlineMs, what: 'a reply that is not read' });
  await withDeadline(server.close({ deadlineMs: 50 }), deadlineMs, 'the server to close');
  t.equal(server.bufferedBytes, 0);
});

t.test('a client that sends nothing needs no place (part3/README.md#server-all-clients)', async (t) => {
  const { server, connect, raw } = await startMultiplexing(t, { clientsServedMax: 2 });
  const silent = [await raw(), await raw()];
  await eventually(() => server.clientsSilent === 2, { deadlineMs });
  t.equal(await (await connect()).size(), 0);
  t.match(
    await silent[0]?.reply(),
    { opcode: OP_ERROR, error: ErrorNumber.BUSY },
    'the one that connected first is closed',
  );
  await silent[0]?.end();
  t.equal(server.clientsServed, 1);
});

t.test('without a free place a client gets BUSY (part3/README.md#server-all-clients)', async (t) => {
  const { server, connect, raw } = await startMultiplexing(t, { clientsServedMax: 1 });
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

t.test('an outcome, whether known already or later, is delivered once', async (t) => {
  const told: string[] = [];
  const later = new Deferred<string>();
  later.whenSettled((value) => told.push(value));
  t.same(told, []);
  later.settle('a');
  later.settle('b');
  later.whenSettled((value) => told.push(value));
  t.same(told, ['a', 'a'], 'the first outcome counts');
  t.equal(await later, 'a', 'it can be awaited');
  const source = new Deferred<number>();
  const changed = source.map((value) => value + 1);
  source.settle(1);
  t.equal(await changed, 2);
  t.equal(await Deferred.of(Promise.resolve('b')), 'b');
});

t.test('a connection that was accepted elsewhere is served with the bytes already read', async (t) => {
  const { server, table } = await startMultiplexing(t);
  const put = encodeMessage(putRequest('k', Uint8Array.of(1)));
  const accepting = await Listener.open({ host: '127.0.0.1', port: 0 }, (socket) => {
    socket.once('data', (chunk) => {
      socket.pause();
      server.serve(socket, chunk);
      socket.resume();
    });
  });
  t.teardown(() => accepting.close());
  const client = new RawClient(accepting.address);
  t.teardown(() => client.socket.destroy());
  client.send(put, encodeMessage(sizeRequest));
  t.match(await client.replies(2), [{ opcode: OP_PUT + 1 }, { result: 1 }]);
  t.equal(table.size, 1);
  const closed = server.close({ deadlineMs });
  const late = new RawClient(accepting.address);
  t.teardown(() => late.socket.destroy());
  late.send(encodeMessage(sizeRequest));
  const shuttingDown = { opcode: OP_ERROR, error: ErrorNumber.SHUTTING_DOWN };
  t.match(
    [await client.reply(), await late.reply()],
    [shuttingDown, shuttingDown],
    'one that comes too late, too',
  );
  await closed;
});
