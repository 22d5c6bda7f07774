import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { encodeFrame, FrameDecoder, parseAddress } from '@tablelab/part2';
import { turns } from '@tablelab/part2/testing';
import { must } from '@tablelab/shared';
import { eventually, freePort } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { FaultProxy } from '../chaos/fault-proxy.ts';
import { encodeChainFrame, isLinkPreface, linkPreface } from '../src/adapters/links/chain-codec.ts';
import { defaultLinkLimits, Links } from '../src/adapters/links/links.ts';
import { nodeClock } from '../src/adapters/node/node-clock.ts';
import { acceptedSocket, endingMax, socketTransport } from '../src/adapters/node/socket-transport.ts';
import type { ChainMessage } from '../src/core/messages.ts';
import type { Connection, ConnectionListener } from '../src/ports.ts';

const preface = encodeFrame(linkPreface);

const hello = {
  type: 'hello',
  id: 1,
  session: '5'.repeat(16),
  viewVersion: 1,
  chain: 'c'.repeat(16),
  joining: false,
} as const;
const helloFrame = encodeChainFrame(hello);

/** The calls of a {@link Links} to its listener, in order, as text. */
class Recorder {
  readonly lines: string[] = [];
  #changed = Promise.withResolvers<void>();

  readonly up = (link: string) => this.#add(`up ${link}`);
  readonly message = (link: string, received: ChainMessage) => this.#add(`${received.type} ${link}`);
  readonly down = (link: string, detail: string) => this.#add(`down ${link}: ${detail}`);

  /** Resolves once a line matches; the test's own time-out is the deadline. */
  async line(pattern: RegExp): Promise<void> {
    while (!this.lines.some((line) => pattern.test(line))) await this.#changed.promise;
  }

  #add(line: string): void {
    this.lines.push(line);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

function linksOf(listener: Recorder, limits = defaultLinkLimits): Links {
  return new Links({ transport: socketTransport, clock: nodeClock, listener, limits });
}

async function listen(
  t: Test,
  onSocket: (socket: Socket) => void,
): Promise<{ server: Server; address: string }> {
  const server = createServer(onSocket);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

t.test(
  'links: dialled on one side, accepted on the other, messages both ways, closed in order',
  async (t) => {
    const near = new Recorder();
    const far = new Recorder();
    const dialling = linksOf(near);
    const accepting = linksOf(far);
    t.teardown(() => dialling.closeAll());
    t.teardown(() => accepting.closeAll());
    const { address } = await listen(t, (socket) => {
      socket.once('data', (chunk) => {
        const frames = new FrameDecoder();
        const [preface] = frames.push(chunk);
        t.equal(isLinkPreface(must(preface, 'the first frame')), true, 'a link begins with its preface');
        accepting.accept(acceptedSocket(socket), frames.rest());
      });
    });
    dialling.dial('to-1', address, 0);
    await near.line(/up to-1/);
    dialling.send('to-1', hello);
    await far.line(/hello from-1/);
    accepting.send('from-1', { type: 'ack', stable: 1 });
    await near.line(/ack to-1/);
    dialling.send('to-1', { type: 'handover', seq: 1 });
    dialling.close('to-1');
    await far.line(/down from-1: the other side has closed it/);
    t.same(
      far.lines,
      ['hello from-1', 'handover from-1', 'down from-1: the other side has closed it'],
      'sent, then closed',
    );
    t.same(near.lines, ['up to-1', 'ack to-1'], 'no calls after close');
    dialling.send('to-1', { type: 'ack', stable: 2 });
  },
);

t.test('links: both sides give up a link whose packets are lost, but not an idle link', async (t) => {
  const limits = { ...defaultLinkLimits, silenceMs: 400 };
  const [near, far] = [new Recorder(), new Recorder()];
  const [dialling, accepting] = [linksOf(near, limits), linksOf(far, limits)];
  t.teardown(() => dialling.closeAll());
  t.teardown(() => accepting.closeAll());
  const { server } = await listen(t, (socket) => accepting.accept(acceptedSocket(socket), new Uint8Array(0)));
  const { port } = server.address() as AddressInfo;
  const proxy = await FaultProxy.start({ host: '127.0.0.1', port });
  t.teardown(() => proxy.close());
  // The server of this test takes the whole of what comes; the preface is for another one.
  proxy.intercept.toServer = (chunk) => {
    const isPreface = chunk.subarray(0, preface.length).equals(preface);
    return isPreface ? chunk.subarray(preface.length) : chunk;
  };
  dialling.dial('to-1', proxy.address, 0);
  await near.line(/up to-1/);
  dialling.send('to-1', hello);
  await far.line(/hello from-1/);
  accepting.send('from-1', { type: 'ack', stable: 1 });
  await near.line(/ack to-1/);
  await delay(4 * limits.silenceMs);
  t.same([near.lines, far.lines], [['up to-1', 'ack to-1'], ['hello from-1']], 'nobody says anything');
  proxy.freeze('toServer', 'toClient');
  await Promise.all([near.line(/down to-1: no keepalive/), far.line(/down from-1: no keepalive/)]);
  t.ok(proxy.counts.toServer.held > 0 && proxy.counts.toClient.held > 0, 'all that was sent was held');
});

t.test('links: bytes that arrive over a closed link are dropped', async (t) => {
  const recorder = new Recorder();
  const links = linksOf(recorder);
  t.teardown(() => links.closeAll());
  const accepted = Promise.withResolvers<Socket>();
  const { address } = await listen(t, accepted.resolve);
  links.dial('to-1', address, 0);
  await recorder.line(/up to-1/);
  const peer = await accepted.promise;
  const frame = encodeChainFrame({ type: 'ack', stable: 1 });
  peer.write(frame);
  await recorder.line(/ack to-1/);
  const appended = t.capture(FrameDecoder.prototype, 'append', FrameDecoder.prototype.append);
  links.close('to-1');
  // Until it has been read, as the end of the link shows.
  peer.on('error', () => undefined).resume();
  peer.end(frame);
  await once(peer, 'close');
  t.same(appended(), []);
});

t.test('links: no server, malformed bytes, and a cancelled dial', async (t) => {
  const recorder = new Recorder();
  const links = linksOf(recorder);
  t.teardown(() => links.closeAll());
  links.dial('nobody', `127.0.0.1:${await freePort()}`, 0);
  await recorder.line(/down nobody: .*ECONNREFUSED/);
  const { address } = await listen(t, (socket) => socket.end(encodeFrame(Uint8Array.of(255))));
  links.dial('garbage', address, 0);
  await recorder.line(/down garbage: not a message between servers/);
  links.dial('never', address, 60_000);
  links.close('never');
  links.dial('silent', (await listen(t, () => undefined)).address, 0);
  await recorder.line(/up silent/);
  links.close('silent');
  t.notOk(recorder.lines.some((line) => line.includes('never')));
});

t.test(
  'links: a stranger that sends nothing, too little or too much gets little memory and time',
  async (t) => {
    const recorder = new Recorder();
    const links = linksOf(recorder, {
      ...defaultLinkLimits,
      dialTimeoutMs: 50,
      frameBytesMax: 1 << 20,
      firstMessageTimeoutMs: 50,
    });
    t.teardown(() => links.closeAll());
    const clients: Socket[] = [];
    t.teardown(() => {
      for (const client of clients) client.destroy();
    });
    const { address } = await listen(t, (socket) => links.accept(acceptedSocket(socket), new Uint8Array(0)));
    const dial = (first: Uint8Array) => {
      const client = connect(parseAddress(address)).on('error', () => undefined);
      clients.push(client);
      client.write(first);
    };
    // A frame that would fit a link of whom one knows, announced by one who has not said who he is.
    dial(Uint8Array.of(0x80, 0x80, 0x20, 1));
    await recorder.line(/down from-1: a frame of 524288 bytes; the limit is 4096/);
    dial(Uint8Array.of(20, 1));
    await recorder.line(/down from-2: no message within 50 ms/);
    for (let i = 0; i < 65; i += 1) dial(new Uint8Array(0));
    await recorder.line(/too many links from servers that are no neighbours|no message within/);
    links.dial('mute', (await listen(t, () => undefined)).address, 0);
    await recorder.line(/down mute: no message within 50 ms/);
  },
);

t.test(
  'links: a stranger’s first message raises no limit, and many strangers cannot close a neighbour’s link',
  async (t) => {
    const recorder = new Recorder();
    const links = linksOf(recorder);
    t.teardown(() => links.closeAll());
    const clients: Socket[] = [];
    t.teardown(() => {
      for (const client of clients) client.destroy();
    });
    const { address } = await listen(t, (socket) => links.accept(acceptedSocket(socket), new Uint8Array(0)));
    const dial = async (...frames: Uint8Array[]) => {
      const client = connect(parseAddress(address)).on('error', () => undefined);
      clients.push(client);
      await once(client, 'connect');
      client.write(Buffer.concat(frames));
    };
    const ack = encodeChainFrame({ type: 'ack', stable: 1 });
    // A frame that would fit the link of a predecessor: 8 MiB are announced.
    const longFrame = Uint8Array.of(0x80, 0x80, 0x80, 0x04, 1);
    await dial(helloFrame, longFrame);
    await recorder.line(/down from-1: a frame of 8388608 bytes; the limit is 4096/);
    await dial(ack);
    await recorder.line(/down from-2: ack where HELLO/);
    await dial(helloFrame, ack);
    await recorder.line(/down from-3: ack where HELLO, or silence/);

    await dial(helloFrame);
    await recorder.line(/hello from-4/);
    links.send('from-4', {
      type: 'welcome',
      received: 0,
      lastEpoch: undefined,
      whole: true,
      stable: 0,
      member: true,
    });
    clients.at(-1)?.write(longFrame);
    for (let i = 0; i < 80; i += 1) await dial(helloFrame);
    await recorder.line(/hello from-84/);
    await recorder.line(/down from-20: too many links/);
    t.notOk(
      recorder.lines.some((line) => line.startsWith('down from-4:') || line.startsWith('down from-21:')),
      'the neighbour and the 64 youngest strangers stay',
    );
  },
);

t.test('links: of refused links whose peers do not close, a limited number stays open', async (t) => {
  const refusedLinks = 80;
  const ended: Promise<unknown>[] = [];
  const closed: Socket[] = [];
  const allClosed = Promise.withResolvers<void>();
  const recorder = new Recorder();
  const links = linksOf(recorder);
  t.teardown(() => links.closeAll());
  const { address } = await listen(t, (socket) => {
    socket.on('close', () => {
      closed.push(socket);
      if (closed.length === refusedLinks) allClosed.resolve();
    });
    links.accept(acceptedSocket(socket), new Uint8Array(0));
  });
  for (let peer = 1; peer <= refusedLinks; peer += 1) {
    const socket = connect({ ...parseAddress(address), allowHalfOpen: true }).on('error', () => undefined);
    t.teardown(() => socket.destroy());
    ended.push(once(socket.resume(), 'end'));
    socket.write(helloFrame);
    await recorder.line(new RegExp(`hello from-${peer}$`));
    links.close(`from-${peer}`);
  }
  await Promise.all(ended);
  t.ok(closed.length >= refusedLinks - endingMax, 'the oldest are closed at once');
  await allClosed.promise;
  t.pass('the others when their time is over');
});

t.test('connections that end in one turn are limited as well', async (t) => {
  const count = endingMax + 16;
  const connections: Connection[] = [];
  let closed = 0;
  const none = () => undefined;
  const { address } = await listen(t, (socket) => {
    socket.on('close', () => {
      closed += 1;
    });
    connections.push(acceptedSocket(socket).listen({ opened: none, received: none, closed: none }));
  });
  for (let peer = 0; peer < count; peer += 1) {
    const socket = connect({ ...parseAddress(address), allowHalfOpen: true }).on('error', none);
    t.teardown(() => socket.destroy());
  }
  await eventually(() => connections.length === count, { deadlineMs: 10_000, what: 'the connections' });
  for (const connection of connections) connection.end();
  await turns(3);
  t.ok(closed >= count - endingMax, `${closed} are closed at once`);
});

t.test(
  'links: messages that arrive together with the preface, or right after the answer to HELLO, are handled',
  async (t) => {
    const recorder = new Recorder();
    const links = linksOf(recorder);
    const none = () => undefined;
    const peer = Promise.withResolvers<ConnectionListener>();
    const incoming = {
      listen: (listener: ConnectionListener) => {
        peer.resolve(listener);
        return { write: none, end: none, destroy: none };
      },
    };
    const short = encodeChainFrame({ type: 'handover', seq: 1 });
    links.accept(incoming, helloFrame);
    t.same(recorder.lines, ['hello from-1']);
    links.send('from-1', { type: 'reject', viewVersion: 1 });
    (await peer.promise).received(
      Buffer.concat([short, encodeChainFrame({ type: 'chunk', entries: new Uint8Array(8_192) })]),
    );
    t.same(recorder.lines, ['hello from-1', 'handover from-1', 'chunk from-1']);
    links.closeAll();
  },
);

t.test('links: a connection that comes after all were closed is ended, and reports no message', async (t) => {
  const recorder = new Recorder();
  const links = linksOf(recorder);
  links.closeAll();
  const { address } = await listen(t, (socket) => links.accept(acceptedSocket(socket), new Uint8Array(0)));
  const { host, port } = parseAddress(address);
  const client = connect(port, host);
  t.teardown(() => client.destroy());
  client.on('error', () => undefined);
  client.write(helloFrame);
  await once(client.resume(), 'close');
  t.match(recorder.lines, [/^down from-1: /], 'its end, and nothing before');
});
