import type { Clock } from '../../ports.ts';
import { suspendAwareClock } from './suspend-aware-clock.ts';

/** The clock of this process. */
export const nodeClock: Clock = {
  now: suspendAwareClock({ monotonic: () => performance.now(), timeOfDay: Date.now }),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
  soon(run) {
    setImmediate(run);
  },
};
