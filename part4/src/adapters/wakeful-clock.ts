/** By how much the time of day may run ahead between two looks before that counts as a sleep, in milliseconds. */
const sleepMinMs = 50;

export interface Clocks {
  /** Milliseconds; never goes back, and stands still while the machine is suspended: `performance.now()`. */
  readonly monotonic: () => number;
  /** Milliseconds; goes on while the machine is suspended, and is set by whoever likes to: `Date.now()`. */
  readonly timeOfDay: () => number;
}

/**
 * A monotonic clock, in milliseconds, that has gone on when the machine was suspended: a server that wakes up must not
 * take a lease for valid that it got before. Node has no clock like that (Linux's CLOCK_BOOTTIME), so this one is the
 * monotonic clock, plus all that the time of day has gained on it in jumps. Somebody who puts the time of day forward ends
 * leases with it, until the next heartbeat, which harms nobody. Not noticed: a virtual machine whose host stops all of its
 * clocks.
 */
export function wakefulClock({ monotonic, timeOfDay }: Clocks): () => number {
  let offset = timeOfDay() - monotonic();
  let slept = 0;
  return () => {
    const now = monotonic();
    const gained = timeOfDay() - now - offset;
    offset += gained;
    if (gained > sleepMinMs) slept += gained;
    return now + slept;
  };
}
