import { encodeFrame } from '@tablelab/part2';
import type { Clock, Timer } from '../../ports.ts';

/** A frame without a message: its sender is still there. */
export const keepaliveFrame = encodeFrame(new Uint8Array(0));

/** So many are sent in the time after which a silent neighbour is given up. */
const keepalivesPerSilence = 4;

export interface KeepaliveOptions {
  readonly clock: Clock;
  /** A link over which nothing has arrived for so long is given up, in milliseconds. */
  readonly silenceMs: number;
  /** Sends a {@link keepaliveFrame}. */
  readonly send: () => void;
  readonly onSilent: (detail: string) => void;
}

/**
 * Notices that a neighbour is gone although its connection looks alive: a network that drops a connection's packets, as a
 * firewall does that has forgotten it, tells nobody, and TCP itself goes on trying for a quarter of an hour. So both sides
 * send something now and then. Silence says nothing about the neighbour's place in the chain, which ZooKeeper decides:
 * the core just dials again.
 *
 * It counts ticks in place of reading the clock: a process that was paused must first read what has arrived meanwhile, and
 * however long the pause was, it is one tick.
 */
export class Keepalive {
  readonly #options: KeepaliveOptions;
  #silentTicks = 0;
  #timer: Timer | undefined;

  constructor(options: KeepaliveOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, silenceMs } = this.#options;
    this.#timer = clock.after(silenceMs / keepalivesPerSilence, () => this.#tick());
  }

  /** Something has arrived. */
  heard(): void {
    this.#silentTicks = 0;
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #tick(): void {
    const { silenceMs, send, onSilent } = this.#options;
    this.#silentTicks += 1;
    if (this.#silentTicks > keepalivesPerSilence) return onSilent(`no keepalive for ${silenceMs} ms`);
    send();
    this.start();
  }
}
