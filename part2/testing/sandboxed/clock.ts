/**
 * Time and turns of the process in which the student's code runs: the test's own, and in the grader another one, where this module
 * runs, too.
 */
import { mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';

/** From now on, a time-out passes by {@link advanceClock} alone. */
export function stopClock(): void {
  mock.timers.enable({ apis: ['setTimeout'] });
}

/** Lets the time pass at once. Resolves when what is due has happened. */
export async function advanceClock(ms: number): Promise<void> {
  mock.timers.tick(ms);
  await setImmediate();
}

export function startClock(): void {
  mock.timers.reset();
}

/** Resolves after so many turns of the event loop. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await setImmediate();
}

/** Does the work without a turn of the event loop in between. */
export function inOneTurn<T>(work: () => T): T {
  return work();
}
