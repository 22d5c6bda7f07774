/** What a test cannot see of the student's server from the client's side of a connection. It runs where the server runs. */
import { channel } from 'node:diagnostics_channel';
import { Socket } from 'node:net';

/** The sockets that servers of this process accept, from now on: their side of each connection. */
export class AcceptedSockets {
  readonly #sockets: Socket[] = [];
  readonly #accepted = channel('net.server.socket');
  readonly #note = (message: unknown) =>
    void this.#sockets.push((message as { readonly socket: Socket }).socket);

  constructor() {
    this.#accepted.subscribe(this.#note);
  }

  /** How many there are. */
  get count(): number {
    return this.#sockets.length;
  }

  bytesRead(index: number): number {
    return this.#sockets[index]?.bytesRead ?? 0;
  }

  /** How much of what the server has written the client has not taken. */
  unsentBytes(index: number): number {
    return this.#sockets[index]?.writableLength ?? 0;
  }

  /** Whether the server has ended it, or has cut it off. */
  isEnded(index: number): boolean {
    const socket = this.#sockets[index];
    return socket !== undefined && (socket.writableEnded || socket.destroyed);
  }

  stop(): void {
    this.#accepted.unsubscribe(this.#note);
  }
}

/** Counts the writes of accepted sockets, from now on. */
export class AcceptedWrites {
  #count = 0;
  readonly #write = Socket.prototype.write;

  constructor() {
    const [write, note] = [this.#write, (socket: Socket) => this.#note(socket)];
    Socket.prototype.write = function (this: Socket, ...args: Parameters<Socket['write']>) {
      note(this);
      return write.apply(this, args);
    } as Socket['write'];
  }

  #note(socket: Socket): void {
    // Only a socket that a server has accepted has one.
    if ((socket as { server?: unknown }).server != null) this.#count += 1;
  }

  get count(): number {
    return this.#count;
  }

  stop(): void {
    Socket.prototype.write = this.#write;
  }
}
