import { TableError } from '@tablelab/shared';
import type { AppendFile, Disk } from '@tablelab/shared/disk';
import type { SimProcess } from './process.ts';
import type { World } from './world.ts';

interface SimFile {
  bytes: Uint8Array;
  /** How much of it a power cut leaves for certain. */
  synced: number;
}

/** A change of the names that is not synced. */
type NameChange =
  | { readonly type: 'set'; readonly name: string; readonly file: SimFile }
  | { readonly type: 'remove'; readonly name: string };

/** How long an append, a sync and any other call take, in milliseconds. */
const appendMs = { min: 0.02, max: 0.3 };
const syncMs = { min: 0.2, max: 3 };
const otherMs = { min: 0.02, max: 0.5 };

/** One call in so many takes much longer. */
const slowOneIn = 30;
const slowFactor = 15;

/**
 * The disk of one machine, which outlives its processes. The end of a process loses nothing that it has written; a power cut
 * loses what was not synced, in whole or in part, in any order. A file is one run of bytes, and names are synced apart from it.
 */
export class SimDisk {
  readonly #world: World;
  #names = new Map<string, SimFile>();
  #syncedNames = new Map<string, SimFile>();
  #nameChanges: NameChange[] = [];
  /** Calls that were begun before a power cut have no effect after it. */
  #generation = 0;
  slowness = 1;
  /** The next sync fails, and what it should have synced is dropped. */
  isNextSyncFailing = false;
  /** What it has left, in bytes. */
  #free = Number.POSITIVE_INFINITY;
  /** A bit has changed since the disk was empty. */
  isDamaged = false;
  /** Some call has failed, or will: a server may end. */
  hasFailed = false;
  hasBeenFull = false;

  constructor(world: World) {
    this.#world = world;
  }

  /** The disk as a process uses it. */
  openedBy(process: SimProcess): Disk {
    return new OpenedDisk(this, process);
  }

  /** All processes of the machine must have ended. */
  cutPower(): void {
    this.#generation += 1;
    const { random } = this.#world;
    // Names reach the disk in order, as with a journaling file system.
    const kept = random.int(this.#nameChanges.length + 1);
    for (const change of this.#nameChanges.slice(0, kept)) applyTo(this.#syncedNames, change);
    this.#nameChanges = [];
    this.#names = new Map(this.#syncedNames);
    for (const file of new Set(this.#names.values())) this.#tear(file);
  }

  get free(): number {
    return this.#free;
  }

  /** Something else has filled it but for `bytes`. */
  fill(bytes: number): void {
    this.#free = bytes;
    this.hasFailed = true;
    this.hasBeenFull = true;
  }

  makeRoom(): void {
    this.#free = Number.POSITIVE_INFINITY;
  }

  mend(): void {
    this.slowness = 1;
    this.makeRoom();
    this.isNextSyncFailing = false;
  }

  /** Somebody has taken everything away. */
  erase(): void {
    this.#generation += 1;
    this.isDamaged = false;
    this.#names.clear();
    this.#syncedNames.clear();
    this.#nameChanges = [];
  }

  /** Changes one bit of a file that is not the last log, all of which is synced. Returns its name; undefined: there is none. */
  rot(): string | undefined {
    const logs = [...this.#names.keys()].filter((name) => name.startsWith('log-')).toSorted();
    const old = [...this.#names].filter(([name, { bytes, synced }]) => {
      return name !== logs.at(-1) && !name.endsWith('.new') && bytes.length > 0 && synced === bytes.length;
    });
    if (old.length === 0) return undefined;
    const { random } = this.#world;
    const [name, file] = random.pick(old);
    const bytes = file.bytes.slice();
    const at = random.int(bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << random.int(8));
    file.bytes = bytes;
    this.isDamaged = true;
    return name;
  }

  /** What is left of a file. */
  #tear(file: SimFile): void {
    const { random } = this.#world;
    const { bytes, synced } = file;
    const unsynced = bytes.length - synced;
    if (unsynced === 0) return;
    const left = random.pick([0, random.int(unsynced + 1), unsynced, unsynced]);
    const torn = bytes.slice(0, synced + left);
    // Some of the pages were written, and others not.
    if (random.int(2) === 0 && left > 0) {
      const from = synced + random.int(left);
      torn.fill(0, from, Math.min(torn.length, from + 1 + random.int(left)));
    }
    file.bytes = torn;
    file.synced = torn.length;
  }

  // ---- for OpenedDisk ----

  get names(): ReadonlyMap<string, SimFile> {
    return this.#names;
  }

  file(name: string): SimFile {
    const file = this.#names.get(name);
    if (file === undefined) throw new TableError('INTERNAL', `there is no file ${name}`);
    return file;
  }

  change(change: NameChange): void {
    applyTo(this.#names, change);
    this.#nameChanges.push(change);
  }

  syncNames(): void {
    for (const change of this.#nameChanges) applyTo(this.#syncedNames, change);
    this.#nameChanges = [];
  }

  append(file: SimFile, parts: readonly Uint8Array[]): void {
    // Not a Buffer, whose slices are no copies.
    file.bytes = new Uint8Array(Buffer.concat([file.bytes, ...parts]));
    for (const { length } of parts) this.#free = Math.max(0, this.#free - length);
  }

  /** Calls `act` after a while, if `process` is alive then; `cutShort`, if it was killed meanwhile. */
  call<T>(
    process: SimProcess,
    kind: 'append' | 'sync' | 'other',
    act: () => T,
    cutShort: () => void = () => undefined,
  ): Promise<T> {
    const world = this.#world;
    const { min, max } = { append: appendMs, sync: syncMs, other: otherMs }[kind];
    const factor = this.slowness * (world.oneIn(slowOneIn) ? slowFactor : 1);
    const generation = this.#generation;
    return new Promise<T>((resolve, reject) => {
      world.schedule(world.between(min, max) * factor, () => {
        if (generation !== this.#generation) return;
        if (!process.isAlive) return cutShort();
        let settle: () => void;
        try {
          const result = act();
          settle = () => resolve(result);
        } catch (error) {
          settle = () => reject(error);
        }
        process.deliver(this, () => {
          world.settled();
          settle();
        });
      });
    });
  }

  /** Some number of `count` first bytes. */
  part(count: number): number {
    return this.#world.random.int(count + 1);
  }
}

function applyTo(names: Map<string, SimFile>, change: NameChange): void {
  if (change.type === 'set') names.set(change.name, change.file);
  else names.delete(change.name);
}

const full = () => new TableError('FULL', 'the disk has no room');

class OpenedDisk implements Disk {
  readonly #disk: SimDisk;
  readonly #process: SimProcess;

  constructor(disk: SimDisk, process: SimProcess) {
    this.#disk = disk;
    this.#process = process;
  }

  list(): Promise<readonly string[]> {
    return this.#call(() => [...this.#disk.names.keys()]);
  }

  size(name: string): Promise<number> {
    return this.#call(() => this.#disk.file(name).bytes.length);
  }

  read(name: string, offset: number, length: number): Promise<Uint8Array> {
    return this.#call(() => this.#disk.file(name).bytes.slice(offset, offset + length));
  }

  create(name: string): Promise<AppendFile> {
    return this.#call(() => {
      if (this.#disk.free === 0) throw full();
      if (this.#disk.names.has(name)) throw new TableError('INTERNAL', `${name} is there already`);
      const file = { bytes: new Uint8Array(0), synced: 0 };
      this.#disk.change({ type: 'set', name, file });
      return new OpenedFile(this.#disk, this.#process, file);
    });
  }

  open(name: string): Promise<AppendFile> {
    return this.#call(() => new OpenedFile(this.#disk, this.#process, this.#disk.file(name)));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#call(() => {
      const file = this.#disk.file(from);
      this.#disk.change({ type: 'set', name: to, file });
      this.#disk.change({ type: 'remove', name: from });
    });
  }

  remove(name: string): Promise<void> {
    return this.#call(() => {
      this.#disk.file(name);
      this.#disk.change({ type: 'remove', name });
    });
  }

  truncate(name: string, bytes: number): Promise<void> {
    return this.#call(() => {
      const file = this.#disk.file(name);
      file.bytes = file.bytes.slice(0, bytes);
      file.synced = Math.min(file.bytes.length, bytes);
    });
  }

  syncNames(): Promise<void> {
    return this.#disk.call(this.#process, 'sync', () => this.#disk.syncNames());
  }

  freeBytes(): Promise<number> {
    return this.#call(() => Math.min(this.#disk.free, Number.MAX_SAFE_INTEGER));
  }

  async close(): Promise<void> {
    // Nothing is locked.
  }

  #call<T>(act: () => T): Promise<T> {
    return this.#disk.call(this.#process, 'other', act);
  }
}

class OpenedFile implements AppendFile {
  readonly #disk: SimDisk;
  readonly #process: SimProcess;
  readonly #file: SimFile;

  constructor(disk: SimDisk, process: SimProcess, file: SimFile) {
    this.#disk = disk;
    this.#process = process;
    this.#file = file;
  }

  append(parts: readonly Uint8Array[]): Promise<void> {
    // A process that is killed in the middle, and a disk that becomes full, leave a part.
    const appendPart = () => {
      const whole = Buffer.concat(parts);
      const room = Math.min(whole.length, this.#disk.free);
      this.#disk.append(this.#file, [whole.subarray(0, this.#disk.part(room))]);
    };
    return this.#disk.call(
      this.#process,
      'append',
      () => {
        let bytes = 0;
        for (const { length } of parts) bytes += length;
        if (bytes > this.#disk.free) {
          appendPart();
          throw full();
        }
        this.#disk.append(this.#file, parts);
      },
      appendPart,
    );
  }

  sync(): Promise<void> {
    return this.#disk.call(this.#process, 'sync', () => {
      const file = this.#file;
      if (this.#disk.isNextSyncFailing) {
        this.#disk.isNextSyncFailing = false;
        this.#disk.hasFailed = true;
        // The operating system may drop what it could not write.
        file.bytes = file.bytes.slice(0, file.synced);
        throw new TableError('INTERNAL', 'EIO: i/o error, fdatasync');
      }
      file.synced = file.bytes.length;
    });
  }

  cut(bytes: number): Promise<void> {
    return this.#disk.call(this.#process, 'other', () => {
      const file = this.#file;
      file.bytes = file.bytes.slice(0, bytes);
      file.synced = Math.min(file.synced, bytes);
    });
  }

  async close(): Promise<void> {
    // Nothing is held.
  }
}
