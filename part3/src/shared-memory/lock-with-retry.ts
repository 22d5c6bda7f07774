import { TableError } from '@tablelab/shared';
import type { Mutex } from './mutex.ts';

/**
 * How many attempts at a lock there are. A process that was stopped finds its deadlines passed when it goes on, before
 * the thread that holds the lock has had a chance to release it: hence more than one.
 */
const lockAttemptsMax = 3;

/** How long one attempt of main's may take, in milliseconds: all clients wait with it. */
const mainTimeoutMs = 1_000;

/**
 * For main: takes a lock that is released within microseconds unless its holder is dead.
 * @throws TableError INTERNAL when it has not been released after three seconds.
 */
export function lockWithRetry(mutex: Pick<Mutex, 'lock'>): void {
  retry(() => mutex.lock({ timeoutMs: mainTimeoutMs }));
}

/**
 * For the executor, for which no client waits: lets main go first.
 * @throws TableError INTERNAL when it has not been released after three of {@link Mutex.lockLowPriority}'s time-outs.
 */
export function lockLowPriorityWithRetry(mutex: Pick<Mutex, 'lockLowPriority'>): void {
  retry(() => mutex.lockLowPriority());
}

function retry(lock: () => void): void {
  for (let attempt = 1; attempt < lockAttemptsMax; attempt += 1) {
    try {
      lock();
      return;
    } catch (error) {
      // Only a time-out can be cured by another attempt.
      if (!(error instanceof TableError)) throw error;
    }
  }
  lock();
}
