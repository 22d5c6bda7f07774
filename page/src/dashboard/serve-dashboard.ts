import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { errorText } from '@tablelab/shared';
import { isLoopback, securityHeaders, sendPlain } from '../server/http-rules.ts';
import type { DashboardFile } from './dashboard-site.ts';

export interface ServeOptions {
  /** The checkout whose page is served. */
  readonly root: string;
  readonly host: string;
  readonly port: number;
  /** Answers what is below `/api/`. The request's host has been checked. */
  readonly api: (request: IncomingMessage, response: ServerResponse) => void;
}

/** More than a browser needs for many pages. */
const connectionsMax = 256;
const requestTimeoutMs = 30_000;

/** Resolves once it listens. The files are made for the first page. @throws Error if it cannot listen */
export async function serveDashboard({ root, host, port, api }: ServeOptions): Promise<Server> {
  let files: ReadonlyMap<string, DashboardFile> | undefined;
  const server = createServer({ requestTimeout: requestTimeoutMs }, async (request, response) => {
    if (!isLoopback(request.headers.host))
      return sendPlain(response, 403, 'this page is only for this machine\n');
    if (request.url?.startsWith('/api/')) return api(request, response);
    if (request.method !== 'GET') return sendPlain(response, 405, 'only GET\n');
    try {
      const path = new URL(request.url ?? '/', 'http://localhost').pathname.slice(1) || 'index.html';
      // What reads the sources takes memory and time, and a chain is often started without anybody who looks.
      files ??= (await import('./dashboard-site.ts')).dashboardFiles(root);
      const file = files.get(path);
      if (file === undefined) return sendPlain(response, 404, 'there is no such file\n');
      response.writeHead(200, { ...securityHeaders, 'content-type': file.type }).end(file.body);
    } catch (error) {
      sendPlain(response, 500, `${errorText(error)}\n`);
    }
  });
  server.maxConnections = connectionsMax;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(port, host, resolve);
  await promise;
  // It could not accept a connection, usually for lack of file descriptors. The browser will try again.
  server.off('error', reject).on('error', () => undefined);
  return server;
}
