import { connect } from 'node:net';
import {
  ContentType,
  decodeMessage,
  ErrorNumber,
  encodeMessage,
  Listener,
  type Message,
  Opcode,
  type Reply,
} from '@tablelab/part2';
import {
  AcceptedWrites,
  deadlineMs,
  echo,
  finishManyAtOnce,
  getRequest,
  putRequest,
  RawClient,
  sizeRequest,
} from '@tablelab/part2/testing';
import { Deferred } from '@tablelab/part3';
import { TableError } from '@tablelab/shared';
import { cases, eventually, withDeadline } from '@tablelab/shared/testing';
import t from 'tap';
import { holdingHandler, startMultiplexing } from './support/multiplexing.ts';

const { OP_SIZE, OP_GET, OP_GETKEYS, OP_PUT, OP_ERROR } = Opcode;
const { CT_NONE, CT_ENTRY, CT_VALUE, CT_KEYS, CT_RESULT } = ContentType;

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

t.test(
  'replies to one client’s pipelined requests leave together, even if they take several turns (part3/README.md#server-order)',
  async (t) => {
    const { raw } = await startMultiplexing(t);
    const client = await raw();
    const writes = new AcceptedWrites();
    t.teardown(() => writes.stop());
    const ahead = 100;
    // Replies are held back for at most ten milliseconds, and the machine may take longer for all of them.
    const isOne = await eventually(
      async () => {
        const before = writes.count;
        client.send(Buffer.concat(Array.from({ length: ahead }, () => encodeMessage(sizeRequest))));
        await client.replies(ahead);
        return writes.count - before === 1;
      },
      { deadlineMs, what: `${ahead} replies to go out in one write` },
    );
    t.ok(isOne);
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

t.test(
  'replies that wait for an earlier one, and long ones that are being made, count as unread (part3/README.md#server-backpressure)',
  async (t) => {
    const outputBytesMax = 1 << 20;
    const held: Deferred<Reply>[] = [];
    let gets = 0;
    const handler = (request: Message): Reply | Deferred<Reply> => {
      if (request.opcode === OP_GET) {
        gets += 1;
        return { opcode: OP_GET + 1, c_type: CT_VALUE, data: new Uint8Array(outputBytesMax) };
      }
      const expectedBytes = request.opcode === OP_GETKEYS ? outputBytesMax : 0;
      held.push(new Deferred<Reply>({ expectedBytes }));
      return held.at(-1) as Deferred<Reply>;
    };
    const { server, raw } = await startMultiplexing(t, { handler });
    const client = await raw();
    const get = encodeMessage(getRequest('k'));
    client.send(Buffer.concat([encodeMessage(sizeRequest), ...Array.from({ length: 20 }, () => get)]));
    await eventually(() => server.bufferedBytes >= outputBytesMax, {
      deadlineMs,
      what: 'a reply that waits',
    });
    t.equal(gets, 1, 'no more requests are executed');
    held[0]?.settle({ opcode: OP_SIZE + 1, c_type: CT_RESULT });
    await client.replies(21);
    t.equal(gets, 20, 'until replies have been read');

    const keys = encodeMessage({ opcode: OP_GETKEYS, c_type: CT_NONE });
    client.send(Buffer.concat([keys, keys, keys]));
    await eventually(() => held.length > 1, { deadlineMs, what: 'a request for keys' });
    for (let list = 2; list <= 4; list += 1) {
      await eventually(() => held.length >= list, { deadlineMs, what: `request ${list}` });
      t.equal(held.length, list, 'one list at a time');
      held.at(-1)?.settle({ opcode: OP_GETKEYS + 1, c_type: CT_KEYS, encodedKeys: new Uint8Array(0) });
      await client.reply();
    }
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

t.test('a connection leaves no timer behind when it is closed (part3/README.md#server-idle)', async (t) => {
  const { server, raw } = await startMultiplexing(t);
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const unfinished = encodeMessage(putRequest('k', new Uint8Array(100))).subarray(0, -1);
  const [silent, served, leaving] = [await raw(), await raw(), await raw()];
  silent.send(unfinished);
  served.send(encodeMessage(sizeRequest), unfinished);
  // It does not see the end of the server's side, so the server waits for it.
  leaving.socket.pause();
  leaving.send('ffffffffffff');
  await served.reply();
  await eventually(() => timers() === before + 3, { deadlineMs, what: 'a timer for each connection' });
  for (const { socket } of [silent, served, leaving]) socket.resetAndDestroy();
  await eventually(() => server.connections === 0, { deadlineMs, what: 'the connections to close' });
  t.equal(timers(), before);
});

t.test('the number of finished connections is limited (part3/README.md#server-survives)', async (t) => {
  const started = await startMultiplexing(t);
  const { server, connect: connectStub } = started;
  await finishManyAtOnce(t, started, 256);
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
