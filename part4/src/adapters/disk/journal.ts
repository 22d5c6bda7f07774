import { assert, must, TableError } from '@tablelab/shared';
import { BlockFile, BlockWriter, type Disk, logName, type SyncPolicy } from '@tablelab/shared/disk';
import type { Lasting } from '../../core/lasting.ts';
import type { MemberId } from '../../core/membership-record.ts';
import { type Update, updateBytes } from '../../core/update.ts';
import type { Clock } from '../../ports.ts';
import { encodeBlock, formatVersion, type JournalBlock } from './journal-block.ts';
import type { LogFile } from './log-file.ts';

export interface JournalOptions {
  readonly disk: Disk;
  readonly policy: SyncPolicy;
  readonly clock: Clock;
  readonly member: MemberId;
}

export interface JournalListener {
  /** This many blocks are kept (see SyncPolicy). It rises. */
  kept(blocks: number): void;
  /** The disk is full. What was added waits until it has room. */
  full(): void;
  /** The disk has failed: the server must end, and not try again. */
  failed(error: TableError): void;
}

/** The most updates in one block, as in a message between servers. */
const blockUpdatesMax = 1_024;

/** A block gets no more updates when it has this many bytes. */
const blockBytesMax = 1 << 20;

/** Where a journal goes on. */
export interface JournalPlace {
  /** Of its next file. */
  readonly number: number;
  /** Of its next update. */
  readonly seq: number;
  readonly index: readonly LogFile[];
}

/** What belongs to the blocks that the writer has. */
interface Mark {
  readonly written: number;
  readonly added: number;
}

/**
 * A server's log on its disk: takes blocks in order and reports how many are kept. Updates that arrive while the disk is
 * busy become one block.
 */
export class Journal {
  readonly #options: JournalOptions;
  #number: number;
  /** Undefined while the next file is being made. */
  #writer: BlockWriter | undefined;
  #waiting: JournalBlock[] = [];
  #added = 0;
  /** Of the file's blocks, in order: those that are not kept yet. */
  #marks: Mark[] = [];
  #isFlushDue = false;
  #rotation: Promise<void> | undefined;
  /** What it has written to earlier files. */
  #earlierBytes = 0;
  #isFailed = false;
  #isClosed = false;
  #listener: JournalListener | undefined;
  #onSynced: (milliseconds: number) => void = () => undefined;

  /** The logs that updates can be read from, in order. */
  #index: readonly LogFile[];
  /** The number of the next update that is given to the writer. */
  #nextSeq: number;

  private constructor(options: JournalOptions, { number, seq, index }: JournalPlace) {
    this.#options = options;
    this.#number = number;
    this.#nextSeq = seq;
    this.#index = index;
  }

  /** Begins a file that the directory does not have yet. */
  static async begin(options: JournalOptions, place: JournalPlace, lasting: Lasting): Promise<Journal> {
    const journal = new Journal(options, place);
    await journal.#beginFile(lasting);
    return journal;
  }

  /** Must be called before anything is added. */
  listen(listener: JournalListener): void {
    this.#listener = listener;
  }

  /** Calls `onSynced` after each sync, with what it took in milliseconds. */
  observe(onSynced: (milliseconds: number) => void): void {
    this.#onSynced = onSynced;
  }

  /** How many blocks were added. */
  get added(): number {
    return this.#added;
  }

  get member(): MemberId {
    return this.#options.member;
  }

  /** The number of the file that is being written. */
  get number(): number {
    return this.#number;
  }

  /** The log that has update `seq`; undefined if the logs do not reach back so far. */
  fileWith(seq: number): LogFile | undefined {
    return this.#index.findLast((file) => file.seq <= seq);
  }

  /** Logs below `number` are about to be removed. */
  forget(number: number): void {
    this.#index = this.#index.filter((file) => file.number >= number);
  }

  /** How much it has written to all its files, in bytes. */
  get writtenBytes(): number {
    return this.#earlierBytes + (this.#writer?.bytes ?? 0);
  }

  /** The block is kept once the listener has heard of the number that this returns. */
  add(block: JournalBlock): number {
    assert(!this.#isClosed, 'a closed journal takes nothing');
    this.#added += 1;
    this.#waiting.push(block);
    this.#flushSoon();
    return this.#added;
  }

  /** Continues in another file. Resolves with its number once it is there and all earlier blocks are synced. */
  async rotate(lasting: () => Lasting): Promise<number> {
    assert(this.#rotation === undefined, 'one rotation at a time');
    this.#rotation = this.#rotate(lasting);
    await this.#rotation;
    return this.#number;
  }

  /** Resolves once everything that was added is synced. */
  async close(): Promise<void> {
    await this.#rotation;
    this.#flush();
    this.#isClosed = true;
    await this.#writer?.close();
  }

  async #rotate(lasting: () => Lasting): Promise<void> {
    try {
      this.#flush();
      const writer = must(this.#writer, 'there is a file');
      this.#writer = undefined;
      this.#earlierBytes += writer.bytes;
      await writer.close();
      this.#number += 1;
      if (!this.#isFailed) await this.#beginFile(lasting());
    } catch (error) {
      this.#fail(error instanceof TableError ? error : new TableError('INTERNAL', String(error)));
    } finally {
      this.#rotation = undefined;
    }
    this.#flush();
  }

  async #beginFile(lasting: Lasting): Promise<void> {
    const { disk, policy, clock, member } = this.#options;
    const file = await disk.create(logName(this.#number));
    const seq = this.#nextSeq;
    const since = this.#index[0]?.seq ?? seq;
    const header = { type: 'header', version: formatVersion, member, lasting, seq, since } as const;
    const begun = new BlockFile(file, clock);
    await begun.add(encodeBlock(header));
    await begun.close();
    await disk.syncNames();
    this.#marks = [];
    const offset = await disk.size(logName(this.#number));
    this.#index = [...this.#index, { number: this.#number, seq, offset: 0 }];
    this.#writer = new BlockWriter({
      file: await disk.open(logName(this.#number)),
      offset,
      policy,
      clock,
      onKept: (written) => this.#onKept(written),
      onFailed: (error) => this.#fail(error),
      onFull: () => this.#listener?.full(),
      onSynced: (milliseconds) => this.#onSynced(milliseconds),
    });
  }

  #onKept(written: number): void {
    let kept: number | undefined;
    while ((this.#marks[0]?.written ?? Number.POSITIVE_INFINITY) <= written)
      kept = this.#marks.shift()?.added;
    if (kept !== undefined) this.#listener?.kept(kept);
    this.#flush();
  }

  #flushSoon(): void {
    if (this.#isFlushDue || (this.#writer?.isBusy ?? true)) return;
    this.#isFlushDue = true;
    // What arrives in this turn becomes one group.
    this.#options.clock.soon(() => {
      this.#isFlushDue = false;
      this.#flush();
    });
  }

  /** Gives everything that waits to the writer: consecutive updates as few blocks. */
  #flush(): void {
    const writer = this.#writer;
    if (writer === undefined || this.#waiting.length === 0 || this.#isFailed) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    let added = this.#added - waiting.length;
    let updates: Update[] = [];
    let bytes = 0;
    const give = (block: JournalBlock): void => {
      if (block.type === 'updates') this.#nextSeq = must(block.updates.at(-1), 'not empty').seq + 1;
      if (block.type === 'begin') this.#beginAnew(block.snapshot.seq, writer.bytes);
      const { kind, payload } = encodeBlock(block);
      writer.add(kind, payload);
      this.#marks.push({ written: writer.added, added });
    };
    const giveUpdates = (): void => {
      if (updates.length > 0) give({ type: 'updates', updates });
      updates = [];
      bytes = 0;
    };
    for (const block of waiting) {
      const isUpdates = block.type === 'updates';
      const isFull =
        isUpdates && (updates.length + block.updates.length > blockUpdatesMax || bytes > blockBytesMax);
      if (!isUpdates || isFull) giveUpdates();
      added += 1;
      if (isUpdates) {
        updates.push(...block.updates);
        for (const update of block.updates) bytes += updateBytes(update);
      } else give(block);
    }
    giveUpdates();
    writer.write();
  }

  /** What was written before belongs to another history. */
  #beginAnew(seq: number, offset: number): void {
    this.#nextSeq = seq;
    this.#index = [{ number: this.#number, seq, offset }];
  }

  #fail(error: TableError): void {
    if (this.#isFailed) return;
    this.#isFailed = true;
    this.#waiting = [];
    this.#listener?.failed(error);
  }
}
