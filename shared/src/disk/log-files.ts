import { TableError } from '../errors.ts';
import type { Disk } from './disk.ts';

/**
 * The files of a server's directory. Log n continues log n - 1. Snapshot n with the logs from n on is the whole state; without
 * a snapshot, that are all logs from 1 on.
 */
export interface LogFiles {
  /** The number of the newest snapshot; 0: there is none. */
  readonly snapshot: number;
  /** The numbers of the logs that belong to it, rising, without a gap. */
  readonly logs: readonly number[];
  /** The numbers of the logs before those, rising, without a gap: kept for servers that were away. */
  readonly older: readonly number[];
  /** Files that are not needed any more, or were never completed. */
  readonly leftOver: readonly string[];
}

export function logName(number: number): string {
  return `log-${String(number).padStart(8, '0')}`;
}

export function snapshotName(number: number): string {
  return `snapshot-${String(number).padStart(8, '0')}`;
}

/** A snapshot that is being written. */
export function unfinishedName(number: number): string {
  return `${snapshotName(number)}${unfinished}`;
}

const unfinished = '.new';

/** @throws TableError LOST when a log is missing, BAD_REQUEST for a file that no server has written */
export async function listFiles(disk: Disk): Promise<LogFiles> {
  const logs: number[] = [];
  const snapshots: number[] = [];
  const leftOver: string[] = [];
  for (const name of await disk.list()) {
    const [, kind, digits, suffix] = /^(log|snapshot)-(\d{8,})(\.new)?$/.exec(name) ?? [];
    if (digits === undefined) throw new TableError('BAD_REQUEST', `${name} is no file of a table server`);
    if (suffix !== undefined) leftOver.push(name);
    else (kind === 'log' ? logs : snapshots).push(Number(digits));
  }
  const snapshot = Math.max(0, ...snapshots);
  const first = Math.max(1, snapshot);
  leftOver.push(...snapshots.filter((number) => number < snapshot).map(snapshotName));
  const before = logs.filter((number) => number < first).toSorted((one, other) => other - one);
  const gap = before.findIndex((number, index) => number !== first - 1 - index);
  const older = gap < 0 ? before : before.slice(0, gap);
  leftOver.push(...before.slice(older.length).map(logName));
  const needed = logs.filter((number) => number >= first).toSorted((one, other) => one - other);
  const isEmpty = needed.length === 0 && snapshot === 0;
  const missing = isEmpty
    ? -1
    : Array.from({ length: Math.max(1, needed.length) }).findIndex(
        (_, index) => needed[index] !== first + index,
      );
  if (missing >= 0) throw new TableError('LOST', `${logName(first + missing)} is missing`);
  return { snapshot, logs: needed, older: older.toReversed(), leftOver };
}
