import {
  ContentType,
  defaultTimeouts,
  expectReply,
  type Message,
  NetworkClient,
  Opcode,
  parseAddress,
  RemoteReader,
  type RemoteTableOptions,
  requests,
} from '@tablelab/part2';
import { operationFields, operationNumberOf } from '../operation-number.ts';

/**
 * The stub of a server with asynchronous writes (assignment part 3): a write resolves with its operation number, before
 * it has been executed; `verify` tells when it has. Calls may overlap; their requests are sent in order.
 */
export class AsyncRemoteTable extends RemoteReader {
  readonly #client: NetworkClient;

  /**
   * Connects to the server at `host:port`.
   * @throws TableError BAD_REQUEST for an address that is none, UNREACHABLE, TIMEOUT
   */
  static async connect(address: string, options: RemoteTableOptions = {}): Promise<AsyncRemoteTable> {
    return new AsyncRemoteTable(
      await NetworkClient.connect({ ...defaultTimeouts, ...options, ...parseAddress(address) }),
    );
  }

  constructor(client: NetworkClient) {
    super((request) => client.call(request));
    this.#client = client;
  }

  /** Has `value` stored under `key`; resolves with the number of the operation. */
  async put(key: string, value: Uint8Array): Promise<number> {
    return assignedNumber(await this.#client.call(requests.put(key, value)));
  }

  /** Has the key removed, if it is there; resolves with the number of the operation. */
  async del(key: string): Promise<number> {
    return assignedNumber(await this.#client.call(requests.del(key)));
  }

  /** Whether the operation `opN` has been executed. An operation that was never assigned has not been. */
  async verify(opN: number): Promise<boolean> {
    const request = { opcode: Opcode.OP_VERIFY, ...operationFields(opN) };
    return expectReply(await this.#client.call(request), ContentType.CT_RESULT).result === 1;
  }

  /** Ends the connection. Calls without a reply fail; await them first. */
  async disconnect(): Promise<void> {
    await this.#client.close();
  }
}

function assignedNumber(reply: Message): number {
  return operationNumberOf(expectReply(reply, ContentType.CT_RESULT));
}
