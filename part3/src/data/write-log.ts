import { assert, errorText, must, TableError } from '@tablelab/shared';
import { BlockFile, BlockWriter, type Disk, logName, type SyncPolicy } from '@tablelab/shared/disk';
import type { Task } from '../store/task-queue.ts';
import { type DataBlock, encodeDataBlock, header } from './data-block.ts';
import { dataClock } from './data-clock.ts';
import type { NumberRange } from './lost-numbers.ts';
import { encodeWrites, recordBytes } from './write-records.ts';

export interface WriteLogOptions {
  readonly disk: Disk;
  readonly policy: SyncPolicy;
  /** The numbers that no write has. */
  readonly lost: readonly NumberRange[];
}

export interface WriteLogListener {
  /** The writes below this number are kept (see SyncPolicy). It rises. */
  kept(next: number): void;
  /** Numbers up to another bound may be given. */
  reserved(): void;
  /** The disk is full. What was added waits until it has room. */
  full(): void;
  /** The disk has failed: the server must end, and not try again. */
  failed(error: TableError): void;
}

type LoggedWrite = Pick<Task, 'opN' | 'op' | 'key' | 'data' | 'expected'>;

/** The most bytes of writes in one block, unless one write is longer. */
const blockBytesMax = 1 << 20;

/**
 * So many numbers are reserved at once. As many at most are skipped when a killed server is started again. Half of them last
 * for the time of a sync even at a high rate.
 */
const reservedAtOnce = 65_536;

/** What belongs to the blocks that the writer has. */
interface Mark {
  readonly blocks: number;
  /** The writes below this number are in them. */
  readonly next: number;
}

/**
 * The writes of a server on its disk, in the order of their numbers. Writes that arrive while the disk is busy are written
 * and synced together.
 *
 * Invariant: a write gets only a number below {@link reserved}, which is on the disk and synced whatever the policy. So a
 * server that was killed knows which numbers may have been given to writes that it has lost.
 */
export class WriteLog {
  readonly #options: WriteLogOptions;
  #number: number;
  /** Undefined while the next file is being made. */
  #writer: BlockWriter | undefined;
  #waiting: LoggedWrite[] = [];
  #next: number;
  #reserved = 0;
  #isReserving = false;
  /** Of the file's blocks, in order: those that are not kept yet. */
  #marks: Mark[] = [];
  #isFlushDue = false;
  #rotation: Promise<number> | undefined;
  /** What it has written to earlier files. */
  #earlierBytes = 0;
  #isFailed = false;
  #listener: WriteLogListener | undefined;
  #onSynced: (milliseconds: number) => void = () => undefined;

  private constructor(options: WriteLogOptions, { number, next }: { number: number; next: number }) {
    this.#options = options;
    this.#number = number;
    this.#next = next;
  }

  /** Begins file `number`, which the directory does not have yet. The first write will have the number `next`. */
  static async begin(options: WriteLogOptions, place: { number: number; next: number }): Promise<WriteLog> {
    const log = new WriteLog(options, place);
    await log.#beginFile();
    return log;
  }

  /** Must be called before anything is added. */
  listen(listener: WriteLogListener): void {
    this.#listener = listener;
  }

  /** Calls `onSynced` after each sync, with what it took in milliseconds. */
  observe(onSynced: (milliseconds: number) => void): void {
    this.#onSynced = onSynced;
  }

  /** The number of the next write. */
  get next(): number {
    return this.#next;
  }

  /** Only numbers below this one may be given. */
  get reserved(): number {
    return this.#reserved;
  }

  /** How much it has written to all its files, in bytes. */
  get writtenBytes(): number {
    return this.#earlierBytes + (this.#writer?.bytes ?? 0);
  }

  /** Adds write {@link next}; its bytes must not change afterwards. */
  add(write: LoggedWrite): void {
    assert(
      write.opN === this.#next && write.opN < this.#reserved,
      'numbers follow each other and are reserved',
    );
    this.#next += 1;
    this.#waiting.push(write);
    this.#flushSoon();
  }

  /**
   * Continues in another file. Resolves with its number, and with that of its first write, once it is there and all earlier
   * writes are synced.
   */
  async rotate(): Promise<{ number: number; first: number }> {
    assert(this.#rotation === undefined, 'one rotation at a time');
    this.#rotation = this.#rotate();
    const first = await this.#rotation;
    return { number: this.#number, first };
  }

  /**
   * Resolves once everything that was added is synced, whatever the policy.
   * @throws TableError when the disk has failed
   */
  async sync(): Promise<void> {
    await this.#rotation;
    this.#flush();
    await this.#writer?.sync();
  }

  /** Resolves once everything that was added is synced, and the file says that the server has ended in order. */
  async close(): Promise<void> {
    await this.#rotation?.catch(() => undefined);
    this.#flush();
    if (!this.#isFailed) this.#give({ type: 'closed', next: this.#next });
    await this.#writer?.close();
  }

  async #rotate(): Promise<number> {
    try {
      this.#flush();
      const writer = must(this.#writer, 'there is a file');
      this.#writer = undefined;
      this.#earlierBytes += writer.bytes;
      const first = this.#next;
      await writer.close();
      if (this.#isFailed) throw new TableError('INTERNAL', 'the log has failed');
      this.#number += 1;
      await this.#beginFile(first);
      return first;
    } catch (error) {
      throw this.#fail(error);
    } finally {
      this.#rotation = undefined;
      this.#flush();
    }
  }

  async #beginFile(first = this.#next): Promise<void> {
    const { disk, policy, lost } = this.#options;
    const name = logName(this.#number);
    const reserved = Math.max(this.#reserved, this.#next + reservedAtOnce);
    const file = new BlockFile(await disk.create(name), dataClock);
    await file.add(encodeDataBlock(header({ first, reserved, lost })));
    await file.close();
    await disk.syncNames();
    this.#reserved = reserved;
    this.#marks = [];
    this.#writer = new BlockWriter({
      file: await disk.open(name),
      offset: file.bytes,
      policy,
      clock: dataClock,
      onKept: (blocks) => this.#onKept(blocks),
      onFailed: (error) => this.#fail(error),
      onFull: () => this.#listener?.full(),
      onSynced: (milliseconds) => this.#onSynced(milliseconds),
    });
    this.#listener?.reserved();
  }

  #onKept(blocks: number): void {
    let next: number | undefined;
    while ((this.#marks[0]?.blocks ?? Number.POSITIVE_INFINITY) <= blocks) next = this.#marks.shift()?.next;
    if (next !== undefined) this.#listener?.kept(next);
    this.#flush();
  }

  #flushSoon(): void {
    if (this.#isFlushDue || (this.#writer?.isBusy ?? true)) return;
    this.#isFlushDue = true;
    // What arrives in this turn becomes one group.
    dataClock.soon(() => {
      this.#isFlushDue = false;
      this.#flush();
    });
  }

  /** Gives everything that waits to the writer, as few blocks. */
  #flush(): void {
    const writer = this.#writer;
    if (writer === undefined || this.#waiting.length === 0 || this.#isFailed) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    let from = 0;
    let bytes = 0;
    const give = (end: number): void => {
      this.#give({ type: 'writes', records: encodeWrites(waiting.slice(from, end), bytes) });
      this.#marks.push({ blocks: writer.added, next: (waiting[end - 1] as LoggedWrite).opN + 1 });
      from = end;
      bytes = 0;
    };
    for (const [index, write] of waiting.entries()) {
      const added = recordBytes(write);
      if (index > from && bytes + added > blockBytesMax) give(index);
      bytes += added;
    }
    give(waiting.length);
    if (this.#reserved - this.#next < reservedAtOnce / 2 && !this.#isReserving) void this.#reserve();
    writer.write();
  }

  async #reserve(): Promise<void> {
    const writer = must(this.#writer, 'there is a file');
    const reserved = this.#next + reservedAtOnce;
    this.#isReserving = true;
    try {
      this.#give({ type: 'reserve', reserved });
      await writer.sync();
      this.#reserved = Math.max(this.#reserved, reserved);
      this.#listener?.reserved();
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isReserving = false;
    }
  }

  #give(block: DataBlock): void {
    const { kind, payload } = encodeDataBlock(block);
    this.#writer?.add(kind, payload);
  }

  #fail(error: unknown): TableError {
    const failure =
      error instanceof TableError ? error : new TableError('INTERNAL', errorText(error), { cause: error });
    if (this.#isFailed) return failure;
    this.#isFailed = true;
    this.#waiting = [];
    this.#listener?.failed(failure);
    return failure;
  }
}
