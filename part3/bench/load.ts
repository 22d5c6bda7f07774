/**
 * A load generator that speaks two protocols: this kit's and that of Redis (RESP). It only counts replies, so that its
 * cost is small and the same for both.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ContentType, encodeMessage, Opcode } from '@tablelab/part2';

export type Operation = 'get' | 'put';

export interface Protocol {
  readonly name: string;
  request(operation: Operation, key: string, value: Uint8Array): Buffer;
  /** The end of the reply that begins at `start`; -1 if it is incomplete. @throws Error for an error reply */
  replyEnd(bytes: Buffer, start: number): number;
  /**
   * The first request of a connection, whose answer contains the connection's name; undefined: the connection chooses
   * its name.
   */
  readonly opening?: { readonly request: Buffer; name(reply: Buffer): string };
  /**
   * For protocols whose requests contain the connection's name or their number: returns a copy of `requests`, `count`
   * in one piece, with these.
   */
  sign?(requests: Buffer, count: number, sender: Sender): Buffer;
}

/** A connection's identity in its requests. */
export interface Sender {
  /** 16 hexadecimal digits. */
  readonly name: string;
  /** Requests sent, and replies to them. */
  readonly sent: number;
  readonly replies: number;
}

export const tablelab: Protocol = {
  name: 'tablelab',
  request(operation, key, data) {
    return Buffer.from(
      operation === 'get'
        ? encodeMessage({ opcode: Opcode.OP_GET, c_type: ContentType.CT_KEY, key })
        : encodeMessage({ opcode: Opcode.OP_PUT, c_type: ContentType.CT_ENTRY, key, data }),
    );
  },
  replyEnd(bytes, start) {
    let length = 0;
    let at = start;
    for (let shift = 0; ; shift += 7, at += 1) {
      const byte = bytes[at];
      if (byte === undefined) return -1;
      length |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    const end = at + 1 + length;
    if (end > bytes.length) return -1;
    if (bytes[at + 2] === Opcode.OP_ERROR)
      throw new Error(`an error reply: ${bytes.toString('latin1', at, end)}`);
    return end;
  },
};

const carriageReturn = 13;

export const redis: Protocol = {
  name: 'redis',
  request(operation, key, value) {
    const parts = operation === 'get' ? ['GET', key] : ['SET', key, Buffer.from(value).toString('latin1')];
    return Buffer.from(
      `*${parts.length}\r\n${parts.map((part) => `$${part.length}\r\n${part}\r\n`).join('')}`,
      'latin1',
    );
  },
  replyEnd(bytes, start) {
    const lineEnd = bytes.indexOf(carriageReturn, start);
    if (lineEnd < 0 || lineEnd + 2 > bytes.length) return -1;
    const line = bytes.toString('latin1', start, lineEnd);
    if (line.startsWith('-')) throw new Error(`an error reply: ${line}`);
    if (!line.startsWith('$')) return lineEnd + 2;
    const end = lineEnd + 2 + Number(line.slice(1)) + 2;
    return end <= bytes.length ? end : -1;
  },
};

export interface LoadOptions {
  readonly protocol: Protocol;
  readonly port: number;
  readonly operation: Operation;
  readonly connections: number;
  /** The number of requests that each connection has under way. */
  readonly inFlight: number;
  readonly durationMs: number;
  readonly keyCount: number;
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  /** The time from each request to its reply; only with one request in flight. */
  readonly latenciesUs: readonly number[];
}

export const value = Uint8Array.from({ length: 100 }, (_, index) => index);
/** 16 bytes. */
export const keyOf = (index: number): string => `key:${index}`.padEnd(16, '.');

/** The number of prepared requests, each with a random key or run of keys. */
const preparedMax = 2_000;

/** Loads a server for `durationMs`. */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const requests = prepare(options, 1);
  const batches = prepare(options, options.inFlight);
  const connections = await Promise.all(
    Array.from({ length: options.connections }, () => LoadConnection.open(options, requests, batches)),
  );
  const start = performance.now();
  for (const connection of connections) connection.start();
  await new Promise((resolve) => setTimeout(resolve, options.durationMs));
  const seconds = (performance.now() - start) / 1_000;
  const replies = connections.reduce((sum, { replies }) => sum + replies, 0);
  await Promise.all(connections.map((connection) => connection.close()));
  return {
    requestsPerSecond: replies / seconds,
    latenciesUs: connections.flatMap(({ latenciesUs }) => latenciesUs),
  };
}

/** Puts all keys once. */
export async function fill({
  protocol,
  port,
  keyCount,
}: Pick<LoadOptions, 'protocol' | 'port' | 'keyCount'>): Promise<void> {
  const requests = Array.from({ length: keyCount }, (_, index) =>
    protocol.request('put', keyOf(index), value),
  );
  const connection = await LoadConnection.open({ protocol, port, inFlight: 0 }, [], []);
  const chunk = 1_000;
  for (let sent = 0; sent < keyCount; sent += chunk) {
    const part = requests.slice(sent, sent + chunk);
    await connection.roundTrip(Buffer.concat(part), part.length);
  }
  await connection.close();
}

function prepare({ protocol, operation, keyCount }: LoadOptions, requestsEach: number): Buffer[] {
  const one = () => protocol.request(operation, keyOf(Math.floor(Math.random() * keyCount)), value);
  return Array.from({ length: preparedMax }, () => Buffer.concat(Array.from({ length: requestsEach }, one)));
}

class LoadConnection implements Sender {
  name = randomBytes(8).toString('hex');
  sent = 0;
  replies = 0;
  readonly latenciesUs: number[] = [];
  readonly #socket: Socket;
  readonly #protocol: Protocol;
  readonly #inFlight: number;
  readonly #requests: readonly Buffer[];
  readonly #batches: readonly Buffer[];
  #rest: Buffer = Buffer.alloc(0);
  #next = Math.floor(Math.random() * preparedMax);
  #sentAtMs = 0;
  #awaited: { count: number; resolve: (lastReplies: Buffer) => void } | undefined;

  static async open(
    { protocol, port, inFlight }: Pick<LoadOptions, 'protocol' | 'port' | 'inFlight'>,
    requests: readonly Buffer[],
    batches: readonly Buffer[],
  ): Promise<LoadConnection> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    await once(socket, 'connect');
    const connection = new LoadConnection(socket, protocol, inFlight, requests, batches);
    const { opening } = protocol;
    if (opening !== undefined) connection.name = opening.name(await connection.roundTrip(opening.request, 1));
    return connection;
  }

  constructor(
    socket: Socket,
    protocol: Protocol,
    inFlight: number,
    requests: readonly Buffer[],
    batches: readonly Buffer[],
  ) {
    this.#socket = socket;
    this.#protocol = protocol;
    this.#inFlight = inFlight;
    this.#requests = requests;
    this.#batches = batches;
    socket.on('data', (chunk) => this.#onData(chunk));
  }

  start(): void {
    this.#send(this.#inFlight);
  }

  /** Resolves with the received bytes that contain the last reply. */
  async roundTrip(bytes: Buffer, count: number): Promise<Buffer> {
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    this.#awaited = { count, resolve };
    this.#socket.write(bytes);
    const lastReplies = await promise;
    this.#awaited = undefined;
    return lastReplies;
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.destroy();
    await closed;
  }

  #onData(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    let count = 0;
    for (let end = this.#protocol.replyEnd(bytes, at); end >= 0; end = this.#protocol.replyEnd(bytes, at)) {
      at = end;
      count += 1;
    }
    this.#rest = bytes.subarray(at);
    if (this.#awaited !== undefined) {
      this.#awaited.count -= count;
      if (this.#awaited.count === 0) this.#awaited.resolve(bytes);
    } else if (count > 0) {
      this.replies += count;
      if (this.#inFlight === 1) this.latenciesUs.push((performance.now() - this.#sentAtMs) * 1_000);
      this.#send(count);
    }
  }

  #send(count: number): void {
    if (this.#inFlight === 1) this.#sentAtMs = performance.now();
    const requests =
      count === this.#inFlight
        ? this.#take(this.#batches)
        : Buffer.concat(Array.from({ length: count }, () => this.#take(this.#requests)));
    this.#socket.write(this.#protocol.sign?.(requests, count, this) ?? requests);
    this.sent += count;
  }

  #take(prepared: readonly Buffer[]): Buffer {
    this.#next = (this.#next + 1) % prepared.length;
    return prepared[this.#next] as Buffer;
  }
}
