import { connect, type Socket } from 'node:net';
import { Table } from '@tablelab/part1';
import {
  type Address,
  ContentType,
  decodeMessage,
  FrameDecoder,
  type Message,
  type MessageFields,
  NetworkServer,
  type NetworkServerOptions,
  Opcode,
  RemoteTable,
  type RemoteTableOptions,
  type Reply,
  Skeleton,
} from '@tablelab/part2';
import { eventually, withDeadline } from '@tablelab/shared/testing';

/** What the tests of this part share. */

/** How long a test waits for what must happen, in milliseconds: much longer than it takes, on a busy machine too. */
export const deadlineMs = 10_000;

/** The part of a test that these helpers need. */
interface Teardown {
  teardown(work: () => unknown): void;
}

export const getRequest = (key: string): MessageFields => ({
  opcode: Opcode.OP_GET,
  c_type: ContentType.CT_KEY,
  key,
});

/** A reply that tells which request it belongs to. */
export const echo = (request: Message): Reply => ({
  opcode: request.opcode + 1,
  c_type: ContentType.CT_NONE,
  key: request.key,
});

/** A handler whose replies the test gives, in any order: `held[i]` answers the i-th request. */
export function holdingHandler() {
  const held: { request: Message; answer: (reply?: Reply) => void; fail: (error: unknown) => void }[] = [];
  const handler = (request: Message) => {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    held.push({ request, answer: (reply = echo(request)) => resolve(reply), fail: reject });
    return promise;
  };
  const arrived = (count: number) =>
    eventually(() => held.length >= count, { deadlineMs, what: `${count} requests` });
  return { held, handler, arrived };
}

export const sizeRequest: MessageFields = { opcode: Opcode.OP_SIZE, c_type: ContentType.CT_NONE };

export interface TestServer {
  readonly server: NetworkServer;
  readonly address: Address;
  readonly table: Table;
  connect(options?: RemoteTableOptions): Promise<RemoteTable>;
  raw(): Promise<RawClient>;
}

/** A server in this process, with a table unless `handler` says otherwise; closed at the test's end. */
export async function startServer(
  t: Teardown,
  options: Partial<NetworkServerOptions> = {},
): Promise<TestServer> {
  const table = new Table(4);
  const skeleton = new Skeleton(table);
  const server = new NetworkServer({
    handler: (request) => skeleton.invoke(request),
    port: 0,
    clientsServedMax: 1,
    clientsWaitingMax: 100,
    ...options,
  });
  const address = await server.listen();
  t.teardown(() => server.close({ deadlineMs: 1_000 }));
  return {
    server,
    address,
    table,
    async connect(options) {
      const remote = await RemoteTable.connect(`127.0.0.1:${address.port}`, options);
      t.teardown(() => remote.disconnect());
      return remote;
    },
    async raw() {
      const client = new RawClient(address);
      t.teardown(() => client.socket.destroy());
      await client.connected;
      return client;
    },
  };
}

/** A client that sends what it likes. */
export class RawClient {
  readonly socket: Socket;
  readonly connected: Promise<void>;
  /** The server has closed its side; resolves also after an error. */
  readonly ended: Promise<void>;
  readonly #replies: Message[] = [];

  constructor({ host, port }: Address) {
    const decoder = new FrameDecoder({ frameBytesMax: 64 * 1024 * 1024 });
    this.socket = connect({ host, port, noDelay: true });
    this.connected = new Promise((resolve, reject) => {
      this.socket.once('connect', resolve).once('error', reject);
    });
    this.ended = new Promise((resolve) => this.socket.once('end', resolve).once('close', () => resolve()));
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk) => {
      for (const payload of decoder.push(chunk)) this.#replies.push(decodeMessage(payload));
    });
  }

  send(...parts: (Uint8Array | string)[]): void {
    for (const part of parts) this.socket.write(typeof part === 'string' ? Buffer.from(part, 'hex') : part);
  }

  /** The next `count` replies. */
  async replies(count: number): Promise<Message[]> {
    const what = `${count} replies, of which ${this.#replies.length} came`;
    await eventually(() => this.#replies.length >= count, { deadlineMs, what });
    return this.#replies.splice(0, count);
  }

  async reply(): Promise<Message> {
    const [reply] = await this.replies(1);
    if (reply === undefined) throw new Error('no reply');
    return reply;
  }

  /** The replies that have come and were not taken. */
  allReplies(): Message[] {
    return this.#replies.splice(0);
  }

  /** Waits until the server has closed its side. */
  async end(): Promise<void> {
    await withDeadline(this.ended, deadlineMs, 'the server to close the connection');
  }
}
