/** How many sessions a connection may open at once. */
export const opensAtOnceMax = 16;

/** After that, how long until it may open one more, in milliseconds. */
export const openEveryMs = 1_000;

/**
 * How many sessions one connection may still open. A client needs one, and another one when the chain has forgotten the
 * first. Without a limit, a client that keeps opening sessions would make the chain forget those of all other clients.
 *
 * Times are milliseconds of one monotonic clock that the caller reads.
 */
export class OpenQuota {
  /** The time at which the full quota is available again. */
  #settledAt = Number.NEGATIVE_INFINITY;

  /** Takes one from the quota; returns false if none is left. */
  take(now: number): boolean {
    const settledAt = Math.max(this.#settledAt, now) + openEveryMs;
    if (settledAt - now > opensAtOnceMax * openEveryMs) return false;
    this.#settledAt = settledAt;
    return true;
  }

  /** Returns the last one taken: it has opened no session. */
  giveBack(): void {
    this.#settledAt -= openEveryMs;
  }
}
