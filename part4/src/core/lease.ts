/** The fraction of a session's time-out that a heartbeat's lease lasts; the rest covers clock drift. */
const leaseShare = 0.75;

/**
 * Until when a server may act as head or tail (part4/README.md#lease-serve): three quarters of the session's time-out from
 * the moment at which the last confirmed heartbeat was *sent*. ZooKeeper took it no earlier, and keeps the session alive for
 * about a whole time-out from then on, so that nobody else is head or tail before the lease is over.
 *
 * About: in an ensemble a write that comes through a follower does not tell the leader that the session lives; that travels
 * with the follower's next ping, every half tick. The quarter that is left covers that if a session lasts four ticks or more.
 *
 * A follower may be cut off from the leader for nearly a whole time-out, and then pass on at once all heartbeats that it got
 * meanwhile. The leader confirms them, and may end the session just before the follower's ping tells it better. So a server
 * has one heartbeat under way at a time: the one that was held up was sent an eighth of the time-out after the follower was
 * cut off, at the latest, and the next one reaches the leader after that ping.
 *
 * Heartbeats may be confirmed in any order. Times are milliseconds of one monotonic clock; `now < until` is asked at every
 * request, never by a timer.
 */
export function leaseAfter(until: number, heartbeat: { sentAt: number; sessionTimeoutMs: number }): number {
  return Math.max(until, heartbeat.sentAt + leaseShare * heartbeat.sessionTimeoutMs);
}

/** No heartbeat has been confirmed yet. */
export const noLease = Number.NEGATIVE_INFINITY;
