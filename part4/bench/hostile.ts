/**
 * The effect of faulty clients on others. Starts a server of part 3, or a chain of two servers of part 4, and attacks
 * it while a well-behaved client in a separate thread reads one value after another. Prints that client's longest wait
 * and the peak of the server's resident memory.
 *
 *     npx node part4/bench/hostile.ts 3|4 [trial ...] [--root=/another/checkout]
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { ContentType, encodeFrame, encodeMessage, FrameDecoder, Opcode } from '@tablelab/part2';
import { must } from '@tablelab/shared';
import { type ChildProgram, spawnProgram } from '@tablelab/shared/process';
import { startZooKeeper } from '@tablelab/shared/zookeeper';

const startDeadlineMs = 30_000;
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
const preface = encodeFrame(Buffer.from('tablelab-chain/1'));
/** A HELLO with a future view, and with a chain and a session that do not exist. */
const hello = encodeFrame(
  Buffer.concat([
    Buffer.from('0a2a080110ffff7f1a10', 'hex'),
    Buffer.from('c'.repeat(16)),
    Buffer.from('2a10', 'hex'),
    Buffer.from('5'.repeat(16)),
  ]),
);

interface Target {
  readonly programs: readonly ChildProgram[];
  readonly headPort: number;
  readonly tailPort: number;
  stop(): Promise<void>;
}

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

if (isMainThread) {
  const [part, ...names] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
  const root = process.argv.find((word) => word.startsWith('--root='))?.slice('--root='.length);
  for (const name of names.length > 0 ? names : Object.keys(trials)) await attempt(name, Number(part), root);
  process.exit();
} else {
  await observe(workerData.port);
}

async function attempt(name: string, part: number, root: string | undefined): Promise<void> {
  const target = await (part === 3 ? startServer(root) : startChain(root));
  const { prepare, run } = must(trials[name], 'a trial of that name');
  const sockets: Socket[] = [];
  try {
    await prepare?.(target);
    const observer = new Worker(new URL(import.meta.url), { workerData: { port: target.tailPort } });
    await once(observer, 'message');
    let peakBytes = 0;
    const looking = setInterval(async () => {
      for (const { pid } of target.programs) peakBytes = Math.max(peakBytes, await memoryBytes(pid));
    }, lookMs);
    await run(target, sockets);
    await sleep(settleMs);
    clearInterval(looking);
    observer.postMessage('stop');
    const [{ longestMs, lost, asked }] = await once(observer, 'message');
    const alive = target.programs.filter((program) => program.running).length;
    console.log(
      `part ${part}, ${name}: another client's longest wait ${Math.round(longestMs)} ms of ${asked} gets, ${lost} connections lost, ` +
        `peak ${Math.round(peakBytes / 2 ** 20)} MiB, ${alive} of ${target.programs.length} servers left`,
    );
  } finally {
    for (const socket of sockets) socket.destroy();
    await target.stop();
  }
}

/** Runs in a separate thread: sends one request after another until it is told to stop. */
async function observe(port: number): Promise<void> {
  let stopped = false;
  let lost = 0;
  let asked = 0;
  let longestMs = 0;
  parentPort?.on('message', () => {
    stopped = true;
  });
  parentPort?.postMessage('started');
  const sockets: Socket[] = [];
  while (!stopped) {
    const started = performance.now();
    try {
      const socket = sockets[0] ?? (await open(port, sockets));
      socket.write(getRequest('observed'));
      await replies(socket, 1);
      asked += 1;
    } catch {
      lost += 1;
      sockets.length = 0;
    }
    longestMs = Math.max(longestMs, performance.now() - started);
    await sleep(1);
  }
  parentPort?.postMessage({ longestMs, lost, asked });
  parentPort?.close();
  sockets[0]?.destroy();
}

async function startServer(root: string | undefined): Promise<Target> {
  const program = spawnProgram(programPath('part3', root), ['0', '1024']);
  const [, port] = await program.waitForLine(/^listening on .*:(\d+)/, startDeadlineMs);
  return { programs: [program], headPort: Number(port), tailPort: Number(port), stop: () => program.stop() };
}

async function startChain(root: string | undefined): Promise<Target> {
  const zookeeper = await startZooKeeper();
  const programs: ChildProgram[] = [];
  const ports: number[] = [];
  for (let server = 0; server < 2; server += 1) {
    const program = spawnProgram(programPath('part4', root), ['0', '1024', zookeeper.address]);
    programs.push(program);
    const [, port] = await program.waitForLine(/^listening on .*:(\d+)/, startDeadlineMs);
    ports.push(Number(port));
  }
  const stop = async () => {
    for (const program of programs.toReversed()) await program.stop();
    await zookeeper.stop();
  };
  return { programs, headPort: Number(ports[0]), tailPort: Number(ports[1]), stop };
}

function programPath(part: string, root = fileURLToPath(new URL('../..', import.meta.url))): string {
  return `${root}/${part}/src/programs/table-server.ts`;
}

async function open(port: number, sockets: Socket[]): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true }).on('error', () => undefined);
  sockets.push(socket);
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  return socket;
}

async function ended(socket: Socket, deadlineMs: number): Promise<void> {
  if (!socket.closed) await Promise.race([once(socket, 'close'), sleep(deadlineMs)]);
}

/** Resolves after `count` replies; rejects if the connection ends first. */
function replies(socket: Socket, count: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const decoder = new FrameDecoder({ frameBytesMax: 2 * frameBytes });
  let left = count;
  const take = (chunk: Uint8Array) => {
    for (const _ of decoder.push(chunk)) left -= 1;
    if (left <= 0) finish();
  };
  const lose = () => finish(new Error('the connection was lost'));
  const finish = (error?: Error) => {
    socket.off('data', take).off('close', lose);
    if (error === undefined) resolve();
    else reject(error);
  };
  socket.on('data', take).on('close', lose);
  if (socket.closed) lose();
  return promise;
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

async function memoryBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1_024;
}
