import { errorText, TableError } from '@tablelab/shared';
import { errorFromReply } from '../wire/error-reply.ts';
import { FrameBatch } from '../wire/frame-batch.ts';
import { defaultFrameBytesMax, FrameDecoder, replyHeadroomBytes } from '../wire/framing.ts';
import type { Message, MessageFields } from '../wire/message.ts';
import { decodeMessage } from '../wire/message-codec.ts';
import { Opcode } from '../wire/operations.ts';

/** A request without a reply. */
interface Waiting<Caller> {
  readonly caller: Caller;
  readonly opcode: number;
  readonly bytes: number;
}

/**
 * Turns the requests of one connection into bytes, and bytes into replies, without a socket. The owner sends what
 * {@link take} returns, and passes received bytes to {@link receive}, which gives each reply with the caller of its request.
 *
 * Invariant: replies come in the order of the requests. After anything that breaks the order, no later reply can be trusted,
 * and the connection has to be closed.
 */
export class RequestPipeline<Caller> {
  readonly #decoder: FrameDecoder;
  readonly #batch: FrameBatch;
  readonly #waiting: Waiting<Caller>[] = [];
  /** The number of requests, from the first one, that have been sent. */
  #sent = 0;
  #unansweredBytes = 0;

  /** `frameBytesMax`: the longest request, in bytes; replies may be slightly longer. */
  constructor({ frameBytesMax = defaultFrameBytesMax }: { frameBytesMax?: number | undefined } = {}) {
    this.#decoder = new FrameDecoder({ frameBytesMax: frameBytesMax + replyHeadroomBytes });
    this.#batch = new FrameBatch({ payloadBytesMax: frameBytesMax });
  }

  /** The number of requests without a reply. */
  get size(): number {
    return this.#waiting.length;
  }

  /** The total length of the requests without a reply, in bytes. */
  get unansweredBytes(): number {
    return this.#unansweredBytes;
  }

  /** The number of bytes that {@link take} would return. */
  get bufferedBytes(): number {
    return this.#batch.bytes;
  }

  /** @throws TableError TOO_LARGE for a request above `frameBytesMax` */
  add(request: MessageFields, caller: Caller): void {
    const before = this.#batch.bytes;
    this.#batch.append(request);
    const bytes = this.#batch.bytes - before;
    this.#waiting.push({ caller, opcode: request.opcode, bytes });
    this.#unansweredBytes += bytes;
  }

  /** The bytes of all requests that were added since the last call. They count as sent: the server may execute them. */
  take(): Uint8Array {
    this.#sent = this.#waiting.length;
    return this.#batch.take();
  }

  /**
   * The replies that are complete with `bytes`, which must not be changed afterwards. An OP_ERROR is a reply like any other.
   * @throws TableError, while the replies are taken: a server's final error reply, which answers no request, as the error that
   *   it stands for; INTERNAL for bytes that are no reply, and for a reply that does not fit its request
   */
  *receive(bytes: Uint8Array): Generator<{ readonly caller: Caller; readonly reply: Message }> {
    this.#decoder.append(bytes);
    for (let reply = this.#next(); reply !== undefined; reply = this.#next()) {
      yield { caller: this.#callerOf(reply), reply };
    }
  }

  /** The connection has ended: returns the callers without a reply, in order, and whether their requests were sent. */
  end(): { readonly caller: Caller; readonly isSent: boolean }[] {
    const sent = this.#sent;
    this.#sent = 0;
    this.#unansweredBytes = 0;
    return this.#waiting.splice(0).map(({ caller }, index) => ({ caller, isSent: index < sent }));
  }

  #next(): Message | undefined {
    try {
      const payload = this.#decoder.next();
      return payload === undefined ? undefined : decodeMessage(payload);
    } catch (error) {
      throw new TableError('INTERNAL', `the server broke the protocol: ${errorText(error)}`, {
        cause: error,
      });
    }
  }

  #callerOf(reply: Message): Caller {
    const [waiting] = this.#waiting;
    if (waiting === undefined || this.#sent === 0) {
      // The final error reply of a server that closes the connection.
      if (reply.opcode === Opcode.OP_ERROR) throw errorFromReply(reply);
      throw new TableError('INTERNAL', `a reply with opcode ${reply.opcode} that nobody asked for`);
    }
    if (reply.opcode !== waiting.opcode + 1 && reply.opcode !== Opcode.OP_ERROR) {
      const text = `a reply with opcode ${reply.opcode} to a request with opcode ${waiting.opcode}`;
      throw new TableError('INTERNAL', text);
    }
    this.#waiting.shift();
    this.#sent -= 1;
    this.#unansweredBytes -= waiting.bytes;
    return waiting.caller;
  }
}
