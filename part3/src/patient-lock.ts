import type { Mutex } from './shared-memory/mutex.ts';

/**
 * How long one attempt at a lock may take, in milliseconds, and how many there are. A process that was stopped finds
 * its deadlines passed when it goes on, before the thread that holds the lock has had a chance: hence more than one.
 */
const lockTimeoutMs = 1_000;
const lockAttemptsMax = 3;

/**
 * Takes a lock that is released within microseconds unless its holder is dead.
 * @throws TableError INTERNAL when it has not been released after three seconds.
 */
export function lockPatiently(mutex: Pick<Mutex, 'lock'>): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return mutex.lock({ timeoutMs: lockTimeoutMs });
    } catch (error) {
      if (attempt === lockAttemptsMax) throw error;
    }
  }
}
