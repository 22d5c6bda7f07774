import { encodeFrame } from '@tablelab/part2';
import { errorText, TableError } from '@tablelab/shared';
import type { ChainMessage } from '../../core/messages.ts';
import type {
  AcceptedConnection,
  Clock,
  Connection,
  ConnectionListener,
  Timer,
  Transport,
} from '../../ports.ts';
import { encodeChainFrame, linkPreface } from './chain-codec.ts';
import { Keepalive, keepaliveFrame } from './keepalive.ts';
import { LinkDecoder } from './link-decoder.ts';

export interface LinkLimits {
  /** How long a connection may take to come up, in milliseconds. */
  readonly dialTimeoutMs: number;
  /** The longest frame from a predecessor: a batch of updates and the update that crosses its limit must fit. */
  readonly frameBytesMax: number;
  /** How long the peer may take to send its first message once it is connected, in milliseconds. */
  readonly firstMessageTimeoutMs: number;
  /** A link over which nothing has arrived for so long is given up, in milliseconds. */
  readonly silenceMs: number;
}

/** What happens to one link. Nothing is called after `down` or {@link LinkConnection.close}. */
export interface LinkConnectionListener {
  /** A dialled link is up. */
  up(): void;
  message(message: ChainMessage): void;
  down(detail: string): void;
}

const preface = encodeFrame(linkPreface);

/**
 * One link: a connection, the messages in its bytes, and the watch over a peer that falls silent.
 *
 * What is written to it needs no limit of its own: it is part of the core's log, which has one.
 */
export class LinkConnection implements ConnectionListener {
  readonly #clock: Clock;
  readonly #limits: LinkLimits;
  readonly #listener: LinkConnectionListener;
  readonly #decoder: LinkDecoder;
  readonly #keepalive: Keepalive;
  #connection: Connection | undefined;
  /** Until the connection is up, and then until the first message is there. */
  #deadline: Timer | undefined;
  /** What the peer may send: HELLO alone, nothing until that is answered, or all that its side of a link says. */
  #expected: 'hello' | 'nothing' | 'messages' = 'messages';
  #isOver = false;

  constructor(parts: {
    readonly clock: Clock;
    readonly limits: LinkLimits;
    readonly listener: LinkConnectionListener;
  }) {
    const { clock, limits, listener } = parts;
    this.#clock = clock;
    this.#limits = limits;
    this.#listener = listener;
    this.#decoder = new LinkDecoder();
    this.#keepalive = new Keepalive({
      clock,
      silenceMs: limits.silenceMs,
      send: () => this.#connection?.write(keepaliveFrame),
      onSilent: (detail) => this.fail(detail),
    });
  }

  dial(transport: Transport, address: string): void {
    const { dialTimeoutMs } = this.#limits;
    this.#expect(dialTimeoutMs, `no connection to ${address} within ${dialTimeoutMs} ms`);
    this.#connection = transport.dial(address, this);
  }

  /** Takes over a connection on which a peer has sent the preface; `rest`: what it has sent after that. */
  accept(incoming: AcceptedConnection, rest: Uint8Array): void {
    this.#expected = 'hello';
    this.#connection = incoming.listen(this);
    this.#begin();
    if (rest.length > 0) this.received(rest);
  }

  /** An answer to HELLO makes a stranger the predecessor, who may send long frames from now on. */
  send(message: ChainMessage): void {
    if (this.#expected === 'nothing') {
      this.#expected = 'messages';
      this.#decoder.allowLongFrames(this.#limits.frameBytesMax);
    }
    this.#connection?.write(encodeChainFrame(message));
  }

  /** Ends the link after what was sent. */
  close(): void {
    this.#finish();
    this.#connection?.end();
  }

  /** Ends the link at once, and says so. */
  fail(detail: string): void {
    if (this.#isOver) return;
    this.#finish();
    this.#connection?.destroy(detail);
    this.#listener.down(detail);
  }

  opened(): void {
    this.#begin();
    this.#connection?.write(preface);
    this.#listener.up();
  }

  received(bytes: Uint8Array): void {
    this.#keepalive.heard();
    this.#decoder.append(bytes);
    for (let message = this.#next(); message !== undefined; message = this.#next()) {
      this.#listener.message(message);
    }
  }

  closed(detail: string): void {
    this.#finish();
    this.#listener.down(detail);
  }

  #begin(): void {
    const { firstMessageTimeoutMs } = this.#limits;
    this.#deadline?.cancel();
    this.#expect(firstMessageTimeoutMs, `no message within ${firstMessageTimeoutMs} ms`);
    this.#keepalive.start();
  }

  /** None once the link is over: the message before may have ended it. */
  #next(): ChainMessage | undefined {
    if (this.#isOver) return undefined;
    try {
      const message = this.#decoder.next();
      if (message !== undefined) this.#checkOrder(message);
      return message;
    } catch (error) {
      this.fail(errorText(error));
      return undefined;
    }
  }

  /** @throws TableError BAD_REQUEST for a peer that says more than HELLO before it has an answer */
  #checkOrder({ type }: ChainMessage): void {
    this.#deadline?.cancel();
    if (this.#expected === 'messages') return;
    if (this.#expected === 'nothing' || type !== 'hello') {
      throw new TableError(
        'BAD_REQUEST',
        `${type} where HELLO, or silence until it is answered, was expected`,
      );
    }
    this.#expected = 'nothing';
  }

  #expect(timeoutMs: number, detail: string): void {
    this.#deadline = this.#clock.after(timeoutMs, () => this.fail(detail));
  }

  #finish(): void {
    this.#isOver = true;
    this.#deadline?.cancel();
    this.#keepalive.stop();
  }
}
