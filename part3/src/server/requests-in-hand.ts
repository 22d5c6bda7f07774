import { decodeRequest, errorReply, type Message, type Reply } from '@tablelab/part2';
import { Deferred } from './deferred.ts';
import { ReplyQueue, type ReplySlot } from './reply-queue.ts';

/** A connection, as far as a handler knows it. */
export interface RequestSource {
  /** The IP address of the client, if it is known. */
  readonly address?: string | undefined;
}

/**
 * Answers one request, at once or later; the server sends the replies in the order of the requests. An exception
 * becomes an OP_ERROR.
 *
 * `request.data` aliases the received bytes: a handler that keeps it must copy it. `connection` is the same object for
 * all requests of one connection, and identifies only that.
 */
export type RequestHandler = (request: Message, connection: RequestSource) => Reply | Deferred<Reply>;

export interface RequestsInHandParts {
  /** The IP address of the client, if it is known. */
  readonly address: string | undefined;
  readonly handler: RequestHandler;
  /** The longest reply, in bytes. */
  readonly payloadBytesMax: number;
  /** Says whether there is memory for a reply with content. */
  makeRoom(bytes: number): boolean;
  /** Sees each reply, as soon as the handler has given it. */
  readonly onReply?: ((reply: Reply) => void) | undefined;
  /** A reply is ready; it may have to wait for earlier ones. */
  settled(): void;
}

/**
 * The pending requests of one connection, from the payload of a request to the frame of its reply. It does not use
 * sockets. Invariant: replies are due in the order of the requests.
 */
export class RequestsInHand implements RequestSource {
  readonly address: string | undefined;
  readonly #handler: RequestHandler;
  readonly #settled: () => void;
  readonly #onReply: ((reply: Reply) => void) | undefined;
  readonly #replies: ReplyQueue;
  #bytes = 0;
  #expectedBytes = 0;

  constructor({ address, handler, payloadBytesMax, makeRoom, onReply, settled }: RequestsInHandParts) {
    this.address = address;
    this.#handler = handler;
    this.#settled = settled;
    this.#onReply = onReply;
    this.#replies = new ReplyQueue({ payloadBytesMax, makeRoom });
  }

  /** The number of requests without a reply, or whose reply waits for an earlier one. */
  get unanswered(): number {
    return this.#replies.unanswered;
  }

  /** The size of the requests that the handler has not answered. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The size of the content of replies that wait for an earlier one. */
  get waitingBytes(): number {
    return this.#replies.waitingBytes;
  }

  /** What the replies that are being made will hold, in bytes, as far as that is known. */
  get expectedBytes(): number {
    return this.#expectedBytes;
  }

  /** The number of bytes that {@link takeReplies} would return. */
  get dueBytes(): number {
    return this.#replies.dueBytes;
  }

  /** Forgets all replies: the connection is gone. */
  discard(): void {
    this.#replies.discard();
  }

  /** The frames of the replies that are due. */
  takeReplies(): readonly Uint8Array[] {
    return this.#replies.take();
  }

  /**
   * Passes the request in `payload` to the handler. An error becomes its reply.
   * @throws TableError BAD_REQUEST if the bytes are not a message: the other side does not speak this protocol
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
      this.#onReply?.(reply);
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
    this.#expectedBytes += reply.expectedBytes;
    reply.whenSettled((settled) => {
      this.#bytes -= requestBytes;
      this.#expectedBytes -= reply.expectedBytes;
      this.#settle(slot, settled);
    });
  }

  #settle(slot: ReplySlot, reply: Reply): void {
    this.#onReply?.(reply);
    this.#replies.settle(slot, reply);
    this.#settled();
  }
}
