import type { Socket } from 'node:net';
import { type Address, defaultConnectionLimits, encodeFrame, Listener } from '@tablelab/part2';
import { must } from '@tablelab/shared';
import { linkPreface } from '../links/chain-codec.ts';

export interface ChainPortParts {
  /** A client has connected; `received`: what it has sent so far. */
  onClient(socket: Socket, received: Uint8Array): void;
  /** Another server has connected; `rest`: what it has sent behind its preface. */
  onLink(socket: Socket, rest: Uint8Array): void;
}

/** The frame that a link begins with. */
const linkStart = encodeFrame(linkPreface);

/** Connections that have sent nothing; beyond, the one that connected first is closed. */
const silentMax = 10_000;

/** How long a connection may take for its first bytes, in milliseconds: as long as a client may be silent later. */
const silenceMsMax = defaultConnectionLimits.idleTimeoutMs;

/**
 * The port of a server in a chain. Clients and other servers connect to the same one; the first bytes of a connection tell
 * which of the two it is.
 */
export class ChainPort {
  readonly #parts: ChainPortParts;
  /** Connections whose first bytes have not come, or do not tell yet, the oldest first; and what makes each a client's. */
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

  /** Accepts no more connections. Those whose first bytes have not come are taken for clients. */
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
      // The other side's end of a link is its end, as it is for sockets that net makes unasked.
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
    if (this.#undecided.size > silentMax) oldest?.destroy();
  }
}
