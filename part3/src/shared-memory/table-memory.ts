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

/** The initial size, so that the first entries need no growth. */
const arenaBytesAtStart = 2 ** 16;

/** Everything that another thread needs to use the table; can be posted to it. */
export interface SharedTableHandle {
  readonly entries: SharedArrayBuffer;
  readonly lists: SharedArrayBuffer;
}

/**
 * One thread's access to the memory of a shared table (table-layout.ts).
 *
 * Each thread has its own views, which become too short when another one grows an arena. `growths` in the header counts
 * the growths of both arenas: a thread that finds a new number renews its views.
 */
export class TableMemory {
  /** Manages the memory of the nodes. To allocate, call {@link allocate}. */
  readonly allocator: Allocator;
  readonly #entries: Arena;
  readonly #lists: Arena;
  /** The views. They are fields, because every step of a walk reads them. */
  words: Int32Array;
  bytes: Uint8Array;
  lists: Int32Array;
  /** The number of growths that these views include. */
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

  /** The memory that another thread has created. */
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

  /** Call this first after taking the table's lock. */
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

  /** The first node of a list, 0 if it is empty. */
  firstOf(list: number): number {
    return this.lists[list] as number;
  }

  /** The next node in the list, 0 if this is the last one. */
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

  /** In UTF-8, in shared memory. Valid while the table's lock is held, like all results here. */
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

  /** Extends the array of lists; returns whether there was memory for it. */
  growLists(): boolean {
    const bytes = this.#lists.bytes.length + listsGrowthBytes;
    if (bytes > this.#lists.buffer.maxByteLength || !this.#lists.grow(bytes)) return false;
    this.#countGrowth();
    return true;
  }

  /** Tells the other threads that this one has grown an arena. */
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
