import { Ack, type Address, errorFromReply, NetworkClient, Opcode, requests, results } from '@tablelab/part2';

/** Long enough for a server that is paused meanwhile. */
const callTimeoutMsDefault = 30_000;
const connectTimeoutMs = 5_000;

/** A server that accepts direct requests. */
export interface DirectServer {
  /** The address on which it listens, without a proxy. */
  readonly direct: Address;
}

/** A client of one particular server, whatever its place in the chain. */
export class DirectClient {
  readonly #client: NetworkClient;

  static async connect(server: DirectServer, callTimeoutMs = callTimeoutMsDefault): Promise<DirectClient> {
    return new DirectClient(
      await NetworkClient.connect({ ...server.direct, connectTimeoutMs, callTimeoutMs }),
    );
  }

  private constructor(client: NetworkClient) {
    this.#client = client;
  }

  /** @throws TableError when the server refuses */
  async get(key: string): Promise<string | undefined> {
    const value = results.get(await this.#client.call(requests.get(key)));
    return value === undefined ? undefined : Buffer.from(value).toString();
  }

  /** COMMITTED, or ASSIGNED. @throws TableError when the server refuses */
  async put(key: string, value: string, ack: 'committed' | 'assigned' = 'committed'): Promise<void> {
    const fields = {
      ...requests.put(key, Buffer.from(value)),
      ack: Ack[ack === 'assigned' ? 'ASSIGNED' : 'COMMITTED'],
    };
    const reply = await this.#client.call(fields);
    if (reply.opcode === Opcode.OP_ERROR) throw errorFromReply(reply);
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}
