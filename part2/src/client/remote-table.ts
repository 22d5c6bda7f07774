import { parseAddress } from '../wire/address.ts';
import type { Message, MessageFields } from '../wire/message.ts';
import { NetworkClient, type NetworkClientOptions } from './network-client.ts';
import { requests, results } from './table-calls.ts';

/** Sends a request and gives its reply; {@link NetworkClient.call} is one. */
export type Call = (request: MessageFields) => Promise<Message>;

/**
 * The part of a stub that every stage has alike: what only reads. Values are copies; an absent key is undefined.
 * Every method rejects with a TableError: the server's, or TIMEOUT and UNREACHABLE.
 */
export class RemoteReader implements AsyncIterable<string> {
  readonly #call: Call;

  constructor(call: Call) {
    this.#call = call;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return results.get(await this.#call(requests.get(key)));
  }

  async size(): Promise<number> {
    return results.size(await this.#call(requests.size()));
  }

  async getKeys(): Promise<string[]> {
    return results.getKeys(await this.#call(requests.getKeys()));
  }

  /** The keys as they were when the iteration began. */
  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    yield* await this.getKeys();
  }
}

export type RemoteTableOptions = Partial<Omit<NetworkClientOptions, 'host' | 'port'>>;

export const defaultTimeouts = { connectTimeoutMs: 5_000, callTimeoutMs: 10_000 };

/**
 * The stub (assignment part 2): the table of a server somewhere else, used as if it were here. Calls may overlap;
 * they are executed in the order they were made.
 */
export class RemoteTable extends RemoteReader {
  readonly #client: NetworkClient;

  /**
   * Connects to the server at `host:port`.
   * @throws TableError BAD_REQUEST for an address that is none, UNREACHABLE, TIMEOUT
   */
  static async connect(address: string, options: RemoteTableOptions = {}): Promise<RemoteTable> {
    return new RemoteTable(
      await NetworkClient.connect({ ...defaultTimeouts, ...options, ...parseAddress(address) }),
    );
  }

  constructor(client: NetworkClient) {
    super((request) => client.call(request));
    this.#client = client;
  }

  /** Stores `value` under `key`, in place of the value that was there. */
  async put(key: string, value: Uint8Array): Promise<void> {
    results.put(await this.#client.call(requests.put(key, value)));
  }

  /** Removes the key; says whether it was there. */
  async del(key: string): Promise<boolean> {
    return results.del(await this.#client.call(requests.del(key)));
  }

  /** Ends the connection. Calls without a reply fail; await them first. */
  async disconnect(): Promise<void> {
    await this.#client.close();
  }
}
