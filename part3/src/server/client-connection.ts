import type { Socket } from 'node:net';
import {
  aheadBytesMax,
  errorReply,
  isUnframedRequest,
  lingeringClose,
  type Reply,
  replyHeadroomBytes,
  tellingBytes,
  unframedReply,
  writeParts,
} from '@tablelab/part2';
import { TableError } from '@tablelab/shared';
import { type ByteBudget, evictedBytesMin, type Holder } from './byte-budget.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import { RequestInput } from './request-input.ts';
import { type RequestHandler, RequestsInHand } from './requests-in-hand.ts';
import type { TurnBudget, TurnTaker } from './turn-budget.ts';

export interface ConnectionParts {
  readonly handler: RequestHandler;
  /** Sees each reply. */
  readonly onReply?: ((reply: Reply) => void) | undefined;
  readonly limits: ConnectionLimits;
  /** Shared by all connections of a server, like `turns`. */
  readonly budget: ByteBudget;
  readonly turns: TurnBudget;
  /**
   * The first complete request has arrived. Returns false if there is no place for this client, after calling
   * {@link ClientConnection.stop}.
   */
  admit(): boolean;
  /** Everything is answered and sent: the connection no longer needs its place, only time to close. */
  onDone(): void;
  /** The socket is gone. */
  onClosed(): void;
}

/**
 * - silent: no complete request has arrived yet
 * - serving: requests are accepted and answered
 * - draining: no more requests are accepted; pending ones are answered and sent
 * - lingering: everything is sent; the client must close its side
 * - closed: the socket is gone
 */
type Phase = 'silent' | 'serving' | 'draining' | 'lingering' | 'closed';

/**
 * How long one client's requests may run in one turn, in milliseconds; the last few may take longer. Replies are held
 * back for at most the same time, so that they leave in one write with later ones.
 */
const turnMsMax = 10;

/** The clock is read once for this many requests: reading it costs a twentieth of a small request. */
const requestsPerLook = 4;

/**
 * The connection of one client among many. Invariant: replies leave in the order of the requests. Reading stops while
 * `requestsInFlightMax` requests have no reply, or about `outputBytesMax` bytes of replies are unsent or being made.
 */
export class ClientConnection implements Holder, TurnTaker {
  readonly #socket: Socket;
  readonly #parts: ConnectionParts;
  readonly #limits: ConnectionLimits;
  readonly #input: RequestInput;
  readonly #requests: RequestsInHand;
  #phase: Phase = 'silent';
  #inputEnded = false;
  /** The first request, taken from the input already, while it waits for a turn. */
  #first: Uint8Array | undefined;
  /** Whether requests wait for a later turn, see {@link TurnBudget}. */
  #isQueued = false;
  #flushScheduled = false;
  /** Whether more requests may have arrived than were executed in this turn. */
  #hasMore = false;
  /** When held-back replies must be sent. */
  #holdEndsMs = 0;
  /** Whether the client has got a place. It keeps the place until all pending requests are answered. */
  #hasPlace = false;
  /** Whether a request was finished, or replies were read, since the last report to the budget. */
  #progressed = false;

  constructor(socket: Socket, parts: ConnectionParts) {
    const { limits } = parts;
    this.#socket = socket;
    this.#parts = parts;
    this.#limits = limits;
    this.#input = new RequestInput({
      frameBytesMax: limits.frameBytesMax,
      frameTimeoutMs: limits.frameTimeoutMs,
      onLate: (error) => this.stop(error),
    });
    this.#requests = new RequestsInHand({
      address: socket.remoteAddress,
      handler: parts.handler,
      payloadBytesMax: limits.frameBytesMax + replyHeadroomBytes,
      makeRoom: (bytes) => this.#makeRoom(bytes),
      onReply: parts.onReply,
      settled: () => this.#scheduleFlush(),
    });
    socket.on('data', (chunk) => this.receive(chunk));
    socket.on('end', () => this.#onEnd());
    // The 'close' event that follows does all the work: losing a client is normal.
    socket.on('error', () => socket.destroy());
    socket.on('timeout', () => this.#onTimeout());
    socket.on('close', () => this.#onClose());
    socket.setTimeout(limits.idleTimeoutMs);
  }

  /** Accepts bytes from the client. */
  receive(chunk: Uint8Array): void {
    if (this.#phase === 'draining' || this.#phase === 'lingering') return;
    this.#input.append(chunk);
    this.#advance();
    if (!this.#makeRoom() && this.#input.bytes > aheadBytesMax) {
      this.stop(new TableError('BUSY', 'the server has no memory for a request of this size at the moment'));
      this.#account();
    }
  }

  /** Accepts no more requests, answers the pending ones, sends `error` as the final error reply, then closes. */
  stop(error: TableError): void {
    if (this.#phase === 'draining' || this.#phase === 'lingering' || this.#phase === 'closed') return;
    this.#phase = 'draining';
    this.#socket.pause();
    this.#input.discard();
    this.#requests.add(errorReply(error));
  }

  /** Frees the client's memory at once, by closing its connection. */
  evict(): void {
    this.stop(
      new TableError('BUSY', 'the server needs the memory of unfinished requests and unread replies'),
    );
    // A final error reply after unread replies would not arrive.
    if (this.#unreadBytes > evictedBytesMin) this.destroy();
    this.#account();
  }

  /** Closes at once; unsent data is lost. */
  destroy(): void {
    this.#socket.destroy();
  }

  #onEnd(): void {
    this.#inputEnded = true;
    this.#advance();
  }

  #onClose(): void {
    this.#phase = 'closed';
    this.#input.discard();
    this.#requests.discard();
    this.#parts.budget.remove(this);
    this.#parts.onClosed();
  }

  /** No bytes have moved in either direction for the allowed time. */
  #onTimeout(): void {
    if (this.#socket.writableLength > 0) {
      this.#socket.destroy();
    } else if (this.#requests.unanswered > 0) {
      // The client is waiting for the server.
      this.#socket.setTimeout(this.#limits.idleTimeoutMs);
    } else {
      const { idleTimeoutMs } = this.#limits;
      this.stop(new TableError('BUSY', `no request for ${idleTimeoutMs} ms: connect again to go on`));
    }
  }

  /** Processes the received bytes as far as possible. */
  #advance(): void {
    if (this.#phase === 'silent') this.#awaitFirst();
    else if (this.#phase === 'serving') this.#takeRequests();
  }

  #awaitFirst(): void {
    if (this.#input.bytes >= tellingBytes && isUnframedRequest(this.#input.rest())) {
      this.#socket.write(unframedReply);
      return this.#drain();
    }
    const payload = this.#nextPayload();
    if (payload !== undefined && this.#parts.admit()) {
      this.#phase = 'serving';
      this.#hasPlace = true;
      this.#first = payload;
      this.#takeRequests();
    } else if (this.#phase === 'silent') {
      if (this.#inputEnded) this.#drain();
      else this.#input.awaitRest(true);
    }
  }

  /** The turn that requests were waiting for. */
  proceed(): void {
    this.#isQueued = false;
    if (this.#phase === 'serving') this.#takeRequests();
  }

  /** Executes received requests, as many as this turn allows. */
  #takeRequests(): void {
    const isHolding = this.#hasMore;
    this.#hasMore = false;
    const { turns } = this.#parts;
    this.#isQueued = this.#hasRequests && !turns.mayGoOn(this);
    if (this.#isQueued) return this.#updateReading();
    const startedMs = performance.now();
    const turnEndsMs = startedMs + turnMsMax;
    const { share } = turns;
    let payload = this.#first;
    this.#first = undefined;
    let taken = 0;
    for (; this.#phase === 'serving' && this.#hasRoom(); taken += 1) {
      const looks = taken > 0 && taken % requestsPerLook === 0;
      if (this.#input.bytes > 0 && (taken === share || (looks && performance.now() > turnEndsMs))) {
        // The rest continues in the next turn, after other clients, signals and timers.
        this.#hasMore = true;
        if (!isHolding) this.#holdEndsMs = turnEndsMs;
        this.#scheduleFlush();
        break;
      }
      payload ??= this.#nextPayload();
      if (payload === undefined) {
        if (this.#inputEnded) this.#drain();
        break;
      }
      this.#execute(payload);
      payload = undefined;
    }
    if (taken > 0) turns.use(this, taken, performance.now() - startedMs);
    this.#updateReading();
  }

  get #hasRequests(): boolean {
    return (this.#first !== undefined || this.#input.bytes > 0) && this.#hasRoom();
  }

  /** The next complete request; undefined if there is none, or if the stream is malformed. */
  #nextPayload(): Uint8Array | undefined {
    try {
      return this.#input.next();
    } catch (error) {
      this.stop(error as TableError);
      return undefined;
    }
  }

  #execute(payload: Uint8Array): void {
    try {
      this.#requests.execute(payload);
    } catch (error) {
      // The other side does not speak this protocol: no more of its requests are read.
      this.stop(error as TableError);
    }
    // A client with unread replies makes no progress by sending more requests.
    if (this.#socket.writableLength === 0) this.#progressed = true;
  }

  /** Deferred, so that all replies of this turn of the event loop go out in one write. */
  #scheduleFlush(): void {
    if (this.#flushScheduled || this.#phase === 'closed') return;
    this.#flushScheduled = true;
    setImmediate(() => {
      this.#flushScheduled = false;
      if (this.#phase !== 'closed') this.#flush();
    });
  }

  #flush(): void {
    if (this.#hasMore && performance.now() < this.#holdEndsMs) {
      this.#takeRequests();
      if (this.#hasMore) return this.#account();
    }
    this.#hasMore = false;
    if (this.#requests.dueBytes > 0) {
      writeParts(this.#socket, this.#requests.takeReplies(), this.#onWritten);
      // The client does not keep up. Node restarts this timer whenever the client accepts some bytes.
      if (this.#socket.writableLength > 0) this.#socket.setTimeout(this.#limits.frameTimeoutMs);
    }
    this.#account();
    if (this.#phase === 'serving') this.#takeRequests();
    if (this.#phase === 'draining' && this.#requests.unanswered === 0 && this.#requests.dueBytes === 0) {
      this.#phase = 'lingering';
      lingeringClose(this.#socket, this.#parts.onDone);
    }
  }

  readonly #onWritten = (error?: Error | null): void => {
    // The client is gone; 'close' follows.
    if (error) return;
    this.#progressed = true;
    this.#account();
    if (this.#socket.writableLength > 0) return;
    this.#socket.setTimeout(this.#limits.idleTimeoutMs);
    if (this.#phase === 'serving') this.#takeRequests();
  };

  /** Accepts no more requests, and closes once the pending ones are answered. */
  #drain(): void {
    this.#phase = 'draining';
    this.#input.discard();
    this.#scheduleFlush();
  }

  get #unreadBytes(): number {
    return this.#requests.waitingBytes + this.#requests.dueBytes + this.#socket.writableLength;
  }

  /** `expectedBytes`: of a reply that is about to be added. */
  #account(expectedBytes = 0): void {
    const { budget } = this.#parts;
    // The memory of a closed connection no longer counts.
    if (this.#phase === 'closed' || this.#socket.destroyed) {
      budget.remove(this);
      return;
    }
    const freeableBytes = this.#input.bytes + this.#unreadBytes + expectedBytes;
    const heldBytes = freeableBytes + this.#requests.bytes;
    const holding = { heldBytes, freeableBytes, hasPlace: this.#hasPlace };
    budget.set(this, holding, { progressed: this.#progressed });
    this.#progressed = false;
  }

  /** Whether this connection may keep its memory; others that hold too much may be evicted. */
  #makeRoom(expectedBytes = 0): boolean {
    this.#account(expectedBytes);
    return this.#parts.budget.makeRoom(this);
  }

  #hasRoom(): boolean {
    return (
      this.#requests.unanswered < this.#limits.requestsInFlightMax &&
      this.#requests.bytes < this.#limits.frameBytesMax &&
      this.#requests.expectedBytes + this.#unreadBytes < this.#limits.outputBytesMax
    );
  }

  /**
   * Reads unless the client has to wait. Even then it reads up to a limit, because stopping and resuming costs two
   * system calls.
   */
  #updateReading(): void {
    if (this.#phase !== 'serving') return;
    const waits = this.#hasMore || this.#isQueued;
    const isAhead = waits && this.#input.bytes >= aheadBytesMax;
    if (this.#hasRoom() && !isAhead) this.#socket.resume();
    else this.#socket.pause();
    this.#input.awaitRest(!waits && !this.#socket.isPaused());
  }
}
