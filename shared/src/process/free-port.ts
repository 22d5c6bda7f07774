import { createServer } from 'node:net';
import { TableError } from '../errors.ts';

/** Below the ports that systems assign when a program asks for any port (from 32768 on Linux, from 49152 elsewhere). */
const portMin = 20_000;
const portCount = 12_000;

/** The distance between the first ports of two processes with consecutive ids. */
const portsPerProcess = 101;

let taken = 0;

/**
 * A TCP port of the loopback interface on which nothing listens at the moment, for programs that cannot choose one
 * themselves. A process gets each port once in {@link portCount} calls. The range excludes the ports that the system
 * assigns by itself, because it could assign one before the program listens. Processes start at different places in the
 * range; nothing else prevents another process from taking the port first.
 * @throws TableError UNREACHABLE when no port is free
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < portCount; attempt += 1) {
    const port = portMin + ((process.pid * portsPerProcess + taken) % portCount);
    taken += 1;
    if (await isFree(port)) return port;
  }
  throw new TableError('UNREACHABLE', `no port from ${portMin} to ${portMin + portCount - 1} is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port }, () => server.close(() => resolve(true)));
  });
}
