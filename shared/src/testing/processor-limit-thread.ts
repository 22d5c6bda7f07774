/** The second thread of `ProcessorLimit`, which says what they share. */
import { workerData } from 'node:worker_threads';

const pollMs = 50;
const state = new Int32Array(workerData, 0, 1);
const limitUs = new Float64Array(workerData, 8, 1);

for (;;) {
  const seen = Atomics.load(state, 0);
  const counts = (seen & 1) === 1;
  const { user, system } = process.cpuUsage();
  if (counts && user + system > (limitUs[0] ?? 0)) {
    if (Atomics.compareExchange(state, 0, seen, seen + 1) === seen) process.kill(process.pid, 'SIGINT');
  } else {
    Atomics.wait(state, 0, seen, counts ? pollMs : Number.POSITIVE_INFINITY);
  }
}
