import { assert, must } from '@tablelab/shared';
import { type Update, updateBytes } from './update.ts';

/**
 * The sent log: the updates from `start` up to `end`, kept until the tail has executed them, so that whoever becomes
 * this server's next one can be sent what it lacks (van Renesse & Schneider 2004, section 4: "Sent").
 *
 * Invariant: `updates[i + trimmed].seq === start + i`; nothing is missing in between.
 */
export class UpdateLog {
  #updates: Update[] = [];
  /** How many at the front of the array are gone already: taking them out one by one would cost a copy each. */
  #trimmed = 0;
  #start = 0;
  #bytes = 0;

  /** The lowest sequence number that is still here, or `end` where none is. */
  get start(): number {
    return this.#start;
  }

  /** One above the highest sequence number here. */
  get end(): number {
    return this.#start + this.#updates.length - this.#trimmed;
  }

  /** What the updates here cost, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  append(update: Update): void {
    assert(update.seq === this.end, `the log takes updates in order: ${update.seq} after ${this.end - 1}`);
    this.#updates.push(update);
    this.#bytes += updateBytes(update);
  }

  /** At most `countMax` updates and about `bytesMax` bytes from `seq` up, in order, below `end`; at least one. */
  slice(seq: number, end: number, limits: { countMax: number; bytesMax: number }): Update[] {
    assert(
      seq >= this.#start && end <= this.end,
      `the log holds ${this.#start}..${this.end}, not ${seq}..${end}`,
    );
    const slice: Update[] = [];
    let bytes = 0;
    for (let at = seq; at < end && slice.length < limits.countMax && bytes < limits.bytesMax; at += 1) {
      const update = must(this.#updates[at - this.#start + this.#trimmed], `update ${at} is in the log`);
      slice.push(update);
      bytes += updateBytes(update);
    }
    return slice;
  }

  /** Forgets everything below `seq`. */
  trim(seq: number): void {
    while (this.#start < seq && this.#start < this.end) {
      const update = must(this.#updates[this.#trimmed], `update ${this.#start} is in the log`);
      this.#bytes -= updateBytes(update);
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
