import { connect, type Socket } from 'node:net';
import { Table } from '@tablelab/part1';
import { type Address, encodeFrame, encodeMessage, Opcode, Skeleton } from '@tablelab/part2';
import { RawClient, sizeRequest } from '@tablelab/part2/testing';
import { MultiplexingServer } from '@tablelab/part3';
import { eventually } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { linkPreface } from '../src/adapters/links/chain-codec.ts';
import { ChainPort } from '../src/adapters/node/chain-port.ts';

const deadlineMs = 10_000;
const preface = encodeFrame(linkPreface);

/** A port whose clients are served, and whose links are echoed. */
async function openPort(
  t: Test,
  { undecidedMax = 10_000 } = {},
): Promise<{
  port: ChainPort;
  clients: MultiplexingServer;
  links: { rest: string }[];
  dial(at?: Address): Socket;
}> {
  const skeleton = new Skeleton(new Table(1));
  const clients = new MultiplexingServer({ handler: (request) => skeleton.invoke(request) });
  const links: { rest: string }[] = [];
  const port = await ChainPort.open(
    { host: '127.0.0.1', port: 0 },
    {
      undecidedMax,
      onClient: (socket, received) => clients.serve(socket, received),
      onLink: (socket, rest) => {
        links.push({ rest: Buffer.from(rest).toString() });
        socket.on('error', () => undefined).on('data', (chunk) => socket.write(chunk));
      },
    },
  );
  t.teardown(() => clients.close({ deadlineMs: 0 }));
  t.teardown(() => port.close());
  const dial = () => {
    const socket = connect({ ...port.address, noDelay: true }).on('error', () => undefined);
    t.teardown(() => socket.destroy());
    return socket;
  };
  return { port, clients, links, dial };
}

/** All received bytes, as text. */
function received(socket: Socket): { text: string } {
  const all = { text: '' };
  socket.on('data', (chunk) => {
    all.text += chunk.toString();
  });
  return all;
}

t.test('a connection that begins with the preface is a link, every other one a client', async (t) => {
  const { port, clients, links, dial } = await openPort(t);
  const whole = dial();
  whole.write(Buffer.concat([preface, Buffer.from('and more')]));
  await eventually(() => links.length === 1, { deadlineMs, what: 'the link' });
  const inPieces = dial();
  for (const byte of preface) inPieces.write(Uint8Array.of(byte));
  await eventually(() => links.length === 2, { deadlineMs, what: 'the link that came in pieces' });
  t.same(links, [{ rest: 'and more' }, { rest: '' }]);
  t.equal(clients.connections, 0);

  const client = new RawClient(port.address);
  t.teardown(() => client.socket.destroy());
  for (const byte of encodeMessage(sizeRequest)) client.send(Uint8Array.of(byte));
  t.match(await client.reply(), { opcode: Opcode.OP_SIZE + 1 });
  const almost = new RawClient(port.address);
  t.teardown(() => almost.socket.destroy());
  almost.send(preface.subarray(0, 5), Uint8Array.of(0), preface.subarray(6));
  t.match(await almost.reply(), { opcode: Opcode.OP_ERROR }, 'bytes that only begin like the preface');
  t.equal(links.length, 2);
});

t.test('of connections that say nothing, a limited number stays open', async (t) => {
  const [dialled, undecidedMax] = [100, 10];
  const { links, dial } = await openPort(t, { undecidedMax });
  let closed = 0;
  // All in one turn.
  const sockets = Array.from({ length: dialled }, () => dial());
  for (const socket of sockets) {
    socket.resume().on('close', () => {
      closed += 1;
    });
  }
  await eventually(() => closed === dialled - undecidedMax, { deadlineMs, what: 'all but ten to be closed' });
  const open = sockets.filter((socket) => !socket.closed);
  for (const socket of open) socket.write(preface);
  await eventually(() => links.length === undecidedMax, { deadlineMs, what: 'the others to be links' });
});

t.test('when the port closes, links continue, and a silent client gets an error', async (t) => {
  const { port, clients, links, dial } = await openPort(t);
  const link = dial();
  const echo = received(link);
  link.write(preface);
  await eventually(() => links.length === 1, { deadlineMs, what: 'the link' });
  const silent = new RawClient(port.address);
  t.teardown(() => silent.socket.destroy());
  const late = new RawClient(port.address);
  t.teardown(() => late.socket.destroy());
  late.send(preface.subarray(0, 3));
  await Promise.all([silent.connected, late.connected]);
  // Connections are accepted in order, so the other two are accepted, too.
  const last = new RawClient(port.address);
  t.teardown(() => last.socket.destroy());
  last.send(encodeMessage(sizeRequest));
  await last.reply();

  port.close();
  const closed = clients.close({ deadlineMs });
  const shuttingDown = { opcode: Opcode.OP_ERROR, detail: 'the server is shutting down' };
  for (const client of [silent, late, last]) t.match(await client.reply(), shuttingDown);
  await closed;
  link.write('still here');
  await eventually(() => echo.text === 'still here', { deadlineMs, what: 'the echo' });
  const ended = new Promise<void>((resolve) => link.once('close', () => resolve()));
  link.end();
  await ended;
});

t.test('a connection that ends before its type is known has no effect', async (t) => {
  const { clients, links, dial } = await openPort(t);
  const ended = dial();
  const gone = new Promise<void>((resolve) => ended.once('close', () => resolve()));
  ended.resume().end(preface.subarray(0, 4));
  await gone;
  const broken = dial();
  await new Promise<void>((resolve) => broken.once('connect', () => resolve()));
  broken.resetAndDestroy();
  const link = dial();
  link.write(preface);
  await eventually(() => links.length === 1, { deadlineMs, what: 'a link after them' });
  t.equal(clients.connections, 0);
});
