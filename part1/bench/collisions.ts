/**
 * What can an attacker do who knows the hash, but not the table's seed? Finds `keys` keys (default 50,000) that all belong
 * to one list of an unseeded table, however far the table has grown. Compares what these keys cost in a table with a random
 * seed with what random keys of the same length cost. To show that the attack works, also measures a tenth of the keys in an
 * unseeded table.
 *
 *     npx node part1/bench/collisions.ts [keys]
 */
import { randomInt } from 'node:crypto';
import { Table } from '@tablelab/part1';
import { collidingKeys, noSeed } from './attacker.ts';
import { collectGarbage, countArgument, median } from './measure.ts';

const runs = 9;
const keyCount = countArgument(50_000);
/** The most lists, a power of two, of a table that began with 1 list and has `keyCount` entries. */
const listsMax = 2 ** Math.ceil(Math.log2(keyCount));
const value = new Uint8Array(16);

function randomKeys(): string[] {
  const unit = () => randomInt(0x4e00, 0xa000);
  const keys = new Set<string>();
  while (keys.size < keyCount) keys.add(String.fromCharCode(unit(), unit(), unit()));
  return [...keys];
}

/** Microseconds per key to put, get and delete all of them. */
function cost(keys: readonly string[], table: Table): number {
  collectGarbage();
  const start = performance.now();
  for (const key of keys) table.put(key, value);
  for (const key of keys) table.get(key);
  for (const key of keys) table.del(key);
  return ((performance.now() - start) * 1000) / keys.length;
}

const start = performance.now();
const colliding = collidingKeys(keyCount, listsMax);
const seconds = ((performance.now() - start) / 1000).toFixed(0);
console.log(`${keyCount} keys whose unseeded hashes agree modulo ${listsMax}, found in ${seconds} s`);

const random = randomKeys();
cost(random, new Table(1)); // warms up the compiler
const randomCosts: number[] = [];
const collidingCosts: number[] = [];
for (let run = 0; run < runs; run += 1) {
  randomCosts.push(cost(random, new Table(1)));
  collidingCosts.push(cost(colliding, new Table(1)));
}
const few = colliding.slice(0, Math.ceil(keyCount / 10));
const unseededCost = cost(few, new Table(1, { seed: noSeed }));
console.log(`a put, a get and a del, medians of ${runs}:`);
console.log(`random keys: ${median(randomCosts).toFixed(2)} us`);
console.log(`colliding keys: ${median(collidingCosts).toFixed(2)} us`);
console.log(`${few.length} colliding keys, unseeded table: ${unseededCost.toFixed(2)} us (one run)`);
const ratio = median(collidingCosts) / median(randomCosts);
console.log(`colliding keys cost ${ratio.toFixed(2)} times what random keys cost (limit 3)`);
