/** How many sessions a connection may open at once. */
export const opensAtOnceMax = 16;

/** Then, how long until it may open one more, in milliseconds. */
export const openEveryMs = 1_000;

/**
 * How many sessions one connection may still open. No client needs more than one, and another when that was forgotten;
 * without a limit one client that opens them without end makes the chain forget everybody else's.
 *
 * Times are milliseconds of one monotonic clock that the caller reads.
 */
export class OpenQuota {
  /** When all that was taken is made up for. */
  #settledAt = Number.NEGATIVE_INFINITY;

  /** Takes one, or says that there is none. */
  take(now: number): boolean {
    const settledAt = Math.max(this.#settledAt, now) + openEveryMs;
    if (settledAt - now > opensAtOnceMax * openEveryMs) return false;
    this.#settledAt = settledAt;
    return true;
  }

  /** What was taken last has opened nothing. */
  giveBack(): void {
    this.#settledAt -= openEveryMs;
  }
}
