import { assert } from '../assert.ts';
import { errorText, TableError } from '../errors.ts';
import { blockHeader, blockHeaderBytes } from './blocks.ts';
import type { AppendFile } from './disk.ts';

/**
 * When a block counts as kept. `always`: once it is synced, so a power cut loses nothing that counts. `everysec`: once the
 * operating system has it, which syncs it within about a second; a power cut loses that second, the end of the process
 * nothing. `never`: the same, but the operating system chooses the time.
 */
export type SyncPolicy = 'always' | 'everysec' | 'never';

export const syncPolicies: readonly SyncPolicy[] = ['always', 'everysec', 'never'];

export interface BlockWriterOptions {
  readonly file: AppendFile;
  /** The length of the file, all of it synced, in bytes. */
  readonly offset: number;
  readonly policy: SyncPolicy;
  /** Called with the number of blocks that are kept, see {@link SyncPolicy}; it rises. */
  readonly onKept: (blocks: number) => void;
  /** The file cannot be continued. Called once; nothing follows. */
  readonly onFailed: (error: TableError) => void;
  /**
   * Called each time an append finds no room on the disk. The writer then tries again every second, until it is closed.
   * Without it, an append that finds no room is a failure.
   */
  readonly onFull?: (error: TableError) => void;
  /** Called after each sync with what it took, in milliseconds. */
  readonly onSynced?: (milliseconds: number) => void;
  readonly clock: WriterClock;
}

export interface WriterClock {
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** Calls `run` once, after `delayMs`. */
  after(delayMs: number, run: () => void): { cancel(): void };
}

/** The most that is written at once, in bytes, so that the first of many blocks is kept soon. */
const groupBytesMax = 8 << 20;

const syncIntervalMs = 1_000;

/** The pause before another attempt to write to a full disk, in milliseconds. */
const fullRetryMs = 1_000;

/**
 * Writes blocks to a file in groups: what arrives while a group is written and synced makes up the next one. So the
 * slower the disk, the larger the groups.
 *
 * Blocks are kept in their order. The caller limits how many wait.
 */
export class BlockWriter {
  readonly #options: BlockWriterOptions;
  #waiting: { readonly kind: number; readonly payload: Uint8Array }[] = [];
  #added = 0;
  #written = 0;
  #bytes: number;
  #offset: number;
  #synced: number;
  /** Of `everysec`: runs while something is not synced. */
  #timer: { cancel(): void } | undefined;
  #isSyncDue = false;
  #work: Promise<void> | undefined;
  #failure: TableError | undefined;
  #isClosed = false;
  /** The callers of {@link sync}, in order, and the length of the file that each waits for. */
  #awaited: { readonly bytes: number; readonly settle: (error?: TableError) => void }[] = [];
  /** Ends the pause of a writer whose disk is full. */
  #endPause: () => void = () => undefined;

  constructor(options: BlockWriterOptions) {
    this.#options = options;
    this.#offset = options.offset;
    this.#bytes = options.offset;
    this.#synced = options.offset;
  }

  /** Whether a group is being written; what is added meanwhile waits for the next one. */
  get isBusy(): boolean {
    return this.#work !== undefined;
  }

  /** The number of blocks added so far. */
  get added(): number {
    return this.#added;
  }

  /** The length of the file, in bytes, with all that was added. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a block, which {@link write} writes. The caller must not change the payload afterwards. */
  add(kind: number, payload: Uint8Array): void {
    assert(!this.#isClosed, 'a writer that is closed takes no block');
    this.#added += 1;
    this.#bytes += blockHeaderBytes + payload.length;
    if (this.#failure !== undefined) return;
    this.#waiting.push({ kind, payload });
  }

  /** Begins to write what was added, unless that is going on. */
  write(): void {
    if (this.#waiting.length > 0) this.#work ??= this.#writeAll();
  }

  /**
   * Resolves once all blocks that were added so far are synced, whatever the policy.
   * @throws TableError when the file cannot be continued
   */
  async sync(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      const settle = (error?: TableError) => (error === undefined ? resolve() : reject(error));
      this.#awaited.push({ bytes: this.#bytes, settle });
      this.#work ??= this.#writeAll();
    });
  }

  /** Resolves once all blocks are synced, and the file is closed. Does not reject: `onFailed` reports failures. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.write();
    this.#endPause();
    await this.#work;
    try {
      if (this.#failure === undefined) await this.#sync();
    } catch (error) {
      this.#fail(error);
    }
    await this.#options.file.close().catch(() => undefined);
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#waiting.length > 0 || this.#mustSync) {
        if (this.#waiting.length > 0) await this.#writeGroup();
        if (this.#mustSync) await this.#sync();
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#work = undefined;
    }
  }

  get #mustSync(): boolean {
    return this.#isSyncDue || (this.#awaited[0]?.bytes ?? Number.POSITIVE_INFINITY) <= this.#offset;
  }

  async #writeGroup(): Promise<void> {
    const { policy, onKept } = this.#options;
    const parts: Uint8Array[] = [];
    let offset = this.#offset;
    let blocks = 0;
    for (const block of this.#waiting) {
      if (blocks > 0 && offset - this.#offset > groupBytesMax) break;
      parts.push(blockHeader(block, { offset, synced: this.#synced }), block.payload);
      offset += blockHeaderBytes + block.payload.length;
      blocks += 1;
    }
    this.#waiting = this.#waiting.slice(blocks);
    await this.#append(parts);
    this.#offset = offset;
    this.#written += blocks;
    if (policy === 'always') await this.#sync();
    else if (policy === 'everysec') this.#syncSoon();
    onKept(this.#written);
  }

  /** Nothing was synced, so unlike after a failed sync, the same bytes may be written again. */
  async #append(parts: readonly Uint8Array[]): Promise<void> {
    const { file, onFull } = this.#options;
    for (;;) {
      try {
        return await file.append(parts);
      } catch (error) {
        const isFull = error instanceof TableError && error.code === 'FULL';
        if (!isFull || onFull === undefined || this.#isClosed) throw error;
        onFull(error);
        await file.cut(this.#offset);
        if (this.#isSyncDue) await this.#sync();
        if (!(await this.#pause())) throw error;
      }
    }
  }

  /** Whether there is reason to try again. */
  async #pause(): Promise<boolean> {
    if (this.#isClosed) return false;
    await new Promise<void>((resolve) => {
      const timer = this.#options.clock.after(fullRetryMs, resolve);
      this.#endPause = () => {
        timer.cancel();
        resolve();
      };
    });
    return !this.#isClosed;
  }

  #syncSoon(): void {
    this.#timer ??= this.#options.clock.after(syncIntervalMs, () => {
      this.#timer = undefined;
      this.#isSyncDue = true;
      this.#work ??= this.#writeAll();
    });
  }

  async #sync(): Promise<void> {
    const { file, clock, onSynced } = this.#options;
    this.#isSyncDue = false;
    const offset = this.#offset;
    if (offset !== this.#synced) {
      const began = clock.now();
      await file.sync();
      this.#synced = offset;
      onSynced?.(clock.now() - began);
    }
    while ((this.#awaited[0]?.bytes ?? Number.POSITIVE_INFINITY) <= offset) this.#awaited.shift()?.settle();
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure =
      error instanceof TableError ? error : new TableError('INTERNAL', errorText(error), { cause: error });
    this.#waiting = [];
    this.#isSyncDue = false;
    this.#timer?.cancel();
    for (const { settle } of this.#awaited.splice(0)) settle(this.#failure);
    this.#options.onFailed(this.#failure);
  }
}
