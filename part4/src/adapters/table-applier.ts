import { entriesIn } from '@tablelab/part3/entries-in';
import { assert, errorText, must } from '@tablelab/shared';
import { effectOf, type Update } from '../core/update.ts';
import type { ReplicaStore, StoreEntries, StoreWrite } from '../ports.ts';

export interface TableApplierOptions {
  readonly store: ReplicaStore;
  /** Makes an empty store like the first. */
  readonly newStore: () => Promise<ReplicaStore>;
  /** The store holds the updates below this number. */
  readonly seq?: number;
  /** All updates below `executed` have been executed. */
  readonly onExecuted: (executed: number) => void;
  /** `chunks` chunks have been loaded since the last wipe. */
  readonly onLoaded: (chunks: number) => void;
  /** The table has failed. */
  readonly onFailed: (detail: string) => void;
}

/** Work for the store, in order. */
type Work =
  | { readonly type: 'update'; readonly update: Update }
  | { readonly type: 'chunk'; readonly entries: Uint8Array };

/** Work passed to the store: consecutive updates with one write each, an update without a write, or a chunk. */
interface Given {
  readonly type: 'run' | 'no-write' | 'chunk';
  /** The store's count at its end. */
  writesEnd: number;
  /** Updates executed and chunks loaded once the store has reached that count. */
  seqEnd: number;
  readonly chunks: number;
}

/** How many finished items may stay in the array before they are removed. */
const workDoneMax = 1_024;

/**
 * Passes the chain's updates and the chunks of a snapshot to the table, in order and as the table has room, and reports
 * its progress. The store counts executed writes from 0, including the entries of chunks; this class knows which
 * updates and chunks they belong to.
 *
 * Invariant: `#given` holds the work that the store has not yet reported as executed.
 */
export class TableApplier {
  readonly #options: TableApplierOptions;
  /** Undefined while a new one is being made. */
  #store: ReplicaStore | undefined;
  /** Limited by the core's log or, during a copy, by the sender's limit of chunks under way. */
  #work: Work[] = [];
  #workDone = 0;
  /** The rest of the first chunk. */
  #entries: ReturnType<typeof entriesIn> | undefined;
  #entry: StoreWrite | undefined;
  readonly #given: Given[] = [];
  /** The next update to pass on, and the number of chunks passed on. */
  #seq = 0;
  #chunks = 0;
  #executed = 0;
  #loaded = 0;
  #isClosed = false;
  #renewal: Promise<void> | undefined;

  constructor(options: TableApplierOptions) {
    this.#options = options;
    this.#seq = options.seq ?? 0;
    this.#executed = this.#seq;
    this.#adopt(options.store);
  }

  /** Undefined while a new one is being made. */
  get store(): ReplicaStore | undefined {
    return this.#store;
  }

  /**
   * Returns some entries from `cursor` on, in the state after exactly the updates below `executed`. There must be a
   * store.
   */
  read(cursor: number, bytesMax: number): StoreEntries & { readonly executed: number } {
    const store = must(this.#store, 'a table is read while there is one');
    const { entries, next, executed } = store.readEntries(cursor, bytesMax);
    this.#onExecuted(executed);
    return { entries, next, executed: this.#executed };
  }

  execute(updates: readonly Update[]): void {
    let done = 0;
    // Usually nothing is waiting, and there is room.
    if (this.#workDone === this.#work.length) {
      for (const update of updates) {
        if (!this.#giveUpdate(update)) break;
        done += 1;
      }
    }
    for (; done < updates.length; done += 1) {
      this.#work.push({ type: 'update', update: must(updates[done], 'in range') });
    }
  }

  load(entries: Uint8Array): void {
    this.#work.push({ type: 'chunk', entries });
    this.#give();
  }

  /** Begins with an empty table whose next update is `seq`; drops all waiting work. */
  wipe(seq: number): void {
    this.#work = [];
    this.#workDone = 0;
    this.#entries = undefined;
    this.#entry = undefined;
    this.#given.length = 0;
    this.#seq = seq;
    this.#executed = seq;
    this.#chunks = 0;
    this.#loaded = 0;
    if (this.#store !== undefined && this.#store.submitted > 0) this.#renewal = this.#renew(this.#store);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#renewal;
    await this.#store?.close();
  }

  /** Reports of a replaced store are ignored. */
  #adopt(store: ReplicaStore): void {
    this.#store = store;
    const isCurrent = () => this.#store === store;
    store.onExecuted((executed) => isCurrent() && this.#onExecuted(executed));
    store.onRoom(() => isCurrent() && this.#giveOn());
    store.onFailed((detail) => this.#options.onFailed(detail));
  }

  /** Closes the old store first, so that there is never memory in use for two. */
  async #renew(old: ReplicaStore): Promise<void> {
    this.#store = undefined;
    try {
      await old.close();
      const store = await this.#options.newStore();
      if (this.#isClosed) return await store.close();
      this.#adopt(store);
    } catch (error) {
      return this.#options.onFailed(`no empty table: ${errorText(error)}`);
    }
    this.#giveOn();
  }

  /** Runs in a separate turn, so it must catch all errors. */
  #giveOn(): void {
    try {
      this.#give();
    } catch (error) {
      this.#options.onFailed(`the table cannot take the next update or chunk: ${errorText(error)}`);
    }
  }

  #give(): void {
    while (this.#workDone < this.#work.length) {
      const work = must(this.#work[this.#workDone], 'in range');
      const isGiven = work.type === 'update' ? this.#giveUpdate(work.update) : this.#giveChunk(work.entries);
      if (!isGiven) break;
      this.#workDone += 1;
    }
    if (this.#workDone === this.#work.length || this.#workDone >= workDoneMax) {
      this.#work = this.#work.slice(this.#workDone);
      this.#workDone = 0;
    }
  }

  /** Whether the store has taken it. */
  #giveUpdate(update: Update): boolean {
    assert(update.seq === this.#seq, `update ${update.seq} where ${this.#seq} is the next`);
    const op = effectOf(update);
    if (op === 'none') return this.#giveWithoutWrite();
    const { key, data } = update;
    if (!this.#submit(op === 'put' ? { op, key, data } : { op, key })) return false;
    this.#seq += 1;
    const last = this.#given.at(-1);
    if (last?.type === 'run') {
      last.writesEnd += 1;
      last.seqEnd += 1;
    } else {
      this.#note('run');
    }
    return true;
  }

  /** An update that does not change the table counts as executed together with the update before it. */
  #giveWithoutWrite(): boolean {
    if (this.#store === undefined) return false;
    this.#seq += 1;
    this.#note('no-write');
    if (this.#given.length === 1) this.#onExecuted(this.#store.executed);
    return true;
  }

  #giveChunk(bytes: Uint8Array): boolean {
    if (this.#store === undefined) return false;
    this.#entries ??= entriesIn(bytes);
    for (;;) {
      if (this.#entry === undefined) {
        const { value, done } = this.#entries.next();
        if (done) break;
        this.#entry = { op: 'put', key: value.key, data: value.value };
      }
      if (!this.#submit(this.#entry)) return false;
      this.#entry = undefined;
    }
    this.#entries = undefined;
    this.#chunks += 1;
    this.#note('chunk');
    // An empty chunk with nothing before it is finished at once.
    this.#onExecuted(this.#store.executed);
    return true;
  }

  #note(type: Given['type']): void {
    const writesEnd = must(this.#store, 'it has taken something').submitted;
    this.#given.push({ type, writesEnd, seqEnd: this.#seq, chunks: this.#chunks });
  }

  #submit(write: StoreWrite): boolean {
    return this.#store?.submit(write) ?? false;
  }

  #onExecuted(writes: number): void {
    let executed = this.#executed;
    let loaded = this.#loaded;
    for (let first = this.#given[0]; first !== undefined; first = this.#given[0]) {
      if (first.writesEnd > writes) {
        // For a partial chunk this does not raise `executed`.
        executed = Math.max(executed, first.seqEnd - (first.writesEnd - writes));
        break;
      }
      this.#given.shift();
      executed = first.seqEnd;
      loaded = first.chunks;
    }
    if (executed > this.#executed) {
      this.#executed = executed;
      this.#options.onExecuted(executed);
    }
    if (loaded > this.#loaded) {
      this.#loaded = loaded;
      this.#options.onLoaded(loaded);
    }
  }
}
