import { assert, errorText, must } from '@tablelab/shared';
import type { Update } from '../core/update.ts';
import type { ReplicaStore, StoreEntries, StoreWrite } from '../ports.ts';
import { entriesIn } from './store/entries-in.ts';

export interface TableApplierOptions {
  readonly store: ReplicaStore;
  /** An empty store like the first. */
  readonly newStore: () => Promise<ReplicaStore>;
  /** All updates below `executed` have been executed. */
  readonly onExecuted: (executed: number) => void;
  /** So many chunks have been loaded since the last wipe. */
  readonly onLoaded: (chunks: number) => void;
  /** The table is of no use any more. */
  readonly onFailed: (detail: string) => void;
}

/** What the store is still to be given, in order. */
type Work =
  | { readonly type: 'update'; readonly update: Update }
  | { readonly type: 'chunk'; readonly entries: Uint8Array };

/** What the store has been given: a run of updates that are a write each, an update that is none, or a chunk. */
interface Given {
  readonly type: 'run' | 'open' | 'chunk';
  /** Where it ends, as the store counts. */
  writesEnd: number;
  /** Updates executed and chunks loaded once the store has come there. */
  seqEnd: number;
  readonly chunks: number;
}

/** Of the work that is done, so many items may stay in memory before it is thrown away. */
const workDoneMax = 1_024;

/**
 * Gives the table the updates of the chain and the chunks of a snapshot, in order and as it has room, and says how far it
 * has come. The store counts the writes that it executes from 0 up, the entries of chunks among them; this class knows
 * which updates and chunks they are.
 *
 * Invariant: `#given` is what the store has not executed, as far as it has told.
 */
export class TableApplier {
  readonly #options: TableApplierOptions;
  /** Undefined while a new one is being made. */
  #store: ReplicaStore | undefined;
  /** Bounded by the core's log or, in a copy, by what its sender lets be under way. */
  #work: Work[] = [];
  #workDone = 0;
  /** What is left of the chunk at the front. */
  #entries: ReturnType<typeof entriesIn> | undefined;
  #entry: StoreWrite | undefined;
  readonly #given: Given[] = [];
  /** The next update to be given, and the chunks given so far. */
  #seq = 0;
  #chunks = 0;
  #executed = 0;
  #loaded = 0;
  #isClosed = false;
  #renewal: Promise<void> | undefined;

  constructor(options: TableApplierOptions) {
    this.#options = options;
    this.#adopt(options.store);
  }

  /** Undefined while a new one is being made. */
  get store(): ReplicaStore | undefined {
    return this.#store;
  }

  /** Some entries from `cursor` on, as exactly the updates below `executed` have left them. There must be a store. */
  read(cursor: number, bytesMax: number): StoreEntries & { readonly executed: number } {
    const store = must(this.#store, 'a table is read while there is one');
    const { entries, next, executed } = store.readEntries(cursor, bytesMax);
    this.#onExecuted(executed);
    return { entries, next, executed: this.#executed };
  }

  execute(updates: readonly Update[]): void {
    let done = 0;
    // Mostly nothing waits before them, and there is room.
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

  /** Begins with an empty table, in which the next update is `seq`; what was still to be given is dropped. */
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

  /** Nothing of a store that has been replaced counts any more. */
  #adopt(store: ReplicaStore): void {
    this.#store = store;
    const isCurrent = () => this.#store === store;
    store.onExecuted((executed) => isCurrent() && this.#onExecuted(executed));
    store.onRoom(() => isCurrent() && this.#giveOn());
    store.onFailed((detail) => this.#options.onFailed(detail));
  }

  /** The old one is ended first, so that there is never memory for two. */
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

  /** In a turn of its own, where nobody else catches what is thrown. */
  #giveOn(): void {
    try {
      this.#give();
    } catch (error) {
      this.#options.onFailed(`the table cannot be given what is due: ${errorText(error)}`);
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
    const { op } = update;
    if (op === 'open') return this.#giveOpen();
    if (!this.#submit(op === 'put' ? { op, key: update.key, data: update.data } : { op, key: update.key })) {
      return false;
    }
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

  /** It changes nothing in the table, and is executed with what comes before it. */
  #giveOpen(): boolean {
    if (this.#store === undefined) return false;
    this.#seq += 1;
    this.#note('open');
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
    // An empty chunk behind nothing is done at once.
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
        // Of a chunk that is not whole this is no more than before it.
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
