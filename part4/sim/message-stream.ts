import {
  decodeMessage,
  encodeMessage,
  FrameDecoder,
  type Message,
  type MessageFields,
} from '@tablelab/part2/wire';
import type { Connection, ConnectionListener } from '../src/ports.ts';
import type { SimProcess } from './process.ts';
import type { Network } from './transport.ts';

export interface MessageStreamListener {
  opened?(): void;
  /** In the order of the requests. */
  reply(message: Message): void;
  closed(detail: string): void;
}

/** A connection to a server for requests and replies. */
export class MessageStream implements ConnectionListener {
  readonly #connection: Connection;
  readonly #listener: MessageStreamListener;
  readonly #frames = new FrameDecoder();
  #isOver = false;

  constructor(network: Network, process: SimProcess, address: string, listener: MessageStreamListener) {
    this.#listener = listener;
    this.#connection = network.dial(process, address, this);
  }

  send(fields: MessageFields): void {
    this.#connection.write(encodeMessage(fields));
  }

  close(): void {
    this.#isOver = true;
    this.#connection.end();
  }

  opened(): void {
    this.#listener.opened?.();
  }

  received(bytes: Uint8Array): void {
    this.#frames.append(bytes);
    for (let frame = this.#frames.next(); frame !== undefined; frame = this.#frames.next()) {
      if (!this.#isOver) this.#listener.reply(decodeMessage(frame));
    }
  }

  closed(detail: string): void {
    this.#isOver = true;
    this.#listener.closed(detail);
  }
}
