import { errorText, must, TableError } from '@tablelab/shared';
import {
  BlockFile,
  type Disk,
  listFiles,
  logName,
  snapshotName,
  unfinishedName,
} from '@tablelab/shared/disk';
import type { Snapshot } from '../../core/history.ts';
import type { Lasting } from '../../core/lasting.ts';
import type { Clock, StoreEntries } from '../../ports.ts';
import type { Journal } from './journal.ts';
import { encodeBlock, formatVersion } from './journal-block.ts';

/** What a snapshot is made of. */
export interface SnapshotSource {
  readonly lasting: Lasting;
  /** Every update below it has been received, and has been executed. */
  readonly received: number;
  readonly executed: number;
  /** Whether the disk has room for more than the log. */
  readonly hasRoom: boolean;
  /** Changes when the state begins anew. */
  readonly generation: number;
  /** The state without the table, as of now. */
  snapshot(): Snapshot;
  /** Some entries of the table; undefined while there is none. */
  read(cursor: number): StoreEntries | undefined;
}

export interface CheckpointOptions {
  readonly disk: Disk;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly source: SnapshotSource;
  readonly log: (line: string, level: 'info' | 'warn') => void;
  /** The size of the logs that are there already, in bytes. */
  readonly logBytes: number;
  /** A snapshot is made when the logs are this long, or as long as the last snapshot, in bytes. */
  readonly logBytesMax: number;
  /** Logs that no start needs are kept for servers that were away, up to this many bytes. */
  readonly keptBytesMax: number;
}

/** The pause before another look at the state, in milliseconds. */
const lookMs = 10;

/**
 * Makes snapshots, so that the logs do not grow without a limit and a start does not take longer and longer: a new log is
 * begun, and then the table is written to a file while the server goes on. The entries are of different moments, as in a
 * copy for a joining server; the updates of the new log, executed in order over them, give the exact state.
 */
export class Checkpoints {
  readonly #options: CheckpointOptions;
  /** How much of the journal the last snapshot covers, in bytes. */
  #coveredBytes: number;
  #limitBytes: number;
  #work: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: CheckpointOptions) {
    this.#options = options;
    this.#coveredBytes = -options.logBytes;
    this.#limitBytes = options.logBytesMax;
  }

  /** Begins to make a snapshot if one is due. */
  consider(): void {
    const { journal, source } = this.#options;
    const isDue = journal.writtenBytes - this.#coveredBytes >= this.#limitBytes;
    if (!isDue || this.#work !== undefined || this.#isClosed || !source.lasting.isWhole) return;
    if (!source.hasRoom) return;
    this.#work = this.#make().finally(() => {
      this.#work = undefined;
    });
  }

  /** The disk has little room: what only servers need that were away is removed. */
  makeRoom(): void {
    const { log } = this.#options;
    const isBusy = this.#work !== undefined || this.#isClosed;
    if (isBusy) return;
    this.#work = this.#removeOlder(0)
      .catch((error) => log(`old logs cannot be removed: ${errorText(error)}`, 'warn'))
      .finally(() => {
        this.#work = undefined;
      });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#work;
  }

  async #make(): Promise<void> {
    const { journal, disk, log, source, logBytesMax, keptBytesMax } = this.#options;
    const covered = journal.writtenBytes;
    let number: number | undefined;
    try {
      const { received, generation } = source;
      number = await journal.rotate(() => source.lasting);
      // The first update of the new log is not below it.
      if (!(await this.#until(generation, () => source.executed >= received))) return;
      const bytes = await this.#write(number, generation);
      if (bytes === undefined) return await disk.remove(unfinishedName(number));
      await disk.rename(unfinishedName(number), snapshotName(number));
      await disk.syncNames();
      for (const name of (await listFiles(disk)).leftOver) await disk.remove(name);
      await this.#removeOlder(keptBytesMax);
      this.#limitBytes = Math.max(logBytesMax, bytes);
      log(`snapshot ${number} has ${bytes} bytes`, 'info');
    } catch (error) {
      // The logs are whole without it.
      log(`no snapshot, and the log becomes longer: ${errorText(error)}`, 'warn');
      if (number !== undefined) await disk.remove(unfinishedName(number)).catch(() => undefined);
    } finally {
      this.#coveredBytes = covered;
    }
  }

  /** Removes logs that no start needs, the oldest first, until what is left of them has at most `bytesMax` bytes. */
  async #removeOlder(bytesMax: number): Promise<void> {
    const { disk, journal } = this.#options;
    const { older } = await listFiles(disk);
    let bytes = 0;
    for (const number of older.toReversed()) {
      bytes += await disk.size(logName(number));
      if (bytes <= bytesMax) continue;
      journal.forget(number + 1);
      await disk.remove(logName(number));
    }
  }

  /** Returns the size of the file; undefined if the state has begun anew meanwhile. */
  async #write(number: number, generation: number): Promise<number | undefined> {
    const { disk, journal, source } = this.#options;
    const file = new BlockFile(await disk.create(unfinishedName(number)), this.#options.clock);
    try {
      const { lasting } = source;
      const snapshot = source.snapshot();
      await file.add(
        encodeBlock({ type: 'header', version: formatVersion, member: journal.member, lasting }),
      );
      await file.add(encodeBlock({ type: 'begin', snapshot }));
      let chunks = 0;
      let cursor: number | undefined = 0;
      while (cursor !== undefined) {
        const at: number = cursor;
        let read: StoreEntries | undefined;
        const isRead = () => {
          read = source.read(at);
          return read !== undefined;
        };
        if (!(await this.#until(generation, isRead))) return undefined;
        const { entries, next }: StoreEntries = must(read, 'it has been read');
        await file.add(encodeBlock({ type: 'chunk', entries }));
        chunks += 1;
        cursor = next;
      }
      await file.add(encodeBlock({ type: 'end', chunks }));
      // Its sessions have updates that must be on the disk, too.
      if (!(await this.#until(generation, () => source.executed >= snapshot.sessionsSeq))) return undefined;
    } finally {
      await file.close();
    }
    return await disk.size(unfinishedName(number));
  }

  /** Waits; false if the state has begun anew, or this server ends. */
  async #until(generation: number, holds: () => boolean): Promise<boolean> {
    const { clock, source } = this.#options;
    await new Promise<void>((resolve) => clock.soon(resolve));
    for (;;) {
      if (this.#isClosed || source.generation !== generation) return false;
      if (!source.hasRoom) throw new TableError('FULL', 'the disk has no room for it');
      if (holds()) return true;
      await new Promise<void>((resolve) => clock.after(lookMs, resolve));
    }
  }
}
