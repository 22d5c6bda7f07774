/**
 * The second thread of a test file (see `time-limit.ts`). It shares two numbers with the first thread: `state[0]` changes
 * when a test starts; `state[1]`, written before that, is the test's limit in milliseconds, 0 for no limit.
 */
import { workerData } from 'node:worker_threads';

const state: Int32Array = workerData;

for (;;) {
  const test = Atomics.load(state, 0);
  const limitMs = Atomics.load(state, 1) || Number.POSITIVE_INFINITY;
  if (Atomics.wait(state, 0, test, limitMs) === 'timed-out') process.kill(process.pid, 'SIGKILL');
}
