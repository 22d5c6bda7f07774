import { errorReply } from '../wire/error-reply.ts';
import type { Reply, RequestHandler } from '../wire/message.ts';
import { decodeMessage } from '../wire/message-codec.ts';
import { Pending } from './pending.ts';
import { ReplyQueue, type ReplySlot } from './reply-queue.ts';

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
   * Has the request in `payload` executed. Whatever goes wrong then becomes its reply.
   * @throws TableError BAD_REQUEST for bytes that are no message: whoever sends them does not speak this protocol
   */
  execute(payload: Uint8Array): void {
    const request = decodeMessage(payload);
    let reply: Reply | Promise<Reply> | Pending<Reply>;
    try {
      reply = this.#handler(request, this);
    } catch (error) {
      reply = errorReply(error);
    }
    if (reply instanceof Pending || reply instanceof Promise) {
      this.#await(this.#replies.add(), reply, payload.length);
    } else if (this.#replies.unanswered === 0) {
      this.#replies.append(reply);
      this.#settled();
    } else {
      this.#settle(this.#replies.add(), reply);
    }
  }

  /** A reply that nobody asked for: the last word. */
  add(reply: Reply): void {
    this.#settle(this.#replies.add(), reply);
  }

  #await(slot: ReplySlot, reply: Promise<Reply> | Pending<Reply>, requestBytes: number): void {
    this.#bytes += requestBytes;
    const settle = (settled: Reply) => {
      this.#bytes -= requestBytes;
      this.#settle(slot, settled);
    };
    if (reply instanceof Pending) reply.whenSettled(settle);
    else reply.then(settle, (error) => settle(errorReply(error)));
  }

  #settle(slot: ReplySlot, reply: Reply): void {
    this.#replies.settle(slot, reply);
    this.#settled();
  }
}
