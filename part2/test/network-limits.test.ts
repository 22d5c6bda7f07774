import { ContentType, ErrorNumber, encodeMessage, Opcode, type RequestHandler } from '@tablelab/part2';
import {
  AcceptedSockets,
  advanceClock,
  deadlineMs,
  getRequest,
  putRequest,
  sizeRequest,
  startClock,
  stopClock,
  turns,
} from '@tablelab/part2/testing';
import { eventually } from '@tablelab/shared/testing';
import t from 'tap';
import { startServer } from './support.ts';

const { OP_SIZE, OP_GET, OP_PUT, OP_ERROR } = Opcode;
const { CT_VALUE } = ContentType;

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
  await turns(200);
  // The kernel takes some megabytes.
  t.ok(
    executed < 30,
    `${executed} of ${requests} replies of 1 MiB were made for a client that does not read`,
  );
  // These could be read, although they are not executed yet.
  const ahead = encodeMessage(putRequest('big', new Uint8Array(15 << 20)));
  client.send(ahead, ahead);
  for (let round = 0; round < 500; round += 1) await turns(2);
  t.ok(client.socket.writableLength > 8 << 20, 'most of the later requests is still with the client');
  client.socket.resume();
  const replies = await client.replies(requests + 2);
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
    const sockets = new AcceptedSockets();
    t.teardown(() => sockets.stop());
    const { raw, table } = await startServer(t);
    table.put('big', new Uint8Array(15 << 20));
    // From here on, time passes by `advanceClock` alone, so a deadline would never come: each wait ends after many turns.
    stopClock();
    t.teardown(() => startClock());
    const seen = async (what: string, isThere: () => boolean) => {
      const end = performance.now() + deadlineMs;
      while (!isThere() && performance.now() < end) await turns(1);
      t.ok(isThere(), what);
    };

    const silent = await raw();
    await seen('the client is accepted', () => sockets.count === 1);
    await advanceClock(5 * 60_000 - 1);
    t.notOk(sockets.isEnded(0), 'a client may be silent for as long as this');
    await advanceClock(1);
    t.ok(sockets.isEnded(0), 'and no longer');
    t.match(await silent.reply(), { opcode: OP_ERROR, error: ErrorNumber.BUSY });
    await silent.end();

    const deaf = await raw();
    deaf.socket.pause();
    deaf.send(encodeMessage(getRequest('big')));
    await seen('a reply is not read', () => sockets.unsentBytes(1) > 0);
    await turns(100);
    await advanceClock(9_999);
    t.notOk(sockets.isEnded(1), 'a reply may be unread for as long as this');
    await advanceClock(1);
    // The system has taken a part of it, perhaps since the time began.
    await advanceClock(10_000);
    t.ok(sockets.isEnded(1), 'and not for longer');

    const slow = await raw();
    await seen('the last client is accepted', () => sockets.count === 3);
    slow.send('20');
    await seen('the beginning of a request is read', () => sockets.bytesRead(2) > 0);
    await advanceClock(9_999);
    t.notOk(sockets.isEnded(2), 'a request may take as long as this to arrive');
    await advanceClock(1);
    t.ok(sockets.isEnded(2), 'and no longer');
    t.match(await slow.reply(), { opcode: OP_ERROR, error: ErrorNumber.BAD_REQUEST });
  },
);

t.test('a client that is silent for too long is disconnected (part2/README.md#server-idle)', async (t) => {
  const { raw, server } = await startServer(t, { idleTimeoutMs: 200 });
  const silent = await raw();
  t.match(await silent.reply(), { opcode: OP_ERROR, error: ErrorNumber.BUSY });
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
    // 16,383 bytes, so that they have not all arrived when the deadline has passed.
    slow.send(...before, 'ff7f');
    // Single bytes do not extend the deadline, which is that of the whole request.
    const trickle = setInterval(() => slow.send('00'), 50);
    t.teardown(() => clearInterval(trickle));
    const last = (await slow.replies(before.length + 1)).at(-1);
    clearInterval(trickle);
    t.match(last, { opcode: OP_ERROR, error: ErrorNumber.BAD_REQUEST });
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
  t.match(
    await clock.reply(),
    { opcode: OP_ERROR, error: ErrorNumber.BAD_REQUEST },
    'longer than the time has passed',
  );
  slow.send(encodeMessage(sizeRequest));
  t.match(await slow.reply(), { opcode: OP_SIZE + 1 });
});
