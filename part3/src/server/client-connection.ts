import type { Socket } from 'node:net';
import {
  aheadBytesMax,
  errorReply,
  isUnframedRequest,
  lingeringClose,
  replyHeadroomBytes,
  tellingBytes,
  unframedReply,
} from '@tablelab/part2';
import { TableError } from '@tablelab/shared';
import { type ByteBudget, evictedBytesMin, type Holder } from './byte-budget.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import { RequestInput } from './request-input.ts';
import { type RequestHandler, RequestsInHand } from './requests-in-hand.ts';
import type { TurnBudget } from './turn-budget.ts';

export interface ConnectionParts {
  readonly handler: RequestHandler;
  readonly limits: ConnectionLimits;
  /** Shared by all connections of a server, as `turns` is. */
  readonly budget: ByteBudget;
  readonly turns: TurnBudget;
  /** The first whole request is there. False: there is no place for this client, and {@link ClientConnection.stop} was called. */
  admit(): boolean;
  /** Everything is answered and sent: the connection needs its place no longer, only time to close. */
  onDone(): void;
  /** The socket is gone. */
  onClosed(): void;
}

/**
 * - silent: no whole request has arrived yet
 * - serving: requests are taken and answered
 * - draining: no more requests are taken; those in hand are answered and sent
 * - lingering: everything is sent; the client has to close its side
 * - closed: the socket is gone
 */
type Phase = 'silent' | 'serving' | 'draining' | 'lingering' | 'closed';

/**
 * How long one client's requests may keep everything else waiting, in milliseconds; the last few may take longer. Replies
 * are held back at most as long, to go out in one write with those to the requests behind them.
 */
const turnMsMax = 10;

/** The clock is read once in so many requests: to read it costs a twentieth of a small request. */
const requestsPerLook = 4;

/**
 * The connection of one client among many. Invariant: replies leave in the order of the requests; at most
 * `requestsInFlightMax` requests are without a reply and about `outputBytesMax` of replies unsent, else nothing more is
 * read.
 */
export class ClientConnection implements Holder {
  readonly #socket: Socket;
  readonly #parts: ConnectionParts;
  readonly #limits: ConnectionLimits;
  readonly #input: RequestInput;
  readonly #requests: RequestsInHand;
  #phase: Phase = 'silent';
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
      handler: parts.handler,
      payloadBytesMax: limits.frameBytesMax + replyHeadroomBytes,
      makeRoom: () => this.#makeRoom(),
      settled: () => this.#scheduleFlush(),
    });
    socket.on('data', (chunk) => this.receive(chunk));
    socket.on('end', () => this.#onEnd());
    // The 'close' that follows does what is to be done: that a client is lost is nothing out of the ordinary.
    socket.on('error', () => socket.destroy());
    socket.on('timeout', () => this.#onTimeout());
    socket.on('close', () => this.#onClose());
    socket.setTimeout(limits.idleTimeoutMs);
  }

  /** Takes in bytes that the client has sent. */
  receive(chunk: Uint8Array): void {
    if (this.#phase === 'draining' || this.#phase === 'lingering') return;
    this.#input.append(chunk);
    this.#advance();
    if (!this.#makeRoom() && this.#input.bytes > aheadBytesMax) {
      this.stop(new TableError('BUSY', 'the server has no memory for a request of this size at the moment'));
      this.#account();
    }
  }

  /** Takes no more requests, answers those in hand, sends `error` as the final error reply, then closes. */
  stop(error: TableError): void {
    if (this.#phase === 'draining' || this.#phase === 'lingering' || this.#phase === 'closed') return;
    this.#phase = 'draining';
    this.#socket.pause();
    this.#input.discard();
    this.#requests.add(errorReply(error));
  }

  /** Gives back the memory that is held for the client, at once: the client pays with its connection. */
  evict(): void {
    this.stop(
      new TableError('BUSY', 'the server needs the memory of unfinished requests and unread replies'),
    );
    // A final error reply behind replies that nobody reads would not arrive.
    if (this.#unreadBytes > evictedBytesMin) this.destroy();
    this.#account();
  }

  /** Closes at once; what was not sent is lost. */
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
    this.#parts.budget.remove(this);
    this.#parts.onClosed();
  }

  /** Neither side has moved a byte for as long as it may. */
  #onTimeout(): void {
    if (this.#socket.writableLength > 0) {
      this.#socket.destroy();
    } else if (this.#requests.unanswered > 0) {
      // It is the server that keeps the client waiting.
      this.#socket.setTimeout(this.#limits.idleTimeoutMs);
    } else {
      const { idleTimeoutMs } = this.#limits;
      this.stop(new TableError('BUSY', `no request for ${idleTimeoutMs} ms: connect again to go on`));
    }
  }

  /** Does what the bytes at hand allow. */
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
      this.#takeRequests(payload);
    } else if (this.#phase === 'silent') {
      if (this.#inputEnded) this.#drain();
      else this.#input.awaitRest(true);
    }
  }

  /** Takes the requests that have arrived, as many as this turn allows. `first`: one that was taken from the input already. */
  #takeRequests(first?: Uint8Array): void {
    const isHolding = this.#hasMore;
    this.#hasMore = false;
    const turnEndsMs = performance.now() + turnMsMax;
    const share = this.#parts.turns.share;
    let payload = first;
    let taken = 0;
    for (; this.#phase === 'serving' && this.#hasRoom(); taken += 1) {
      const looks = taken > 0 && taken % requestsPerLook === 0;
      if (this.#input.bytes > 0 && (taken === share || (looks && performance.now() > turnEndsMs))) {
        // What has arrived goes on in the next turn, after whatever else waits: other clients, signals, timers.
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
    this.#parts.turns.use(taken);
    this.#updateReading();
  }

  /** The next whole request; undefined when there is none, or when the stream is broken. */
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
      // The other side does not speak this protocol: its stream of requests ends here.
      this.stop(error as TableError);
    }
    // A client that leaves replies unread does not make progress by asking for more.
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

  /** Takes no more requests and closes once those in hand are answered. */
  #drain(): void {
    this.#phase = 'draining';
    this.#input.discard();
    this.#scheduleFlush();
  }

  get #unreadBytes(): number {
    return this.#requests.dueBytes + this.#socket.writableLength;
  }

  #account(): void {
    const { budget } = this.#parts;
    // What a connection that has ended still holds is not the server's any more.
    if (this.#phase === 'closed' || this.#socket.destroyed) {
      budget.remove(this);
      return;
    }
    const freeableBytes = this.#input.bytes + this.#unreadBytes;
    const heldBytes = freeableBytes + this.#requests.bytes;
    const holding = { heldBytes, freeableBytes, hasPlace: this.#hasPlace };
    budget.set(this, holding, { progressed: this.#progressed });
    this.#progressed = false;
  }

  /** Whether this connection may hold what it holds; others that hold too much are evicted for its sake. */
  #makeRoom(): boolean {
    this.#account();
    return this.#parts.budget.makeRoom(this);
  }

  #hasRoom(): boolean {
    return (
      this.#requests.unanswered < this.#limits.requestsInFlightMax &&
      this.#requests.bytes < this.#limits.frameBytesMax &&
      this.#unreadBytes < this.#limits.outputBytesMax
    );
  }

  /** Reads on unless the client has to wait; then, too, up to a limit: to stop and to go on costs two system calls. */
  #updateReading(): void {
    if (this.#phase !== 'serving') return;
    const isAhead = this.#hasMore && this.#input.bytes >= aheadBytesMax;
    if (this.#hasRoom() && !isAhead) this.#socket.resume();
    else this.#socket.pause();
    this.#input.awaitRest(!this.#hasMore && !this.#socket.isPaused());
  }
}
