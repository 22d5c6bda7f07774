import { createServer } from 'node:net';
import { TableError } from '../errors.ts';

/** Below the ports that systems give to whoever asks for any (Linux from 32768 up, others from 49152). */
const portMin = 20_000;
const portCount = 12_000;

/** How far apart the first ports of two processes with neighbouring ids are. */
const portsPerProcess = 101;

let taken = 0;

/**
 * A TCP port of the loopback interface that nothing listens on at the moment. For programs that cannot pick one
 * themselves. Never the same twice within {@link portCount} calls, and none that the system gives to a server or a
 * connection that asks for any port, since such a one may come before the program has it. Processes begin at different
 * places; nothing else keeps others from taking the port first.
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
