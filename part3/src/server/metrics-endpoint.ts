import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { formatAddress } from '@tablelab/part2';
import { errorText, TableError } from '@tablelab/shared';
import type { Registry } from 'prom-client';

/** A collector asks every few seconds, over one connection, so a few connections are enough. */
const connectionsMax = 16;
const requestTimeoutMs = 10_000;

/** What the endpoint asks, at each request, of the server that it belongs to. */
export interface EndpointSources {
  /** Undefined while the server has no figures yet. */
  readonly registry: () => Registry | undefined;
  /** Why the process can do nothing any more and should be started again; undefined: it lives. */
  readonly failure: () => string | undefined;
  /** Why the server should get no requests at the moment; undefined: it is ready. */
  readonly unreadiness: () => string | undefined;
}

/**
 * Serves over HTTP: `GET /metrics` in Prometheus's format, and for an orchestrator `GET /livez` and `GET /readyz`, each 200,
 * or 503 with the reason. What is not live is to be started again; what is live and not ready only gets no requests.
 */
export class MetricsEndpoint {
  /** Its address, `host:port`. */
  readonly address: string;
  readonly #server: Server;

  /** @throws TableError BAD_REQUEST when the port is taken or may not be used. */
  static async start(
    sources: EndpointSources,
    { host, port }: { host: string; port: number },
  ): Promise<MetricsEndpoint> {
    const server = createServer({ requestTimeout: requestTimeoutMs }, async (request, response) => {
      const { status, type, text } = await answer(sources, `${request.method} ${request.url?.split('?')[0]}`);
      response.writeHead(status, { 'content-type': type }).end(text);
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

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const plainText = 'text/plain; charset=utf-8';

async function answer({ registry, failure, unreadiness }: EndpointSources, asked: string): Promise<Answer> {
  switch (asked) {
    case 'GET /metrics': {
      const figures = registry();
      if (figures === undefined) return health('this server is still starting');
      try {
        return { status: 200, type: figures.contentType, text: await figures.metrics() };
      } catch (error) {
        // A figure that cannot be read must not end the server.
        return { status: 500, type: plainText, text: `${errorText(error)}\n` };
      }
    }
    case 'GET /livez':
      return health(failure());
    case 'GET /readyz':
      return health(failure() ?? unreadiness());
    default:
      return { status: 404, type: plainText, text: 'GET /metrics, /livez or /readyz\n' };
  }
}

function health(reason: string | undefined): Answer {
  return { status: reason === undefined ? 200 : 503, type: plainText, text: `${reason ?? 'ok'}\n` };
}
