import { Outcome } from '@tablelab/part2';
import { errorText, TableError, unreachable } from '@tablelab/shared';
import {
  type Disk,
  type LogFiles,
  listFiles,
  logName,
  readBlocks,
  snapshotName,
} from '@tablelab/shared/disk';
import { execute } from '../executor/execute-tasks.ts';
import type { Outcomes } from '../shared-memory/outcomes.ts';
import type { SharedTable } from '../shared-memory/shared-table.ts';
import { type DataBlock, decodeDataBlock } from './data-block.ts';
import type { NumberRange } from './lost-numbers.ts';
import { readSnapshot, type SnapshotReading } from './snapshot-reading.ts';
import { decodeWrites, type RecordedWrite } from './write-records.ts';

/** An empty table, which nobody else uses yet, and where to note what the writes did. */
export interface ReplayTarget {
  readonly table: Pick<
    SharedTable,
    'put' | 'putBytes' | 'putBytesIfAbsent' | 'putBytesIfEquals' | 'delBytes'
  >;
  readonly outcomes: Pick<Outcomes, 'note'>;
}

/** What a directory holds, besides what the target has got. */
export interface Replayed {
  readonly files: LogFiles;
  /** The number of the next write. */
  readonly next: number;
  readonly lost: readonly NumberRange[];
  /** The end of the last log, if the end of the server, or a power cut, has torn it. */
  readonly torn: TornEnd | undefined;
}

export interface TornEnd {
  readonly name: string;
  /** Where the whole part ends. */
  readonly end: number;
  /** How much is behind it. */
  readonly bytes: number;
}

const advice = 'Restore a backup of the directory, or move it away to begin without data';

/**
 * Reads a server's directory, and changes nothing there.
 * @throws TableError LOST when something is damaged or missing that had been synced; BAD_REQUEST for a directory of another
 *   version or program
 */
export async function replay(disk: Disk, target: ReplayTarget): Promise<Replayed> {
  try {
    const files = await listFiles(disk);
    const { snapshot, logs } = files;
    const [first] = logs;
    const replayer = new Replay(target);
    if (snapshot > 0 && first !== undefined) {
      const reading = await readSnapshot(disk, { name: snapshotName(snapshot), log: logName(first), target });
      replayer.begin(reading);
    }
    let torn: TornEnd | undefined;
    for (const number of logs) torn = await readLog(replayer, disk, number, number === logs.at(-1));
    return { files, torn, ...replayer.finish() };
  } catch (error) {
    throw error instanceof TableError && error.code === 'LOST'
      ? new TableError('LOST', `${errorText(error)}. ${advice}`, { cause: error })
      : error;
  }
}

async function readLog(
  replayer: Replay,
  disk: Disk,
  number: number,
  isLast: boolean,
): Promise<TornEnd | undefined> {
  const name = logName(number);
  const reader = readBlocks(disk, name);
  for (;;) {
    const { value, done } = await reader.next();
    if (!done) {
      replayer.take(`${name}, byte ${value.offset}`, decodeDataBlock(name, value));
      continue;
    }
    if (value.torn === 0) return undefined;
    if (isLast) return { name, end: value.end, bytes: value.torn };
    throw new TableError(
      'LOST',
      `${name} is damaged at byte ${value.end}: its end is missing, and a later log is there`,
    );
  }
}

/** The state while the logs are read. */
class Replay {
  readonly #target: ReplayTarget;
  #reading: SnapshotReading | undefined;
  /** Undefined: no log has been read yet. */
  #next: number | undefined;
  #reserved = 0;
  #isClosed = true;
  #lost: readonly NumberRange[] = [];

  constructor(target: ReplayTarget) {
    this.#target = target;
  }

  begin(reading: SnapshotReading): void {
    this.#reading = reading;
  }

  take(place: string, block: DataBlock): void {
    switch (block.type) {
      case 'header': {
        const { first, reserved, lost } = block;
        const skipped = lost.at(-1);
        const isSkipped = skipped?.end === first && skipped.from === this.#next;
        if (first !== (this.#next ?? first) && !isSkipped) throw missing(place, this.#next);
        this.#next = first;
        this.#reserved = reserved;
        this.#lost = lost;
        this.#isClosed = false;
        return;
      }
      case 'writes':
        for (const write of decodeWrites(block.records)) {
          if (write.opN !== this.#next) throw missing(place, this.#next);
          this.#target.outcomes.note(write.opN, this.#execute(write));
          this.#next += 1;
        }
        return;
      case 'reserve':
        this.#reserved = Math.max(this.#reserved, block.reserved);
        return;
      case 'closed':
        if (block.next !== this.#next) throw missing(place, this.#next);
        this.#isClosed = true;
        return;
      case 'chunk':
      case 'outcomes':
      case 'end':
        throw new TableError('LOST', `${place}: a log has no block of a snapshot`);
      default:
        return unreachable(block);
    }
  }

  finish(): { next: number; lost: readonly NumberRange[] } {
    const next = this.#next ?? 0;
    const executed = this.#reading?.executed ?? 0;
    if (next < executed)
      throw new TableError('LOST', `the snapshot has writes up to ${executed}, the logs ${next}`);
    if (this.#isClosed || this.#reserved <= next) return { next, lost: this.#lost };
    return { next: this.#reserved, lost: [...this.#lost, { from: next, end: this.#reserved }] };
  }

  #execute(write: RecordedWrite): number {
    const { table } = this.#target;
    const known = this.#reading?.outcomeOf(write.opN);
    if (known === undefined) return execute(table, write);
    // The snapshot shows the effects of some writes beyond this one, so the condition cannot be evaluated again.
    const isEffective = write.op === 'put' || (write.op !== 'del' && known === Outcome.APPLIED);
    if (isEffective && this.#reading?.isLast(write)) table.putBytes(write.key, write.data);
    return known;
  }
}

function missing(place: string, next: number | undefined): TableError {
  return new TableError('LOST', `${place}: write ${next} is missing`);
}
