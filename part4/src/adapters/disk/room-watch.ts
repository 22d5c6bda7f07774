import { errorText } from '@tablelab/shared';
import type { Disk } from '@tablelab/shared/disk';
import type { DiskRoom } from '../../core/disk-room.ts';
import type { Clock, Timer } from '../../ports.ts';

export interface RoomWatchOptions {
  readonly disk: Pick<Disk, 'freeBytes'>;
  readonly clock: Clock;
  /** What this server has written so far, in bytes. */
  readonly written: () => number;
  /** With less than this left, the head takes no writes, in bytes. */
  readonly reserveBytes: number;
  /** What the disk had left when the server started, in bytes. */
  readonly freeBytes: number;
  /** Called when it changes. */
  readonly onChange: (room: DiskRoom) => void;
  readonly log: (line: string, level: 'info' | 'warn') => void;
}

/**
 * What must be left for the writes under way and their successors' logs on the same disk, in bytes: four times what one
 * server has under way at most (`logBytesMax` in core/limits.ts).
 */
export const defaultReserveBytes = 256 << 20;

/** A server behind the head can follow until this share of the reserve is left. */
const followShare = 1 / 4;

/** After the disk was full, the head takes writes again when it has this much more than the reserve. */
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
  #timer: Timer | undefined;
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
    const { written, reserveBytes, onChange, log } = this.#options;
    const left = Math.max(0, this.#free - (written() - this.#writtenThen));
    const room = roomIn(left, reserveBytes, this.#room);
    if (room === this.#room) return;
    const isAgain = room === 'enough';
    this.#room = room;
    if (isAgain) log(`the disk has room again: ${left} bytes`, 'warn');
    else
      log(
        `the disk has ${left} bytes left, and ${reserveBytes} are kept in reserve: as head, this server takes no writes`,
        'warn',
      );
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
