import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';
import { FaultyWay } from './faulty-way.ts';

const redialMs = 20;

export type Direction = 'toServer' | 'toClient';

export const directions: readonly Direction[] = ['toServer', 'toClient'];

/** One connection through the proxy. */
export interface ProxyLink {
  /** Destroys both of its sides; what was held is lost. */
  cut(): void;
}

/** Sees what passes; what it returns is passed on instead, nothing if undefined. */
export type Interceptor = (chunk: Buffer, link: ProxyLink) => Buffer | undefined;

/** What a proxy has seen of one direction, all connections together: whether a fault was met. */
export interface WayCount {
  /** Bytes that came while it was frozen. */
  held: number;
  /** Bytes that were held, or delayed, when their connection was cut: the other side never gets them. */
  dropped: number;
}

/**
 * A TCP proxy on the loopback interface with faults to order. A frozen direction lets nothing through, as a network does
 * that loses every packet: nothing is closed, nothing is told, the end of the connection neither, and what was sent
 * arrives late, after the thaw. New connections are taken while frozen, and are frozen too.
 */
export class FaultProxy {
  /** Replaces the bytes of a direction; absent: they pass. */
  readonly intercept: { [direction in Direction]?: Interceptor | undefined } = {};
  readonly counts: Readonly<Record<Direction, WayCount>> = {
    toServer: { held: 0, dropped: 0 },
    toClient: { held: 0, dropped: 0 },
  };
  readonly #server: Server;
  readonly #target: { host: string; port: number };
  readonly #patienceMs: number;
  readonly #frozen = new Set<Direction>();
  #delayMs = 0;
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
    this.#server = createServer(
      { pauseOnConnect: true, allowHalfOpen: true },
      (client) => void this.take(client),
    );
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

  /** How many connections there are now. */
  get open(): number {
    return this.#links.size;
  }

  freeze(...directions: Direction[]): void {
    for (const direction of directions) this.#frozen.add(direction);
    for (const link of this.#links) link.flow();
  }

  thaw(): void {
    this.#frozen.clear();
    for (const link of this.#links) link.flow();
  }

  /** From now on all that comes arrives so much later, both ways. */
  delay(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  /** Destroys the connections there are, and says how many; new ones are taken. */
  cut(): number {
    const links = [...this.#links];
    for (const link of links) link.cut();
    return links.length;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  /** Passes on a connection that somebody else has accepted: paused, and half open where one side has ended. */
  async take(client: Socket): Promise<void> {
    this.#accepted += 1;
    const ways: FaultyWay[] = [];
    let server: Socket | undefined;
    const link = {
      cut: () => {
        if (!this.#links.delete(link)) return;
        for (const way of ways) way.drop();
        client.destroy();
        server?.destroy();
      },
      flow: () => {
        for (const way of ways) way.flow();
      },
    };
    this.#links.add(link);
    // An error is followed by the close event, and that is the same to the other side.
    client.on('error', () => undefined);
    server = await this.#dial(client);
    if (server === undefined || client.destroyed || !this.#links.has(link)) {
      server?.destroy();
      return link.cut();
    }
    for (const direction of directions) {
      const [from, to] = direction === 'toServer' ? [client, server] : [server, client];
      ways.push(
        new FaultyWay({
          from,
          to,
          count: this.counts[direction],
          isFrozen: () => this.#frozen.has(direction),
          delayMs: () => this.#delayMs,
          pass: (chunk) => {
            const interceptor = this.intercept[direction];
            return interceptor ? interceptor(chunk, link) : chunk;
          },
          onClosed: () => link.cut(),
        }),
      );
    }
    link.flow();
  }

  async #dial(client: Socket): Promise<Socket | undefined> {
    const deadline = performance.now() + this.#patienceMs;
    for (;;) {
      const server = createConnection({ ...this.#target, allowHalfOpen: true });
      // Paused until its way is there; otherwise what comes first might be lost.
      server.pause();
      const connected = await new Promise<boolean>((resolve) => {
        server.once('connect', () => resolve(true));
        server.on('error', () => resolve(false));
      });
      if (connected) return server;
      if (client.destroyed || performance.now() >= deadline) return undefined;
      await new Promise((resolve) => setTimeout(resolve, redialMs));
    }
  }
}
