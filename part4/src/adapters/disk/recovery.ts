import { logName, syncFile } from '@tablelab/shared/disk';
import type { ReplicaStore } from '../../ports.ts';
import type { LogFile } from './log-file.ts';
import { type Replayed, type ReplayOptions, replay } from './replay.ts';

/** What a server had on its disk, which may be nothing. */
export type Recovered = Pick<Replayed<ReplicaStore>, 'member' | 'lasting' | 'history' | 'store'>;

/** Where its log goes on. */
export interface JournalEnd {
  /** The number of the last log; 0: there is none. */
  readonly number: number;
  /** The size of all logs, in bytes. */
  readonly logBytes: number;
  /** See {@link Replayed.isDiscarded} and {@link Replayed.index}. */
  readonly isDiscarded: boolean;
  readonly index: readonly LogFile[];
}

export interface RecoveryOptions extends ReplayOptions<ReplicaStore> {
  readonly log: (line: string, level: 'info' | 'warn') => void;
}

/**
 * Reads a server's directory, and makes it ready to be continued: a torn end is cut.
 * @throws TableError as {@link replay}
 */
export async function recover(options: RecoveryOptions): Promise<Recovered & JournalEnd> {
  const { disk, log } = options;
  const { files, torn, ...state } = await replay(options);
  const { logs, leftOver } = files;
  const last = logs.at(-1);
  try {
    if (torn !== undefined) {
      const { name, end, bytes } = torn;
      log(`${name}: cut ${bytes} bytes at its end, which were being written when the server ended`, 'warn');
      await disk.truncate(name, end);
    } else if (last !== undefined) await syncFile(disk, logName(last));
    for (const name of leftOver) await disk.remove(name);
    if (leftOver.length > 0) await disk.syncNames();
    let logBytes = 0;
    for (const number of logs) logBytes += await disk.size(logName(number));
    return { ...state, number: last ?? 0, logBytes };
  } catch (error) {
    await state.store.close().catch(() => undefined);
    throw error;
  }
}
