/**
 * The second thread of a test file (see `time-limit.ts`). Of the two numbers it shares with the first one, `state[0]`
 * changes when a test begins, and `state[1]`, written before, is the milliseconds that this test may take; 0: no limit.
 */
import { workerData } from 'node:worker_threads';

const state: Int32Array = workerData;

for (;;) {
  const test = Atomics.load(state, 0);
  const limitMs = Atomics.load(state, 1) || Number.POSITIVE_INFINITY;
  if (Atomics.wait(state, 0, test, limitMs) === 'timed-out') process.kill(process.pid, 'SIGKILL');
}
