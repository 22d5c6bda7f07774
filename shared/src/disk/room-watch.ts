import { errorText } from '../errors.ts';
import type { WriterClock } from './block-writer.ts';
import type { Disk } from './disk.ts';

/**
 * How much room a server's disk has. `enough`: it takes writes. `low`: it takes none, so that those under way still fit.
 * `none`: there is hardly room for those.
 */
export type DiskRoom = 'enough' | 'low' | 'none';

export interface RoomClock extends Pick<WriterClock, 'after'> {
  /** Calls `run` in a later turn. */
  soon(run: () => void): void;
}

export interface RoomWatchOptions {
  readonly disk: Pick<Disk, 'freeBytes'>;
  readonly clock: RoomClock;
  /** What this server has written so far, in bytes. */
  readonly written: () => number;
  /** With less than this left, writes are refused, in bytes. */
  readonly reserveBytes: number;
  /** What the disk had left when the server started, in bytes. */
  readonly freeBytes: number;
  /** Called when it changes. */
  readonly onChange: (room: DiskRoom) => void;
  /** Ends the line that says that there is too little room. */
  readonly consequence: string;
  readonly log: (line: string, level: 'info' | 'warn') => void;
}

/**
 * What must be left for the writes under way, and for those of other servers on the same disk, in bytes: four times what one
 * server has under way at most.
 */
export const defaultReserveBytes = 256 << 20;

/** With this share of the reserve left, there is hardly room for writes under way. */
const followShare = 1 / 4;

/** After the disk was full, writes are taken again when it has this much more than the reserve. */
const againFactor = 1.25;

/** The pause between two looks at the disk, in milliseconds. In between, what this server itself writes is counted. */
const lookMs = 1_000;

/** Watches how much room a disk has, see {@link DiskRoom}. */
export class RoomWatch {
  readonly #options: RoomWatchOptions;
  #room: DiskRoom = 'enough';
  /** What was left at the last look, and what this server had written by then. */
  #free: number;
  #writtenThen: number;
  #timer: { cancel(): void } | undefined;
  #isClosed = false;

  constructor(options: RoomWatchOptions) {
    this.#options = options;
    this.#free = options.freeBytes;
    this.#writtenThen = options.written();
    this.#lookLater();
    options.clock.soon(() => this.count());
  }

  get room(): DiskRoom {
    return this.#room;
  }

  /** This server has written something. */
  count(): void {
    if (this.#isClosed) return;
    const { written, reserveBytes, onChange, consequence, log } = this.#options;
    const left = Math.max(0, this.#free - (written() - this.#writtenThen));
    const room = roomIn(left, reserveBytes, this.#room);
    if (room === this.#room) return;
    const isAgain = room === 'enough';
    this.#room = room;
    if (isAgain) log(`the disk has room again: ${left} bytes`, 'warn');
    else
      log(`the disk has ${left} bytes left, and ${reserveBytes} are kept in reserve: ${consequence}`, 'warn');
    onChange(room);
  }

  /** A write has found no room. */
  noteFull(): void {
    this.#free = 0;
    this.#writtenThen = this.#options.written();
    this.count();
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  #lookLater(): void {
    this.#timer = this.#options.clock.after(lookMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { disk, written, log } = this.#options;
    // Before the look, so that nothing is counted too low that is written meanwhile.
    const writtenThen = written();
    try {
      this.#free = await disk.freeBytes();
      this.#writtenThen = writtenThen;
    } catch (error) {
      log(`it cannot be said what the disk has left: ${errorText(error)}`, 'warn');
    }
    this.count();
    if (!this.#isClosed) this.#lookLater();
  }
}

function roomIn(left: number, reserveBytes: number, before: DiskRoom): DiskRoom {
  if (left < reserveBytes * followShare) return 'none';
  const enough = before === 'enough' ? reserveBytes : reserveBytes * againFactor;
  return left < enough ? 'low' : 'enough';
}
