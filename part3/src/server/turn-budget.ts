/**
 * How many requests all connections together execute in one turn of the event loop; the minimum below may exceed it.
 */
const requestsPerTurn = 32;

/** The minimum for each connection in each turn: with many connections a turn takes longer, but all make progress. */
const requestsLeast = 16;

/** How long all connections together may work in one turn, in milliseconds; the last one's requests may take longer. */
const turnMsMax = 10;

/** A connection whose requests take no longer is served before those that have not shown that yet, in milliseconds. */
const lightRequestMsMax = 1;

/** A connection that has requests to execute. */
export interface TurnTaker {
  /** Its turn has come: {@link TurnBudget.mayGoOn} is true for it now. */
  proceed(): void;
}

/**
 * Divides each turn of the event loop among the connections of a server. A single client that sends hundreds of
 * requests ahead is not slowed down. If there are many such clients, a client with one request waits for about
 * {@link requestsPerTurn} requests, and not for everything that the others have sent.
 *
 * Requests may also take long: a value of 16 MiB is copied for ten milliseconds. When the turn's time is over, the other
 * connections queue for later turns: first those whose last requests were short, then, at least one in each turn, the
 * rest.
 */
export class TurnBudget {
  #left = requestsPerTurn;
  #spentMs = 0;
  #isTurnCounted = false;
  /** Those whose last requests were short. */
  readonly #light = new WeakSet<TurnTaker>();
  readonly #lightQueue = new Set<TurnTaker>();
  readonly #queue = new Set<TurnTaker>();
  #isScheduled = false;
  #current: TurnTaker | undefined;

  /** How many requests a connection may execute now. */
  get share(): number {
    return Math.max(this.#left, requestsLeast);
  }

  /** Whether `taker` may execute requests now; if not, it proceeds in a later turn. */
  mayGoOn(taker: TurnTaker): boolean {
    if (taker === this.#current) return true;
    const isFree = this.#lightQueue.size + this.#queue.size === 0;
    if (isFree && this.#spentMs < turnMsMax) return true;
    if (this.#light.has(taker)) this.#lightQueue.add(taker);
    else this.#queue.add(taker);
    this.#schedule();
    return false;
  }

  /** `taker` has executed `requests` requests, in `tookMs`. */
  use(taker: TurnTaker, requests: number, tookMs: number): void {
    if (requests === 0) return;
    if (tookMs <= requests * lightRequestMsMax) this.#light.add(taker);
    else this.#light.delete(taker);
    this.#left -= requests;
    this.#spentMs += tookMs;
    if (this.#isTurnCounted) return;
    this.#isTurnCounted = true;
    setImmediate(() => {
      this.#isTurnCounted = false;
      this.#beginTurn();
    });
  }

  #beginTurn(): void {
    this.#left = requestsPerTurn;
    this.#spentMs = 0;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#beginTurn();
      this.#serve(this.#lightQueue);
      const [longest] = this.#queue;
      if (longest !== undefined) this.#give(longest);
      this.#serve(this.#queue);
      if (this.#lightQueue.size + this.#queue.size > 0) this.#schedule();
    });
  }

  /** Those in `queue`, in order, as far as the turn's time goes. */
  #serve(queue: ReadonlySet<TurnTaker>): void {
    for (const taker of [...queue]) {
      if (this.#spentMs >= turnMsMax) return;
      this.#give(taker);
    }
  }

  #give(taker: TurnTaker): void {
    this.#lightQueue.delete(taker);
    this.#queue.delete(taker);
    this.#current = taker;
    try {
      taker.proceed();
    } finally {
      this.#current = undefined;
    }
  }
}
