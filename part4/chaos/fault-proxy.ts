import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';
import { FaultyWay } from './faulty-way.ts';

const redialMs = 20;

export type Direction = 'toServer' | 'toClient';

export const directions: readonly Direction[] = ['toServer', 'toClient'];

/** One connection through the proxy. */
export interface ProxyLink {
  /** Destroys the connections on both sides. Held bytes are lost. */
  cut(): void;
}

/** Receives each chunk, and returns what is sent instead; undefined for nothing. */
export type Interceptor = (chunk: Buffer, link: ProxyLink) => Buffer | undefined;

/** Counts of one direction, over all connections. They show whether a fault had an effect. */
export interface WayCount {
  /** Bytes that arrived while the direction was frozen. */
  held: number;
  /** Bytes that were held or delayed when their connection was cut, so that they never arrive. */
  dropped: number;
}

/**
 * A TCP proxy on the loopback interface that injects faults. A frozen direction acts like a network that loses every
 * packet: neither bytes nor the end of a connection pass, and nothing is closed. After the thaw, everything arrives.
 * While frozen, the proxy accepts new connections, which are frozen, too.
 */
export class FaultProxy {
  /** Replaces the bytes of a direction. Without an interceptor, they pass unchanged. */
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
   * @param options.patienceMs how long to retry when the target refuses a connection, before the client's is closed.
   * Default: 0. It is needed for clients that retry after a refusal, because they take the proxy's accept for the target's.
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

  /** How many connections it has accepted so far. */
  get accepted(): number {
    return this.#accepted;
  }

  /** How many connections are open. */
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

  /** From now on, everything arrives this much later, in both directions. */
  delay(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  /** Destroys all open connections and returns their number. New ones are accepted. */
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

  /** Proxies a connection that the caller has accepted with `pauseOnConnect` and `allowHalfOpen`. */
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
    // The close event follows an error, and closes the other side.
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
      // Paused until its listeners exist; otherwise the first bytes may be lost.
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
