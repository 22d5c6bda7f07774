import { CallQueue } from './call-queue.ts';
import type { ClientLimits } from './client-limits.ts';

/**
 * What waits for one end of the chain, and how much of it may go out now.
 *
 * At first, and after anything that was refused, requests go one by one: of many at once a server that is just taking
 * over could refuse the first and take those behind it. Once it has done what it was asked to, the window is open.
 */
export class RoleState {
  readonly queue = new CallQueue();
  /** Attempts that have no answer. */
  underWay = 0;
  /** What the pause is for. */
  trouble: string | undefined;
  pausedUntil = Number.NEGATIVE_INFINITY;
  readonly #limits: Pick<ClientLimits, 'retryDelayMs' | 'underWayMax'>;
  #delayMs: number;
  #isProven = false;

  constructor(limits: Pick<ClientLimits, 'retryDelayMs' | 'underWayMax'>) {
    this.#limits = limits;
    this.#delayMs = limits.retryDelayMs.first;
  }

  get hasRoom(): boolean {
    return this.underWay < (this.#isProven ? this.#limits.underWayMax : 1);
  }

  /** The server has done what it was asked to. */
  open(): void {
    this.#isProven = true;
  }

  /** Things go well, or anew: the next pause is a short one. */
  encourage(): void {
    this.#delayMs = this.#limits.retryDelayMs.first;
    this.trouble = undefined;
  }

  /** There is another view. `isOther`: and it has another server for this role. */
  renew({ isOther }: { isOther: boolean }): void {
    this.encourage();
    this.pausedUntil = Number.NEGATIVE_INFINITY;
    if (isOther) this.#isProven = false;
  }

  pause(now: number, trouble: string): void {
    this.trouble = trouble;
    this.#isProven = false;
    // Of many requests that were refused together, the first one counts.
    if (now < this.pausedUntil) return;
    this.pausedUntil = now + this.#delayMs;
    this.#delayMs = Math.min(2 * this.#delayMs, this.#limits.retryDelayMs.last);
  }
}
