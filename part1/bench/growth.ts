/**
 * Does a put cost the same however large the table is, without any pause? Puts `keys` (default 1,000,000) into a table that
 * began with 1 list, and times each put:
 *
 *     npx node part1/bench/growth.ts [keys]
 *
 * Garbage collection does not count: the time that V8 reports for a collection is subtracted from the put during which it
 * happened. Time that the kernel gave to other programs cannot be recognised in one run. But all runs do exactly the same,
 * with the same seed of the hash, so a pause of the table itself falls on the same put in each run, and other pauses do not.
 * Therefore each put counts with its shortest time over all runs, and the longest of these is printed. In the same way the
 * ratio compares the smallest means. To read the clock takes about 0.1 us, which is part of each time.
 */
import { Table } from '@tablelab/part1';
import {
  collectGarbage,
  countArgument,
  garbageCollections,
  largest,
  mean,
  median,
  microseconds,
  putTimes,
} from './measure.ts';

const runs = 5;
const keyCount = countArgument(1_000_000);
/** How many puts are compared: those after the first `window` puts, and the last `window` puts. */
const window = Math.min(10_000, Math.ceil(keyCount / 3));
const keys = Array.from({ length: keyCount }, (_, index) => `cart:${index}`);
const value = new Uint8Array(16);

async function fill(): Promise<Float64Array> {
  collectGarbage();
  const table = new Table(1, { seed: [1, 2] });
  const marks = new Float64Array(keyCount + 1);
  const collections = await garbageCollections(() => {
    marks[0] = performance.now();
    for (const [index, key] of keys.entries()) {
      table.put(key, value);
      marks[index + 1] = performance.now();
    }
  });
  return putTimes(marks, collections);
}

await fill(); // warms up the compiler
const undisturbed = new Float64Array(keyCount).fill(Number.POSITIVE_INFINITY);
let earlyMean = Number.POSITIVE_INFINITY;
let lateMean = Number.POSITIVE_INFINITY;
for (let run = 1; run <= runs; run += 1) {
  const times = await fill();
  const early = times.subarray(window, 2 * window);
  const late = times.subarray(-window);
  earlyMean = Math.min(earlyMean, mean(early));
  lateMean = Math.min(lateMean, mean(late));
  for (const [index, time] of times.entries()) {
    undisturbed[index] = Math.min(undisturbed[index] ?? time, time);
  }
  console.log(
    `run ${run}: at ${window} keys median ${microseconds(median(early))}, mean ${microseconds(mean(early))}; ` +
      `at ${keyCount} keys median ${microseconds(median(late))}, mean ${microseconds(mean(late))}; ` +
      `longest put ${microseconds(largest(times))}`,
  );
}
const ratio = lateMean / earlyMean;
console.log(
  `mean put at ${keyCount} keys: ${ratio.toFixed(2)} times the one at ${window} keys (limit 3)\n` +
    `longest put that is no disturbance: ${microseconds(largest(undisturbed))} (limit 5000 us)`,
);
