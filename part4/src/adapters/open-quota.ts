/** How many sessions may be opened at once, and after that, how long until one more, in milliseconds. */
interface OpenLimits {
  readonly atOnceMax: number;
  readonly everyMs: number;
}

/** Of one connection: a client needs one session, and another one if the chain has forgotten the first. */
export const connectionOpens: OpenLimits = { atOnceMax: 16, everyMs: 1_000 };

/**
 * Of all connections from one address. The chain remembers ten times as many sessions as one address may open at once
 * (core/limits.ts); the rest takes it a quarter of an hour, in which each session that is in use has become the newest again.
 */
export const addressOpens: OpenLimits = { atOnceMax: 1_000, everyMs: 100 };

/** Addresses whose quota is not available in full again; one more is refused. */
const addressesMax = 10_000;

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

  isSettled(now: number): boolean {
    return this.#settledAt <= now;
  }
}

/** The quotas of the addresses that have opened sessions lately. */
export class AddressQuotas {
  readonly #quotas = new Map<string, OpenQuota>();

  /** The quota of `address`; undefined if there are too many addresses. */
  of(address: string, now: number): OpenQuota | undefined {
    const known = this.#quotas.get(address);
    if (known !== undefined) return known;
    if (this.#quotas.size >= addressesMax) this.#forgetSettled(now);
    if (this.#quotas.size >= addressesMax) return undefined;
    const quota = new OpenQuota(addressOpens);
    this.#quotas.set(address, quota);
    return quota;
  }

  #forgetSettled(now: number): void {
    for (const [address, quota] of this.#quotas) if (quota.isSettled(now)) this.#quotas.delete(address);
  }
}
