import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { linkPreface } from '../src/adapters/links/chain-codec.ts';
import { FaultProxy } from './fault-proxy.ts';

/** The frame of the preface: its length in one byte, then the preface. */
const linkStart = Buffer.concat([Buffer.of(linkPreface.length), linkPreface]);

/**
 * Listens on a server's advertised address. It sorts connections by their first bytes, and passes those of other
 * servers through one proxy and those of clients through another, so that a fault can affect either of them.
 */
export class ServerFront {
  /** The connections from the predecessor, or from the tail while the server is joining. */
  readonly links: FaultProxy;
  readonly clients: FaultProxy;
  readonly #server: Server;
  readonly #unsorted = new Set<Socket>();

  /**
   * The server listens on the same port of another loopback address, so no other program can take the port in between.
   */
  static async start(serverHost: string): Promise<ServerFront> {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    const target = { host: serverHost, port: (server.address() as AddressInfo).port };
    return new ServerFront(server, await FaultProxy.start(target), await FaultProxy.start(target));
  }

  private constructor(server: Server, links: FaultProxy, clients: FaultProxy) {
    this.#server = server;
    this.links = links;
    this.clients = clients;
    server.on('connection', (socket) => this.#sort(socket));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#unsorted) socket.destroy();
    await Promise.all([this.links.close(), this.clients.close()]);
    await closed;
  }

  #sort(socket: Socket): void {
    this.#unsorted.add(socket);
    const forget = () => this.#unsorted.delete(socket);
    socket.on('error', () => undefined);
    socket.once('close', forget);
    socket.once('end', () => socket.destroy());
    let start = Buffer.alloc(0);
    const onData = (chunk: Buffer) => {
      start = Buffer.concat([start, chunk]);
      const compared = Math.min(start.length, linkStart.length);
      const mayBeLink = start.compare(linkStart, 0, compared, 0, compared) === 0;
      if (mayBeLink && compared < linkStart.length) return;
      socket.pause();
      socket.off('data', onData).removeAllListeners('end');
      forget();
      socket.unshift(start);
      void (mayBeLink ? this.links : this.clients).take(socket);
    };
    socket.on('data', onData).resume();
  }
}
