import type { Socket } from 'node:net';
import { type Address, defaultConnectionLimits, encodeFrame, Listener } from '@tablelab/part2';
import { must } from '@tablelab/shared';
import { linkPreface } from '../links/chain-codec.ts';

export interface ChainPortParts {
  /** The largest number of connections that have sent nothing. One more closes the oldest of them. */
  readonly undecidedMax: number;
  /** A client has connected. `received`: the bytes that it has sent so far. */
  onClient(socket: Socket, received: Uint8Array): void;
  /** Another server has connected. `rest`: the bytes after its preface. */
  onLink(socket: Socket, rest: Uint8Array): void;
}

/** The first frame of a link. */
const linkStart = encodeFrame(linkPreface);

/** How long a new connection may be silent, in milliseconds: as long as a client may be silent later. */
const silenceMsMax = defaultConnectionLimits.idleTimeoutMs;

/**
 * The port of a server in a chain. Clients and other servers connect to the same port; the first bytes of a connection
 * tell them apart.
 */
export class ChainPort {
  readonly #parts: ChainPortParts;
  /** Connections whose type is not known yet, oldest first, each with the function that treats it as a client's. */
  readonly #undecided = new Map<Socket, () => void>();
  #listener: Listener | undefined;

  /** @throws TableError BAD_REQUEST when the port is taken or may not be used, or the host is not this machine's */
  static async open(at: Address, parts: ChainPortParts): Promise<ChainPort> {
    const port = new ChainPort(parts);
    port.#listener = await Listener.open(at, (socket) => port.#accept(socket));
    return port;
  }

  private constructor(parts: ChainPortParts) {
    this.#parts = parts;
  }

  get address(): Address {
    return must(this.#listener, 'open() gives it').address;
  }

  /** Accepts no more connections. Those of unknown type are treated as clients. */
  close(): void {
    this.#listener?.close();
    for (const takeForClient of [...this.#undecided.values()]) takeForClient();
  }

  #accept(socket: Socket): void {
    const { onClient, onLink } = this.#parts;
    let received: Buffer = Buffer.alloc(0);
    const onData = (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const compared = Math.min(received.length, linkStart.length);
      const mayBeLink = received.compare(linkStart, 0, compared, 0, compared) === 0;
      if (!mayBeLink) takeForClient();
      else if (compared === linkStart.length) takeForLink();
    };
    const takeForClient = () => {
      release();
      onClient(socket, received);
    };
    const takeForLink = () => {
      release();
      // A link ends when the other side ends it, which is the default of `net`.
      socket.allowHalfOpen = false;
      onLink(socket, received.subarray(linkStart.length));
    };
    const giveUp = () => socket.destroy();
    const release = () => {
      this.#undecided.delete(socket);
      socket.setTimeout(0).off('data', onData).off('close', release);
      for (const event of ['end', 'error', 'timeout']) socket.off(event, giveUp);
    };
    socket.setTimeout(silenceMsMax).on('data', onData).on('close', release);
    for (const event of ['end', 'error', 'timeout']) socket.on(event, giveUp);
    this.#undecided.set(socket, takeForClient);
    const [oldest] = this.#undecided.keys();
    if (this.#undecided.size <= this.#parts.undecidedMax || oldest === undefined) return;
    // At once: the 'close' event comes later, and others that connect in this turn must not choose the same one.
    this.#undecided.delete(oldest);
    oldest.destroy();
  }
}
