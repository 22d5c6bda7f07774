import { assert, must } from '@tablelab/shared';
import { type Update, updateBytes } from './update.ts';

/** How much of what is settled stays in the log, for servers that come back after a short absence. */
export interface LogWindow {
  readonly windowUpdatesMax: number;
  readonly windowBytesMax: number;
}

/**
 * The sent log: the updates from `start` up to `end`, kept until the tail has executed them and a little longer, so that
 * whoever becomes this server's next one can be sent what it lacks (van Renesse & Schneider 2004, section 4: "Sent").
 *
 * Invariant: `start <= settled <= end`, and `updates[i + trimmed].seq === start + i`; nothing is missing in between.
 */
export class UpdateLog {
  readonly #window: LogWindow;
  #updates: Update[] = [];
  /** How many at the front of the array are gone already: taking them out one by one would cost a copy each. */
  #trimmed = 0;
  #start: number;
  #settled: number;
  #windowBytes = 0;
  #unsettledBytes = 0;

  /** An empty log that begins at `seq`. */
  constructor(window: LogWindow, seq = 0) {
    this.#window = window;
    this.#start = seq;
    this.#settled = seq;
  }

  /** The lowest sequence number that is still here, or `end` where none is. */
  get start(): number {
    return this.#start;
  }

  /** One above the highest sequence number here. */
  get end(): number {
    return this.#start + this.#updates.length - this.#trimmed;
  }

  /** Everything below it is executed at the tail. */
  get settled(): number {
    return this.#settled;
  }

  /** What the updates from `settled` up cost, in bytes. */
  get unsettledBytes(): number {
    return this.#unsettledBytes;
  }

  append(update: Update): void {
    assert(update.seq === this.end, `the log takes updates in order: ${update.seq} after ${this.end - 1}`);
    this.#updates.push(update);
    this.#unsettledBytes += updateBytes(update);
  }

  /** Update `seq`, or undefined where the log does not reach. */
  find(seq: number): Update | undefined {
    return seq < this.#start ? undefined : this.#updates[seq - this.#start + this.#trimmed];
  }

  at(seq: number): Update {
    return must(this.find(seq), `update ${seq} is in the log`);
  }

  /** At most `countMax` updates and about `bytesMax` bytes from `seq` up, in order, below `end`; at least one. */
  slice(
    seq: number,
    end: number,
    limits: { countMax: number; bytesMax: number },
  ): { updates: Update[]; bytes: number } {
    assert(
      seq >= this.#start && end <= this.end,
      `the log holds ${this.#start}..${this.end}, not ${seq}..${end}`,
    );
    const updates: Update[] = [];
    let bytes = 0;
    for (let at = seq; at < end && updates.length < limits.countMax && bytes < limits.bytesMax; at += 1) {
      const update = this.at(at);
      updates.push(update);
      bytes += updateBytes(update);
    }
    return { updates, bytes };
  }

  /** Takes note that everything below `seq` is executed at the tail; forgets what the window has no room for. */
  settle(seq: number): void {
    assert(seq <= this.end, `only what is here can be settled: ${seq} of ${this.end}`);
    for (; this.#settled < seq; this.#settled += 1) {
      const bytes = updateBytes(this.at(this.#settled));
      this.#unsettledBytes -= bytes;
      this.#windowBytes += bytes;
    }
    const { windowUpdatesMax, windowBytesMax } = this.#window;
    while (this.#settled - this.#start > windowUpdatesMax || this.#windowBytes > windowBytesMax) {
      this.#windowBytes -= updateBytes(this.at(this.#start));
      this.#trimmed += 1;
      this.#start += 1;
    }
    // Moved up only once the gap is half of the array, so that an update is moved once on average.
    if (this.#trimmed > 1024 && this.#trimmed * 2 > this.#updates.length) {
      this.#updates = this.#updates.slice(this.#trimmed);
      this.#trimmed = 0;
    }
  }
}
