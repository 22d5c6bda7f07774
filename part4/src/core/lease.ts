/** The fraction of a session's time-out that a heartbeat's lease lasts; the rest covers clock drift. */
const leaseShare = 0.75;

/**
 * Until when a server may act as head or tail (part4/README.md#lease-serve): three quarters of the session's time-out from
 * the moment at which the last confirmed heartbeat was *sent*. ZooKeeper received it later, and keeps the session alive for
 * roughly a whole time-out from then on. So no other server is head or tail before the lease is over.
 *
 * Roughly: in an ensemble, a write through a follower does not tell the leader that the session is alive. The leader learns
 * that from the follower's next ping, which it gets every half tick. The remaining quarter of the time-out covers this delay
 * if a session lasts at least four ticks.
 *
 * A follower may be cut off from the leader for nearly a whole time-out, and then forward all heartbeats of that time at once.
 * The leader confirms them, and may still end the session before the follower's ping arrives. So a server has only one
 * heartbeat under way: the delayed one was sent at most an eighth of the time-out after the cut began, and the next one
 * reaches the leader after that ping.
 *
 * Heartbeats may be confirmed in any order. Times are milliseconds of one monotonic clock; `now < until` is asked at every
 * request, never by a timer.
 */
export function leaseAfter(until: number, heartbeat: { sentAt: number; sessionTimeoutMs: number }): number {
  return Math.max(until, heartbeat.sentAt + leaseShare * heartbeat.sessionTimeoutMs);
}

/** No heartbeat has been confirmed yet. */
export const noLease = Number.NEGATIVE_INFINITY;
