/**
 * The judge's second thread, because the first one blocks while it waits for the student's process. It kills that process when
 * a test's time is over, or when its processes take too much memory together.
 *
 * It shares `state` with the first thread, see {@link WatchState}.
 */
import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { killTree, processTree } from '../process-tree.ts';
import { type WatchdogData, WatchState } from './watchdog.ts';

const pollMs = 50;
const pageBytes = 4_096;
/** The unit of processor time in /proc: Linux has shown hundredths of a second to programs for decades. */
const tickMs = 10;

const { state, residentBytes } = workerData as WatchdogData;
const watch = new WatchState(state);

/** What the processes of the watched one had used when the watch began. */
let before = { changes: -1, ticks: 0 };

for (;;) {
  // Before the rest, so that a change in between is not slept through.
  const { changes } = watch;
  const { process: pid, remainingMs } = watch;
  const isIdle = pid === 0;
  if (!isIdle && before.changes !== changes) before = { changes, ticks: ticksOf(processTree(pid)) };
  watch.sleep(changes, isIdle ? Number.POSITIVE_INFINITY : Math.max(1, Math.min(pollMs, remainingMs)));
  if (isIdle || watch.changes !== changes) continue;
  const tree = processTree(pid);
  const processorMs = (ticksOf(tree) - before.ticks) * tickMs;
  if (watch.remainingMs <= 0 || processorMs > watch.processorMs) stop(pid, 'time');
  else if (residentOf(tree) > residentBytes) stop(pid, 'memory');
}

function stop(pid: number, reason: 'time' | 'memory'): void {
  // The first thread may have gone on to the next process meanwhile.
  if (!watch.stopped(pid, reason)) return;
  killTree(pid);
  // Without a sandbox, a process that left the group may still hold the pipe: so the reader is woken by this byte.
  try {
    const pipe = openSync(watch.pipePath, constants.O_WRONLY | constants.O_NONBLOCK);
    writeSync(pipe, '\0');
    closeSync(pipe);
  } catch {
    // Nobody reads any more.
  }
}

/** In bytes. */
function residentOf(pids: readonly number[]): number {
  let pages = 0;
  for (const pid of pids) {
    try {
      pages += Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    } catch {
      // It has ended meanwhile.
    }
  }
  return pages * pageBytes;
}

/** The time that processors have worked for them and for their children that have ended, in ticks. */
function ticksOf(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    try {
      // The name in parentheses may contain anything.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      // utime, stime, cutime and cstime are fields 14 to 17; the third is the first here.
      for (const field of fields.slice(11, 15)) ticks += Number(field);
    } catch {
      // It has ended meanwhile.
    }
  }
  return ticks;
}
