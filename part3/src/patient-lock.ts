import { TableError } from '@tablelab/shared';
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
  for (let attempt = 1; attempt < lockAttemptsMax; attempt += 1) {
    try {
      mutex.lock({ timeoutMs: lockTimeoutMs });
      return;
    } catch (error) {
      // Only waiting too long can be put right by waiting again.
      if (!(error instanceof TableError)) throw error;
    }
  }
  mutex.lock({ timeoutMs: lockTimeoutMs });
}
