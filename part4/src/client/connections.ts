import { type Message, NetworkClient, parseAddress } from '@tablelab/part2';
import { errorText, must, TableError } from '@tablelab/shared';
import type { ClientEvent, ClientRequest, ConnectionId, RequestToken } from './client-effects.ts';
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
  unanswered: number;
  readonly unsent: RequestToken[];
  isOver: boolean;
}

/** Carries out what the client's core wants of connections, and tells it what has come of it. */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #connections = new Map<ConnectionId, Connection>();
  /** Connections that are being made, and that are being closed. */
  readonly #unfinished = new Set<Promise<void>>();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  connect(id: ConnectionId, address: string): void {
    const connection: Connection = { id, client: undefined, unanswered: 0, unsent: [], isOver: false };
    this.#connections.set(id, connection);
    this.#finishing(this.#connect(connection, address));
  }

  /** Nothing is told of it any more. */
  disconnect(id: ConnectionId): void {
    const connection = must(this.#connections.get(id), 'the core closes what it has had opened');
    connection.isOver = true;
    this.#connections.delete(id);
    if (connection.client !== undefined) this.#finishing(connection.client.close());
  }

  send(id: ConnectionId, token: RequestToken, request: ClientRequest): void {
    const connection = must(this.#connections.get(id), 'the core sends over connections that are up');
    const client = must(connection.client, 'the core sends over connections that are up');
    connection.unanswered += 1;
    call(client, request)
      .then(
        (reply) => this.#tell(connection, { type: 'answer', token, answer: answerOf(request, reply) }),
        (error) => this.#failed(connection, token, error),
      )
      .finally(() => {
        connection.unanswered -= 1;
        if (!client.isOpen) void client.closed.then((reason) => this.#lost(connection, reason));
      });
  }

  /** Resolves once all that was disconnected is closed. */
  async closed(): Promise<void> {
    await Promise.all(this.#unfinished);
  }

  async #connect(connection: Connection, address: string): Promise<void> {
    const { connectTimeoutMs } = this.#options;
    try {
      const client = await NetworkClient.connect({
        ...parseAddress(address),
        connectTimeoutMs,
        callTimeoutMs,
      });
      if (connection.isOver) return await client.close();
      connection.client = client;
      void client.closed.then((reason) => this.#lost(connection, reason));
      this.#tell(connection, { type: 'connected', connection: connection.id });
    } catch (error) {
      this.#lost(connection, error);
    }
  }

  #failed(connection: Connection, token: RequestToken, error: unknown): void {
    if (!(error instanceof TableError)) throw error;
    // The connection's end is told once, with all that it has cost.
    if (connection.client?.isOpen === true) {
      this.#tell(connection, { type: 'answer', token, answer: errorOf(error) });
    } else if (!error.mayHaveHappened) {
      connection.unsent.push(token);
    }
  }

  /** Once every request has been told to fail: only then it is known which of them were never sent. */
  #lost(connection: Connection, reason: unknown): void {
    if (connection.unanswered > 0 || connection.isOver) return;
    const { id, unsent } = connection;
    this.#tell(connection, { type: 'disconnected', connection: id, detail: errorText(reason), unsent });
    connection.isOver = true;
    this.#connections.delete(id);
  }

  #tell(connection: Connection, event: ClientEvent): void {
    if (!connection.isOver) this.#options.handle(event);
  }

  #finishing(work: Promise<void>): void {
    this.#unfinished.add(work);
    void work.finally(() => this.#unfinished.delete(work));
  }
}

/** Rejects, never throws. */
async function call(client: NetworkClient, request: ClientRequest): Promise<Message> {
  return client.call(messageOf(request));
}
