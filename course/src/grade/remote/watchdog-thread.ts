/**
 * The judge's second thread, because the first one blocks while it waits for the student's process. It kills that process when
 * a test's time is over, or when its processes take too much memory together.
 *
 * It shares `state` with the first thread, see {@link WatchState}.
 */
import {
  closeSync,
  constants,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { workerData } from 'node:worker_threads';
import { killTree, processTree } from '../process-tree.ts';
import { type WatchdogData, WatchState } from './watchdog.ts';

const pollMs = 50;
const pageBytes = 4_096;
/** The unit in which a file's size on its disk is told. */
const blockBytes = 512;
/** What Linux calls file systems in memory (TMPFS_MAGIC); anonymous files lie in one, too. */
const inMemory = 0x0102_1994;
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
  else if (residentOf(tree) + filesInMemory(tree) > residentBytes) stop(pid, 'memory');
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

/** Of the files that they have open, in bytes. Where bubblewrap is used, the system refuses them, see `refused-calls.ts`. */
function filesInMemory(pids: readonly number[]): number {
  const found = new Map<string, number>();
  for (const pid of pids) {
    try {
      const folder = `/proc/${pid}/fd`;
      for (const name of readdirSync(folder)) {
        const path = `${folder}/${name}`;
        if (!readlinkSync(path).startsWith('/') || statfsSync(path).type !== inMemory) continue;
        const { dev, ino, blocks } = statSync(path);
        found.set(`${dev} ${ino}`, blocks * blockBytes);
      }
    } catch {
      // It has ended, or has closed a file, meanwhile.
    }
  }
  return [...found.values()].reduce((sum, bytes) => sum + bytes, 0);
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
