import { encodeFrame } from '@tablelab/part2/wire';
import type { Clock, Timer } from '../../ports.ts';

/** A frame without a message: it shows that its sender is alive. */
export const keepaliveFrame = encodeFrame(new Uint8Array(0));

/** The number of keepalives sent within `silenceMs`. */
const keepalivesPerSilence = 4;

export interface KeepaliveOptions {
  readonly clock: Clock;
  /** A link is closed when nothing has arrived over it for this long, in milliseconds. */
  readonly silenceMs: number;
  /** Sends a {@link keepaliveFrame}. */
  readonly send: () => void;
  readonly onSilent: (detail: string) => void;
}

/**
 * Detects a dead connection that still looks alive. If the network drops its packets silently, as a firewall may do
 * that has forgotten the connection, TCP retries for a quarter of an hour. So both sides send keepalives. Silence does
 * not change the neighbour's place in the chain, which ZooKeeper decides: the core just dials again.
 *
 * It counts ticks instead of reading the clock. A process that was paused must first read what has arrived meanwhile; a
 * pause counts as one tick, whatever its length.
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
