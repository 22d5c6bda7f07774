import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { errorText, TableError } from '@tablelab/shared';
import { type Address, formatAddress } from '../wire/address.ts';

/** The idle time after which the system checks whether the client's machine is still reachable, in milliseconds. */
const keepAliveDelayMs = 30_000;

/** A port where connections are accepted. A client may close its sending side and is still answered. */
export class Listener {
  readonly address: Address;
  readonly #server: Server;

  /**
   * Accepts connections at `host` and `port` (0: any free port).
   * @throws TableError BAD_REQUEST when the port is taken or may not be used, or the host is not this machine's
   */
  static async open(at: Address, onConnection: (socket: Socket) => void): Promise<Listener> {
    const server = createServer({
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveDelayMs,
    });
    server.on('connection', onConnection);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject);
    try {
      server.listen({ host: at.host, port: at.port }, resolve);
      await promise;
    } catch (error) {
      throw listenError(error, at);
    }
    server.off('error', reject);
    // The system could not accept a connection, usually for lack of file descriptors. Only that client is affected.
    server.on('error', () => undefined);
    return new Listener(server, at.host);
  }

  private constructor(server: Server, host: string) {
    this.#server = server;
    this.address = { host, port: (server.address() as AddressInfo).port };
  }

  /** Stops accepting connections. Accepted connections continue. */
  close(): void {
    this.#server.close();
  }
}

const listenFailures: { readonly [code: string]: string } = {
  EADDRINUSE: 'another program listens there already',
  EACCES: 'no permission',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'there is no such host',
};

function listenError(error: unknown, address: Address): TableError {
  const { code } = error as NodeJS.ErrnoException;
  const reason = listenFailures[String(code)] ?? errorText(error);
  return new TableError('BAD_REQUEST', `cannot listen on ${formatAddress(address)}: ${reason}`, {
    cause: error,
  });
}
