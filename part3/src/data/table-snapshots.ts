import { errorText, TableError } from '@tablelab/shared';
import {
  BlockFile,
  type Disk,
  listFiles,
  logName,
  snapshotName,
  unfinishedName,
} from '@tablelab/shared/disk';
import type { Outcomes } from '../shared-memory/outcomes.ts';
import type { WalkedEntries } from '../shared-memory/table-walk.ts';
import { encodeDataBlock, header } from './data-block.ts';
import { dataClock } from './data-clock.ts';
import type { NumberRange } from './lost-numbers.ts';
import { OutcomeTrail } from './outcome-trail.ts';
import type { WriteLog } from './write-log.ts';

/** What a snapshot is made of. */
export interface SnapshotSource {
  /** How many writes have been executed. */
  readonly opCount: number;
  readonly outcomes: Pick<Outcomes, 'of'>;
  /** Whether the disk has room for more than the log. */
  readonly hasRoom: boolean;
  /** Some entries of the table, from `cursor` on, which is 0 at first. */
  read(cursor: number): WalkedEntries;
}

export interface TableSnapshotsOptions {
  readonly disk: Disk;
  readonly log: WriteLog;
  readonly lost: readonly NumberRange[];
  readonly source: SnapshotSource;
  readonly onLine: (line: string, level: 'info' | 'warn') => void;
  /** The size of the logs that are there already, in bytes. */
  readonly logBytes: number;
  /** A snapshot is made when the logs are this long, or as long as the last snapshot, in bytes. */
  readonly logBytesMax: number;
}

/** The pause before another look at how many writes have been executed, in milliseconds. */
const lookMs = 10;

/**
 * Makes snapshots, so that the logs do not grow without a limit and a start does not take longer and longer: another log is
 * begun, and then the table is written to a file step by step, while writes are executed between the steps. See
 * {@link SnapshotReading} for how the entries of different moments become one state.
 */
export class TableSnapshots {
  readonly #options: TableSnapshotsOptions;
  /** How much of the log the last snapshot covers, in bytes. */
  #coveredBytes: number;
  #limitBytes: number;
  #work: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: TableSnapshotsOptions) {
    this.#options = options;
    this.#coveredBytes = -options.logBytes;
    this.#limitBytes = options.logBytesMax;
  }

  /** Begins to make a snapshot if one is due. */
  consider(): void {
    const { log, source } = this.#options;
    const isDue = log.writtenBytes - this.#coveredBytes >= this.#limitBytes;
    if (!isDue || this.#work !== undefined || this.#isClosed || !source.hasRoom) return;
    this.#work = this.#make().finally(() => {
      this.#work = undefined;
    });
  }

  /** Ends an unfinished snapshot; the next start removes it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#work;
  }

  async #make(): Promise<void> {
    const { log, disk, onLine, logBytesMax } = this.#options;
    const covered = log.writtenBytes;
    let unfinished: string | undefined;
    try {
      const { number, first } = await log.rotate();
      unfinished = unfinishedName(number);
      const bytes = await this.#write(unfinished, first);
      await disk.rename(unfinished, snapshotName(number));
      await disk.syncNames();
      const { leftOver, older } = await listFiles(disk);
      for (const name of [...leftOver, ...older.map(logName)]) await disk.remove(name);
      this.#limitBytes = Math.max(logBytesMax, bytes);
      onLine(`snapshot ${number} has ${bytes} bytes`, 'info');
    } catch (error) {
      if (this.#isClosed) return;
      // The logs are whole without it.
      onLine(`no snapshot, and the log becomes longer: ${errorText(error)}`, 'warn');
      if (unfinished !== undefined) await disk.remove(unfinished).catch(() => undefined);
    } finally {
      this.#coveredBytes = covered;
    }
  }

  /** Returns the size of the file. */
  async #write(name: string, first: number): Promise<number> {
    const { disk, log, lost, source } = this.#options;
    // The log that belongs to the snapshot has no write that is missing here.
    while (source.opCount < first) await this.#look();
    const trail = new OutcomeTrail(source.outcomes, { first, opCount: source.opCount });
    const file = new BlockFile(await disk.create(name), dataClock);
    try {
      await file.add(encodeDataBlock(header({ first, reserved: first, lost })));
      let chunks = 0;
      let cursor: number | undefined = 0;
      while (cursor !== undefined) {
        this.#check();
        const { entries, next }: WalkedEntries = source.read(cursor);
        await file.add(encodeDataBlock({ type: 'chunk', entries }));
        trail.follow(source.opCount);
        chunks += 1;
        cursor = next;
      }
      const { outcomesFrom, executed, outcomes } = trail.end();
      const outcomesAt = file.bytes;
      await file.add(encodeDataBlock({ type: 'outcomes', outcomes }));
      await file.add(encodeDataBlock({ type: 'end', end: { chunks, executed, outcomesAt, outcomesFrom } }));
      // The snapshot shows writes that must be in the log on the disk, too.
      await log.sync();
    } finally {
      await file.close();
    }
    return file.bytes;
  }

  async #look(): Promise<void> {
    await new Promise<void>((resolve) => dataClock.after(lookMs, resolve));
    this.#check();
  }

  #check(): void {
    if (this.#isClosed) throw new TableError('SHUTTING_DOWN', 'the server ends');
    if (!this.#options.source.hasRoom) throw new TableError('FULL', 'the disk has no room for it');
  }
}
