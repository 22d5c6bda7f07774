import { connect, type Socket } from 'node:net';
import { type Address, decodeMessage, FrameDecoder, type Message } from '@tablelab/part2';
import { eventually, withDeadline } from '@tablelab/shared/testing';
import { deadlineMs } from './deadline.ts';

/** A client that sends any bytes. */
export class RawClient {
  readonly socket: Socket;
  readonly connected: Promise<void>;
  /** Resolves when the server has closed its side, also after an error. */
  readonly ended: Promise<void>;
  readonly #replies: Message[] = [];

  constructor({ host, port }: Address) {
    const decoder = new FrameDecoder({ frameBytesMax: 64 * 1024 * 1024 });
    this.socket = connect({ host, port, noDelay: true });
    this.connected = new Promise((resolve, reject) => {
      this.socket.once('connect', resolve).once('error', reject);
    });
    this.ended = new Promise((resolve) => this.socket.once('end', resolve).once('close', () => resolve()));
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk) => {
      for (const payload of decoder.push(chunk)) this.#replies.push(decodeMessage(payload));
    });
  }

  send(...parts: (Uint8Array | string)[]): void {
    for (const part of parts) this.socket.write(typeof part === 'string' ? Buffer.from(part, 'hex') : part);
  }

  /** The next `count` replies; fails as soon as the connection has ended without them. */
  async replies(count: number): Promise<Message[]> {
    const isThere = () => this.#replies.length >= count;
    await eventually(() => isThere() || this.socket.destroyed, { deadlineMs, what: `${count} replies` });
    if (!isThere()) throw new Error(`the connection ended after ${this.#replies.length} of ${count} replies`);
    return this.#replies.splice(0, count);
  }

  async reply(): Promise<Message> {
    const [reply] = await this.replies(1);
    if (reply === undefined) throw new Error('no reply');
    return reply;
  }

  /** The received replies that were not taken. */
  allReplies(): Message[] {
    return this.#replies.splice(0);
  }

  /** Waits until the server has closed its side. */
  async end(): Promise<void> {
    await withDeadline(this.ended, deadlineMs, 'the server to close the connection');
  }
}
