import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { formatAddress } from '@tablelab/part2';
import { errorText, TableError } from '@tablelab/shared';
import type { Registry } from 'prom-client';

/** A collector asks every few seconds, over one connection, so a few connections are enough. */
const connectionsMax = 16;
const requestTimeoutMs = 10_000;

/** Serves `GET /metrics` over HTTP, in Prometheus's format. */
export class MetricsEndpoint {
  /** Its address, `host:port`. */
  readonly address: string;
  readonly #server: Server;

  /** @throws TableError BAD_REQUEST when the port is taken or may not be used. */
  static async start(
    registry: Registry,
    { host, port }: { host: string; port: number },
  ): Promise<MetricsEndpoint> {
    const server = createServer({ requestTimeout: requestTimeoutMs }, async (request, response) => {
      if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
        response.writeHead(404).end('GET /metrics\n');
        return;
      }
      const text = await registry.metrics();
      response.writeHead(200, { 'content-type': registry.contentType }).end(text);
    });
    server.maxConnections = connectionsMax;
    // An idle connection must not keep its place forever.
    server.setTimeout(requestTimeoutMs);
    try {
      server.listen({ host, port });
      await once(server, 'listening');
      // The system could not accept a connection, usually for lack of file descriptors. The client will retry.
      server.on('error', () => undefined);
    } catch (error) {
      const text = `cannot serve metrics on ${formatAddress({ host, port })}: ${errorText(error)}`;
      throw new TableError('BAD_REQUEST', text, { cause: error });
    }
    return new MetricsEndpoint(server, formatAddress({ host, port: (server.address() as AddressInfo).port }));
  }

  private constructor(server: Server, address: string) {
    this.#server = server;
    this.address = address;
  }

  /** Ends at once, including pending requests. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
