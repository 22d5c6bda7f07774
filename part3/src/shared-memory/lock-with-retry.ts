import { TableError } from '@tablelab/shared';
import type { Mutex } from './mutex.ts';

/**
 * The number of attempts to take a lock. When a stopped process continues, its deadlines have passed before the thread
 * that holds the lock could release it, so there is more than one attempt.
 */
const lockAttemptsMax = 3;

/** How long one attempt by main may take, in milliseconds: all clients wait meanwhile. */
const mainTimeoutMs = 1_000;

/**
 * For main: takes a lock that is released within microseconds, unless the thread that holds it is dead.
 * @throws TableError INTERNAL if it has not been released after three seconds
 */
export function lockWithRetry(mutex: Pick<Mutex, 'lock'>): void {
  retry(() => mutex.lock({ timeoutMs: mainTimeoutMs }));
}

/**
 * For the executor, which keeps no client waiting: gives main precedence.
 * @throws TableError INTERNAL if it has not been released after three time-outs of {@link Mutex.lockLowPriority}
 */
export function lockLowPriorityWithRetry(mutex: Pick<Mutex, 'lockLowPriority'>): void {
  retry(() => mutex.lockLowPriority());
}

/**
 * For a thread that has slept and needs its lock again: the process may have been stopped meanwhile.
 * @throws TableError INTERNAL if it has not been released after three time-outs of {@link Mutex.lock}
 */
export function lockAgainWithRetry(mutex: Pick<Mutex, 'lock'>): void {
  retry(() => mutex.lock());
}

function retry(lock: () => void): void {
  for (let attempt = 1; attempt < lockAttemptsMax; attempt += 1) {
    try {
      lock();
      return;
    } catch (error) {
      // Another attempt helps only after a time-out.
      if (!(error instanceof TableError)) throw error;
    }
  }
  lock();
}
