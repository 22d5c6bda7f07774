import type { Clock, Timer } from '../ports.ts';

/** The watch looks so often; it warns of what has been in the way for so long, and again after so long, in milliseconds. */
const lookMs = 1_000;
const standstillMs = 10_000;
const repeatMs = 60_000;

export interface StandstillOptions {
  readonly clock: Clock;
  /** What is in the way now (core/obstacle.ts). */
  readonly obstacle: () => string | undefined;
  /** More about it, which may change. */
  readonly detail: () => string | undefined;
  readonly warn: (line: string) => void;
}

/** Warns if the same thing has been in the way of a server for long. */
export class StandstillWatch {
  readonly #options: StandstillOptions;
  #present: { readonly obstacle: string; readonly warnAt: number } | undefined;
  #timer: Timer;

  constructor(options: StandstillOptions) {
    this.#options = options;
    this.#timer = options.clock.after(lookMs, () => this.#look());
  }

  stop(): void {
    this.#timer.cancel();
  }

  #look(): void {
    const { clock, obstacle: find, detail, warn } = this.#options;
    this.#timer = clock.after(lookMs, () => this.#look());
    const obstacle = find();
    const now = clock.now();
    if (obstacle === undefined) this.#present = undefined;
    else if (this.#present?.obstacle !== obstacle) this.#present = { obstacle, warnAt: now + standstillMs };
    else if (now >= this.#present.warnAt) {
      this.#present = { obstacle, warnAt: now + repeatMs };
      const more = detail();
      warn(`for more than ${standstillMs / 1_000} s: ${obstacle}${more === undefined ? '' : ` (${more})`}`);
    }
  }
}
