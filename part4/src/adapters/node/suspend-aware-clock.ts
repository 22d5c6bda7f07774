/**
 * If the time of day advances by this much more than the monotonic clock, that counts as a suspension, in milliseconds.
 */
const suspensionMinMs = 50;

export interface Clocks {
  /** Milliseconds; never goes back, and stands still while the machine is suspended: `performance.now()`. */
  readonly monotonic: () => number;
  /** Milliseconds; goes on while the machine is suspended, and can be set: `Date.now()`. */
  readonly timeOfDay: () => number;
}

/**
 * A monotonic clock, in milliseconds, that includes the time during which the machine was suspended: a server that
 * wakes up must not treat an old lease as valid. Node has no such clock (Linux calls it CLOCK_BOOTTIME). This one adds
 * to the monotonic clock all jumps by which the time of day has advanced more. Setting the time of day forward
 * therefore ends leases until the next heartbeat, which is harmless. It cannot detect that the host of a virtual
 * machine has stopped all its clocks.
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
