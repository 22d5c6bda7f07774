/** The memory that one connection holds. */
export interface Holding {
  /** In all. */
  readonly heldBytes: number;
  /** The part that is freed when the connection ends: an unfinished request, unread replies. */
  readonly freeableBytes: number;
  /** Whether its client has a place (see {@link MultiplexingServer}). */
  readonly hasPlace: boolean;
}

/** A user of a {@link ByteBudget}. */
export interface Holder {
  /** Frees its freeable bytes, down to at most {@link evictedBytesMin}, and reports that ({@link ByteBudget.set}). */
  evict(): void;
}

/** Updated in place, because it changes several times for each request. */
interface Share {
  heldBytes: number;
  freeableBytes: number;
  hasPlace: boolean;
  /** Orders the shares by the time at which they began to hold memory or last made progress. */
  turn: number;
}

/** A holder of at most this many bytes is not evicted: small requests and a final error reply are harmless. */
export const evictedBytesMin = 4 * 1024;

/**
 * The memory limit of all connections of a server for unfinished requests and unread replies. Each connection has its
 * own limits, but a thousand connections at their limits would still need too much.
 *
 * When the memory is used up, connections that hold it are closed; the next client is not refused:
 *
 * - Connections without a place may hold at most half of it, and less if served clients need it; the largest is closed
 *   first.
 * - Of the served clients, the one that has held memory for longest is closed first. A well-behaved client holds it
 *   briefly.
 *
 * Invariant: the sums are those of the shares.
 */
export class ByteBudget {
  readonly #bytesMax: number;
  readonly #shares = new Map<Holder, Share>();
  #usedBytes = 0;
  #placelessBytes = 0;
  #turns = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Records what `holder` holds now. `progressed`: it has finished a request, or read replies, since the last call. */
  set(holder: Holder, holding: Holding, { progressed }: { progressed: boolean }): void {
    const share = this.#shares.get(holder);
    this.#count(share, -1);
    this.#count(holding, 1);
    const goesOn = share !== undefined && share.freeableBytes > evictedBytesMin && !progressed;
    if (!goesOn) this.#turns += 1;
    if (share === undefined) {
      this.#shares.set(holder, { ...holding, turn: this.#turns });
      return;
    }
    share.heldBytes = holding.heldBytes;
    share.freeableBytes = holding.freeableBytes;
    share.hasPlace = holding.hasPlace;
    if (!goesOn) share.turn = this.#turns;
  }

  /** `holder` no longer holds anything. */
  remove(holder: Holder): void {
    this.#count(this.#shares.get(holder), -1);
    this.#shares.delete(holder);
  }

  /** Evicts other holders until no limit is exceeded. Returns false if `claimant` itself must be closed. */
  makeRoom(claimant: Holder): boolean {
    for (;;) {
      const exceeded = this.#usedBytes > this.#bytesMax;
      if (!exceeded && this.#placelessBytes <= this.#bytesMax / 2) return true;
      const victim = this.#largestWithoutPlace() ?? (exceeded ? this.#longestHolding() : undefined);
      if (victim === undefined || victim === claimant) return false;
      victim.evict();
    }
  }

  #largestWithoutPlace(): Holder | undefined {
    let largest: Holder | undefined;
    let bytes = evictedBytesMin;
    for (const [holder, { freeableBytes, hasPlace }] of this.#shares) {
      if (hasPlace || freeableBytes <= bytes) continue;
      largest = holder;
      bytes = freeableBytes;
    }
    return largest;
  }

  #longestHolding(): Holder | undefined {
    let longest: Holder | undefined;
    let firstTurn = Number.POSITIVE_INFINITY;
    for (const [holder, { freeableBytes, hasPlace, turn }] of this.#shares) {
      if (!hasPlace || freeableBytes <= evictedBytesMin || turn >= firstTurn) continue;
      longest = holder;
      firstTurn = turn;
    }
    return longest;
  }

  #count(holding: Holding | undefined, sign: 1 | -1): void {
    if (holding === undefined) return;
    this.#usedBytes += sign * holding.heldBytes;
    if (!holding.hasPlace) this.#placelessBytes += sign * holding.heldBytes;
  }
}
