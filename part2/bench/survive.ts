import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import {
  type Address,
  ContentType,
  encodeMessage,
  formatAddress,
  Opcode,
  parseAddress,
  RemoteTable,
} from '@tablelab/part2';
import { seededRandom } from '@tablelab/shared';
import { spawnProgram, withDeadline } from '@tablelab/shared/testing';

/**
 * Attacks the server program in several ways. After each it measures how long the next client waits, and the server's
 * resident memory. Exits with 1 if a client waits for more than a second, or if the memory is more than 64 MiB above
 * the start. (V8 keeps the largest size of its young generation, about 50 MiB.)
 *
 *     npx node part2/bench/survive.ts
 */

const nextClientWaitMsMax = 1_000;
const memoryGrowthBytesMax = 64 * 2 ** 20;
const deadlineMs = 60_000;

/** How long the server may take to return memory, in milliseconds, and the interval of the measurements. */
const settleMs = 3_000;
const lookMs = 100;

const program = spawnProgram(fileURLToPath(new URL('../src/programs/table-server.ts', import.meta.url)), [
  '0',
  '100',
]);
const [, addressText = ''] = await program.waitForLine(/^listening on (.+)$/, deadlineMs);
const address: Address = parseAddress(addressText);
const random = seededRandom(3);
const size = encodeMessage({ opcode: Opcode.OP_SIZE, c_type: ContentType.CT_NONE });
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A socket that ignores errors; `closed` settles when it is closed. */
async function open(): Promise<{ socket: Socket; closed: Promise<void> }> {
  const socket = connect({ ...address, noDelay: true });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const connected = new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  await withDeadline(Promise.race([connected, closed]), deadlineMs, 'a connection');
  return { socket, closed };
}

async function serverMemoryBytes(): Promise<number> {
  const status = await readFile(`/proc/${program.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

/** The time that a new client takes to connect, put and get, in milliseconds. */
async function nextClientMs(): Promise<number> {
  const started = performance.now();
  const table = await RemoteTable.connect(formatAddress(address), { callTimeoutMs: deadlineMs });
  await table.put('probe', Buffer.from('value'));
  if (Buffer.from((await table.get('probe')) ?? []).toString() !== 'value') throw new Error('a wrong value');
  const waitedMs = performance.now() - started;
  await table.disconnect();
  return waitedMs;
}

async function randomBytes(): Promise<void> {
  for (let i = 0; i < 10_000; i += 50) {
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        const { socket, closed } = await open();
        socket.resume();
        socket.end(Uint8Array.from({ length: 1 + random.int(200) }, () => random.int(256)));
        await withDeadline(closed, deadlineMs, 'the end of a connection');
      }),
    );
  }
}

async function openAndDrop(): Promise<void> {
  for (let i = 0; i < 1_000; i += 100) {
    const sockets = await Promise.all(Array.from({ length: 100 }, open));
    for (const { socket } of sockets) {
      if (random.int(2) === 0) socket.destroy();
      else socket.resetAndDestroy();
    }
  }
}

/** Drops its connection after five seconds; the server itself would end it after ten. */
async function aByteASecond(): Promise<void> {
  const { socket } = await open();
  socket.write(Buffer.concat([size, Buffer.from([100])]));
  for (let second = 0; second < 5; second += 1) {
    await sleep(1_000);
    socket.write(Buffer.from([0]));
  }
  socket.destroy();
}

/** As before, but the client never leaves: the server must end the connection. */
async function aByteASecondForEver(): Promise<void> {
  const { socket, closed } = await open();
  socket.resume();
  socket.write(Buffer.concat([size, Buffer.from([100])]));
  const trickle = setInterval(() => socket.write(Buffer.from([0])), 1_000);
  await withDeadline(closed, deadlineMs, 'the server to end a slow connection');
  clearInterval(trickle);
}

async function neverReads(): Promise<void> {
  const table = await RemoteTable.connect(formatAddress(address));
  await table.put('big', new Uint8Array(1 << 20).fill(1));
  await table.disconnect();
  const { socket } = await open();
  socket.pause();
  const get = encodeMessage({ opcode: Opcode.OP_GET, c_type: ContentType.CT_KEY, key: 'big' });
  socket.write(Buffer.concat(Array.from({ length: 100 }, () => get)));
  await sleep(3_000);
  console.log(`  while 100 MiB of replies are not read: ${mebibytes(await serverMemoryBytes())}`);
  socket.destroy();
}

async function killedInTheMiddle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) {
    const { socket } = await open();
    const frame = encodeMessage({
      opcode: Opcode.OP_PUT,
      c_type: ContentType.CT_ENTRY,
      key: 'k',
      data: new Uint8Array(1 << 20),
    });
    await new Promise<void>((resolve) => socket.write(frame.subarray(0, frame.length - 1), () => resolve()));
    socket.resetAndDestroy();
  }
}

const mebibytes = (bytes: number) => `${(bytes / (1 << 20)).toFixed(1)} MiB`;

/** The smallest memory within {@link settleMs} after the last client has gone, in bytes. */
async function settledMemoryBytes(): Promise<number> {
  await nextClientMs();
  let least = Number.POSITIVE_INFINITY;
  for (let waitedMs = 0; waitedMs < settleMs; waitedMs += lookMs) {
    await sleep(lookMs);
    least = Math.min(least, await serverMemoryBytes());
  }
  return least;
}

let failures = 0;
try {
  // The start is measured after one client.
  const startBytes = await settledMemoryBytes();
  console.log(`start: ${mebibytes(startBytes)}`);
  const trials = {
    randomBytes,
    openAndDrop,
    aByteASecond,
    aByteASecondForEver,
    neverReads,
    killedInTheMiddle,
  };
  for (const [name, trial] of Object.entries(trials)) {
    await trial();
    const waitedMs = await nextClientMs();
    const beforeBytes = (await serverMemoryBytes()) - startBytes;
    const growthBytes = (await settledMemoryBytes()) - startBytes;
    const ok = waitedMs <= nextClientWaitMsMax && growthBytes <= memoryGrowthBytesMax && program.running;
    if (!ok) failures += 1;
    const verdict = ok ? 'ok    ' : 'FAILED';
    console.log(
      `${verdict} ${name}: next client served after ${waitedMs.toFixed(0)} ms, memory ${mebibytes(growthBytes)} above the start (${mebibytes(beforeBytes)} at once)`,
    );
  }
} finally {
  await program.stop();
}
process.exitCode = failures === 0 ? 0 : 1;
