import { errorText, TableError } from '@tablelab/shared';
import { type Block, type Disk, type FileEnd, logName, readBlocks } from '@tablelab/shared/disk';
import { type Update, updateBytes } from '../../core/update.ts';
import type { Journal } from './journal.ts';
import { decodeBlock } from './journal-block.ts';

export interface LogReaderOptions {
  readonly disk: Disk;
  readonly journal: Pick<Journal, 'fileWith' | 'number'>;
  readonly log: (line: string, level: 'info' | 'warn') => void;
}

/** Which updates are wanted: from `seq` on, below `end`, about `bytesMax` bytes of them. */
export interface LogRange {
  readonly seq: number;
  readonly end: number;
  readonly countMax: number;
  readonly bytesMax: number;
}

/** Where the last read ended. */
interface Place {
  readonly number: number;
  readonly blocks: AsyncGenerator<Block, FileEnd>;
  /** Of the block that was read last. */
  end: number;
  /** Of the updates that were read, those that were not asked for yet. */
  rest: readonly Update[];
  /** The next update that will be asked for if the reader goes on from here. */
  seq: number;
}

/**
 * Reads updates from a server's logs for a server that was away. What is read in one go is a block, so at most a megabyte and a
 * part of the file that is as long are in memory; who reads goes on from where the last read ended.
 */
export class LogReader {
  readonly #options: LogReaderOptions;
  #place: Place | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: LogReaderOptions) {
    this.#options = options;
  }

  /** At least one update; none if the logs do not reach back so far, or cannot be read. */
  read(range: LogRange): Promise<readonly Update[]> {
    const updates = this.#last.then(() => this.#read(range));
    this.#last = updates;
    return updates;
  }

  async #read(range: LogRange): Promise<readonly Update[]> {
    try {
      return await this.#find(range);
    } catch (error) {
      this.#place = undefined;
      const text = `the log on disk cannot be read, and a snapshot is sent instead: ${errorText(error)}`;
      this.#options.log(text, 'warn');
      return [];
    }
  }

  async #find({ seq, end, countMax, bytesMax }: LogRange): Promise<readonly Update[]> {
    let place = this.#place?.seq === seq ? this.#place : this.#placeOf(seq);
    for (;;) {
      this.#place = place;
      if (place === undefined) return [];
      const first = place.rest.findIndex((update) => update.seq >= seq);
      if (first >= 0) return take(place, place.rest.slice(first), { seq, end, countMax, bytesMax });
      place = await this.#goOn(place);
    }
  }

  #placeOf(seq: number): Place | undefined {
    const file = this.#options.journal.fileWith(seq);
    return file && this.#open(file.number, file.offset, seq);
  }

  #open(number: number, offset: number, seq: number): Place {
    const blocks = readBlocks(this.#options.disk, logName(number), offset);
    return { number, blocks, end: offset, rest: [], seq };
  }

  /** Reads another block. */
  async #goOn(place: Place): Promise<Place | undefined> {
    const { value, done } = await place.blocks.next();
    if (!done) {
      place.end = value.end;
      const block = decodeBlock(value);
      place.rest = block.type === 'updates' ? block.updates : [];
      return place;
    }
    const { number, seq, end } = place;
    if (number < this.#options.journal.number) {
      // No log follows one whose end was torn.
      if (value.torn > 0) throw new TableError('LOST', `${logName(number)} is damaged at byte ${value.end}`);
      return this.#open(number + 1, 0, seq);
    }
    // The log has become longer since it was opened, or is being written where this reader is.
    return value.end > end ? this.#open(number, end, seq) : this.#openIfLonger(place);
  }

  async #openIfLonger({ number, seq, end }: Place): Promise<Place | undefined> {
    const bytes = await this.#options.disk.size(logName(number));
    return bytes > end ? this.#open(number, end, seq) : undefined;
  }
}

function take(place: Place, updates: readonly Update[], range: LogRange): readonly Update[] {
  const taken: Update[] = [];
  let bytes = 0;
  for (const update of updates) {
    if (update.seq >= range.end || taken.length >= range.countMax || bytes >= range.bytesMax) break;
    if (update.seq !== range.seq + taken.length)
      throw new TableError('LOST', `update ${range.seq + taken.length} is missing`);
    taken.push(update);
    bytes += updateBytes(update);
  }
  place.rest = updates.slice(taken.length);
  place.seq = range.seq + taken.length;
  return taken;
}
