import type { Socket } from 'node:net';
import { errorText, TableError } from '@tablelab/shared';
import { errorReply } from '../wire/error-reply.ts';
import { FrameDecoder } from '../wire/framing.ts';
import type { RequestHandler } from '../wire/message.ts';
import { type ByteBudget, evictedBytesMin, type Holder } from './byte-budget.ts';
import { aheadBytesMax, type ConnectionLimits, replyHeadroomBytes } from './connection-limits.ts';
import { RequestsInHand } from './requests-in-hand.ts';
import type { TurnBudget } from './turn-budget.ts';

/** What a connection tells the server it belongs to. */
export interface ConnectionOwner {
  /** The first whole frame is there: decide whether to call {@link ServerConnection.serve}, to let it wait, ... */
  greeted(connection: ServerConnection, firstPayload: Uint8Array): void;
  /** Everything has been answered and sent: the connection needs its place no longer, only time to say goodbye. */
  finished(connection: ServerConnection): void;
  /** The socket is gone. */
  closed(connection: ServerConnection): void;
}

export interface ConnectionParts {
  readonly handler: RequestHandler;
  readonly limits: ConnectionLimits;
  readonly owner: ConnectionOwner;
  /** Shared by all connections of a server. */
  readonly budget: ByteBudget;
  /** Shared, too. */
  readonly turns: TurnBudget;
}

/**
 * - greeting: no whole frame has arrived yet
 * - waiting: the first frame is there, and the server has no place free
 * - serving: requests are taken and answered
 * - draining: no more requests are taken; those in hand are answered and sent
 * - lingering: everything is sent; what still arrives is thrown away until the client has closed, because closing
 *   a socket with unread bytes sends a reset, which may overtake the last reply
 * - closed: the socket is gone, or has been handed over
 */
type Phase = 'greeting' | 'waiting' | 'serving' | 'draining' | 'lingering' | 'closed';

/**
 * How long one client's requests may keep everything else waiting, in milliseconds; the last few may take longer. So
 * long at most, too, replies are held back to go out in one write with those to the requests behind them.
 */
const turnMsMax = 10;

/** After so many requests the clock is looked at, which costs a twentieth of a small one. */
const requestsPerLook = 4;

/** How long a client has to close its side once everything is sent, in milliseconds. */
const lingerTimeoutMs = 1_000;

/**
 * One client's connection. Invariant: replies leave in the order of the requests; at most `requestsInFlightMax`
 * requests are without a reply and about `outputBytesMax` of replies unsent, else nothing more is read.
 */
export class ServerConnection implements Holder {
  readonly #socket: Socket;
  readonly #limits: ConnectionLimits;
  readonly #owner: ConnectionOwner;
  readonly #budget: ByteBudget;
  readonly #turns: TurnBudget;
  readonly #decoder: FrameDecoder;
  readonly #requests: RequestsInHand;
  #phase: Phase = 'greeting';
  #firstPayload: Uint8Array | undefined;
  #inputEnded = false;
  #flushScheduled = false;
  /** Whether more requests may have arrived than were taken in this turn. */
  #hasMore = false;
  /** When replies that are held back must go out. */
  #holdEndsMs = 0;
  /** Whether the client has had its place. It keeps it while what is in hand is answered. */
  #hasPlace = false;
  /** Whether a request was finished, or replies were taken, since the budget was told last. */
  #progressed = false;
  #frameTimer: NodeJS.Timeout | undefined;
  #lingerTimer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, { handler, limits, owner, budget, turns }: ConnectionParts) {
    this.#socket = socket;
    this.#limits = limits;
    this.#owner = owner;
    this.#budget = budget;
    this.#turns = turns;
    this.#decoder = new FrameDecoder({ frameBytesMax: limits.frameBytesMax });
    this.#requests = new RequestsInHand({
      handler,
      payloadBytesMax: limits.frameBytesMax + replyHeadroomBytes,
      makeRoom: () => this.#makeRoom(),
      settled: () => this.#scheduleFlush(),
    });
    this.#attach();
  }

  /** The client gets a place: from now on its requests are executed. */
  serve(): void {
    this.#phase = 'serving';
    this.#hasPlace = true;
    this.#takeRequests();
    this.#account();
  }

  /** The client has to wait for a place; {@link serve} or {@link stop} follows. */
  wait(): void {
    this.#phase = 'waiting';
    this.#updateReading();
  }

  /** Takes no more requests, answers those in hand, sends `error` as the last word, then closes. */
  stop(error: TableError): void {
    if (this.#phase === 'draining' || this.#phase === 'lingering' || this.#phase === 'closed') return;
    this.#phase = 'draining';
    this.#socket.pause();
    this.#forgetInput();
    this.#updateFrameTimer();
    this.#requests.add(errorReply(error));
  }

  /** Gives back the memory that is held for the client, at once: the client pays with its connection. */
  evict(): void {
    this.stop(new TableError('BUSY', 'the server needs the memory of what is not whole, or not read'));
    // A last word behind replies that nobody reads would not arrive.
    if (this.#unreadBytes > evictedBytesMin) this.destroy();
    this.#account();
  }

  /** Closes at once; what was not sent is lost. */
  destroy(): void {
    this.#socket.destroy();
  }

  /**
   * Offers the socket to `take`, which gets the bytes behind the first frame too. When it returns true the socket is
   * its own, and this connection has ended without a word.
   */
  handOver(take: (socket: Socket, rest: Uint8Array) => boolean): boolean {
    this.#detach();
    // Whoever takes over expects a socket as net makes them, on which the other side's end is the end.
    this.#socket.allowHalfOpen = false;
    let taken = false;
    try {
      taken = take(this.#socket, this.#decoder.rest());
    } finally {
      if (!taken) {
        this.#socket.allowHalfOpen = true;
        this.#attach();
      }
    }
    if (taken) {
      this.#phase = 'closed';
      this.#budget.remove(this);
    }
    return taken;
  }

  #attach(): void {
    this.#socket.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onError);
    this.#socket.on('close', this.#onClose).on('timeout', this.#onTimeout);
    this.#socket.setTimeout(this.#limits.idleTimeoutMs);
  }

  #detach(): void {
    this.#socket.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onError);
    this.#socket.off('close', this.#onClose).off('timeout', this.#onTimeout);
    this.#socket.setTimeout(0);
    this.#clearFrameTimer();
  }

  readonly #onData = (chunk: Uint8Array): void => {
    if (this.#phase === 'draining' || this.#phase === 'lingering') return;
    this.#decoder.append(chunk);
    this.#advance();
    if (!this.#makeRoom() && this.#decoder.restBytes > aheadBytesMax) {
      this.stop(new TableError('BUSY', 'the server has no memory for a request of this size now'));
      this.#account();
    }
  };

  readonly #onEnd = (): void => {
    this.#inputEnded = true;
    this.#advance();
  };

  /** The 'close' that follows does what is to be done: a lost client is nothing out of the ordinary. */
  readonly #onError = (): void => {
    this.#socket.destroy();
  };

  readonly #onClose = (): void => {
    this.#phase = 'closed';
    this.#clearFrameTimer();
    clearTimeout(this.#lingerTimer);
    this.#forgetInput();
    this.#budget.remove(this);
    this.#owner.closed(this);
  };

  /** Neither side has moved a byte for as long as it may. */
  readonly #onTimeout = (): void => {
    if (this.#socket.writableLength > 0) {
      this.#socket.destroy();
    } else if (this.#requests.unanswered > 0 || this.#phase === 'waiting') {
      // It is the server that keeps the client waiting.
      this.#socket.setTimeout(this.#limits.idleTimeoutMs);
    } else {
      const { idleTimeoutMs } = this.#limits;
      this.stop(new TableError('BUSY', `no request for ${idleTimeoutMs} ms: connect again to go on`));
    }
  };

  /** Does what the bytes at hand allow. */
  #advance(): void {
    if (this.#phase === 'greeting') this.#greet();
    else if (this.#phase === 'serving') this.#takeRequests();
    else this.#updateReading();
  }

  #greet(): void {
    this.#firstPayload = this.#nextPayload();
    if (this.#firstPayload !== undefined) this.#decide(this.#firstPayload);
    else if (this.#inputEnded) this.#drain();
    else this.#updateFrameTimer();
  }

  #decide(firstPayload: Uint8Array): void {
    try {
      this.#owner.greeted(this, firstPayload);
    } catch (error) {
      this.#fail(error);
    }
  }

  #takeRequests(): void {
    const isHolding = this.#hasMore;
    this.#hasMore = false;
    const turnEndsMs = performance.now() + turnMsMax;
    const share = this.#turns.share;
    let taken = 0;
    for (; this.#phase === 'serving' && this.#hasRoom(); taken += 1) {
      const looks = taken > 0 && taken % requestsPerLook === 0;
      if (this.#decoder.restBytes > 0 && (taken === share || (looks && performance.now() > turnEndsMs))) {
        // What has arrived goes on in the next turn, after whatever else waits: other clients, signals, timers.
        this.#hasMore = true;
        if (!isHolding) this.#holdEndsMs = turnEndsMs;
        this.#scheduleFlush();
        break;
      }
      const payload = this.#firstPayload ?? this.#nextPayload();
      this.#firstPayload = undefined;
      if (payload === undefined) {
        if (this.#inputEnded) this.#drain();
        break;
      }
      this.#handle(payload);
    }
    this.#turns.use(taken);
    this.#updateReading();
  }

  /** The next whole frame's payload; undefined when there is none, or when the stream is broken. */
  #nextPayload(): Uint8Array | undefined {
    try {
      const payload = this.#decoder.next();
      if (payload !== undefined) this.#clearFrameTimer();
      return payload;
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  #handle(payload: Uint8Array): void {
    try {
      this.#requests.execute(payload);
    } catch (error) {
      this.#fail(error);
    }
    // Whoever leaves replies unread does not make progress by asking for more.
    if (this.#socket.writableLength === 0) this.#progressed = true;
  }

  /** Not at once: all that becomes due in this turn of the loop goes out in one write. */
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
      this.#socket.write(this.#requests.takeReplies(), this.#onWritten);
      // The client does not keep up. Node restarts this timer whenever it takes some bytes.
      if (this.#socket.writableLength > 0) this.#socket.setTimeout(this.#limits.frameTimeoutMs);
    }
    this.#account();
    if (this.#phase === 'serving') this.#takeRequests();
    if (this.#phase === 'draining' && this.#requests.unanswered === 0 && this.#requests.dueBytes === 0)
      this.#finish();
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

  /** Takes no more requests and closes once those in hand are answered. */
  #drain(): void {
    this.#phase = 'draining';
    this.#forgetInput();
    this.#scheduleFlush();
  }

  /** The client broke the protocol: its stream of requests ends here. */
  #fail(error: unknown): void {
    this.stop(error instanceof TableError ? error : new TableError('INTERNAL', errorText(error)));
  }

  #finish(): void {
    this.#phase = 'lingering';
    this.#socket.resume();
    this.#socket.end(() => {
      // The client is gone; 'close' follows.
      if (this.#socket.destroyed) return;
      this.#lingerTimer = setTimeout(() => this.#socket.destroy(), lingerTimeoutMs);
      this.#owner.finished(this);
    });
  }

  /** What is no request yet. */
  #forgetInput(): void {
    this.#firstPayload = undefined;
    this.#decoder.discard();
  }

  get #unreadBytes(): number {
    return this.#requests.dueBytes + this.#socket.writableLength;
  }

  #account(): void {
    // What a connection that has ended, or been handed over, still holds is not the server's any more.
    if (this.#phase === 'closed' || this.#socket.destroyed) {
      this.#budget.remove(this);
      return;
    }
    const freeableBytes = this.#decoder.restBytes + (this.#firstPayload?.length ?? 0) + this.#unreadBytes;
    const heldBytes = freeableBytes + this.#requests.bytes;
    const holding = { heldBytes, freeableBytes, hasPlace: this.#hasPlace };
    this.#budget.set(this, holding, { progressed: this.#progressed });
    this.#progressed = false;
  }

  /** Whether this connection may hold what it holds; others that hold too much are evicted for its sake. */
  #makeRoom(): boolean {
    this.#account();
    return this.#budget.makeRoom(this);
  }

  #hasRoom(): boolean {
    return (
      this.#requests.unanswered < this.#limits.requestsInFlightMax &&
      this.#requests.bytes < this.#limits.frameBytesMax &&
      this.#unreadBytes < this.#limits.outputBytesMax
    );
  }

  /** So much has arrived that is not taken yet that it can wait for more: to stop and to go on costs two system calls. */
  get #isAhead(): boolean {
    return this.#decoder.restBytes >= aheadBytesMax;
  }

  #updateReading(): void {
    const mayRead =
      (this.#phase === 'serving' && this.#hasRoom() && !(this.#hasMore && this.#isAhead)) ||
      (this.#phase === 'waiting' && !this.#isAhead);
    if (mayRead) this.#socket.resume();
    else if (this.#phase === 'serving' || this.#phase === 'waiting') this.#socket.pause();
    this.#updateFrameTimer();
  }

  /** A request that has begun to arrive has a deadline, unless it is the server that does not read. */
  #updateFrameTimer(): void {
    const awaited = this.#phase === 'serving' && !this.#hasMore && !this.#socket.isPaused();
    const arriving = this.#phase === 'greeting' || awaited;
    if (!arriving || this.#decoder.restBytes === 0) {
      this.#clearFrameTimer();
    } else if (this.#frameTimer === undefined) {
      const { frameTimeoutMs } = this.#limits;
      const error = new TableError(
        'BAD_REQUEST',
        `a request took longer than ${frameTimeoutMs} ms to arrive`,
      );
      this.#frameTimer = setTimeout(() => this.stop(error), frameTimeoutMs);
    }
  }

  #clearFrameTimer(): void {
    clearTimeout(this.#frameTimer);
    this.#frameTimer = undefined;
  }
}
