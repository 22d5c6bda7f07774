import { assert, type Random, seededRandom } from '@tablelab/shared';
import type { Timer } from '../src/ports.ts';

/** An event that will happen unless it is cancelled. */
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

/** Resolves once all callbacks of settled promises have run. */
export type Drain = () => Promise<void>;

const turnOfTheLoop: Drain = () => new Promise((resolve) => setImmediate(resolve));

/** The largest number of trace lines kept; older ones are dropped. */
const traceLinesMax = 200_000;

/**
 * Simulated time: events happen in the order of their times, and at one time in the order in which they were scheduled.
 * All randomness of a run comes from its seed, so the same seed gives the same run, byte for byte.
 */
export class World {
  readonly random: Random;
  readonly counts = new Map<string, number>();
  readonly #keepsTrace: boolean;
  readonly #drain: Drain;
  readonly #onFailure: ((error: Error) => void) | undefined;
  readonly #lines: string[] = [];
  readonly #heap: ScheduledEvent[] = [];
  #now = 0;
  #order = 0;
  #steps = 0;
  #hash = 0x811c9dc5;
  #hasSettled = false;
  #failure: Error | undefined;

  constructor(options: {
    readonly seed: number;
    readonly keepsTrace: boolean;
    readonly drain?: Drain;
    /** Gets the errors that {@link fail} is called with; the run goes on. Default: the first one ends the run. */
    readonly onFailure?: ((error: Error) => void) | undefined;
  }) {
    this.random = seededRandom(options.seed);
    this.#drain = options.drain ?? turnOfTheLoop;
    this.#onFailure = options.onFailure;
    this.#keepsTrace = options.keepsTrace;
  }

  /** Milliseconds since the beginning. */
  get now(): number {
    return this.#now;
  }

  /** The number of events so far. */
  get steps(): number {
    return this.#steps;
  }

  /** A hash of all events: equal runs have equal hashes. */
  get hash(): string {
    return this.#hash.toString(16).padStart(8, '0');
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** A number from `low` up to, but not including, `high`. */
  between(low: number, high: number): number {
    return low + ((high - low) * this.random.int(1 << 24)) / (1 << 24);
  }

  /** True with probability 1 / `count`. */
  oneIn(count: number): boolean {
    return this.random.int(count) === 0;
  }

  /** `digits` random hexadecimal digits. */
  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += this.random.int(16).toString(16);
    return text;
  }

  /** Counts a situation that a campaign should cover often enough. */
  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  /** Call this where a promise is settled: its callbacks then run before the next event. */
  settled(): void {
    this.#hasSettled = true;
  }

  /** Ends the run with this error after the present event; only the first error counts. */
  fail(error: Error): void {
    this.#failure ??= error;
  }

  /** Runs a check whose failure the code under test must not catch. */
  guard(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  schedule(delayMs: number, run: () => void): ScheduledEvent {
    const event = new ScheduledEvent(this.#now + Math.max(0, delayMs), this.#order, run);
    this.#order += 1;
    this.#push(event);
    return event;
  }

  /**
   * Runs the next event; returns false if none is scheduled.
   * @throws what {@link fail} was called with
   */
  step(): boolean {
    for (;;) {
      const next = this.#pop();
      if (next === undefined) return false;
      if (next.isCancelled) continue;
      this.#now = next.at;
      this.#steps += 1;
      this.#noteEvent(next);
      next.run();
      this.#checkFailure();
      return true;
    }
  }

  /** The time of the next event; undefined if none is scheduled. */
  get nextAt(): number | undefined {
    while (this.#heap[0]?.isCancelled === true) this.#pop();
    return this.#heap[0]?.at;
  }

  /** Lets time pass in which nothing happens. */
  advanceTo(at: number): void {
    assert(at <= (this.nextAt ?? at), `an event is due before ${at} ms`);
    this.#now = Math.max(this.#now, at);
  }

  /**
   * Runs events, and callbacks of promises in between, until `isReached`; returns false if no event is left.
   * `intervene` is called before each event, and returns true if it has done something.
   * @throws what {@link fail} was called with
   */
  async run(isReached: () => boolean, intervene: () => boolean = () => false): Promise<boolean> {
    while (!isReached()) {
      if (!intervene() && !this.step()) return false;
      this.#checkFailure();
      if (!this.#hasSettled) continue;
      this.#hasSettled = false;
      await this.#drain();
      this.#checkFailure();
    }
    return true;
  }

  #checkFailure(): void {
    const failure = this.#failure;
    if (failure === undefined) return;
    if (this.#onFailure === undefined) throw failure;
    this.#failure = undefined;
    this.#onFailure(failure);
  }

  /** Adds a line to the trace; `describe` is called only if the trace is kept. */
  trace(describe: () => string): void {
    if (!this.#keepsTrace) return;
    this.#lines.push(`${this.#now.toFixed(3)} ${describe()}`);
    if (this.#lines.length > traceLinesMax) this.#lines.splice(0, traceLinesMax / 2);
  }

  /** Adds `what` to the hash: equal runs must agree on it. */
  note(what: string): void {
    let hash = this.#hash;
    for (let i = 0; i < what.length; i += 1) hash = Math.imul(hash ^ what.charCodeAt(i), 0x01000193);
    this.#hash = hash >>> 0;
  }

  /** Adds an event to the hash: its time, and the number of events scheduled before it. */
  #noteEvent({ at, order }: ScheduledEvent): void {
    const hash = Math.imul(this.#hash ^ order, 0x01000193);
    this.#hash = Math.imul(hash ^ Math.round(at * 1_000), 0x01000193) >>> 0;
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
