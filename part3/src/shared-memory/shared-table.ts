import { checkKey, type KeyValueTable, randomSeed, type Seed } from '@tablelab/part1';
import { assert, TableError } from '@tablelab/shared';
import { Allocator, arenaBytesMax, unitBytes } from './allocator.ts';
import { Arena } from './arena.ts';
import { hashWords } from './hash-words.ts';
import { KeyBytes } from './key-bytes.ts';
import { Mutex } from './mutex.ts';
import {
  allocatorWord,
  baseWord,
  growthsWord,
  hash,
  headerUnits,
  keyLength,
  keyWord,
  listsWord,
  mutexWord,
  next,
  seedWord,
  sizeWord,
  valueLength,
  valueStart,
} from './table-layout.ts';

/** A list is one word. */
const listBytes = 4;
/** By so much the array of lists grows. */
const listsGrowthBytes = 2 ** 14;
/** The least that `memoryBytesMax` may be. */
const memoryBytesMin = 2 ** 20;
/** A table begins with no less, so that the first entries need no growth. */
const arenaBytesAtStart = 2 ** 16;
/** Up to here values are copied by a loop: a call of `set` costs as much as 64 turns of it. */
const loopBytesMax = 64;
/** Small values that are given out share buffers of this size, as those of `Buffer.allocUnsafe` do. */
const poolBytes = 8 * 1024;
const pooledBytesMax = poolBytes / 8;
/** The mean length of a list above which the table adds one. */
const entriesPerListMax = 1;

/** A key in a message has a tag and a length, a byte each at least. */
const keyOverheadBytes = 2;
/** Walks are bounded by the number of entries: a list that runs in a circle would keep the lock for ever. */
const damaged = 'the lists hold no more nodes than the table has entries';

export interface SharedTableOptions {
  /** The assignment's n, rounded up to a power of two, so that a list is found with a mask and not a division. */
  readonly nLists: number;
  /** Memory that entries and lists may take: from 1 MiB to 4 GiB. */
  readonly memoryBytesMax: number;
  /** For tests and measurements alone; a table that clients write to must have a secret one. */
  readonly seed?: Seed;
}

/** What another thread needs to use the table; can be posted to it. */
export interface SharedTableHandle {
  readonly entries: SharedArrayBuffer;
  readonly lists: SharedArrayBuffer;
}

/**
 * Part 1's table in memory that several threads share (assignment part 3): the same contract, the same growth by one
 * list at a time, but nodes and lists are bytes in two arenas instead of objects.
 *
 * **Calls do not lock.** Whoever makes one, for reading too, holds {@link SharedTable.mutex}; then it sees all that
 * earlier holders did. Nothing that a call returns lies in shared memory.
 *
 * Invariants: those of part 1's `Table` on `lists` and `base`, with an n that is a power of two. `growths` is raised
 * by whoever made an arena grow, so that every other thread makes its views anew at its next call.
 */
export class SharedTable implements KeyValueTable {
  /** Guards the table. */
  readonly mutex: Mutex;
  readonly #entries: Arena;
  readonly #lists: Arena;
  readonly #allocator: Allocator;
  readonly #seed: Seed;
  readonly #key = new KeyBytes();
  #hash = 0;
  /** The number of growths that this thread's views know of. */
  #growths = 0;
  /** For copies of small values; up to word `poolEnd` it is given out. */
  #pool = new Int32Array(poolBytes / 4);
  #poolEnd = 0;
  /** Set by `#find`: the node before the one it found, 0 where that is the first of its list. */
  #previous = 0;

  /** The table that another thread has made; use {@link create} for a new one. */
  constructor({ entries, lists }: SharedTableHandle) {
    this.#entries = new Arena(entries);
    this.#lists = new Arena(lists);
    const { words } = this.#entries;
    this.mutex = new Mutex(words, mutexWord);
    this.#allocator = new Allocator(this.#entries, allocatorWord);
    this.#seed = [words[seedWord] as number, words[seedWord + 1] as number];
  }

  /**
   * An empty table in new memory.
   * @throws TableError BAD_REQUEST for an `nLists` that is not a whole number from 1 to {@link listsAtStartMax}; for a `memoryBytesMax` out of its range, or more than the system gives.
   */
  static create({ nLists, memoryBytesMax, seed = randomSeed() }: SharedTableOptions): SharedTable {
    if (!(memoryBytesMax >= memoryBytesMin && memoryBytesMax <= arenaBytesMax)) {
      const range = `${memoryBytesMin} to ${arenaBytesMax}`;
      throw new TableError('BAD_REQUEST', `a table takes ${range} bytes of memory, not ${memoryBytesMax}`);
    }
    const listsAtStartMax = SharedTable.listsAtStartMax(memoryBytesMax);
    if (!Number.isInteger(nLists) || nLists < 1 || nLists > listsAtStartMax) {
      throw new TableError(
        'BAD_REQUEST',
        `a table begins with 1 to ${listsAtStartMax} lists, not with ${nLists}`,
      );
    }
    const bytesMax = Math.floor(memoryBytesMax / unitBytes) * unitBytes;
    const nListsRounded = 2 ** Math.ceil(Math.log2(nLists));
    const listsBytes = Math.max(nListsRounded * 4, listsGrowthBytes);
    const entries = Arena.create({ bytes: arenaBytesAtStart, bytesMax });
    const lists = Arena.create({ bytes: listsBytes, bytesMax });
    const { words } = entries;
    words[listsWord] = nListsRounded;
    words[baseWord] = nListsRounded;
    words.set(seed, seedWord);
    const allocator = new Allocator(entries, allocatorWord);
    allocator.format({ first: headerUnits, limit: (bytesMax - listsBytes) / unitBytes });
    return new SharedTable({ entries: entries.buffer, lists: lists.buffer });
  }

  /** With how many lists a table may begin: a power of two, whose lists take half of the memory at most. */
  static listsAtStartMax(memoryBytesMax: number): number {
    return 2 ** Math.floor(Math.log2(memoryBytesMax / (2 * listBytes)));
  }

  /** The table that another thread has made, for this one. */
  static attach(handle: SharedTableHandle): SharedTable {
    return new SharedTable(handle);
  }

  /** For {@link attach} in another thread. */
  get handle(): SharedTableHandle {
    return { entries: this.#entries.buffer, lists: this.#lists.buffer };
  }

  /** May be read without the lock: then it is some number of a moment ago. */
  get size(): number {
    return this.#entries.words[sizeWord] as number;
  }

  /** Bytes in use: entries, lists and header. May be read without the lock, as {@link size}. */
  get memoryBytes(): number {
    const lists = this.#entries.words[listsWord] as number;
    return headerUnits * unitBytes + this.#allocator.usedBytes + lists * listBytes;
  }

  /** Entries that need together no more than this ({@link entryBytes} of each) are sure to fit in. */
  get sureBytes(): number {
    this.#renewViews();
    return Math.max(0, this.#allocator.sureUnits * unitBytes - listsGrowthBytes);
  }

  /** What an entry takes of the memory, its share of the lists included. */
  static entryBytes(entry: { keyBytes: number; valueBytes: number }): number {
    return nodeUnits(entry.keyBytes, entry.valueBytes) * unitBytes + listBytes;
  }

  /**
   * As part 1 has it.
   * @throws TableError BAD_REQUEST for a key with NUL or a lone surrogate, BUSY where there is no memory left, TOO_LARGE
   *   where the entry would not fit into an empty table. The table is as it was, then.
   */
  put(key: string, value: Uint8Array): void {
    if (this.#load(key)) this.#put(value);
    else checkKey(key);
  }

  get(key: string): Uint8Array | undefined {
    return this.#load(key) ? this.#get() : undefined;
  }

  del(key: string): boolean {
    return this.#load(key) && this.#del();
  }

  /** {@link put} for a key in UTF-8 that `checkKey` has let pass as a string. Key and value may be in shared memory. */
  putBytes(key: Uint8Array, value: Uint8Array): void {
    this.#loadBytes(key);
    this.#put(value);
  }

  /** {@link del} for a key in UTF-8. */
  delBytes(key: Uint8Array): boolean {
    this.#loadBytes(key);
    return this.#del();
  }

  /**
   * Takes time in proportion to what it returns and to the number of lists, and keeps the lock as long.
   * @param bytesMax what the keys may take in a message: their bytes in UTF-8, and two more for each.
   * @throws TableError TOO_LARGE as soon as they take more.
   */
  keys(bytesMax = Number.POSITIVE_INFINITY): string[] {
    this.#renewViews();
    const { words, buffer } = this.#entries;
    const size = words[sizeWord] as number;
    let bytes = 0;
    const text = Buffer.from(buffer, 0, words.length * 4);
    const keys: string[] = [];
    const lists = words[listsWord] as number;
    for (let list = 0; list < lists; list += 1) {
      for (
        let node = this.#lists.words[list] as number;
        node !== 0;
        node = words[node * 2 + next] as number
      ) {
        assert(keys.length < size, damaged);
        const start = (node * 2 + keyWord) * 4;
        const length = words[node * 2 + keyLength] as number;
        bytes += length + keyOverheadBytes;
        if (bytes > bytesMax)
          throw new TableError('TOO_LARGE', `${size} keys take more than ${bytesMax} bytes`);
        keys.push(text.toString('utf8', start, start + length));
      }
    }
    return keys;
  }

  /** Prepares for a call with this key; says whether a table takes it. */
  #load(key: string): boolean {
    if (!this.#key.set(key)) return false;
    this.#hashKey();
    return true;
  }

  #loadBytes(key: Uint8Array): void {
    this.#key.setBytes(key);
    this.#hashKey();
  }

  #hashKey(): void {
    this.#hash = hashWords(this.#key.words, this.#key.length, this.#seed);
    this.#renewViews();
  }

  #renewViews(): void {
    const growths = this.#entries.words[growthsWord] as number;
    if (growths === this.#growths) return;
    this.#growths = growths;
    this.#entries.renew();
    this.#lists.renew();
  }

  #get(): Uint8Array | undefined {
    const node = this.#find();
    if (node === 0) return undefined;
    const start = valueStart(node, this.#key.length);
    return this.#copy(start, this.#entries.words[node * 2 + valueLength] as number);
  }

  /**
   * A copy of the value that begins at `start`. Small ones share a buffer and are copied word by word, up to the end
   * of their last word, which belongs to the node: a buffer of its own for each costs three times as much.
   */
  #copy(start: number, length: number): Uint8Array {
    const { words, bytes } = this.#entries;
    if (length > pooledBytesMax) return bytes.slice(start, start + length);
    const wordCount = Math.ceil(length / 4);
    if (this.#poolEnd + wordCount > this.#pool.length) {
      this.#pool = new Int32Array(poolBytes / 4);
      this.#poolEnd = 0;
    }
    const pool = this.#pool;
    const to = this.#poolEnd;
    const from = start / 4;
    for (let word = 0; word < wordCount; word += 1) pool[to + word] = words[from + word] as number;
    this.#poolEnd += wordCount;
    return new Uint8Array(pool.buffer, to * 4, length);
  }

  #put(value: Uint8Array): void {
    const node = this.#find();
    const units = nodeUnits(this.#key.length, value.length);
    if (node !== 0) {
      const spare = this.#allocator.unitsOf(node) - units;
      if (spare === 0 || spare === 1) return this.#writeValue(node, value);
    }
    // Both in the way of `#find`: to allocate moves no node.
    const added = this.#allocate(units);
    this.#writeKey(added);
    this.#writeValue(added, value);
    const { words } = this.#entries;
    if (node === 0) {
      const list = this.#listOf(this.#hash);
      words[added * 2 + next] = this.#lists.words[list] as number;
      this.#lists.words[list] = added;
      const size = (words[sizeWord] as number) + 1;
      words[sizeWord] = size;
      if (size > (words[listsWord] as number) * entriesPerListMax) this.#addList();
    } else {
      words[added * 2 + next] = words[node * 2 + next] as number;
      this.#link(added);
      this.#allocator.free(node);
    }
  }

  #del(): boolean {
    const node = this.#find();
    if (node === 0) return false;
    const { words } = this.#entries;
    this.#link(words[node * 2 + next] as number);
    this.#allocator.free(node);
    words[sizeWord] = (words[sizeWord] as number) - 1;
    return true;
  }

  /** The node of the key in hand, or 0. */
  #find(): number {
    const { words } = this.#entries;
    const wanted = this.#hash;
    const { length, words: key } = this.#key;
    let previous = 0;
    let node = this.#lists.words[this.#listOf(wanted)] as number;
    let nodesLeft = words[sizeWord] as number;
    while (node !== 0) {
      if (nodesLeft === 0) assert(false, damaged);
      nodesLeft -= 1;
      const at = node * 2;
      if (words[at + hash] === wanted && words[at + keyLength] === length) {
        let word = Math.ceil(length / 4) - 1;
        while (word >= 0 && words[at + keyWord + word] === key[word]) word -= 1;
        if (word < 0) break;
      }
      previous = node;
      node = words[at + next] as number;
    }
    this.#previous = previous;
    return node;
  }

  /** Puts `node` in the place where the last `#find` found one. */
  #link(node: number): void {
    if (this.#previous === 0) this.#lists.words[this.#listOf(this.#hash)] = node;
    else this.#entries.words[this.#previous * 2 + next] = node;
  }

  #writeKey(node: number): void {
    const { words } = this.#entries;
    const { length, words: key } = this.#key;
    words[node * 2 + hash] = this.#hash;
    words[node * 2 + keyLength] = length;
    for (let word = Math.ceil(length / 4) - 1; word >= 0; word -= 1) {
      words[node * 2 + keyWord + word] = key[word] as number;
    }
  }

  #writeValue(node: number, value: Uint8Array): void {
    const { words, bytes } = this.#entries;
    const start = valueStart(node, this.#key.length);
    words[node * 2 + valueLength] = value.length;
    if (value.length > loopBytesMax) return bytes.set(value, start);
    for (let index = 0; index < value.length; index += 1) bytes[start + index] = value[index] as number;
  }

  #allocate(units: number): number {
    const before = this.#entries.words;
    const node = this.#allocator.allocate(units);
    if (this.#entries.words !== before) this.#countGrowth();
    if (node !== 0) return node;
    const { limitBytes } = this.#allocator;
    if ((units + headerUnits) * unitBytes > limitBytes) {
      throw new TableError(
        'TOO_LARGE',
        `an entry of ${units * unitBytes} bytes, in a table of ${limitBytes}`,
      );
    }
    throw new TableError(
      'BUSY',
      `the table's memory is full: ${this.memoryBytes} of ${limitBytes} bytes in use`,
    );
  }

  /** Tells the other threads that their views are too short. */
  #countGrowth(): void {
    this.#growths = ((this.#entries.words[growthsWord] as number) + 1) | 0;
    this.#entries.words[growthsWord] = this.#growths;
  }

  #listOf(hash: number): number {
    const { words } = this.#entries;
    const base = words[baseWord] as number;
    const address = hash & (2 * base - 1);
    return address < (words[listsWord] as number) ? address : address - base;
  }

  /** Divides one list into two, see part 1's `Table`. Without memory for one more, lists become longer instead. */
  #addList(): void {
    const { words } = this.#entries;
    const added = words[listsWord] as number;
    const base = words[baseWord] as number;
    if (added === this.#lists.words.length && !this.#growLists()) return;
    let moved = 0;
    let kept = 0;
    const divided = added - base;
    let node = this.#lists.words[divided] as number;
    // Ends for a list that runs in a circle, too: a node met again leads back to those before it, and so to the first.
    while (node !== 0) {
      const following = words[node * 2 + next] as number;
      if (((words[node * 2 + hash] as number) & (2 * base - 1)) === added) {
        words[node * 2 + next] = moved;
        moved = node;
      } else {
        words[node * 2 + next] = kept;
        kept = node;
      }
      node = following;
    }
    this.#lists.words[divided] = kept;
    this.#lists.words[added] = moved;
    words[listsWord] = added + 1;
    if (added + 1 === 2 * base) words[baseWord] = 2 * base;
  }

  /** What the lists grow by is taken from what the entries may still grow by. */
  #growLists(): boolean {
    const units = listsGrowthBytes / unitBytes;
    if (this.#allocator.ungrownUnits <= units) return false;
    if (!this.#lists.grow(this.#lists.bytes.length + listsGrowthBytes)) return false;
    this.#allocator.lowerLimit(units);
    this.#countGrowth();
    return true;
  }
}

function nodeUnits(keyBytes: number, valueBytes: number): number {
  return Math.ceil(((keyWord + Math.ceil(keyBytes / 4)) * 4 + valueBytes) / unitBytes);
}
