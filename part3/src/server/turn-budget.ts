/** How many requests all connections together take in one turn of the event loop, as long as each has taken its least. */
const requestsPerTurn = 32;

/** So many each connection may take in any turn: with many of them a turn is longer, but nobody stands still. */
const requestsLeast = 16;

/**
 * Shares out the turns of the event loop among the connections of a server. A client that sends hundreds of requests
 * ahead gets its answers as fast as ever while it is alone; where there are many such, a client with one request does
 * not wait for all that they have sent, but for about {@link requestsPerTurn} requests.
 */
export class TurnBudget {
  #left = requestsPerTurn;
  #isTurnCounted = false;

  /** How many requests a connection may take at once, at this moment. */
  get share(): number {
    return Math.max(this.#left, requestsLeast);
  }

  /** A connection has taken so many. */
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
