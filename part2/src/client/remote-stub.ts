import type { KeyPage } from '@tablelab/part1';
import { parseAddress } from '../wire/address.ts';
import type { Message, MessageFields } from '../wire/message.ts';
import { requests, type ScanPosition, scanRequest } from '../wire/operations.ts';
import { NetworkClient, type NetworkClientOptions } from './network-client.ts';
import { results, scanResult } from './results.ts';
import { allKeys, type KeyScanner, scanKeys } from './scan.ts';

/** Where a stub sends its requests; {@link NetworkClient} is one. */
export interface StubConnection {
  call(request: MessageFields): Promise<Message>;
  close(): Promise<void>;
}

export type RemoteTableOptions = Partial<Omit<NetworkClientOptions, 'host' | 'port'>>;

export const defaultTimeouts = { connectTimeoutMs: 5_000, callTimeoutMs: 10_000 };

/**
 * The common part of the stubs of parts 2 and 3: the connection and the reads. Calls may overlap; their requests are
 * sent in the order in which they are made. Values are copies; an absent key is undefined. Every method rejects with a
 * TableError: the server's, or TIMEOUT and UNREACHABLE.
 */
export class RemoteStub implements AsyncIterable<string>, KeyScanner {
  protected readonly connection: StubConnection;

  /**
   * Connects to the server at `host:port`.
   * @throws TableError BAD_REQUEST for an invalid address, UNREACHABLE, TIMEOUT
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

  /** Whether the key is present. */
  async has(key: string): Promise<boolean> {
    return results.has(await this.connection.call(requests.has(key))) === 1;
  }

  async size(): Promise<number> {
    return results.size(await this.connection.call(requests.size()));
  }

  /** All keys: as they are at one moment where they are not many, otherwise as {@link scan} meets them. */
  getKeys(): Promise<string[]> {
    const inOneReply = async () => results.getKeys(await this.connection.call(requests.getKeys()));
    return allKeys(inOneReply, () => this.scan());
  }

  /**
   * The keys that begin with `prefix`, some in each request. A key that is there all the time comes once; one that comes or goes
   * meanwhile may come.
   */
  scan(prefix = ''): AsyncGenerator<string, void, undefined> {
    return scanKeys(this, prefix);
  }

  async scanPage(prefix: string, position: ScanPosition): Promise<KeyPage> {
    return scanResult(await this.connection.call(scanRequest(prefix, position)));
  }

  /** {@link scan} of all keys. */
  [Symbol.asyncIterator](): AsyncGenerator<string, void, undefined> {
    return this.scan();
  }

  /** Ends the connection. Calls without a reply fail; await them first. */
  async disconnect(): Promise<void> {
    await this.connection.close();
  }
}
