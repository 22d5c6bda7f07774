import { TableError } from '@tablelab/shared';
import type { Mutex } from './shared-memory/mutex.ts';

/**
 * How many attempts at a lock there are. A process that was stopped finds its deadlines passed when it goes on, before
 * the thread that holds the lock has had a chance: hence more than one.
 */
const lockAttemptsMax = 3;

/** How long one attempt of main's may take, in milliseconds: all clients wait with it. */
const mainTimeoutMs = 1_000;

/**
 * For main: takes a lock that is released within microseconds unless its holder is dead.
 * @throws TableError INTERNAL when it has not been released after three seconds.
 */
export function lockPatiently(mutex: Pick<Mutex, 'lock'>): void {
  patiently(() => mutex.lock({ timeoutMs: mainTimeoutMs }));
}

/**
 * For the executor, which has nobody waiting for it, and lets main go first.
 * @throws TableError INTERNAL when it has not been released after three of {@link Mutex.lockPolitely}'s time-outs.
 */
export function lockPolitelyAndPatiently(mutex: Pick<Mutex, 'lockPolitely'>): void {
  patiently(() => mutex.lockPolitely());
}

function patiently(lock: () => void): void {
  for (let attempt = 1; attempt < lockAttemptsMax; attempt += 1) {
    try {
      lock();
      return;
    } catch (error) {
      // Only waiting too long can be put right by waiting again.
      if (!(error instanceof TableError)) throw error;
    }
  }
  lock();
}
