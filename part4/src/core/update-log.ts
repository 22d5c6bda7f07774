import { assert, must } from '@tablelab/shared';
import { type Update, updateBytes } from './update.ts';

/** How many settled updates stay in the log, for servers that return after a short absence. */
export interface LogWindow {
  readonly windowUpdatesMax: number;
  readonly windowBytesMax: number;
}

/**
 * The sent log: the updates from `start` up to {@link logEnd}. They are kept until the tail has executed them and a
 * little longer, so that a new successor can get the updates that it lacks (van Renesse & Schneider 2004, section 4:
 * "Sent").
 *
 * Invariant: `start <= settled <= end`, and `updates[i + trimmed].seq === start + i`; nothing is missing in between.
 */
export interface UpdateLog {
  /** The first `trimmed` slots are empty: moving up the rest costs a copy, so it is done only occasionally. */
  updates: (Update | undefined)[];
  trimmed: number;
  /** The lowest sequence number in the log, or the end if it is empty. */
  start: number;
  /** The tail has executed everything below it. */
  settled: number;
  /** The size of the updates from `start` to `settled`, in bytes, and of those from `settled` on. */
  windowBytes: number;
  unsettledBytes: number;
}

/** An empty log that begins at `seq`. */
export function newLog(seq = 0): UpdateLog {
  return { updates: [], trimmed: 0, start: seq, settled: seq, windowBytes: 0, unsettledBytes: 0 };
}

export function copyLog(log: UpdateLog): UpdateLog {
  return { ...log, updates: log.updates.slice() };
}

/** One above the highest sequence number here. */
export function logEnd({ start, updates, trimmed }: UpdateLog): number {
  return start + updates.length - trimmed;
}

export function appendToLog(log: UpdateLog, update: Update): void {
  const end = logEnd(log);
  assert(update.seq === end, () => `the log takes updates in order: ${update.seq} after ${end - 1}`);
  log.updates.push(update);
  log.unsettledBytes += updateBytes(update);
}

/** Update `seq`, or undefined where the log does not reach. */
export function findUpdate({ start, updates, trimmed }: UpdateLog, seq: number): Update | undefined {
  return seq < start ? undefined : updates[seq - start + trimmed];
}

export function updateAt(log: UpdateLog, seq: number): Update {
  const update = must(findUpdate(log, seq), () => `update ${seq} is in the log`);
  assert(update.seq === seq, () => `update ${update.seq} lies where ${seq} belongs`);
  return update;
}

/** At most `countMax` updates and about `bytesMax` bytes from `seq` up, in order, below `end`; at least one. */
export function sliceOfLog(
  log: UpdateLog,
  seq: number,
  end: number,
  limits: { countMax: number; bytesMax: number },
): { updates: Update[]; bytes: number } {
  assert(
    seq >= log.start && seq < end && end <= logEnd(log),
    () => `the log holds ${log.start}..${logEnd(log)}, not ${seq}..${end}`,
  );
  const updates: Update[] = [];
  let bytes = 0;
  for (let at = seq; at < end && updates.length < limits.countMax && bytes < limits.bytesMax; at += 1) {
    const update = updateAt(log, at);
    updates.push(update);
    bytes += updateBytes(update);
  }
  return { updates, bytes };
}

/** Records that the tail has executed everything below `seq`; drops updates that exceed the window. */
export function settleLog(
  log: UpdateLog,
  seq: number,
  { windowUpdatesMax, windowBytesMax }: LogWindow,
): void {
  assert(seq <= logEnd(log), () => `only what is here can be settled: ${seq} of ${logEnd(log)}`);
  for (; log.settled < seq; log.settled += 1) {
    const bytes = updateBytes(updateAt(log, log.settled));
    log.unsettledBytes -= bytes;
    log.windowBytes += bytes;
  }
  while (log.settled - log.start > windowUpdatesMax || log.windowBytes > windowBytesMax) {
    log.windowBytes -= updateBytes(updateAt(log, log.start));
    // The value may be large, so it is released now, before the slot.
    log.updates[log.trimmed] = undefined;
    log.trimmed += 1;
    log.start += 1;
  }
  assert(log.windowBytes >= 0 && log.unsettledBytes >= 0, 'the log counts its bytes right');
  // The rest is moved up only when half of the array is empty, so that each update is moved once on average.
  if (log.trimmed > 1024 && log.trimmed * 2 > log.updates.length) {
    log.updates = log.updates.slice(log.trimmed);
    log.trimmed = 0;
  }
}
