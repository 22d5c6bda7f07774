import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** A stretch of time, in milliseconds on the clock of `performance.now()`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Runs `work` and returns the garbage collections that V8 made meanwhile, in order. The observer reports them in a later
 * turn of the event loop, so this waits for two turns.
 */
export async function garbageCollections(work: () => void): Promise<Span[]> {
  const spans: Span[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      spans.push({ start: startTime, end: startTime + duration });
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  work();
  await setImmediate();
  await setImmediate();
  observer.disconnect();
  return spans.sort((a, b) => a.start - b.start);
}

/** Collects all garbage now, so that a measurement does not include the garbage of the one before it. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

/**
 * How long each put took, in milliseconds, without garbage collection. `marks[i]` is the time before put i, and
 * after put i - 1; `collections` are in order. Both are sorted by time, so one pass over them is enough.
 */
export function putTimes(marks: Float64Array, collections: readonly Span[]): Float64Array {
  const times = new Float64Array(marks.length - 1);
  let first = 0;
  for (const index of times.keys()) {
    const start = marks[index] ?? Number.NaN;
    const end = marks[index + 1] ?? Number.NaN;
    let time = end - start;
    for (let at = first; ; at += 1) {
      const collection = collections[at];
      if (collection === undefined || collection.start >= end) break;
      if (collection.end <= start) first = at + 1;
      time -= Math.max(0, Math.min(end, collection.end) - Math.max(start, collection.start));
    }
    times[index] = time;
  }
  return times;
}

/** The middle value (the upper one of two); NaN of none. */
export function median(values: Iterable<number>): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

export function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function largest(values: Float64Array): number {
  return values.reduce((a, b) => Math.max(a, b), 0);
}

/** The argument that says how much to do, or its default. */
export function countArgument(byDefault: number): number {
  const count = Number(process.argv[2] ?? byDefault);
  if (!Number.isInteger(count) || count < 1)
    throw new RangeError(`expected a count, found ${process.argv[2]}`);
  return count;
}

export function microseconds(milliseconds: number): string {
  return `${(milliseconds * 1000).toFixed(2)} us`;
}
