/** What one connection holds. */
export interface Holding {
  /** In all. */
  readonly heldBytes: number;
  /** Of these, what is free at once when the connection goes: an unfinished request, replies that are not read. */
  readonly freeableBytes: number;
  /** Whether its client is served. */
  readonly hasPlace: boolean;
}

/** Whoever holds a part of a {@link ByteBudget}. */
export interface Holder {
  /** Gives back what is freeable and says so ({@link ByteBudget.set}), down to {@link evictedBytesMin} at least. */
  evict(): void;
}

/** Changed in its place: this happens several times for each request. */
interface Share {
  heldBytes: number;
  freeableBytes: number;
  hasPlace: boolean;
  /** Rises with every share that begins to hold something, or makes progress. */
  turn: number;
}

/** Nobody is evicted for less than this, in bytes: small requests and a last word do no harm. */
export const evictedBytesMin = 4 * 1024;

/**
 * What all connections of a server together may hold of requests that are not whole and replies that are not read.
 * Each connection has limits of its own; a thousand of them at their limits would still be too much.
 *
 * When it gets short, whoever holds the memory pays, not whoever comes next:
 *
 * - connections without a place have half of it at most, and whatever the served need they lose; the largest goes first;
 * - of the served, who has gone on holding for longest goes first: a client in good order gives back in no time.
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

  /** `holder` holds this from now on; `progressed` when it has finished a request, or taken replies, since last time. */
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

  /** `holder` holds nothing any more. */
  remove(holder: Holder): void {
    this.#count(this.#shares.get(holder), -1);
    this.#shares.delete(holder);
  }

  /**
   * Evicts others until nothing is held beyond the limits. False when it is `claimant` that has to give way: there is
   * no room for it, and nobody else who should go for its sake.
   */
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
