/**
 * The effect of faulty clients on others. Starts a server of part 3, or a chain of two servers of part 4, and attacks
 * it while a well-behaved client in a separate thread reads one value after another. Prints that client's longest wait
 * and the peak of the server's resident memory.
 *
 *     npx node part4/bench/hostile.ts 3|4 [trial ...] [--root=/another/checkout]
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { ContentType, encodeFrame, encodeMessage, Opcode } from '@tablelab/part2';
import { must } from '@tablelab/shared';
import { linkPreface } from '../src/adapters/links/chain-codec.ts';
import { startObserver } from './observer.ts';
import { memoryBytes, open, replies, startTarget, type Target } from './targets.ts';

const lookMs = 50;
/** The server may still be working after a trial, or begin only then. */
const settleMs = 2_000;
const frameBytes = 16 * 1024 * 1024;
const keyCount = 1_000_000;
const { CT_KEY, CT_NONE, CT_ENTRY } = ContentType;

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const many = (count: number, frame: (index: number) => Uint8Array) =>
  Buffer.concat(Array.from({ length: count }, (_, index) => frame(index)));
const keysRequest = encodeMessage({ opcode: Opcode.OP_GETKEYS, c_type: CT_NONE });
const openRequest = encodeMessage({ opcode: 70, c_type: CT_NONE });
const getRequest = (key: string) => encodeMessage({ opcode: Opcode.OP_GET, c_type: CT_KEY, key });
const putRequest = (key: string, data: Uint8Array) =>
  encodeMessage({ opcode: Opcode.OP_PUT, c_type: CT_ENTRY, key, data });
const preface = encodeFrame(linkPreface);
/** A HELLO with a future view, and with a chain and a session that do not exist. */
const hello = encodeFrame(
  Buffer.concat([
    Buffer.from('0a2a080110ffff7f1a10', 'hex'),
    Buffer.from('c'.repeat(16)),
    Buffer.from('2a10', 'hex'),
    Buffer.from('5'.repeat(16)),
  ]),
);

type Trial = (target: Target, sockets: Socket[]) => Promise<void>;

const trials: Readonly<Record<string, { prepare?: (target: Target) => Promise<void>; run: Trial }>> = {
  /** Ten frames of 16 MiB with eight million empty keys each. */
  emptyKeys: {
    run: async ({ tailPort }, sockets) => {
      const frame = encodeFrame(Buffer.alloc(frameBytes, '3a00', 'hex'));
      for (let sent = 0; sent < 10; sent += 1) {
        const socket = await open(tailPort, sockets);
        socket.resume().write(frame);
        await ended(socket, 10_000);
      }
    },
  },
  /** 256 requests of five bytes for a million keys. */
  getkeys: {
    prepare: ({ headPort }) => fill(headPort, keyCount),
    run: async ({ tailPort }, sockets) => {
      for (let client = 0; client < 16; client += 1) {
        const socket = await open(tailPort, sockets);
        socket.resume().end(many(16, () => keysRequest));
      }
      await Promise.all(sockets.map((socket) => ended(socket, 60_000)));
    },
  },
  /** 300 clients request 20 values of 10 MiB each, and read nothing. */
  readers: {
    prepare: ({ headPort }) => send(headPort, putRequest('large', Buffer.alloc(10 * 1024 * 1024, 1)), 1),
    run: async ({ tailPort }, sockets) => {
      for (let reader = 0; reader < 300; reader += 1) {
        const socket = await open(tailPort, sockets);
        socket.pause().write(many(20, () => getRequest('large')));
      }
      await sleep(8_000);
    },
  },
  /** 16 clients send 20,000 gets each at once. */
  pipelined: {
    prepare: ({ headPort }) => fill(headPort, 1_000),
    run: async ({ tailPort }, sockets) => {
      const burst = many(20_000, (index) => getRequest(keyOf(index % 1_000)));
      for (let client = 0; client < 16; client += 1) (await open(tailPort, sockets)).resume().end(burst);
      await Promise.all(sockets.map((socket) => ended(socket, 60_000)));
    },
  },
  /** 60 strangers open links, send HELLO, and then send a frame of 32 MiB without its last byte. */
  longLinks: {
    run: async ({ tailPort }, sockets) => {
      const long = encodeFrame(Buffer.alloc(2 * frameBytes - 16)).subarray(0, -1);
      for (let link = 0; link < 60; link += 1) {
        const socket = await open(tailPort, sockets);
        socket.resume().write(Buffer.concat([preface, hello]));
        socket.write(long);
      }
      await sleep(8_000);
    },
  },
  /** 3,000 strangers open links and send HELLO. */
  manyLinks: {
    run: async ({ tailPort }, sockets) => {
      for (let link = 0; link < 3_000; link += 1) {
        const socket = await open(tailPort, sockets);
        socket.resume().write(Buffer.concat([preface, hello]));
      }
      await sleep(3_000);
      console.log(`  ${sockets.filter((socket) => !socket.closed).length} of 3000 links are open`);
    },
  },
  /** 700 connections open as many client sessions as allowed. */
  sessions: {
    run: async ({ headPort }, sockets) => {
      const burst = many(32, () => openRequest);
      for (let client = 0; client < 700; client += 1) (await open(headPort, sockets)).resume().write(burst);
      await sleep(8_000);
    },
  },
};

const [part, ...names] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const root = process.argv.find((word) => word.startsWith('--root='))?.slice('--root='.length);
for (const name of names.length > 0 ? names : Object.keys(trials)) await attempt(name, Number(part), root);
process.exit();

async function attempt(name: string, part: number, root: string | undefined): Promise<void> {
  const target = await startTarget(part, { root });
  const { prepare, run } = must(trials[name], 'a trial of that name');
  const sockets: Socket[] = [];
  try {
    await prepare?.(target);
    const stopObserver = await startObserver({ port: target.tailPort, reconnects: false });
    let peakBytes = 0;
    const looking = setInterval(async () => {
      for (const { pid } of target.programs) peakBytes = Math.max(peakBytes, await memoryBytes(pid));
    }, lookMs);
    await run(target, sockets);
    await sleep(settleMs);
    clearInterval(looking);
    const { longestMs, lost, answered } = await stopObserver();
    const alive = target.programs.filter((program) => program.running).length;
    console.log(
      `part ${part}, ${name}: another client's longest wait ${Math.round(longestMs)} ms of ${answered} gets, ${lost} connections lost, ` +
        `peak ${Math.round(peakBytes / 2 ** 20)} MiB, ${alive} of ${target.programs.length} servers left`,
    );
  } finally {
    for (const socket of sockets) socket.destroy();
    await target.stop();
  }
}

async function ended(socket: Socket, deadlineMs: number): Promise<void> {
  if (!socket.closed) await Promise.race([once(socket, 'close'), sleep(deadlineMs)]);
}

async function send(port: number, bytes: Uint8Array, count: number): Promise<void> {
  const socket = await open(port, []);
  const answered = replies(socket, count);
  socket.write(bytes);
  await answered;
  socket.destroy();
}

function keyOf(index: number): string {
  return `key:${index}`;
}

async function fill(port: number, keys: number): Promise<void> {
  const value = Buffer.from('value');
  const batch = 10_000;
  for (let first = 0; first < keys; first += batch) {
    const count = Math.min(batch, keys - first);
    await send(
      port,
      many(count, (index) => putRequest(keyOf(first + index), value)),
      count,
    );
  }
}
