/** How many sessions may be opened at once, and after that, how long until one more, in milliseconds. */
interface OpenLimits {
  readonly atOnceMax: number;
  readonly everyMs: number;
}

/** Of one connection: a client needs one session, and another one if the chain has forgotten the first. */
export const connectionOpens: OpenLimits = { atOnceMax: 16, everyMs: 1_000 };

/** Of all connections from one address. */
export const addressOpens: OpenLimits = { atOnceMax: 1_000, everyMs: 100 };

/**
 * Of all addresses. The chain remembers twice as many sessions as may be opened at once (core/limits.ts); the rest takes four
 * minutes, in which each session that is in use has become the newest again.
 */
const allOpens: OpenLimits = { atOnceMax: 5_000, everyMs: 50 };

/** The debts of all addresses are reduced at intervals of at least this length, in milliseconds, because all are visited. */
const reduceEveryMs = 50;

/**
 * How many sessions may still be opened. Without a limit, a client that keeps opening sessions would make the chain forget those
 * of all other clients.
 *
 * Times are milliseconds of one monotonic clock that the caller reads.
 */
export class OpenQuota {
  readonly #limits: OpenLimits;
  /** The time at which the full quota is available again. */
  #settledAt = Number.NEGATIVE_INFINITY;

  constructor(limits: OpenLimits) {
    this.#limits = limits;
  }

  /** Takes one from the quota; returns false if none is left. */
  take(now: number): boolean {
    const { atOnceMax, everyMs } = this.#limits;
    const settledAt = Math.max(this.#settledAt, now) + everyMs;
    if (settledAt - now > atOnceMax * everyMs) return false;
    this.#settledAt = settledAt;
    return true;
  }

  /** Returns the last one taken: it has opened no session. */
  giveBack(): void {
    this.#settledAt -= this.#limits.everyMs;
  }
}

/**
 * The quotas of all addresses. Each has a debt: the sessions that it has opened, less those that time has paid off.
 *
 * An address may have no more debt than the sum of all debts leaves free. So the shares shrink as the whole fills: ten addresses
 * that open all they can get an eleventh each, and the last eleventh is left for an address that comes later. What time
 * pays off is divided evenly among the addresses with debts.
 *
 * Invariant: each debt is above 0; their sum is at most that of {@link allOpens}, so there are no more addresses than that.
 */
export class AddressQuotas {
  readonly #debts = new Map<string, number>();
  #sum = 0;
  #reducedAt = 0;

  /** Takes one from the quota of `address`; returns false if none is left. */
  take(address: string, now: number): boolean {
    this.#reduce(now);
    const debt = this.#debts.get(address) ?? 0;
    const free = allOpens.atOnceMax - this.#sum;
    if (debt + 1 > Math.min(addressOpens.atOnceMax, free)) return false;
    this.#change(address, 1);
    return true;
  }

  /** Returns the last one that `address` has taken: it has opened no session. */
  giveBack(address: string): void {
    if (this.#debts.has(address)) this.#change(address, -1);
  }

  #change(address: string, difference: number): void {
    const before = this.#debts.get(address) ?? 0;
    const debt = Math.max(0, before + difference);
    this.#sum += debt - before;
    if (debt > 0) this.#debts.set(address, debt);
    else this.#debts.delete(address);
  }

  #reduce(now: number): void {
    if (this.#debts.size === 0) this.#reducedAt = now;
    const elapsedMs = now - this.#reducedAt;
    if (elapsedMs < reduceEveryMs) return;
    this.#reducedAt = now;
    const paidOff = elapsedMs / Math.max(addressOpens.everyMs, allOpens.everyMs * this.#debts.size);
    for (const address of this.#debts.keys()) this.#change(address, -paidOff);
  }
}
