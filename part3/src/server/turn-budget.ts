/** How many requests all connections together execute in one turn of the event loop, unless each has its minimum. */
const requestsPerTurn = 32;

/** The minimum for each connection in each turn: with many connections a turn takes longer, but all of them progress. */
const requestsLeast = 16;

/**
 * Divides each turn of the event loop among the connections of a server. A client that sends hundreds of requests ahead gets its
 * replies as fast as ever while it is alone. If there are many such clients, a client with one request waits for about
 * {@link requestsPerTurn} requests, and not for all that the others have sent.
 */
export class TurnBudget {
  #left = requestsPerTurn;
  #isTurnCounted = false;

  /** How many requests a connection may execute now. */
  get share(): number {
    return Math.max(this.#left, requestsLeast);
  }

  /** A connection has executed so many requests. */
  use(requests: number): void {
    this.#left -= requests;
    if (this.#isTurnCounted) return;
    this.#isTurnCounted = true;
    setImmediate(() => {
      this.#isTurnCounted = false;
      this.#left = requestsPerTurn;
    });
  }
}
