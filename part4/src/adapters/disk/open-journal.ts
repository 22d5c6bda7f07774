import type { Disk, SyncPolicy } from '@tablelab/shared/disk';
import { receivedBy } from '../../core/history.ts';
import type { Clock } from '../../ports.ts';
import { Journal } from './journal.ts';
import { type Recovered, type RecoveryOptions, recover } from './recovery.ts';
import { noSnapshot } from './replay.ts';

export interface JournalOpening extends RecoveryOptions {
  readonly disk: Disk;
  readonly policy: SyncPolicy;
  readonly clock: Clock;
}

/** A server's directory, opened. */
export interface Data {
  readonly disk: Disk;
  readonly journal: Journal;
  readonly recovered: Recovered;
  /** The size of the logs that were there, in bytes. */
  readonly logBytes: number;
  /** What the disk had left, in bytes. */
  readonly freeBytes: number;
}

/**
 * Reads a server's directory and begins another log there.
 * @throws TableError as {@link recover}
 */
export async function openJournal(options: JournalOpening): Promise<Data> {
  const { disk, policy, clock } = options;
  const { number, logBytes, isDiscarded, index, ...recovered } = await recover(options);
  const { member, lasting } = recovered;
  const place = { number: number + 1, seq: receivedBy(recovered.history), index };
  const journal = await Journal.begin({ disk, policy, clock, member }, place, lasting);
  if (isDiscarded) journal.add({ type: 'begin', snapshot: noSnapshot });
  return { disk, journal, recovered, logBytes, freeBytes: await disk.freeBytes() };
}
