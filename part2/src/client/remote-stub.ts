import { parseAddress } from '../wire/address.ts';
import type { Message, MessageFields } from '../wire/message.ts';
import { requests } from '../wire/operations.ts';
import { NetworkClient, type NetworkClientOptions } from './network-client.ts';
import { results } from './results.ts';

/** Where a stub sends its requests; {@link NetworkClient} is one. */
export interface StubConnection {
  call(request: MessageFields): Promise<Message>;
  close(): Promise<void>;
}

export type RemoteTableOptions = Partial<Omit<NetworkClientOptions, 'host' | 'port'>>;

export const defaultTimeouts = { connectTimeoutMs: 5_000, callTimeoutMs: 10_000 };

/**
 * What the stubs of parts 2 and 3 have in common: the connection and the reads. Calls may overlap; their requests are sent
 * in the order in which they are made. Values are copies; an absent key is undefined. Every method rejects with a
 * TableError: the server's, or TIMEOUT and UNREACHABLE.
 */
export class RemoteStub implements AsyncIterable<string> {
  protected readonly connection: StubConnection;

  /**
   * Connects to the server at `host:port`.
   * @throws TableError BAD_REQUEST for text that is no address, UNREACHABLE, TIMEOUT
   */
  static async connect<S extends RemoteStub>(
    this: new (
      connection: StubConnection,
    ) => S,
    address: string,
    options: RemoteTableOptions = {},
  ): Promise<S> {
    return new this(
      await NetworkClient.connect({ ...defaultTimeouts, ...options, ...parseAddress(address) }),
    );
  }

  constructor(connection: StubConnection) {
    this.connection = connection;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return results.get(await this.connection.call(requests.get(key)));
  }

  async size(): Promise<number> {
    return results.size(await this.connection.call(requests.size()));
  }

  async getKeys(): Promise<string[]> {
    return results.getKeys(await this.connection.call(requests.getKeys()));
  }

  /** The keys as they were when the iteration began. */
  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    yield* await this.getKeys();
  }

  /** Ends the connection. Calls without a reply fail; await them first. */
  async disconnect(): Promise<void> {
    await this.connection.close();
  }
}
