import { Ack, errorFromReply, NetworkClient, Opcode, requests, results } from '@tablelab/part2';
import type { ChaosServer } from './chaos-server.ts';

/** Long enough for a server that is stopped in between. */
const callTimeoutMsDefault = 30_000;
const connectTimeoutMs = 5_000;

/** A client of one server, whatever its place in the chain: what does this one answer? */
export class DirectClient {
  readonly #client: NetworkClient;

  static async connect(server: ChaosServer, callTimeoutMs = callTimeoutMsDefault): Promise<DirectClient> {
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
