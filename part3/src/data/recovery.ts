import { type Disk, logName, syncFile } from '@tablelab/shared/disk';
import type { NumberRange } from './lost-numbers.ts';
import { type ReplayTarget, replay } from './replay.ts';

/** Where a server's log goes on. */
export interface Recovered {
  /** The number of the last log; 0: there is none. */
  readonly number: number;
  /** The number of the next write. */
  readonly next: number;
  readonly lost: readonly NumberRange[];
  /** The size of all logs, in bytes. */
  readonly logBytes: number;
}

export type DataLine = (line: string, level: 'info' | 'warn') => void;

/**
 * Reads a server's directory into the target, and makes it ready to be continued: a torn end is cut.
 * @throws TableError as {@link replay}
 */
export async function recover(disk: Disk, target: ReplayTarget, onLine: DataLine): Promise<Recovered> {
  const { files, torn, next, lost } = await replay(disk, target);
  const { logs, leftOver, older } = files;
  const last = logs.at(-1);
  if (torn !== undefined) {
    const { name, end, bytes } = torn;
    onLine(`${name}: cut ${bytes} bytes at its end, which were being written when the server ended`, 'warn');
    await disk.truncate(name, end);
  } else if (last !== undefined) await syncFile(disk, logName(last));
  for (const name of [...leftOver, ...older.map(logName)]) await disk.remove(name);
  if (leftOver.length + older.length > 0) await disk.syncNames();
  let logBytes = 0;
  for (const number of logs) logBytes += await disk.size(logName(number));
  return { number: last ?? 0, next, lost, logBytes };
}
