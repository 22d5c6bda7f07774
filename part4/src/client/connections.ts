import { NetworkClient, parseAddress } from '@tablelab/part2';

export interface ConnectionOptions {
  readonly connectTimeoutMs: number;
  readonly callTimeoutMs: number;
}

/** Connections kept at most: to the head, to the tail, and to those that were it until just now. */
const connectionsMax = 4;

/** One connection per server, made when it is first needed and shared by all calls. */
export class Connections {
  readonly #options: ConnectionOptions;
  /** The least recently made first. */
  readonly #byAddress = new Map<string, Promise<NetworkClient>>();

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** The connection to `address`. @throws TableError UNREACHABLE or TIMEOUT: nothing was sent then. */
  to(address: string): Promise<NetworkClient> {
    const known = this.#byAddress.get(address);
    if (known !== undefined) return known;
    const connecting = NetworkClient.connect({ ...parseAddress(address), ...this.#options });
    this.#byAddress.set(address, connecting);
    const forget = () => {
      if (this.#byAddress.get(address) === connecting) this.#byAddress.delete(address);
    };
    connecting.then((client) => client.closed.then(forget), forget);
    const [oldest = address] = this.#byAddress.keys();
    if (this.#byAddress.size > connectionsMax) this.#drop(oldest);
    return connecting;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#byAddress.keys()].map((address) => this.#drop(address)));
  }

  async #drop(address: string): Promise<void> {
    const connecting = this.#byAddress.get(address);
    this.#byAddress.delete(address);
    const client = await connecting?.catch(() => undefined);
    await client?.close();
  }
}
