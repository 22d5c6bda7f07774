import type { Socket } from 'node:net';
import { TableError } from '@tablelab/shared';
import { errorReply } from '../wire/error-reply.ts';
import { FrameBatch, longContentBytes } from '../wire/frame-batch.ts';
import { FrameDecoder, replyHeadroomBytes } from '../wire/framing.ts';
import type { Message, Reply } from '../wire/message.ts';
import { decodeRequest } from '../wire/message-codec.ts';
import { isUnframedRequest, tellingBytes, unframedReply } from '../wire/unframed-request.ts';
import { aheadBytesMax, type ConnectionLimits } from './connection-limits.ts';
import { KeyListing } from './key-listing.ts';
import { lingeringClose } from './lingering-close.ts';
import { writeParts } from './write-parts.ts';

/**
 * Answers one request, possibly in steps. An exception becomes an OP_ERROR. `request.data` aliases the received bytes.
 */
export type RequestHandler = (request: Message) => Reply | KeyListing;

export interface ConnectionParts {
  readonly handler: RequestHandler;
  readonly limits: ConnectionLimits;
  /** The first bytes have arrived. Call {@link ClientConnection.serve} when it is this client's turn. */
  onRequest(): void;
  /** All replies have been sent. The connection only waits for the client to close its side. */
  onDone(): void;
  /** The socket is gone. */
  onClosed(): void;
}

/**
 * - waiting: it is not this client's turn yet; the bytes that arrive are kept
 * - serving: requests are executed as they arrive
 * - leaving: no more requests are executed; the last replies are sent, then the connection closes
 */
type State = 'waiting' | 'serving' | 'leaving';

/** How long requests that arrived together may block the event loop, in milliseconds. */
const turnMsMax = 10;

/**
 * One client's connection. Invariant: replies leave in the order of the requests. The connection of a waiting client holds at
 * most `aheadBytesMax` and one chunk of received bytes; that of the served client one frame and about `outputBytesMax` of
 * replies.
 */
export class ClientConnection {
  readonly #socket: Socket;
  readonly #parts: ConnectionParts;
  readonly #limits: ConnectionLimits;
  readonly #decoder: FrameDecoder;
  readonly #replies: FrameBatch;
  #state: State = 'waiting';
  /** The reply that is being made; no other request is executed meanwhile. */
  #listing: KeyListing | undefined;
  #hasSpoken = false;
  /** Whether the client sends frames; undefined until its first bytes tell. */
  #sendsFrames: boolean | undefined;
  #inputEnded = false;
  #nextTurn: NodeJS.Immediate | undefined;
  #frameTimer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, parts: ConnectionParts) {
    this.#socket = socket;
    this.#parts = parts;
    this.#limits = parts.limits;
    const { frameBytesMax, idleTimeoutMs } = parts.limits;
    this.#decoder = new FrameDecoder({ frameBytesMax });
    this.#replies = new FrameBatch({
      payloadBytesMax: frameBytesMax + replyHeadroomBytes,
      longBytesMin: longContentBytes,
    });
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('end', () => this.#onEnd());
    // The 'close' event follows.
    socket.on('error', () => socket.destroy());
    socket.on('timeout', () => this.#onTimeout());
    socket.on('close', () => this.#onClose());
    socket.setTimeout(idleTimeoutMs);
  }

  /** Executes the client's requests from now on. */
  serve(): void {
    this.#state = 'serving';
    this.#serveRequests();
  }

  /** Accepts no more requests, sends the due replies and, if there is a `reason`, a final error reply; then closes. */
  leave(reason?: unknown): void {
    if (this.#state === 'leaving') return;
    this.#state = 'leaving';
    this.#forgetRequests();
    if (reason !== undefined) this.#replies.append(errorReply(reason));
    this.#send();
    lingeringClose(this.#socket, this.#parts.onDone);
  }

  /** Closes at once; unsent data is lost. */
  destroy(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Uint8Array): void {
    if (this.#state === 'leaving') return;
    this.#decoder.append(chunk);
    if (this.#sendsFrames === undefined) this.#recognize();
    if (this.#sendsFrames === false) return;
    if (this.#state === 'serving') this.#serveRequests();
    else if (this.#decoder.restBytes >= aheadBytesMax) this.#socket.pause();
    if (this.#hasSpoken) return;
    this.#hasSpoken = true;
    this.#parts.onRequest();
  }

  /** A program that sends no frames would wait forever, because its request is never a complete frame. */
  #recognize(): void {
    if (this.#decoder.restBytes < tellingBytes) return;
    this.#sendsFrames = !isUnframedRequest(this.#decoder.rest());
    if (this.#sendsFrames) return;
    this.#socket.write(unframedReply);
    this.leave();
  }

  #onEnd(): void {
    this.#inputEnded = true;
    if (this.#state === 'serving') this.#serveRequests();
    else if (!this.#hasSpoken) this.leave();
  }

  /** The socket has been silent in both directions for as long as allowed. */
  #onTimeout(): void {
    if (this.#socket.writableLength > 0) {
      this.#socket.destroy();
    } else if (this.#state === 'waiting' && this.#hasSpoken) {
      // The client is not silent: it waits for the server.
      this.#socket.setTimeout(this.#limits.idleTimeoutMs);
    } else {
      const { idleTimeoutMs } = this.#limits;
      this.leave(new TableError('BUSY', `no request for ${idleTimeoutMs} ms: connect again to go on`));
    }
  }

  #onClose(): void {
    this.#state = 'leaving';
    this.#forgetRequests();
    this.#parts.onClosed();
  }

  /** Executes the requests that have arrived, until the client has to read its replies, or the event loop needs a turn. */
  #serveRequests(): void {
    const turnEndsMs = performance.now() + turnMsMax;
    while (this.#state === 'serving') {
      if (this.#unreadBytes >= this.#limits.outputBytesMax) return this.#pause();
      if (performance.now() > turnEndsMs) {
        this.#continueNextTurn();
        return this.#pause();
      }
      if (this.#listing !== undefined) {
        this.#continueListing(this.#listing);
        continue;
      }
      const payload = this.#nextPayload();
      if (payload === undefined) break;
      this.#execute(payload);
    }
    if (this.#state === 'serving') this.#awaitRequest();
  }

  #continueNextTurn(): void {
    this.#nextTurn ??= setImmediate(() => {
      this.#nextTurn = undefined;
      this.#serveRequests();
    });
  }

  /** The next request's bytes; undefined if it is incomplete, or if the stream of frames is broken. */
  #nextPayload(): Uint8Array | undefined {
    try {
      const payload = this.#decoder.next();
      if (payload !== undefined) this.#clearFrameTimer();
      return payload;
    } catch (error) {
      this.leave(error);
      return undefined;
    }
  }

  #execute(payload: Uint8Array): void {
    let request: Message;
    try {
      request = decodeRequest(payload);
    } catch (error) {
      // The other side does not speak this protocol.
      this.leave(error);
      return;
    }
    try {
      const reply = this.#parts.handler(request);
      if (reply instanceof KeyListing) this.#listing = reply;
      else this.#replies.append(reply);
    } catch (error) {
      this.#replies.append(errorReply(error));
    }
  }

  #continueListing(listing: KeyListing): void {
    try {
      const reply = listing.step();
      if (reply === undefined) return;
      this.#replies.append(reply);
    } catch (error) {
      this.#replies.append(errorReply(error));
    }
    this.#listing = undefined;
  }

  /** Every request that has arrived is answered. */
  #awaitRequest(): void {
    this.#send();
    if (this.#inputEnded) return this.leave();
    this.#socket.resume();
    if (this.#decoder.restBytes === 0) return;
    const { frameTimeoutMs } = this.#limits;
    this.#frameTimer ??= setTimeout(() => {
      this.leave(new TableError('BAD_REQUEST', `a request took longer than ${frameTimeoutMs} ms to arrive`));
    }, frameTimeoutMs);
  }

  /** Stops reading while requests that have arrived are not answered yet. */
  #pause(): void {
    this.#socket.pause();
    this.#send();
  }

  get #unreadBytes(): number {
    return this.#replies.bytes + this.#socket.writableLength;
  }

  /** Sends the replies that are due, in one write. */
  #send(): void {
    if (this.#replies.bytes === 0) return;
    writeParts(this.#socket, this.#replies.takeParts(), (error) => {
      // The client is gone; 'close' follows.
      if (!error) this.#onSent();
    });
    // The client does not keep up. Node restarts this timer whenever some bytes have left.
    if (this.#socket.writableLength > 0) this.#socket.setTimeout(this.#limits.frameTimeoutMs);
  }

  #onSent(): void {
    if (this.#socket.writableLength > 0) return;
    this.#socket.setTimeout(this.#limits.idleTimeoutMs);
    if (this.#state === 'serving' && this.#socket.isPaused()) this.#continueNextTurn();
  }

  #forgetRequests(): void {
    clearImmediate(this.#nextTurn);
    this.#listing = undefined;
    this.#clearFrameTimer();
    this.#decoder.discard();
  }

  #clearFrameTimer(): void {
    clearTimeout(this.#frameTimer);
    this.#frameTimer = undefined;
  }
}
