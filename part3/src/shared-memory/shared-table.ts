import {
  checkKey,
  halfSipHash,
  hashKey,
  type KeyPage,
  type KeyValueTable,
  keyOverheadBytes,
  keysFrom,
  randomSeed,
  ScanCursor,
  type ScanOptions,
  type Seed,
  WalkOrder,
} from '@tablelab/part1';
import { assert, checkBytes, logicalEntryBytes, TableError } from '@tablelab/shared';
import { type logicalCapacity, noRoom, type TableSize } from './capacity.ts';
import type { BlockOwner } from './compaction.ts';
import { KeyBytes } from './key-bytes.ts';
import { Mutex } from './mutex.ts';
import {
  baseWord,
  hash,
  keyBytesWord,
  keyLength,
  keyWord,
  listsWord,
  logicalBytesWord,
  logicalCapacityWord,
  mutexWord,
  next,
  nodeUnits,
  seedWord,
  sizeWord,
  valueLength,
  valueStart,
} from './table-layout.ts';
import { TableLists } from './table-lists.ts';
import { type SharedTableHandle, TableMemory } from './table-memory.ts';
import { ValuePool } from './value-pool.ts';

/** Values up to this size are copied by a loop: one call of `set` costs as much as 64 iterations. */
const loopBytesMax = 64;
/** The mean length of a list above which the table adds one. */
const entriesPerListMax = 1;
/** The lists are the same as those of a table that began with one: their number is a power of two. */
const walkOrder = new WalkOrder(1);
/** Walks are limited by the number of entries: in a circular list they would hold the lock forever. */
const damaged = 'the lists hold no more nodes than the table has entries';

export interface SharedTableOptions extends TableSize {
  /** Only for tests and measurements; a table that clients write to must have a secret seed. */
  readonly seed?: Seed;
}

/**
 * Part 1's table in memory that several threads share (assignment part 3): the same contract, the same growth by one
 * list at a time, but nodes and lists are bytes in two arenas instead of objects.
 *
 * **Methods do not lock.** The calling thread must hold {@link SharedTable.mutex}, also for reading; it then sees all
 * changes by earlier holders. Returned values are not in shared memory.
 *
 * Its size is counted in logical bytes (shared/src/logical-size.ts), and limited to {@link logicalCapacity}. Up to that
 * limit no put is refused for lack of memory, whatever its history (see capacity.ts).
 */
export class SharedTable implements KeyValueTable {
  /** Guards the table. */
  readonly mutex: Mutex;
  readonly #memory: TableMemory;
  readonly #lists: TableLists;
  readonly #seed: Seed;
  readonly #key = new KeyBytes();
  readonly #pool = new ValuePool();
  readonly #nodes: BlockOwner;
  readonly #cursor: ScanCursor;
  #hash = 0;
  /** Set by `#find`: the node before the found one, 0 if that is the first of its list. */
  #previous = 0;

  /** The table that another thread has created; use {@link create} for a new one. */
  constructor(handle: SharedTableHandle) {
    this.#memory = new TableMemory(handle);
    this.#lists = new TableLists(this.#memory);
    const memory = this.#memory;
    const { words } = memory;
    this.mutex = new Mutex(words, mutexWord);
    this.#seed = [words[seedWord] as number, words[seedWord + 1] as number];
    this.#cursor = new ScanCursor(hashKey('', this.#seed));
    this.#nodes = {
      unitsNeeded: (node) => nodeUnits(memory.keyLengthOf(node), memory.valueLengthOf(node)),
      moved: (from, to) => this.#lists.relink(from, to),
    };
  }

  /**
   * An empty table in new memory.
   * @throws TableError BAD_REQUEST for an `nLists` that is not a whole number from 1 to {@link listsAtStartMax}; for a
   *   `memoryBytesMax` that is not from 1 MiB to 4 GiB, or more than the system gives.
   */
  static create({ seed = randomSeed(), ...size }: SharedTableOptions): SharedTable {
    return new SharedTable(TableMemory.create(size, seed).handle);
  }

  /** The table that another thread has created. */
  static attach(handle: SharedTableHandle): SharedTable {
    return new SharedTable(handle);
  }

  /** For {@link attach} in another thread. */
  get handle(): SharedTableHandle {
    return this.#memory.handle;
  }

  /** May be read without the lock; the number may then be slightly out of date. */
  get size(): number {
    return this.#memory.size;
  }

  /** Bytes in use: entries, lists and header. May be read without the lock, like {@link size}. */
  get memoryBytes(): number {
    return this.#memory.usedBytes;
  }

  /** The sum of {@link logicalEntryBytes} of all entries. May be read without the lock, like {@link size}. */
  get logicalBytes(): number {
    return (this.#memory.words[logicalBytesWord] as number) >>> 0;
  }

  /** What all keys take in a message, or a little less. May be read without the lock, as {@link size}. */
  get keysBytes(): number {
    return ((this.#memory.words[keyBytesWord] as number) >>> 0) + keyOverheadBytes * this.size;
  }

  /** The number of logical bytes that certainly fit. A put that would exceed it is refused. */
  get logicalCapacity(): number {
    return (this.#memory.words[logicalCapacityWord] as number) >>> 0;
  }

  /**
   * The error for an entry of this many logical bytes: TOO_LARGE if it would not fit into an empty table, otherwise
   * FULL.
   */
  noRoom(bytes: number): TableError {
    return noRoom(bytes, { used: this.logicalBytes, capacity: this.logicalCapacity });
  }

  /** The logical bytes of the entry under `key`, 0 if there is none. */
  logicalBytesOf(key: string): number {
    if (!this.#load(key)) return 0;
    const node = this.#find();
    if (node === 0) return 0;
    return logicalEntryBytes(this.#key.length, this.#memory.words[node * 2 + valueLength] as number);
  }

  /**
   * As part 1 has it.
   * @throws TableError BAD_REQUEST for a key with NUL or a lone surrogate, FULL if it would exceed
   *   {@link logicalCapacity}, TOO_LARGE if the entry alone does. The table is then unchanged.
   */
  put(key: string, value: Uint8Array): void {
    checkBytes('a value', value);
    if (this.#load(key)) this.#put(value);
    else checkKey(key);
  }

  /** As part 1 has it; throws as {@link put}. */
  putIfAbsent(key: string, value: Uint8Array): boolean {
    checkBytes('a value', value);
    checkKey(key);
    this.#load(key);
    return this.#putIfAbsent(value);
  }

  /** As part 1 has it; throws as {@link put}. */
  putIfEquals(key: string, expected: Uint8Array, value: Uint8Array): boolean {
    checkBytes('an expected value', expected);
    checkBytes('a value', value);
    checkKey(key);
    this.#load(key);
    return this.#putIfEquals(expected, value);
  }

  has(key: string): boolean {
    return this.#load(key) && this.#find() !== 0;
  }

  /** Whether `value` is the value under `key`; an absent key has none. */
  hasValue(key: string, value: Uint8Array): boolean {
    return this.#load(key) && this.#holds(value);
  }

  get(key: string): Uint8Array | undefined {
    return this.#load(key) ? this.#get() : undefined;
  }

  del(key: string): boolean {
    return this.#load(key) && this.#del();
  }

  /** {@link put} for a valid key in UTF-8. Key and value may be in shared memory. */
  putBytes(key: Uint8Array, value: Uint8Array): void {
    this.#loadBytes(key);
    this.#put(value);
  }

  /** {@link putIfAbsent} as {@link putBytes}. */
  putBytesIfAbsent(key: Uint8Array, value: Uint8Array): boolean {
    this.#loadBytes(key);
    return this.#putIfAbsent(value);
  }

  /** {@link putIfEquals} as {@link putBytes}. */
  putBytesIfEquals(key: Uint8Array, expected: Uint8Array, value: Uint8Array): boolean {
    this.#loadBytes(key);
    return this.#putIfEquals(expected, value);
  }

  /**
   * Prepares for a put of a large value while free memory is fragmented, so that the put need not move many nodes.
   * Works in steps of about a millisecond. The lock may be released between them if no other thread puts or deletes.
   */
  *makeRoom(key: Uint8Array, valueBytes: number): Generator<void, void> {
    this.#memory.renewViews();
    const units = nodeUnits(key.length, valueBytes);
    const node = this.#memory.allocate(units);
    if (node !== 0) this.#memory.allocator.free(node);
    else yield* this.#memory.allocator.gather(units, this.#nodes);
  }

  /** {@link del} for a key in UTF-8. */
  delBytes(key: Uint8Array): boolean {
    this.#loadBytes(key);
    return this.#del();
  }

  /**
   * Takes time in proportion to the result and to the number of lists; the lock is held meanwhile.
   * @param bytesMax limits the size of the keys in a message: their bytes in UTF-8, and two more for each
   * @throws TableError TOO_LARGE at once, where they take more.
   */
  keys(bytesMax = Number.POSITIVE_INFINITY): string[] {
    const memory = this.#memory;
    memory.renewViews();
    const { size, listCount } = memory;
    if (this.keysBytes > bytesMax)
      throw new TableError('TOO_LARGE', `${size} keys take more than ${bytesMax} bytes`);
    const keys: string[] = [];
    for (let list = 0; list < listCount; list += 1) {
      for (let node = memory.firstOf(list); node !== 0; node = memory.nextOf(node)) {
        assert(keys.length < size, damaged);
        const key = memory.keyOf(node);
        keys.push(Buffer.from(key.buffer, key.byteOffset, key.length).toString());
      }
    }
    return keys;
  }

  /** As part 1 has it; keeps the lock for about a millisecond. */
  scan({ prefix, from, keysMax }: ScanOptions): KeyPage {
    checkKey(prefix);
    const memory = this.#memory;
    memory.renewViews();
    const begin = Buffer.from(prefix);
    const walked = {
      base: memory.words[baseWord] as number,
      lists: memory.listCount,
      nodesOf: (list: number) => this.#nodesOf(list),
      hashOf: (node: number) => memory.hashOf(node) >>> 0,
      keyOf: (node: number) => {
        if (memory.keyLengthOf(node) < begin.length) return undefined;
        const { buffer, byteOffset, length } = memory.keyOf(node);
        const key = Buffer.from(buffer, byteOffset, length);
        return key.compare(begin, 0, begin.length, 0, begin.length) === 0 ? key.toString() : undefined;
      },
    };
    return this.#cursor.page(from, (position) => keysFrom(walked, walkOrder, { position, keysMax }));
  }

  #nodesOf(list: number): number[] {
    const { size } = this.#memory;
    const nodes: number[] = [];
    for (let node = this.#memory.firstOf(list); node !== 0; node = this.#memory.nextOf(node)) {
      assert(nodes.length < size, damaged);
      nodes.push(node);
    }
    return nodes;
  }

  /** Prepares for a call with this key; returns whether it is valid. */
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
    this.#hash = halfSipHash(this.#key.words, this.#key.length, this.#seed);
    this.#memory.renewViews();
  }

  #get(): Uint8Array | undefined {
    const node = this.#find();
    if (node === 0) return undefined;
    const length = this.#memory.words[node * 2 + valueLength] as number;
    return this.#pool.copy(this.#memory, valueStart(node, this.#key.length), length);
  }

  #putIfAbsent(value: Uint8Array): boolean {
    if (this.#find() !== 0) return false;
    this.#put(value);
    return true;
  }

  #putIfEquals(expected: Uint8Array, value: Uint8Array): boolean {
    if (!this.#holds(expected)) return false;
    this.#put(value);
    return true;
  }

  #holds(value: Uint8Array): boolean {
    const node = this.#find();
    if (node === 0 || this.#memory.valueLengthOf(node) !== value.length) return false;
    return Buffer.compare(this.#memory.valueOf(node), value) === 0;
  }

  #put(value: Uint8Array): void {
    let node = this.#find();
    const keyBytes = this.#key.length;
    const units = nodeUnits(keyBytes, value.length);
    let { words } = this.#memory;
    let logicalBytes = (words[logicalBytesWord] as number) >>> 0;
    if (node !== 0) logicalBytes -= logicalEntryBytes(keyBytes, words[node * 2 + valueLength] as number);
    logicalBytes += logicalEntryBytes(keyBytes, value.length);
    if (logicalBytes > this.logicalCapacity) throw this.noRoom(logicalEntryBytes(keyBytes, value.length));
    if (node !== 0) {
      const spare = this.#memory.allocator.unitsOf(node) - units;
      if (spare === 0 || spare === 1) {
        words[logicalBytesWord] = logicalBytes;
        return this.#writeValue(node, value);
      }
    }
    // While there is memory for both, the old node stays until the new one is complete: allocating moves no node.
    let added = this.#memory.allocate(units);
    if (added === 0) {
      added = this.#makeRoom(units, node);
      node = 0;
    }
    ({ words } = this.#memory);
    words[logicalBytesWord] = logicalBytes;
    this.#writeKey(added);
    this.#writeValue(added, value);
    if (node === 0) {
      const { lists } = this.#memory;
      const list = this.#memory.listOf(this.#hash);
      words[added * 2 + next] = lists[list] as number;
      lists[list] = added;
      const size = (words[sizeWord] as number) + 1;
      words[sizeWord] = size;
      words[keyBytesWord] = ((words[keyBytesWord] as number) >>> 0) + keyBytes;
      if (size > (words[listsWord] as number) * entriesPerListMax) this.#lists.add();
    } else {
      words[added * 2 + next] = words[node * 2 + next] as number;
      this.#link(added);
      this.#memory.allocator.free(node);
    }
  }

  /**
   * Allocates a node while free memory is fragmented: frees the replaced node, if any, and then moves others together.
   * @throws TableError FULL if the system provides less memory than the table may use; nothing has changed then
   */
  #makeRoom(units: number, replaced = 0): number {
    const { freeUnits, ungrownUnits } = this.#memory.allocator;
    const freed = replaced === 0 ? 0 : this.#memory.allocator.unitsOf(replaced);
    if (ungrownUnits > 0 && freeUnits + freed < units) {
      throw new TableError('FULL', `the system gives no more memory: ${this.memoryBytes} bytes are in use`);
    }
    if (replaced !== 0) this.#remove(replaced);
    const node = this.#memory.allocate(units) || this.#memory.allocator.allocateByMoving(units, this.#nodes);
    assert(node !== 0, 'what is within the logical capacity finds room');
    return node;
  }

  #del(): boolean {
    const node = this.#find();
    if (node === 0) return false;
    const { words } = this.#memory;
    const bytes = logicalEntryBytes(this.#key.length, words[node * 2 + valueLength] as number);
    words[logicalBytesWord] = (words[logicalBytesWord] as number) - bytes;
    this.#remove(node);
    return true;
  }

  /** Frees the node that the last `#find` found. */
  #remove(node: number): void {
    const { words } = this.#memory;
    this.#link(words[node * 2 + next] as number);
    this.#memory.allocator.free(node);
    words[sizeWord] = (words[sizeWord] as number) - 1;
    words[keyBytesWord] = ((words[keyBytesWord] as number) >>> 0) - this.#key.length;
  }

  /** The node of the present key, or 0. */
  #find(): number {
    const { words } = this.#memory;
    const wanted = this.#hash;
    const { length, words: key } = this.#key;
    let previous = 0;
    let node = this.#memory.lists[this.#memory.listOf(wanted)] as number;
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

  /** Links `node` in place of the node that the last `#find` found. */
  #link(node: number): void {
    if (this.#previous === 0) this.#memory.lists[this.#memory.listOf(this.#hash)] = node;
    else this.#memory.words[this.#previous * 2 + next] = node;
  }

  #writeKey(node: number): void {
    const { words } = this.#memory;
    const { length, words: key } = this.#key;
    words[node * 2 + hash] = this.#hash;
    words[node * 2 + keyLength] = length;
    for (let word = Math.ceil(length / 4) - 1; word >= 0; word -= 1) {
      words[node * 2 + keyWord + word] = key[word] as number;
    }
  }

  #writeValue(node: number, value: Uint8Array): void {
    const { words, bytes } = this.#memory;
    const start = valueStart(node, this.#key.length);
    words[node * 2 + valueLength] = value.length;
    if (value.length > loopBytesMax) return bytes.set(value, start);
    for (let index = 0; index < value.length; index += 1) bytes[start + index] = value[index] as number;
  }
}
