import { randomBytes } from 'node:crypto';
import {
  Ack,
  ContentType,
  errorFromReply,
  expectReply,
  type Message,
  type MessageFields,
  Opcode,
  RemoteReader,
  requests,
} from '@tablelab/part2';
import { TableError } from '@tablelab/shared';
import type { WriteName } from '../core/update.ts';
import { headOf, type ServerEntry, tailOf } from '../core/view.ts';
import { nameFields, nameOf, type WriteNameAsked } from '../write-name.ts';
import { Connections } from './connections.ts';
import { ViewSource } from './view-source.ts';

export interface ChainTableOptions {
  /** ZooKeeper's servers: `host:port`, several with commas between. */
  readonly zookeeper: string;
  /** How long an operation may take in all, every repeat included, in milliseconds. Default: 15,000. */
  readonly deadlineMs?: number;
  /** How long one server may take to answer before the operation is tried anew, in milliseconds. Default: 5,000. */
  readonly attemptTimeoutMs?: number;
  /** What is worth telling a person who looks for the cause of a delay. */
  readonly log?: (message: string) => void;
}

/** Errors that another attempt may cure: the view was old, or the server is on its way in or out. */
const passingCodes = new Set(['NOT_HEAD', 'NOT_TAIL', 'NOT_READY', 'BUSY', 'SHUTTING_DOWN']);

/** Errors of a connection: the server may be gone, and the next view will say who is in its place. */
const connectionCodes = new Set(['UNREACHABLE', 'TIMEOUT']);

/** Waits between attempts, in milliseconds: doubling from the first to the last. A new view ends a wait at once. */
const retryDelayMs = { first: 5, last: 200 };

const sessionTimeoutMs = 4_000;

/**
 * The stub of part 4 (assignment part 4): the calls of part 3's stub, on a chain. Writes go to the head, reads to the
 * tail, whoever they are at the moment; what a dying server leaves unanswered is repeated until the deadline.
 *
 * A write resolves once every server of the chain has executed it, so a read that begins afterwards sees it. Every
 * call rejects with a TableError whose `mayHaveHappened` tells whether the operation may have been executed. A write
 * that was repeated because its answer was lost may have been executed twice in this stage.
 */
export class ChainTable extends RemoteReader {
  readonly #views: ViewSource;
  readonly #connections: Connections;
  readonly #deadlineMs: number;
  readonly #client = randomBytes(8).toString('hex');
  #requests = 0;

  private constructor(views: ViewSource, options: ChainTableOptions) {
    super((request) => this.#repeat('tail', request));
    this.#views = views;
    this.#deadlineMs = options.deadlineMs ?? 15_000;
    const callTimeoutMs = options.attemptTimeoutMs ?? 5_000;
    this.#connections = new Connections({ connectTimeoutMs: Math.min(callTimeoutMs, 2_000), callTimeoutMs });
  }

  /** @throws TableError UNREACHABLE or TIMEOUT when ZooKeeper does not answer before the deadline */
  static async connect(options: ChainTableOptions): Promise<ChainTable> {
    const { zookeeper, deadlineMs: connectDeadlineMs = 15_000, log = () => undefined } = options;
    const views = await ViewSource.open({ zookeeper, sessionTimeoutMs, connectDeadlineMs, log });
    return new ChainTable(views, options);
  }

  async disconnect(): Promise<void> {
    await Promise.all([this.#connections.close(), this.#views.close()]);
  }

  /** Stores `value` under `key` on every server of the chain; resolves with the name of the write. */
  async put(key: string, value: Uint8Array): Promise<WriteName> {
    return this.#write(requests.put(key, value));
  }

  /** Removes `key` on every server of the chain, if it is there; resolves with the name of the write. */
  async del(key: string): Promise<WriteName> {
    return this.#write(requests.del(key));
  }

  /**
   * Whether a write has been executed by the whole chain.
   * @throws TableError LOST when it never will be, because another head's write has its place
   */
  async verify(name: WriteNameAsked): Promise<boolean> {
    const reply = await this.#repeat('tail', { opcode: Opcode.OP_VERIFY, ...nameFields(name) });
    return expectReply(reply, ContentType.CT_RESULT).result === 1;
  }

  async #write(fields: MessageFields): Promise<WriteName> {
    this.#requests += 1;
    const identity = { client: this.#client, request: this.#requests, ack: Ack.COMMITTED };
    const { seq, epoch } = nameOf(await this.#repeat('head', { ...fields, ...identity }));
    if (epoch === undefined) throw new TableError('INTERNAL', 'the head did not say who numbered the write');
    return { seq, epoch };
  }

  /** Sends a request to whoever has the role, again and again, until it is answered or the deadline has come. */
  async #repeat(role: 'head' | 'tail', request: MessageFields): Promise<Message> {
    const deadline = performance.now() + this.#deadlineMs;
    let mayHaveHappened = false;
    let delayMs = retryDelayMs.first;
    for (;;) {
      const { view } = this.#views;
      const failure = await this.#attempt(role === 'head' ? headOf(view) : tailOf(view), request);
      if (!(failure instanceof TableError)) return failure;
      mayHaveHappened ||= failure.mayHaveHappened;
      const leftMs = deadline - performance.now();
      if (!passingCodes.has(failure.code) && !connectionCodes.has(failure.code)) throw failure;
      if (leftMs <= 0) {
        const text = `no answer within ${this.#deadlineMs} ms; the last attempt: ${failure.message}`;
        throw new TableError('TIMEOUT', text, { cause: failure, mayHaveHappened });
      }
      await this.#views.changed(view, Math.min(delayMs, leftMs));
      delayMs = Math.min(2 * delayMs, retryDelayMs.last);
    }
  }

  /** The reply, or why there is none. */
  async #attempt(server: ServerEntry | undefined, request: MessageFields): Promise<Message | TableError> {
    if (server === undefined) return new TableError('NOT_READY', 'there is no server in the chain');
    try {
      const connection = await this.#connections.to(server.address);
      const reply = await connection.call(request);
      return reply.opcode === Opcode.OP_ERROR ? errorFromReply(reply) : reply;
    } catch (error) {
      if (error instanceof TableError) return error;
      throw error;
    }
  }
}
