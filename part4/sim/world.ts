import { type Random, seededRandom } from '@tablelab/shared';

/** Something that will happen; whoever has planned it may call it off. */
export interface Planned {
  isCancelled: boolean;
}

interface Happening extends Planned {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Lines of a trace that are kept at most: the last ones. */
const traceLinesMax = 200_000;

/**
 * Simulated time: what was planned happens in the order of its time, and at one time in the order of planning. All
 * chance of a run comes out of the one seed, so the same seed is the same run, byte for byte.
 */
export class World {
  readonly random: Random;
  readonly #keepsTrace: boolean;
  readonly #lines: string[] = [];
  readonly #heap: Happening[] = [];
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

  /** How many things have happened. */
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

  plan(delayMs: number, run: () => void): Planned {
    const happening = { at: this.#now + Math.max(0, delayMs), order: this.#order, run, isCancelled: false };
    this.#order += 1;
    this.#push(happening);
    return happening;
  }

  /** Lets the next thing happen; false when nothing is planned any more. */
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

  #push(happening: Happening): void {
    const heap = this.#heap;
    let at = heap.push(happening) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Happening;
      if (!isBefore(happening, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = happening;
  }

  #pop(): Happening | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, heap[child] as Happening)) child += 1;
      if (!isBefore(heap[child] as Happening, last)) break;
      heap[at] = heap[child] as Happening;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(one: Happening, other: Happening): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
