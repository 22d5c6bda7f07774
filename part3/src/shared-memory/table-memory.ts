import type { Seed } from '@tablelab/part1';
import { Allocator } from './allocator.ts';
import { Arena } from './arena.ts';
import { unitBytes } from './block.ts';
import { listsGrowthBytes, logicalCapacity, memoryParts, type TableSize } from './capacity.ts';
import {
  allocatorWord,
  baseWord,
  growthsWord,
  hash,
  headerUnits,
  keyLength,
  keyWord,
  listBytes,
  listsWord,
  logicalCapacityWord,
  next,
  seedWord,
  sizeWord,
  valueLength,
  valueStart,
  wordBytes,
} from './table-layout.ts';

/** A table begins with no less, so that the first entries need no growth. */
const arenaBytesAtStart = 2 ** 16;

/** What another thread needs to use the table; can be posted to it. */
export interface SharedTableHandle {
  readonly entries: SharedArrayBuffer;
  readonly lists: SharedArrayBuffer;
}

/**
 * The memory of a shared table (table-layout.ts), as one thread sees it.
 *
 * Each thread has views of its own, which are too short once another one has made an arena grow. `growths` in the header
 * counts the growths of both arenas: a thread that finds another number than it knows makes its views anew.
 */
export class TableMemory {
  /** Gives out the memory of the nodes. To allocate, call {@link allocate}. */
  readonly allocator: Allocator;
  readonly #entries: Arena;
  readonly #lists: Arena;
  /** The views: fields, and not looked up in the arenas, since every step of a walk reads them. */
  words: Int32Array;
  bytes: Uint8Array;
  lists: Int32Array;
  /** The number of growths that these views know of. */
  #growths = 0;

  /**
   * The memory of an empty table.
   * @throws TableError BAD_REQUEST for sizes out of range, or more than the system gives
   */
  static create(size: TableSize, seed: Seed): TableMemory {
    const { nListsRounded, listsBytes, listsBytesMax, entriesBytesMax } = memoryParts(size);
    const entries = Arena.create({ bytes: arenaBytesAtStart, bytesMax: entriesBytesMax });
    const lists = Arena.create({ bytes: listsBytes, bytesMax: listsBytesMax });
    const memory = new TableMemory({ entries: entries.buffer, lists: lists.buffer });
    memory.words[listsWord] = nListsRounded;
    memory.words[baseWord] = nListsRounded;
    memory.words[logicalCapacityWord] = logicalCapacity(size);
    memory.words.set(seed, seedWord);
    memory.allocator.format({ first: headerUnits, limit: entriesBytesMax / unitBytes });
    return memory;
  }

  /** The memory that another thread has made. */
  constructor({ entries, lists }: SharedTableHandle) {
    this.#entries = new Arena(entries);
    this.#lists = new Arena(lists);
    this.words = this.#entries.words;
    this.bytes = this.#entries.bytes;
    this.lists = this.#lists.words;
    this.allocator = new Allocator(this.#entries, allocatorWord);
  }

  get handle(): SharedTableHandle {
    return { entries: this.#entries.buffer, lists: this.#lists.buffer };
  }

  /** To be called first by whoever has taken the table's lock. */
  renewViews(): void {
    const growths = this.words[growthsWord] as number;
    if (growths === this.#growths) return;
    this.#growths = growths;
    this.#entries.renew();
    this.#lists.renew();
    this.#setViews();
  }

  /** Bytes in use: header, nodes and lists. */
  get usedBytes(): number {
    return headerUnits * unitBytes + this.allocator.usedBytes + this.listCount * listBytes;
  }

  /** How many entries there are. */
  get size(): number {
    return this.words[sizeWord] as number;
  }

  get listCount(): number {
    return this.words[listsWord] as number;
  }

  /** The number of the list in which nodes of this hash are (part 1's `Table` says why). */
  listOf(hash: number): number {
    const { words } = this;
    const base = words[baseWord] as number;
    const address = hash & (2 * base - 1);
    return address < (words[listsWord] as number) ? address : address - base;
  }

  /** The first node of a list, 0 where it is empty. */
  firstOf(list: number): number {
    return this.lists[list] as number;
  }

  /** The node behind this one in its list, 0 where that is the last. */
  nextOf(node: number): number {
    return this.words[node * 2 + next] as number;
  }

  hashOf(node: number): number {
    return this.words[node * 2 + hash] as number;
  }

  keyLengthOf(node: number): number {
    return this.words[node * 2 + keyLength] as number;
  }

  valueLengthOf(node: number): number {
    return this.words[node * 2 + valueLength] as number;
  }

  /** In UTF-8, in shared memory: valid while the table's lock is held, as all that these give. */
  keyOf(node: number): Uint8Array {
    const start = (node * 2 + keyWord) * wordBytes;
    return this.bytes.subarray(start, start + this.keyLengthOf(node));
  }

  valueOf(node: number): Uint8Array {
    const start = valueStart(node, this.keyLengthOf(node));
    return this.bytes.subarray(start, start + this.valueLengthOf(node));
  }

  /** {@link Allocator.allocate}, which may make the arena grow. */
  allocate(units: number): number {
    const node = this.allocator.allocate(units);
    if (this.#entries.words !== this.words) this.#countGrowth();
    return node;
  }

  /** Makes the array of lists longer; says whether there was memory for it. */
  growLists(): boolean {
    const bytes = this.#lists.bytes.length + listsGrowthBytes;
    if (bytes > this.#lists.buffer.maxByteLength || !this.#lists.grow(bytes)) return false;
    this.#countGrowth();
    return true;
  }

  /** Tells the other threads that this one has made an arena grow. */
  #countGrowth(): void {
    this.#setViews();
    this.#growths = ((this.words[growthsWord] as number) + 1) | 0;
    this.words[growthsWord] = this.#growths;
  }

  #setViews(): void {
    this.words = this.#entries.words;
    this.bytes = this.#entries.bytes;
    this.lists = this.#lists.words;
  }
}
