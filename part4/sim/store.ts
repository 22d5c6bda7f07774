import {
  entryToBuffer,
  type KeyPage,
  type KeyValueTable,
  keyOverheadBytes,
  type ScanOptions,
} from '@tablelab/part1';
import { AssertionFailure, logicalEntryBytes } from '@tablelab/shared';
import type { ReplicaStore, StoreEntries, StoreWrite } from '../src/ports.ts';
import { isSameBytes, rule } from './history-tree.ts';
import type { SimProcess } from './process.ts';
import type { World } from './world.ts';

/** The number of lists of the table, for walks. */
const listsCount = 8;

/** The present pace of one server's tables. */
export interface StorePace {
  /** The factor by which everything takes longer than usual. */
  slowness: number;
  /** The additional delay of reports, in milliseconds. */
  tellDelayMs: number;
  /** Nothing is executed. */
  isHeld: boolean;
}

export interface SimStoreOptions {
  readonly world: World;
  readonly process: SimProcess;
  readonly pace: StorePace;
  /** The largest number of writes that wait to be executed. */
  readonly queueMax: number;
  readonly logicalCapacityBytes: number;
  /** Whether a starting server fills it from its disk, and waits for it in promises. */
  readonly isFilling: () => boolean;
  /** Called for each accepted write. */
  readonly onSubmitted: (write: StoreWrite) => void;
  /** Called right after an execution, before it is reported. */
  readonly onExecuted: () => void;
}

/**
 * The table of one server, with a model of the second thread: it executes a few writes at a time, after a delay, and
 * reports them later.
 */
export class SimStore implements ReplicaStore {
  readonly table: KeyValueTable;
  readonly #options: SimStoreOptions;
  readonly #contents = new Map<string, Uint8Array>();
  readonly #queue: StoreWrite[] = [];
  #submitted = 0;
  #executed = 0;
  #told = 0;
  #logicalBytes = 0;
  #isWorking = false;
  #isRoomAwaited = false;
  #listener: (executed: number) => void = () => undefined;
  #roomListener: () => void = () => undefined;
  #closed: (() => void) | undefined;

  constructor(options: SimStoreOptions) {
    this.#options = options;
    this.table = new ContentsTable(this.#contents);
  }

  get contents(): ReadonlyMap<string, Uint8Array> {
    return this.#contents;
  }

  get submitted(): number {
    return this.#submitted;
  }

  get executed(): number {
    return this.#executed;
  }

  get keysBytes(): number {
    return keysBytesOf(this.#contents);
  }

  get logicalBytes(): number {
    return this.#logicalBytes;
  }

  get logicalCapacityBytes(): number {
    return this.#options.logicalCapacityBytes;
  }

  logicalBytesOf(key: string): number {
    const value = this.#contents.get(key);
    return value === undefined ? 0 : logicalEntryBytes(key.length, value.length);
  }

  hasValue(key: string, value: Uint8Array): boolean {
    const present = this.#contents.get(key);
    return present !== undefined && isSameBytes(present, value);
  }

  submit(write: StoreWrite): boolean {
    const { process, queueMax, onSubmitted } = this.#options;
    if (!process.isAlive) return true;
    if (this.#queue.length >= queueMax) {
      this.#isRoomAwaited = true;
      return false;
    }
    onSubmitted(write);
    this.#queue.push(write);
    this.#submitted += 1;
    this.work();
    return true;
  }

  onRoom(listener: () => void): void {
    this.#roomListener = listener;
  }

  onExecuted(listener: (executed: number) => void): void {
    this.#listener = listener;
  }

  onFailed(): void {
    // It never fails.
  }

  readEntries(cursor: number, bytesMax: number): StoreEntries & { readonly executed: number } {
    const end = Math.min(listsCount, cursor + 1 + this.#options.world.random.int(4));
    const parts: Uint8Array[] = [];
    let bytes = 0;
    let list = cursor;
    for (; list < end && bytes <= bytesMax; list += 1) {
      for (const [key, value] of this.#contents) {
        if (listOf(key) !== list) continue;
        const entry = entryToBuffer({ key, value });
        parts.push(entry);
        bytes += entry.length;
      }
    }
    const next = list < listsCount ? list : undefined;
    return { entries: Buffer.concat(parts), next, executed: this.#executed };
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#closed = resolve;
      this.work();
    });
  }

  /** Continues with the waiting work. */
  work(): void {
    const { world, process, pace } = this.#options;
    if (pace.isHeld || this.#isWorking) return;
    if (this.#queue.length === 0) return this.#finish();
    this.#isWorking = true;
    const takesMs = (world.oneIn(20) ? world.between(2, 20) : world.between(0.05, 1)) * pace.slowness;
    process.schedule(takesMs, () => {
      this.#isWorking = false;
      this.#executeSome();
      this.work();
    });
  }

  #executeSome(): void {
    const { world, process, pace, onExecuted } = this.#options;
    const some = this.#queue.splice(0, 1 + world.random.int(4));
    world.guard(() => {
      for (const write of some) this.#execute(write);
    });
    onExecuted();
    process.schedule(world.between(0, 0.5) + pace.tellDelayMs, () => this.#tell());
  }

  #execute(write: StoreWrite): void {
    this.#logicalBytes -= this.logicalBytesOf(write.key);
    if (write.op === 'put') this.#contents.set(write.key, write.data);
    else this.#contents.delete(write.key);
    this.#logicalBytes += this.logicalBytesOf(write.key);
    this.#executed += 1;
    const { logicalCapacityBytes } = this.#options;
    rule(this.#logicalBytes <= logicalCapacityBytes, () => {
      return `a table holds ${this.#logicalBytes} bytes, of ${logicalCapacityBytes}`;
    });
  }

  #tell(): void {
    if (this.#options.isFilling()) this.#options.world.settled();
    if (this.#isRoomAwaited) {
      this.#isRoomAwaited = false;
      this.#roomListener();
    }
    if (this.#told === this.#executed) return;
    this.#told = this.#executed;
    this.#listener(this.#executed);
  }

  #finish(): void {
    if (this.#closed === undefined) return;
    this.#options.world.settled();
    this.#closed();
  }
}

class ContentsTable implements KeyValueTable {
  readonly #contents: ReadonlyMap<string, Uint8Array>;

  constructor(contents: ReadonlyMap<string, Uint8Array>) {
    this.#contents = contents;
  }

  get size(): number {
    return this.#contents.size;
  }

  get keysBytes(): number {
    return keysBytesOf(this.#contents);
  }

  get(key: string): Uint8Array | undefined {
    return this.#contents.get(key)?.slice();
  }

  has(key: string): boolean {
    return this.#contents.has(key);
  }

  keys(): string[] {
    return [...this.#contents.keys()];
  }

  scan({ prefix, from, keysMax }: ScanOptions): KeyPage {
    rule(from === 0, () => 'no table of the simulation has so many keys that a walk takes two steps');
    const keys = [...this.#contents.keys()].filter((key) => key.startsWith(prefix));
    rule(keys.length <= keysMax, () => 'nor one for which a client asks for fewer');
    return { keys, next: 0 };
  }

  put(): never {
    throw new AssertionFailure('writes go through submit');
  }

  putIfAbsent(): never {
    throw new AssertionFailure('writes go through submit');
  }

  putIfEquals(): never {
    throw new AssertionFailure('writes go through submit');
  }

  del(): never {
    throw new AssertionFailure('writes go through submit');
  }
}

function keysBytesOf(contents: ReadonlyMap<string, Uint8Array>): number {
  return [...contents.keys()].reduce((sum, key) => sum + Buffer.byteLength(key) + keyOverheadBytes, 0);
}

function listOf(key: string): number {
  return (key.charCodeAt(key.length - 1) * 5) % listsCount;
}
