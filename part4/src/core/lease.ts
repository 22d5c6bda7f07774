/** The part of a session's time-out that a heartbeat's lease lasts; the rest covers clocks that drift apart. */
const leaseShare = 0.75;

/**
 * How long this server may act as head or tail (part4/README.md#lease-serve): three quarters of the session's time-out from the
 * moment at which the last confirmed heartbeat was *sent*. ZooKeeper took it no earlier, and keeps the session alive
 * for about a whole time-out from then on, so that nobody else is head or tail before the lease is over.
 *
 * About: in an ensemble a write that comes through a follower is no sign of life to the leader; those travel with the
 * follower's next ping, every half tick. The quarter that is left covers that if a session lasts four ticks or more.
 *
 * Times are milliseconds of one monotonic clock that the caller reads; the lease never reads a clock itself.
 */
export class Lease {
  readonly #lengthMs: number;
  #until = Number.NEGATIVE_INFINITY;

  constructor(sessionTimeoutMs: number) {
    this.#lengthMs = leaseShare * sessionTimeoutMs;
  }

  /** To be called when ZooKeeper has confirmed the heartbeat that was sent at `sentAt`; in whatever order. */
  confirmed(sentAt: number): void {
    this.#until = Math.max(this.#until, sentAt + this.#lengthMs);
  }

  /** Ends the lease for good: the session or its znode is gone. */
  revoke(): void {
    this.#until = Number.NEGATIVE_INFINITY;
  }

  validAt(now: number): boolean {
    return now < this.#until;
  }
}
