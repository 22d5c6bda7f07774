import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';

export type Direction = 'toServer' | 'toClient';

/** One connection through the proxy. */
export interface ProxyLink {
  /** Destroys both of its sides. */
  cut(): void;
}

/** Sees what passes; what it returns is passed on instead, nothing if undefined. */
export type Interceptor = (chunk: Buffer, link: ProxyLink) => Buffer | undefined;

/**
 * A TCP proxy on the loopback interface with faults to order. A frozen direction stops reading, as a network does that
 * loses every packet: nothing is closed, nothing is told, and what was sent before arrives late, after the thaw. New
 * connections are taken while frozen, and are frozen too.
 */
export class FaultProxy {
  /** Replaces the bytes of a direction; absent: they pass. */
  readonly intercept: { [direction in Direction]?: Interceptor | undefined } = {};
  readonly #server: Server;
  readonly #target: { host: string; port: number };
  readonly #frozen = new Set<Direction>();
  readonly #links = new Set<ProxyLink & { flow(): void }>();
  #accepted = 0;

  static async start(target: { host: string; port: number }): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  private constructor(target: { host: string; port: number }) {
    this.#target = target;
    this.#server = createServer((client) => this.#accept(client));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** How many connections it has ever taken: whether a fault was met. */
  get accepted(): number {
    return this.#accepted;
  }

  freeze(...directions: Direction[]): void {
    for (const direction of directions) this.#frozen.add(direction);
    for (const link of this.#links) link.flow();
  }

  thaw(): void {
    this.#frozen.clear();
    for (const link of this.#links) link.flow();
  }

  /** Destroys the connections there are; new ones are taken. */
  cut(): void {
    for (const link of [...this.#links]) link.cut();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  #accept(client: Socket): void {
    this.#accepted += 1;
    const server = createConnection(this.#target);
    const link = {
      cut: () => {
        client.destroy();
        server.destroy();
        this.#links.delete(link);
      },
      flow: () => {
        flow(client, !this.#frozen.has('toServer'));
        flow(server, !this.#frozen.has('toClient'));
      },
    };
    this.#links.add(link);
    this.#forward({ from: client, to: server, direction: 'toServer', link });
    this.#forward({ from: server, to: client, direction: 'toClient', link });
    link.flow();
  }

  #forward(way: { from: Socket; to: Socket; direction: Direction; link: ProxyLink }): void {
    const { from, to, direction, link } = way;
    from.setNoDelay();
    from.on('data', (chunk) => {
      const interceptor = this.intercept[direction];
      const passed = interceptor ? interceptor(chunk, link) : chunk;
      if (passed !== undefined && !to.destroyed) to.write(passed);
    });
    // An error is followed by the close event, and that is the same to the other side.
    from.on('error', () => undefined);
    from.on('end', () => to.end());
    from.on('close', () => link.cut());
  }
}

function flow(socket: Socket, on: boolean): void {
  if (on) socket.resume();
  else socket.pause();
}
