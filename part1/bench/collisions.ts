/**
 * What does an attacker gain who knows the hash, but not the table's seed? Finds `keys` keys (default 50,000) that
 * collide under the hash without a seed (seed 0, 0): all of them stand in one list of an unseeded table, which has
 * grown to 65,536 lists by then. Then compares what they cost a table with a random seed with what random keys of the
 * same length cost it, and, to show that the attack works, an unseeded table, with a tenth of the keys.
 *
 *     npx node part1/bench/collisions.ts [keys]
 *
 * Finding 50,000 such keys takes about a minute: one key in 65,536 will do.
 */
import { randomInt } from 'node:crypto';
import { Table } from '@tablelab/part1';
import { hashKey } from '../src/hash.ts';
import { collectGarbage, countArgument, median } from './measure.ts';

const runs = 9;
const keyCount = countArgument(50_000);
/** A table of `keyCount` entries that began with 1 list has no more lists than this, a power of two. */
const listsMax = 2 ** Math.ceil(Math.log2(keyCount));
const noSeed = [0, 0] as const;
const keyUnits = 5;
const value = new Uint8Array(16);

/** The key with that number: `keyUnits` characters from U+4E00 on, 4,096 different ones. */
function keyOf(number: number): string {
  const units: number[] = [];
  for (let rest = number; units.length < keyUnits; rest = Math.floor(rest / 4096)) {
    units.push(0x4e00 + (rest % 4096));
  }
  return String.fromCharCode(...units);
}

function collidingKeys(): string[] {
  const keys: string[] = [];
  for (let number = 0; keys.length < keyCount; number += 1) {
    const key = keyOf(number);
    if (hashKey(key, noSeed) % listsMax === 0) keys.push(key);
  }
  return keys;
}

function randomKeys(): string[] {
  const keys = new Set<string>();
  while (keys.size < keyCount) keys.add(keyOf(randomInt(2 ** 47)));
  return [...keys];
}

/** Milliseconds to put all the keys, get them and delete them. */
function cost(keys: readonly string[], makeTable: () => Table): number {
  collectGarbage();
  const start = performance.now();
  const table = makeTable();
  for (const key of keys) table.put(key, value);
  for (const key of keys) table.get(key);
  for (const key of keys) table.del(key);
  return performance.now() - start;
}

const searchStart = performance.now();
const colliding = collidingKeys();
const searchSeconds = ((performance.now() - searchStart) / 1000).toFixed(0);
console.log(`found ${keyCount} keys whose unseeded hashes agree modulo ${listsMax}, in ${searchSeconds} s`);

const seeded = () => new Table(1);
const random = randomKeys();
cost(random, seeded); // warms up the compiler
const randomCosts: number[] = [];
const collidingCosts: number[] = [];
for (let run = 0; run < runs; run += 1) {
  randomCosts.push(cost(random, seeded));
  collidingCosts.push(cost(colliding, seeded));
}
const perKey = (milliseconds: number, count: number) =>
  `${((milliseconds * 1000) / count).toFixed(2)} us a key`;
console.log(`random keys, seeded table: ${perKey(median(randomCosts), keyCount)} (median of ${runs})`);
console.log(`colliding keys, seeded table: ${perKey(median(collidingCosts), keyCount)} (median of ${runs})`);
const few = colliding.slice(0, Math.ceil(keyCount / 10));
const unseededCost = cost(few, () => new Table(1, { seed: noSeed }));
console.log(`${few.length} colliding keys, unseeded table: ${perKey(unseededCost, few.length)}`);
const ratio = median(collidingCosts) / median(randomCosts);
console.log(`colliding keys cost ${ratio.toFixed(2)} times what random keys cost (limit 3)`);
