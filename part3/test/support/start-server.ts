import { AsyncTableServer, type AsyncTableServerOptions } from '@tablelab/part3';
import type { Test } from 'tap';

/** A server in this process, on a free port, until the end of the test. */
export async function startServer(
  t: Test,
  options: Partial<AsyncTableServerOptions> = {},
): Promise<AsyncTableServer> {
  const server = await AsyncTableServer.start({ host: '127.0.0.1', port: 0, nLists: 4, ...options });
  t.teardown(() => server.close());
  return server;
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
