import { connect, type Socket } from 'node:net';
import { encodeFrame, FrameDecoder, parseAddress } from '@tablelab/part2';
import { errorText } from '@tablelab/shared';
import type { LinkId } from '../core/effects.ts';
import type { ChainMessage } from '../core/messages.ts';
import { decodeChainMessage, encodeChainFrame, linkPreface } from './chain-codec.ts';

export interface LinkLimits {
  /** How long a connection may take to come up, in milliseconds. */
  readonly dialTimeoutMs: number;
  /** The longest frame between servers: a batch of updates and the update that crosses its limit must fit. */
  readonly frameBytesMax: number;
  /** How long the other server may take to say its first word once it is connected, in milliseconds. */
  readonly firstMessageTimeoutMs: number;
  /** A link over which nothing has come for so long is given up, in milliseconds. */
  readonly silenceMs: number;
}

export const defaultLinkLimits: LinkLimits = {
  dialTimeoutMs: 2_000,
  frameBytesMax: 32 << 20,
  firstMessageTimeoutMs: 5_000,
  silenceMs: 4_000,
};

/** What says that one is still there: a frame without a message. It is sent so often in the time of a silence. */
const signOfLife = encodeFrame(new Uint8Array(0));
const signsPerSilence = 4;

/** Room for what a link begins with: HELLO, WELCOME, REJECT or a reason in words, in bytes. */
const firstFrameBytesMax = 4_096;

/** Accepted links that have not said HELLO; beyond, the one that has been silent longest goes. */
const strangersMax = 64;

export interface LinkListener {
  /** A link that {@link Links.dial} asked for is up. */
  up(link: LinkId): void;
  message(link: LinkId, message: ChainMessage): void;
  /** The link is gone, or could not be made; not called after {@link Links.close}. */
  down(link: LinkId, detail: string): void;
}

/** A link that waits to be dialled, or has a socket. */
type Link =
  | { readonly type: 'waiting'; readonly timer: NodeJS.Timeout }
  | { readonly type: 'socket'; socket: Socket };

/**
 * The TCP connections to the neighbours in the chain. Invariant: a link that is not in the map is never heard of
 * again, so the listener is told of each link's end at most once, and of nothing after it.
 *
 * Both sides give a sign of life now and then: a network that drops a connection's packets, as a firewall does that has
 * forgotten it, tells nobody, and TCP itself goes on trying for a quarter of an hour. That a neighbour does not answer
 * says nothing of its place in the chain: that is ZooKeeper's to say, and the core dials it again.
 *
 * What waits in a socket to be sent needs no limit of its own: it is part of the core's log, which has one.
 */
export class Links {
  readonly #listener: LinkListener;
  readonly #limits: LinkLimits;
  readonly #links = new Map<LinkId, Link>();
  readonly #corked = new Set<Socket>();
  /** Accepted, and without a message yet, the oldest first. */
  readonly #strangers = new Set<Socket>();
  #accepted = 0;

  constructor(listener: LinkListener, limits: LinkLimits = defaultLinkLimits) {
    this.#listener = listener;
    this.#limits = limits;
  }

  /** Connects to `address` (`host:port`) after `delayMs`. */
  dial(link: LinkId, address: string, delayMs: number): void {
    const timer = setTimeout(() => this.#connect(link, address), delayMs);
    this.#links.set(link, { type: 'waiting', timer });
  }

  /** Takes over a socket on which another server has sent its preface; `rest`: what it sent behind that. */
  accept(socket: Socket, rest: Uint8Array): void {
    this.#accepted += 1;
    const link = `from-${this.#accepted}`;
    this.#links.set(link, { type: 'socket', socket });
    this.#strangers.add(socket);
    const [oldest] = this.#strangers;
    if (this.#strangers.size > strangersMax) oldest?.destroy(new Error('too many links that say nothing'));
    this.#listen(link, socket, rest);
  }

  /** Sends a message; without effect on a link that is gone, because its end is being reported. */
  send(link: LinkId, message: ChainMessage): void {
    const socket = this.#socketOf(link);
    if (socket === undefined) return;
    this.#write(socket, encodeChainFrame(message));
  }

  /** Ends a link after what was sent; calls off one that waits to be dialled. */
  close(link: LinkId): void {
    const entry = this.#links.get(link);
    this.#links.delete(link);
    if (entry?.type === 'waiting') clearTimeout(entry.timer);
    if (entry?.type !== 'socket') return;
    const { socket } = entry;
    socket.end();
    // A neighbour that does not read must not keep the socket for ever.
    const timer = setTimeout(() => socket.destroy(), this.#limits.dialTimeoutMs);
    socket.once('close', () => clearTimeout(timer));
  }

  closeAll(): void {
    for (const link of [...this.#links.keys()]) this.close(link);
  }

  #socketOf(link: LinkId): Socket | undefined {
    const entry = this.#links.get(link);
    return entry?.type === 'socket' ? entry.socket : undefined;
  }

  /**
   * What is sent in one go goes out in one write; not only at the end of the turn, before which the clients' sockets have
   * theirs: the next server would wait as long.
   */
  #write(socket: Socket, frame: Uint8Array): void {
    if (!this.#corked.has(socket)) {
      this.#corked.add(socket);
      socket.cork();
      process.nextTick(() => {
        this.#corked.delete(socket);
        socket.uncork();
      });
    }
    socket.write(frame);
  }

  #connect(link: LinkId, address: string): void {
    const socket = connect(parseAddress(address));
    this.#links.set(link, { type: 'socket', socket });
    const timer = setTimeout(
      () => socket.destroy(new Error(`no connection to ${address} within ${this.#limits.dialTimeoutMs} ms`)),
      this.#limits.dialTimeoutMs,
    );
    socket.once('close', () => clearTimeout(timer));
    socket.once('connect', () => {
      clearTimeout(timer);
      if (this.#socketOf(link) !== socket) return;
      this.#write(socket, encodeFrame(linkPreface));
      this.#listener.up(link);
    });
    this.#listen(link, socket, new Uint8Array(0));
  }

  #listen(link: LinkId, socket: Socket, rest: Uint8Array): void {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 1_000);
    const { frameBytesMax, firstMessageTimeoutMs } = this.#limits;
    // Whoever has not said yet who it is gets little room and little time.
    let frames = new FrameDecoder({ frameBytesMax: firstFrameBytesMax });
    let isFirst = true;
    const silence = setTimeout(
      () => socket.destroy(new Error(`no message within ${firstMessageTimeoutMs} ms`)),
      this.#limits.dialTimeoutMs + firstMessageTimeoutMs,
    );
    const next = (): ChainMessage | undefined => {
      try {
        let payload = frames.next();
        while (payload?.length === 0) payload = frames.next();
        return payload === undefined ? undefined : decodeChainMessage(payload);
      } catch (error) {
        socket.destroy(error instanceof Error ? error : new Error(errorText(error)));
        return undefined;
      }
    };
    const take = (chunk: Uint8Array) => {
      // Nobody would take it out of the decoder again.
      if (this.#socketOf(link) !== socket) return;
      life.silentTicks = 0;
      frames.append(chunk);
      for (let message = next(); message !== undefined; message = next()) {
        if (this.#socketOf(link) !== socket) return;
        if (isFirst) {
          isFirst = false;
          clearTimeout(silence);
          this.#strangers.delete(socket);
          const behind = frames.rest();
          frames = new FrameDecoder({ frameBytesMax });
          frames.append(behind);
        }
        this.#listener.message(link, message);
      }
    };
    const life = this.#watch(link, socket);
    let detail = 'the other server closed it';
    socket.on('data', take);
    socket.on('error', (error) => {
      detail = errorText(error);
    });
    socket.on('close', () => {
      clearTimeout(silence);
      clearInterval(life.timer);
      this.#strangers.delete(socket);
      if (this.#socketOf(link) !== socket) return;
      this.#links.delete(link);
      this.#listener.down(link, detail);
    });
    if (rest.length > 0) take(rest);
  }
  /**
   * Gives signs of life, and ends the link where there are none of the other side's. Counts ticks instead of reading the
   * clock: a process that was paused must first be let read what has come in meanwhile, and a pause is one tick only.
   */
  #watch(link: LinkId, socket: Socket): { silentTicks: number; readonly timer: NodeJS.Timeout } {
    const { silenceMs } = this.#limits;
    const timer = setInterval(() => {
      if (socket.connecting || this.#socketOf(link) !== socket) return;
      life.silentTicks += 1;
      if (life.silentTicks <= signsPerSilence) this.#write(socket, signOfLife);
      else socket.destroy(new Error(`not a sign of life for ${silenceMs} ms`));
    }, silenceMs / signsPerSilence);
    const life = { silentTicks: 0, timer };
    return life;
  }
}
