import { createServer } from 'node:net';

/**
 * A TCP port of the loopback interface that nothing listens on at the moment. For programs that cannot pick one
 * themselves; nothing keeps others from taking it first, so whoever uses it must be ready to try another.
 */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
