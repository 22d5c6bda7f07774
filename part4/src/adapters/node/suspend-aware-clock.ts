/** By how much the time of day may run ahead between two readings before that counts as a suspension, in milliseconds. */
const suspensionMinMs = 50;

export interface Clocks {
  /** Milliseconds; never goes back, and stands still while the machine is suspended: `performance.now()`. */
  readonly monotonic: () => number;
  /** Milliseconds; goes on while the machine is suspended, and may be set by a person or a program: `Date.now()`. */
  readonly timeOfDay: () => number;
}

/**
 * A monotonic clock, in milliseconds, that has gone on when the machine was suspended: a server that wakes up must not
 * take a lease for valid that it got before. Node has no such clock (Linux calls it CLOCK_BOOTTIME), so this one is the
 * monotonic clock, plus all that the time of day has gained on it in jumps. Setting the time of day forward therefore
 * ends leases until the next heartbeat, which does no harm. Not noticed: a virtual machine whose host stops all of its
 * clocks.
 */
export function suspendAwareClock({ monotonic, timeOfDay }: Clocks): () => number {
  let offset = timeOfDay() - monotonic();
  let suspendedMs = 0;
  return () => {
    const now = monotonic();
    const gained = timeOfDay() - now - offset;
    offset += gained;
    if (gained > suspensionMinMs) suspendedMs += gained;
    return now + suspendedMs;
  };
}
