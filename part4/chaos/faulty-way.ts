import type { Socket } from 'node:net';

/** When this many bytes are waiting, the source is not read. */
const waitingBytesMax = 1 << 20;

export interface FaultyWayOptions {
  /** The source, paused. */
  readonly from: Socket;
  readonly to: Socket;
  readonly count: { held: number; dropped: number };
  readonly isFrozen: () => boolean;
  readonly delayMs: () => number;
  /** Returns what is sent in place of a chunk; undefined for nothing. */
  readonly pass: (chunk: Buffer) => Buffer | undefined;
  /** Called when the end of the connection has passed. */
  readonly onClosed: () => void;
}

/** An item on its way: bytes, the end of the stream, or the end of the connection. */
interface Waiting {
  readonly item: Buffer | 'end' | 'close';
  /** When it may be delivered, as a time of performance.now(). */
  readonly due: number;
}

/** One direction of one connection of a {@link FaultProxy}: a queue that a fault can stop or delay. */
export class FaultyWay {
  readonly #options: FaultyWayOptions;
  readonly #queue: Waiting[] = [];
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #isDropped = false;

  constructor(options: FaultyWayOptions) {
    const { from, to } = options;
    this.#options = options;
    from.setNoDelay();
    from.on('data', (chunk: Buffer) => {
      if (options.isFrozen()) options.count.held += chunk.length;
      const passed = options.pass(chunk);
      if (passed !== undefined) this.#add(passed);
    });
    from.on('end', () => this.#add('end'));
    from.on('close', () => this.#add('close'));
    to.on('drain', () => this.flow());
  }

  /** Delivers what may pass now. Must be called whenever that may have changed. */
  flow(): void {
    const { from, to, isFrozen } = this.#options;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (!isFrozen() && !this.#isDropped && !to.writableNeedDrain) {
      const [next] = this.#queue;
      if (next === undefined) break;
      const earlyMs = next.due - performance.now();
      if (earlyMs > 0) {
        this.#timer = setTimeout(() => this.flow(), earlyMs);
        break;
      }
      this.#queue.shift();
      this.#deliver(next.item);
    }
    if (this.#waitingBytes < waitingBytesMax) from.resume();
    else from.pause();
  }

  /** Drops what is waiting, because the connection is cut. */
  drop(): void {
    this.#isDropped = true;
    clearTimeout(this.#timer);
    this.#options.count.dropped += this.#waitingBytes;
    this.#queue.length = 0;
    this.#waitingBytes = 0;
  }

  #add(item: Waiting['item']): void {
    if (this.#isDropped) return;
    this.#queue.push({ item, due: performance.now() + this.#options.delayMs() });
    if (typeof item !== 'string') this.#waitingBytes += item.length;
    this.flow();
  }

  #deliver(item: Waiting['item']): void {
    const { to } = this.#options;
    if (item === 'close') return this.#close();
    if (item === 'end') {
      to.end();
      return;
    }
    this.#waitingBytes -= item.length;
    if (!to.destroyed) to.write(item);
  }

  /** After a regular end, bytes that were sent before it still have to leave; after a broken connection, none do. */
  #close(): void {
    const { from, to, onClosed } = this.#options;
    const isLeaving = from.readableEnded && !to.destroyed && !to.writableFinished;
    if (isLeaving) to.once('finish', onClosed).once('close', onClosed);
    else onClosed();
  }
}
