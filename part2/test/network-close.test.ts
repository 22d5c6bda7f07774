import { connect } from 'node:net';
import { ContentType, ErrorNumber, encodeMessage, Opcode, type RequestHandler } from '@tablelab/part2';
import { deadlineMs, finishManyAtOnce, getRequest, sizeRequest } from '@tablelab/part2/testing';
import { eventually, withDeadline } from '@tablelab/shared/testing';
import t from 'tap';
import { startServer } from './support.ts';

const { OP_GET, OP_ERROR } = Opcode;
const { CT_VALUE } = ContentType;

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
  t.ok(await eventually(() => server.connections === 0, { deadlineMs, what: 'both connections to be gone' }));
});

t.test('the number of finished connections is limited (part2/README.md#server-survives)', async (t) => {
  const started = await startServer(t, { clientsWaitingMax: 1_000 });
  const { server, connect: connectStub } = started;
  // 256, and some that are being closed. The server hears of an end later than the clients do.
  await finishManyAtOnce(t, started, 300);
  t.ok(server.connections <= 300, `${server.connections} connections are kept`);
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
