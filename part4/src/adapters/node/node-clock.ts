import type { Clock } from '../../ports.ts';
import { wakefulClock } from '../wakeful-clock.ts';

/** The clock of this process. */
export const nodeClock: Clock = {
  now: wakefulClock({ monotonic: () => performance.now(), timeOfDay: Date.now }),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
  soon(run) {
    setImmediate(run);
  },
};
