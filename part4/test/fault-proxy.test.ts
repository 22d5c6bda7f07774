import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { must } from '@tablelab/shared';
import { eventually, withDeadline } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { type Direction, FaultProxy } from '../chaos/fault-proxy.ts';

const deadlineMs = 10_000;

/** A server that records what it receives, a proxy in front of it, and a client of the proxy. */
async function connection(t: Test): Promise<{ proxy: FaultProxy; client: Peer; server: Peer }> {
  const listener = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const proxy = await FaultProxy.start({ host: '127.0.0.1', port });
  const sockets: Socket[] = [];
  listener.on('connection', (socket) => sockets.push(socket));
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy();
    await proxy.close();
    await new Promise((resolve) => listener.close(resolve));
  });
  const accepted = once(listener, 'connection');
  const client = connect({ host: '127.0.0.1', port: proxy.port, allowHalfOpen: true });
  sockets.push(client);
  const [server] = (await withDeadline(accepted, deadlineMs, 'the connection')) as [Socket];
  return { proxy, client: new Peer(client), server: new Peer(server) };
}

/** One end of the connection. */
class Peer {
  readonly socket: Socket;
  text = '';
  state: 'open' | 'ended' | 'closed' = 'open';

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('utf8').on('data', (text: string) => {
      this.text += text;
    });
    socket.on('error', () => undefined);
    socket.on('end', () => {
      this.state = 'ended';
    });
    socket.on('close', () => {
      this.state = 'closed';
    });
  }

  got(text: string): Promise<unknown> {
    return eventually(() => this.text === text, { deadlineMs, what: `"${text}", not "${this.text}"` });
  }
}

for (const frozen of ['toServer', 'toClient'] satisfies Direction[]) {
  t.test(
    `frozen ${frozen}: nothing passes in that direction, everything in the other, and nothing is lost`,
    async (t) => {
      const { proxy, client, server } = await connection(t);
      const [from, to] = frozen === 'toServer' ? [client, server] : [server, client];
      from.socket.write('before');
      await to.got('before');
      proxy.freeze(frozen);
      from.socket.write(', held');
      from.socket.end();
      await eventually(() => proxy.counts[frozen].held === 6, { deadlineMs });
      to.socket.write('other way');
      await from.got('other way');
      t.same([to.text, to.state], ['before', 'open'], 'neither bytes nor the end');
      proxy.thaw();
      await to.got('before, held');
      await eventually(() => to.state === 'ended', { deadlineMs });
      to.socket.end(', and back');
      await from.got('other way, and back');
      await eventually(() => proxy.open === 0, { deadlineMs, what: 'the proxy to forget the connection' });
      t.equal(proxy.counts[frozen].dropped, 0);
    },
  );
}

t.test('cutting a frozen connection loses the held bytes; new connections are frozen, too', async (t) => {
  const { proxy, client, server } = await connection(t);
  proxy.freeze('toServer');
  client.socket.write('lost');
  await eventually(() => proxy.counts.toServer.held === 4, { deadlineMs });
  t.equal(proxy.cut(), 1);
  t.equal(proxy.counts.toServer.dropped, 4);
  await eventually(() => client.state !== 'open' && server.state !== 'open', { deadlineMs });
  t.equal(server.text, '');
  const next = connect({ host: '127.0.0.1', port: proxy.port });
  t.teardown(() => next.destroy());
  next.write('again');
  await eventually(() => proxy.counts.toServer.held === 9, { deadlineMs });
});

t.test('the bytes that a frozen direction holds are limited: its source is not read further', async (t) => {
  const { proxy, client, server } = await connection(t);
  proxy.freeze('toServer');
  const chunk = 'x'.repeat(1 << 20);
  // More than the kernel takes by itself.
  for (let written = 0; written < 64; written += 1) client.socket.write(chunk);
  await eventually(() => proxy.counts.toServer.held >= 1 << 20, { deadlineMs });
  t.ok(client.socket.writableLength > 16 << 20, `${client.socket.writableLength} bytes wait at the source`);
  t.ok(proxy.counts.toServer.held < 4 << 20, `${proxy.counts.toServer.held} bytes are held`);
  proxy.thaw();
  await eventually(() => server.text.length === 64 << 20, { deadlineMs, what: 'all 64 MiB' });
});

t.test('a delay applies to both directions and keeps the order', async (t) => {
  const { proxy, client, server } = await connection(t);
  const delayMs = 60;
  proxy.delay(delayMs);
  const start = performance.now();
  client.socket.write('one ');
  await server.got('one ');
  server.socket.write('two');
  await client.got('two');
  t.ok(performance.now() - start >= 2 * delayMs);
  client.socket.write('three ');
  proxy.delay(0);
  client.socket.write('four');
  await server.got('one three four');
});

t.test('a target that refuses: the client is disconnected after `patienceMs`', async (t) => {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = must(listener.address() as AddressInfo | null, 'it listens');
  await new Promise((resolve) => listener.close(resolve));
  const proxy = await FaultProxy.start({ host: '127.0.0.1', port });
  t.teardown(() => proxy.close());
  const client = connect({ host: '127.0.0.1', port: proxy.port });
  client.on('error', () => undefined);
  await withDeadline(once(client, 'close'), deadlineMs, 'the end');
  t.equal(proxy.accepted, 1);
});
