import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';

const redialMs = 20;

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
  readonly #patienceMs: number;
  readonly #frozen = new Set<Direction>();
  readonly #links = new Set<ProxyLink & { flow(): void }>();
  #accepted = 0;

  /**
   * @param options.patienceMs how long a target that refuses is dialled again before the client is dropped. Without it a
   * client that would have tried again after a refusal takes the proxy's accept for the target's.
   */
  static async start(
    target: { host: string; port: number },
    options: { patienceMs?: number } = {},
  ): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, options.patienceMs ?? 0);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  private constructor(target: { host: string; port: number }, patienceMs: number) {
    this.#target = target;
    this.#patienceMs = patienceMs;
    this.#server = createServer({ pauseOnConnect: true }, (client) => void this.#accept(client));
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

  async #accept(client: Socket): Promise<void> {
    this.#accepted += 1;
    let server: Socket | undefined;
    const link = {
      cut: () => {
        client.destroy();
        server?.destroy();
        this.#links.delete(link);
      },
      flow: () => {
        if (server === undefined) return;
        flow(client, !this.#frozen.has('toServer'));
        flow(server, !this.#frozen.has('toClient'));
      },
    };
    this.#links.add(link);
    // An error is followed by the close event, and that is the same to the other side.
    client.on('error', () => undefined);
    server = await this.#dial(client);
    if (server === undefined || client.destroyed) return link.cut();
    this.#forward({ from: client, to: server, direction: 'toServer', link });
    this.#forward({ from: server, to: client, direction: 'toClient', link });
    link.flow();
  }

  async #dial(client: Socket): Promise<Socket | undefined> {
    const deadline = performance.now() + this.#patienceMs;
    for (;;) {
      const server = createConnection(this.#target);
      const connected = await new Promise<boolean>((resolve) => {
        server.once('connect', () => resolve(true));
        server.on('error', () => resolve(false));
      });
      if (connected) return server;
      if (client.destroyed || performance.now() >= deadline) return undefined;
      await new Promise((resolve) => setTimeout(resolve, redialMs));
    }
  }

  #forward(way: { from: Socket; to: Socket; direction: Direction; link: ProxyLink }): void {
    const { from, to, direction, link } = way;
    from.setNoDelay();
    from.on('data', (chunk) => {
      const interceptor = this.intercept[direction];
      const passed = interceptor ? interceptor(chunk, link) : chunk;
      if (passed !== undefined && !to.destroyed) to.write(passed);
    });
    from.on('end', () => to.end());
    from.on('close', () => link.cut());
  }
}

function flow(socket: Socket, on: boolean): void {
  if (on) socket.resume();
  else socket.pause();
}
