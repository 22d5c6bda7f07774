/**
 * 10,000 open connections, 1,000 of them active: checks that all are served, and measures the memory of an idle
 * connection. Needs 10,100 open files for the server and as many for this program: `ulimit -n 20000` in the shell
 * beforehand.
 *
 *     npx node part3/bench/connections.ts [connections]
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { ContentType, encodeMessage, Opcode } from '@tablelab/part2';
import { startTablelab } from './servers.ts';
import { quantile } from './statistics.ts';

const connectionCount = Number(process.argv[2] ?? 10_000);
const activeCount = Math.ceil(connectionCount / 10);
const requestsEach = 50;
/** Connections opened at the same time: fewer than the system's limit for unaccepted connections. */
const openedAtOnce = 100;
const roundTripDeadlineMs = 30_000;
const request = encodeMessage({ opcode: Opcode.OP_SIZE, c_type: ContentType.CT_NONE });

const server = await startTablelab();
const sockets: Socket[] = [];
try {
  const atStart = await residentBytes();
  for (let opened = 0; opened < connectionCount; opened += openedAtOnce) {
    await Promise.all(Array.from({ length: Math.min(openedAtOnce, connectionCount - opened) }, open));
  }
  const connected = await residentBytes();
  for (let first = 0; first < connectionCount; first += activeCount) {
    await Promise.all(sockets.slice(first, first + activeCount).map(roundTrip));
  }
  const served = await residentBytes();
  const perConnection = (bytes: number) => `${((bytes - atStart) / connectionCount / 1024).toFixed(1)} KiB`;
  console.log(`${connectionCount} connections, each served once; memory per idle connection:`);
  console.log(`  before its first request ${perConnection(connected)}, after it ${perConnection(served)}`);

  const latenciesUs: number[] = [];
  const start = performance.now();
  await Promise.all(
    sockets.slice(0, activeCount).map(async (socket) => {
      for (let sent = 0; sent < requestsEach; sent += 1) latenciesUs.push(await roundTrip(socket));
    }),
  );
  const perSecond = (latenciesUs.length * 1_000) / (performance.now() - start);
  console.log(
    `${activeCount} of them active: ${latenciesUs.length} requests, all answered, ${Math.round(perSecond)} a second, ` +
      `p99 ${(quantile(latenciesUs, 0.99) / 1_000).toFixed(0)} ms`,
  );
  await Promise.all(sockets.map(roundTrip));
  console.log('all of them at the same moment: all answered');
} finally {
  for (const socket of sockets) socket.destroy();
  await server.stop();
}

async function open(): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port: server.port, noDelay: true });
  await once(socket, 'connect');
  sockets.push(socket);
}

/** Microseconds until the answer. */
async function roundTrip(socket: Socket): Promise<number> {
  const start = performance.now();
  socket.write(request);
  const [reply] = await once(socket, 'data', { signal: AbortSignal.timeout(roundTripDeadlineMs) });
  if (reply[2] !== Opcode.OP_SIZE + 1) throw new Error(`an error reply: ${reply.toString('latin1')}`);
  return (performance.now() - start) * 1_000;
}

async function residentBytes(): Promise<number> {
  const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}
