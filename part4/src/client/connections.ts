import { NetworkClient, parseAddress } from '@tablelab/part2';
import { errorText, must, type TableError } from '@tablelab/shared';
import type { ClientEvent, ClientRequest, ConnectionId, RequestToken } from './core/client-effects.ts';
import { answerOf, errorOf, messageOf } from './wire.ts';

export interface ConnectionsOptions {
  readonly connectTimeoutMs: number;
  /** Gets `connected`, `disconnected` and `answer`. */
  readonly handle: (event: ClientEvent) => void;
}

/** The core says how long an answer may take: to the connection, as long as a timer can run. */
const callTimeoutMs = 2 ** 31 - 1;

interface Connection {
  readonly id: ConnectionId;
  /** Undefined until it is up. */
  client: NetworkClient | undefined;
  readonly unsent: RequestToken[];
}

/** Carries out what the client's core wants of connections, and tells it what has come of it. */
export class Connections {
  readonly #options: ConnectionsOptions;
  /** Those that the core counts with. */
  readonly #connections = new Map<ConnectionId, Connection>();
  /** Connections that are being made, and that are being closed. */
  readonly #unfinished = new Set<Promise<void>>();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  connect(id: ConnectionId, address: string): void {
    const connection: Connection = { id, client: undefined, unsent: [] };
    this.#connections.set(id, connection);
    this.#finishing(this.#connect(connection, address));
  }

  disconnect(id: ConnectionId): void {
    const { client } = this.#known(id);
    this.#connections.delete(id);
    if (client !== undefined) this.#finishing(client.close());
  }

  /** Keys have been checked. */
  send(id: ConnectionId, token: RequestToken, request: ClientRequest): void {
    const { client, unsent } = this.#known(id);
    if (client?.isOpen !== true) {
      // Its end is told in a moment.
      unsent.push(token);
      return;
    }
    client.call(messageOf(request), { timeoutMs: callTimeoutMs }).then(
      (reply) => this.#options.handle({ type: 'answer', token, answer: answerOf(request, reply) }),
      (error: TableError) => {
        if (client.isOpen) this.#options.handle({ type: 'answer', token, answer: errorOf(error) });
        else if (!error.mayHaveHappened) unsent.push(token);
      },
    );
  }

  /** Resolves once all that was disconnected is closed. */
  async closed(): Promise<void> {
    await Promise.all(this.#unfinished);
  }

  async #connect(connection: Connection, address: string): Promise<void> {
    const { connectTimeoutMs, handle } = this.#options;
    try {
      const where = parseAddress(address);
      const client = await NetworkClient.connect({ ...where, connectTimeoutMs, callTimeoutMs });
      if (!this.#connections.has(connection.id)) return await client.close();
      connection.client = client;
      // By then every request without an answer has been told to fail, and it is known which were never sent.
      void client.closed.then((reason) => this.#lost(connection, reason));
      handle({ type: 'connected', connection: connection.id });
    } catch (error) {
      this.#lost(connection, error);
    }
  }

  #lost({ id, unsent }: Connection, reason: unknown): void {
    if (!this.#connections.delete(id)) return;
    this.#options.handle({ type: 'disconnected', connection: id, detail: errorText(reason), unsent });
  }

  #known(id: ConnectionId): Connection {
    return must(this.#connections.get(id), 'the core knows the connections that there are');
  }

  #finishing(work: Promise<void>): void {
    this.#unfinished.add(work);
    void work.finally(() => this.#unfinished.delete(work));
  }
}
