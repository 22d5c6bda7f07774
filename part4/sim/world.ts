import { type Random, seededRandom } from '@tablelab/shared';
import type { Timer } from '../src/ports.ts';

/** An event that will happen, unless it is cancelled. */
export class ScheduledEvent implements Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  isCancelled = false;

  constructor(at: number, order: number, run: () => void) {
    this.at = at;
    this.order = order;
    this.run = run;
  }

  cancel(): void {
    this.isCancelled = true;
  }
}

/** Lines of a trace that are kept at most: the last ones. */
const traceLinesMax = 200_000;

/**
 * Simulated time: events happen in the order of their times, and at one time in the order in which they were scheduled.
 * All randomness of a run comes from its seed, so the same seed is the same run, byte for byte.
 */
export class World {
  readonly random: Random;
  readonly #keepsTrace: boolean;
  readonly #lines: string[] = [];
  readonly #heap: ScheduledEvent[] = [];
  #now = 0;
  #order = 0;
  #steps = 0;
  #hash = 0x811c9dc5;

  constructor(options: { readonly seed: number; readonly keepsTrace: boolean }) {
    this.random = seededRandom(options.seed);
    this.#keepsTrace = options.keepsTrace;
  }

  /** Milliseconds since the beginning. */
  get now(): number {
    return this.#now;
  }

  /** How many events have happened. */
  get steps(): number {
    return this.#steps;
  }

  /** What the trace comes to: two runs with the same trace have the same. */
  get hash(): string {
    return this.#hash.toString(16).padStart(8, '0');
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** A number from `low` up to, not including, `high`. */
  between(low: number, high: number): number {
    return low + ((high - low) * this.random.int(1 << 24)) / (1 << 24);
  }

  /** True once in `count` times. */
  oneIn(count: number): boolean {
    return this.random.int(count) === 0;
  }

  /** `digits` random hexadecimal digits. */
  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += this.random.int(16).toString(16);
    return text;
  }

  schedule(delayMs: number, run: () => void): ScheduledEvent {
    const event = new ScheduledEvent(this.#now + Math.max(0, delayMs), this.#order, run);
    this.#order += 1;
    this.#push(event);
    return event;
  }

  /** Lets the next event happen; false when none is scheduled any more. */
  step(): boolean {
    for (;;) {
      const next = this.#pop();
      if (next === undefined) return false;
      if (next.isCancelled) continue;
      this.#now = next.at;
      this.#steps += 1;
      next.run();
      return true;
    }
  }

  trace(line: string): void {
    const text = `${this.#now.toFixed(3)} ${line}`;
    let hash = this.#hash;
    for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    this.#hash = hash >>> 0;
    if (!this.#keepsTrace) return;
    this.#lines.push(text);
    if (this.#lines.length > traceLinesMax) this.#lines.splice(0, traceLinesMax / 2);
  }

  #push(event: ScheduledEvent): void {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as ScheduledEvent;
      if (!isBefore(event, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): ScheduledEvent | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, heap[child] as ScheduledEvent)) child += 1;
      if (!isBefore(heap[child] as ScheduledEvent, last)) break;
      heap[at] = heap[child] as ScheduledEvent;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(one: ScheduledEvent, other: ScheduledEvent): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
