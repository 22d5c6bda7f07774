import { encodeFrame } from '@tablelab/part2/wire';
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
  /**
   * Accepted links to which this server has said nothing, because it does not take updates from them; with one more, the
   * oldest is closed. A link to a neighbour is none of them, so no number of strangers can close it.
   */
  readonly strangersMax: number;
  /** How long it may take to establish a connection, in milliseconds. */
  readonly dialTimeoutMs: number;
  /**
   * The longest frame from a predecessor, in bytes: a batch of updates and the update that exceeds its limit must fit.
   */
  readonly frameBytesMax: number;
  /** How long the peer may take to send its first message once it is connected, in milliseconds. */
  readonly firstMessageTimeoutMs: number;
  /** A link is closed when nothing has arrived over it for this long, in milliseconds. */
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
 * One link: a connection, the decoder of its messages, and the watchdog for a silent peer.
 *
 * Its unsent data needs no separate limit: it is part of the core's log, which is limited.
 */
export class LinkConnection implements ConnectionListener {
  readonly #clock: Clock;
  readonly #limits: LinkLimits;
  readonly #listener: LinkConnectionListener;
  readonly #decoder: LinkDecoder;
  readonly #keepalive: Keepalive;
  #connection: Connection | undefined;
  /** First for the connection, then for the first message. */
  #deadline: Timer | undefined;
  /** What the peer may send: only HELLO, nothing until HELLO is answered, or all messages of its side. */
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

  /** Takes over a connection on which a peer has sent the preface. `rest`: the bytes after the preface. */
  accept(incoming: AcceptedConnection, rest: Uint8Array): void {
    this.#expected = 'hello';
    this.#connection = incoming.listen(this);
    this.#begin();
    if (rest.length > 0) this.received(rest);
  }

  /** The answer to HELLO accepts the peer as predecessor, which may send long frames from now on. */
  send(message: ChainMessage): void {
    if (this.#expected === 'nothing') {
      this.#expected = 'messages';
      this.#decoder.allowLongFrames(this.#limits.frameBytesMax);
    }
    this.#connection?.write(encodeChainFrame(message));
  }

  /** Closes the link once everything sent has left. */
  close(): void {
    this.#finish();
    this.#connection?.end();
  }

  /** Closes the link at once, and reports it as down. */
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

  /** Returns undefined once the link is closed: the previous message may have closed it. */
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

  /** @throws TableError BAD_REQUEST for a peer that sends more than HELLO before it has an answer */
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
