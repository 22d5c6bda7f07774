import { randomBytes } from 'node:crypto';
import {
  Ack,
  ContentType,
  errorFromReply,
  expectReply,
  type Message,
  type MessageFields,
  type NetworkClient,
  Opcode,
  RemoteReader,
  requests,
} from '@tablelab/part2';
import { errorText, TableError } from '@tablelab/shared';
import { withDeadline } from '@tablelab/shared/process';
import type { WriteName } from '../core/update.ts';
import { headOf, type ServerEntry, tailOf } from '../core/view.ts';
import { nameFields, nameOf, type WriteNameAsked } from '../write-name.ts';
import { Connections } from './connections.ts';
import { InFlightWindow } from './in-flight-window.ts';
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

/** Calls that are under way at once: no more than a server takes of one connection without having answered. */
const callsUnderWayMax = 1_024;

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
  readonly #window = new InFlightWindow(callsUnderWayMax);
  readonly #deadlineMs: number;
  readonly #attemptTimeoutMs: number;
  readonly #client = randomBytes(8).toString('hex');
  #requests = 0;

  private constructor(views: ViewSource, options: ChainTableOptions) {
    super((request) => this.#repeat('tail', request));
    this.#views = views;
    this.#deadlineMs = options.deadlineMs ?? 15_000;
    this.#attemptTimeoutMs = options.attemptTimeoutMs ?? 5_000;
    const callTimeoutMs = this.#attemptTimeoutMs;
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
    if (!(await this.#window.enter(this.#deadlineMs))) {
      throw new TableError(
        'TIMEOUT',
        `${callsUnderWayMax} calls before this one took ${this.#deadlineMs} ms`,
      );
    }
    try {
      return await this.#repeatUntil(deadline, role, request);
    } finally {
      this.#window.leave();
    }
  }

  async #repeatUntil(deadline: number, role: 'head' | 'tail', request: MessageFields): Promise<Message> {
    let mayHaveHappened = false;
    let delayMs = retryDelayMs.first;
    for (;;) {
      const { view } = this.#views;
      const timeoutMs = Math.max(1, Math.min(this.#attemptTimeoutMs, deadline - performance.now()));
      const failure = await this.#attempt(role === 'head' ? headOf(view) : tailOf(view), request, timeoutMs);
      if (!(failure instanceof TableError)) return failure;
      mayHaveHappened ||= failure.mayHaveHappened;
      const leftMs = deadline - performance.now();
      if (!passingCodes.has(failure.code) && !connectionCodes.has(failure.code)) {
        // An attempt before this one may have got through.
        throw new TableError(failure.code, failure.message, { cause: failure, mayHaveHappened });
      }
      if (leftMs <= 0) {
        const text = `no answer within ${this.#deadlineMs} ms; the last attempt: ${failure.message}`;
        throw new TableError('TIMEOUT', text, { cause: failure, mayHaveHappened });
      }
      await this.#views.changed(view, Math.min(delayMs, leftMs));
      delayMs = Math.min(2 * delayMs, retryDelayMs.last);
    }
  }

  /** The reply, or why there is none. */
  async #attempt(
    server: ServerEntry | undefined,
    request: MessageFields,
    timeoutMs: number,
  ): Promise<Message | TableError> {
    if (server === undefined) return new TableError('NOT_READY', 'there is no server in the chain');
    try {
      const end = performance.now() + timeoutMs;
      const connection = await this.#connect(server, timeoutMs);
      const reply = await connection.call(request, { timeoutMs: Math.max(1, end - performance.now()) });
      return reply.opcode === Opcode.OP_ERROR ? errorFromReply(reply) : reply;
    } catch (error) {
      if (error instanceof TableError) return error;
      throw error;
    }
  }

  /** @throws TableError UNREACHABLE, in time: nothing was sent then */
  async #connect({ address }: ServerEntry, timeoutMs: number): Promise<NetworkClient> {
    try {
      return await withDeadline(this.#connections.to(address), timeoutMs, `a connection to ${address}`);
    } catch (error) {
      throw new TableError('UNREACHABLE', errorText(error), { cause: error });
    }
  }
}
