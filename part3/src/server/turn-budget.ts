/**
 * How many requests all connections together execute in one turn of the event loop; the minimum below may exceed it.
 */
const requestsPerTurn = 32;

/** The minimum for each connection in each turn: with many connections a turn takes longer, but all make progress. */
const requestsLeast = 16;

/**
 * Divides each turn of the event loop among the connections of a server. A single client that sends hundreds of
 * requests ahead is not slowed down. If there are many such clients, a client with one request waits for about
 * {@link requestsPerTurn} requests, and not for everything that the others have sent.
 */
export class TurnBudget {
  #left = requestsPerTurn;
  #isTurnCounted = false;

  /** How many requests a connection may execute now. */
  get share(): number {
    return Math.max(this.#left, requestsLeast);
  }

  /** A connection has executed `requests` requests. */
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
