import { decodeRequest, errorReply, type Message, type Reply } from '@tablelab/part2';
import { Deferred } from './deferred.ts';
import { ReplyQueue, type ReplySlot } from './reply-queue.ts';

/**
 * Answers one request, at once or later: the server sends the replies in the order of the requests all the same. What is
 * thrown becomes an OP_ERROR.
 *
 * `request.data` aliases the bytes that were received: a handler that keeps it copies it. `connection` is the same object
 * for all requests of one connection, and tells nothing else about it.
 */
export type RequestHandler = (request: Message, connection: object) => Reply | Deferred<Reply>;

export interface RequestsInHandParts {
  readonly handler: RequestHandler;
  /** The longest reply, in bytes. */
  readonly payloadBytesMax: number;
  /** Says whether there is memory for a reply with content. */
  makeRoom(): boolean;
  /** A reply is there; it may have to wait for earlier ones. */
  settled(): void;
}

/**
 * One connection's requests from the frame's payload to the reply's frame. It knows nothing of sockets. Invariant:
 * replies are due in the order of the requests.
 */
export class RequestsInHand {
  readonly #handler: RequestHandler;
  readonly #settled: () => void;
  readonly #replies: ReplyQueue;
  #bytes = 0;

  constructor({ handler, payloadBytesMax, makeRoom, settled }: RequestsInHandParts) {
    this.#handler = handler;
    this.#settled = settled;
    this.#replies = new ReplyQueue({ payloadBytesMax, makeRoom });
  }

  /** How many requests have no reply yet, or wait for that of an earlier one. */
  get unanswered(): number {
    return this.#replies.unanswered;
  }

  /** Of the requests that the handler has not answered. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many bytes {@link takeReplies} would give. */
  get dueBytes(): number {
    return this.#replies.dueBytes;
  }

  /** The frames of the replies that are due. */
  takeReplies(): Uint8Array {
    return this.#replies.take();
  }

  /**
   * Has the handler execute the request in `payload`. What goes wrong then becomes its reply.
   * @throws TableError BAD_REQUEST for bytes that are no message: the other side does not speak this protocol
   */
  execute(payload: Uint8Array): void {
    const request = decodeRequest(payload);
    let reply: Reply | Deferred<Reply>;
    try {
      reply = this.#handler(request, this);
    } catch (error) {
      reply = errorReply(error);
    }
    if (reply instanceof Deferred) {
      this.#await(this.#replies.add(), reply, payload.length);
    } else if (this.#replies.unanswered === 0) {
      this.#replies.append(reply);
      this.#settled();
    } else {
      this.#settle(this.#replies.add(), reply);
    }
  }

  /** A final error reply, which answers no request. */
  add(reply: Reply): void {
    this.#settle(this.#replies.add(), reply);
  }

  #await(slot: ReplySlot, reply: Deferred<Reply>, requestBytes: number): void {
    this.#bytes += requestBytes;
    reply.whenSettled((settled) => {
      this.#bytes -= requestBytes;
      this.#settle(slot, settled);
    });
  }

  #settle(slot: ReplySlot, reply: Reply): void {
    this.#replies.settle(slot, reply);
    this.#settled();
  }
}
