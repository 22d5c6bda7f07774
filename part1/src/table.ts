import { checkBytes, checkText, wrongArgument } from '@tablelab/shared';
import { checkKey, duplicateData, type Entry, isSameData } from './entry.ts';
import { hashKey, randomSeed, type Seed } from './hash.ts';
import { type KeyValueTable, keyOverheadBytes } from './key-value-table.ts';
import { List } from './list.ts';
import { SegmentedArray } from './segmented-array.ts';
import { type KeyPage, keysFrom, ScanCursor, type ScanOptions, WalkOrder } from './walk-order.ts';

/** The largest initial number of lists; empty, they take about 200 MB. */
export const listsAtStartMax = 2 ** 22;

/** The mean length of a list above which the table adds one. */
const entriesPerListMax = 1;

/**
 * A hash table of linked lists (assignment part 1), in memory.
 *
 * The table begins with n lists and adds one at a time as entries are added: linear hashing (W. Litwin, VLDB 1980). A
 * put that makes the lists too long on average splits one of them into two. So lists stay short for any number of keys,
 * and no put has to reorganize the whole table. The number of lists never shrinks.
 *
 * Invariants: `base` is n times a power of two, and base <= number of lists < 2 * base. With `a = hash mod 2*base`, a
 * key is in list `a` if that list exists, otherwise in list `a - base`, which has not been split yet. The next list to
 * split is number `lists - base`; about half of its entries move to the new last list.
 */
export class Table implements KeyValueTable, Iterable<Entry> {
  readonly #lists = new SegmentedArray<List>();
  readonly #seed: Seed;
  readonly #order: WalkOrder;
  readonly #cursor: ScanCursor;
  #base: number;
  #size = 0;
  #keysBytes = 0;

  /**
   * @param listsAtStart the assignment's n: a whole number from 1 to {@link listsAtStartMax}.
   * @param options.seed for tests and measurements only; a table that clients can write to must have a secret seed.
   * @throws TableError BAD_REQUEST for any other n.
   */
  constructor(listsAtStart: number, options: { seed?: Seed } = {}) {
    if (!Number.isInteger(listsAtStart) || listsAtStart < 1 || listsAtStart > listsAtStartMax) {
      throw wrongArgument(`a table begins with 1 to ${listsAtStartMax} lists`, listsAtStart);
    }
    for (let made = 0; made < listsAtStart; made += 1) this.#lists.push(new List());
    this.#base = listsAtStart;
    this.#seed = options.seed ?? randomSeed();
    this.#order = new WalkOrder(listsAtStart);
    this.#cursor = new ScanCursor(hashKey('', this.#seed));
  }

  get size(): number {
    return this.#size;
  }

  get keysBytes(): number {
    return this.#keysBytes;
  }

  put(key: string, value: Uint8Array): void {
    checkKey(key);
    if (!this.#listOf(key).add({ key, value: duplicateData(value) })) return;
    this.#size += 1;
    this.#keysBytes += listedBytes(key);
    if (this.#size > this.#lists.length * entriesPerListMax) this.#addList();
  }

  putIfAbsent(key: string, value: Uint8Array): boolean {
    checkKey(key);
    checkBytes('a value', value);
    if (this.has(key)) return false;
    this.put(key, value);
    return true;
  }

  putIfEquals(key: string, expected: Uint8Array, value: Uint8Array): boolean {
    checkKey(key);
    checkBytes('an expected value', expected);
    checkBytes('a value', value);
    const entry = this.#listOf(key).get(key);
    if (entry === undefined || !isSameData(entry.value, expected)) return false;
    this.put(key, value);
    return true;
  }

  has(key: string): boolean {
    checkText('a key', key);
    return this.#listOf(key).get(key) !== undefined;
  }

  get(key: string): Uint8Array | undefined {
    checkText('a key', key);
    const entry = this.#listOf(key).get(key);
    return entry === undefined ? undefined : duplicateData(entry.value);
  }

  del(key: string): boolean {
    checkText('a key', key);
    const removed = this.#listOf(key).remove(key);
    if (!removed) return false;
    this.#size -= 1;
    this.#keysBytes -= listedBytes(key);
    return true;
  }

  keys(): string[] {
    const keys: string[] = [];
    for (const list of this.#lists) for (const entry of list) keys.push(entry.key);
    return keys;
  }

  /** How many entries each list has, in the order of the lists. For tests and measurements. */
  listLengths(): number[] {
    return Array.from(this.#lists, (list) => list.size);
  }

  scan({ prefix, from, keysMax }: ScanOptions): KeyPage {
    checkText('a prefix', prefix);
    const walked = {
      base: this.#base,
      lists: this.#lists.length,
      nodesOf: (list: number) => this.#lists.at(list).keys(),
      hashOf: (key: string) => hashKey(key, this.#seed),
      keyOf: (key: string) => (key.startsWith(prefix) ? key : undefined),
    };
    return this.#cursor.page(from, (position) => keysFrom(walked, this.#order, { position, keysMax }));
  }

  /**
   * Copies of the entries, in no particular order. The table may change during the iteration: each key that was present
   * at the beginning, and still is when its turn comes, is returned once, with its current value.
   */
  *[Symbol.iterator](): Generator<Entry, void, undefined> {
    for (const key of this.keys()) {
      const value = this.get(key);
      if (value !== undefined) yield { key, value };
    }
  }

  #listOf(key: string): List {
    const address = hashKey(key, this.#seed) % (2 * this.#base);
    return this.#lists.at(address < this.#lists.length ? address : address - this.#base);
  }

  #addList(): void {
    const added = this.#lists.length;
    const divided = this.#lists.at(added - this.#base);
    this.#lists.push(divided.split(({ key }) => hashKey(key, this.#seed) % (2 * this.#base) === added));
    if (this.#lists.length === 2 * this.#base) this.#base *= 2;
  }
}

function listedBytes(key: string): number {
  return Buffer.byteLength(key) + keyOverheadBytes;
}
