import { connect, type Socket } from 'node:net';
import { parseAddress } from '@tablelab/part2';
import { errorText } from '@tablelab/shared';
import type { AcceptedConnection, Connection, ConnectionListener, Transport } from '../../ports.ts';

/** The idle time before the system sends TCP keepalive probes, in milliseconds. */
const keepAliveDelayMs = 1_000;

/** How long a peer may take to read the remaining data after {@link Connection.end}, in milliseconds. */
const lingerMs = 2_000;

/**
 * The largest number of connections of this process that wait for that; with one more, the oldest is closed at once. A
 * server refuses links of strangers as fast as they ask; only the bytes that the system has not taken yet are lost.
 */
export const endingMax = 64;

/** Connections that were ended and are not closed yet, oldest first. */
const ending = new Set<Socket>();

/** The transport over TCP. */
export const socketTransport: Transport = {
  dial: (address, listener) => new SocketConnection(connect(parseAddress(address)), listener),
};

/** Wraps an accepted socket that has no listeners yet. */
export function acceptedSocket(socket: Socket): AcceptedConnection {
  return { listen: (listener) => new SocketConnection(socket, listener) };
}

class SocketConnection implements Connection {
  readonly #socket: Socket;
  #isCorked = false;
  #isOver = false;

  constructor(socket: Socket, listener: ConnectionListener) {
    this.#socket = socket;
    let detail = 'the other side has closed it';
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveDelayMs);
    if (socket.connecting) socket.once('connect', () => this.#isOver || listener.opened());
    socket.on('data', (bytes) => this.#isOver || listener.received(bytes));
    socket.on('error', (error) => {
      detail = (error as NodeJS.ErrnoException).code ?? errorText(error);
    });
    socket.once('close', () => this.#isOver || listener.closed(detail));
  }

  /**
   * All writes of one callback leave in one system call. It runs right after the callback, not at the end of the event
   * loop's turn as for clients' sockets: otherwise the next server would wait longer.
   */
  write(bytes: Uint8Array): void {
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#isCorked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(bytes);
  }

  end(): void {
    this.#isOver = true;
    const socket = this.#socket;
    if (socket.closed || ending.has(socket)) return;
    socket.end();
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    ending.add(socket);
    socket.once('close', () => {
      clearTimeout(timer);
      ending.delete(socket);
    });
    const [oldest] = ending;
    if (ending.size <= endingMax || oldest === undefined) return;
    // At once: the 'close' event comes later, and others that end in this turn must not choose the same one.
    ending.delete(oldest);
    oldest.destroy();
  }

  destroy(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }
}
