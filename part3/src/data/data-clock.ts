import type { RoomClock, WriterClock } from '@tablelab/shared/disk';

/** The clock of this process, for what it does with its disk. */
export const dataClock: WriterClock & RoomClock = {
  now: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
  soon(run) {
    setImmediate(run);
  },
};
