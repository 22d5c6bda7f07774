import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { errorText } from '@tablelab/shared';
import { Changes } from './changes.ts';
import { isLoopback, plain, securityHeaders } from './http-rules.ts';
import type { Site, SiteFile } from './site.ts';

/**
 * Serves a site on the loopback interface, and tells its pages when a file of the core has changed. Resolves once it listens.
 * @throws Error if it cannot listen, or if the site's sources have an error
 */
export async function serve(site: Site, port: number): Promise<Server> {
  let files = site.servedFiles();
  // A page that is loaded again gets the sources as they are now, all from one moment.
  const filesFor = (path: string) => {
    if (path === 'index.html') files = site.servedFiles();
    return files;
  };
  const changes = new Changes(site.core.folder);
  const server = createServer((request, response) => answer({ filesFor, changes }, request, response));
  server.once('close', () => changes.close());
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(port, '127.0.0.1', resolve);
  await promise;
  return server;
}

interface Answers {
  readonly filesFor: (path: string) => ReadonlyMap<string, SiteFile>;
  readonly changes: Changes;
}

function answer(
  { filesFor, changes }: Answers,
  { method, url = '/', headers: { host } }: IncomingMessage,
  response: ServerResponse,
): void {
  const send = (status: number, type: string, body: string) =>
    response
      .writeHead(status, { ...securityHeaders, 'content-type': type })
      .end(method === 'HEAD' ? undefined : body);
  // A name that another site lets point to this machine is none of this server's.
  if (!isLoopback(host)) return void send(403, plain, 'this page is only for this machine\n');
  if (method !== 'GET' && method !== 'HEAD') return void send(405, plain, 'only GET\n');
  try {
    const path = new URL(url, 'http://localhost').pathname.slice(1) || 'index.html';
    if (path === 'changes' && method === 'GET') {
      response.writeHead(200, { ...securityHeaders, 'content-type': 'text/event-stream' });
      if (!changes.follow(response)) response.end();
      return;
    }
    const file = filesFor(path).get(path);
    if (file === undefined) return void send(404, plain, 'there is no such file\n');
    send(200, file.type, file.body);
  } catch (error) {
    send(500, plain, `${errorText(error)}\n`);
  }
}
