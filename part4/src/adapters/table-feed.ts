import { type Cursor, type EntriesRead, entriesIn, type TableStore, type Write } from '@tablelab/part3';
import { assert, errorText, must, TableError } from '@tablelab/shared';
import type { Update } from '../core/update.ts';

export interface TableFeedOptions {
  readonly store: TableStore;
  /** An empty store like the first. */
  readonly newStore: () => Promise<TableStore>;
  /** All updates below `executed` have been executed. */
  readonly onExecuted: (executed: number, tableBytes: number) => void;
  /** So many chunks have been loaded since the last wipe. */
  readonly onLoaded: (chunks: number, tableBytes: number) => void;
  /** There may be room for what waited. */
  readonly onRoom: () => void;
  /** The table is of no use any more. */
  readonly onFailed: (detail: string) => void;
}

/** What the table is still to be given, in order. */
type Work =
  | { readonly type: 'update'; readonly update: Update }
  | { readonly type: 'chunk'; readonly entries: Uint8Array };

/** A run of updates, or a chunk, that the table has been given. */
interface Given {
  readonly type: Work['type'];
  /** Where it ends, by the store's own count. */
  opEnd: number;
  /** What has been executed and loaded by then. */
  seqEnd: number;
  readonly chunks: number;
}

/** How long to wait for room before looking again all the same, in milliseconds. */
const roomTimeoutMs = 1_000;

const changesNothing = { op: 'none', key: '', data: new Uint8Array(0) } as const;

/**
 * Gives part 3's table the updates of the chain and the chunks of a snapshot, in order and as it has room, and says how
 * far it has come. The store counts all that it executes from 0 up, entries of chunks too; this knows what that means.
 *
 * Invariant: `#given` is what the store has not executed, as far as it has told; its last item's `opEnd` is the store's
 * `lastAssigned`.
 */
export class TableFeed {
  readonly #options: TableFeedOptions;
  /** Undefined while a new one is being made. */
  #store: TableStore | undefined;
  /** Bounded by the core's log or, in a copy, by what its sender lets be under way. */
  #work: Work[] = [];
  #workDone = 0;
  /** What is left of the chunk at the front. */
  #entries: ReturnType<typeof entriesIn> | undefined;
  #entry: Write | undefined;
  readonly #given: Given[] = [];
  /** The next update to be given, and the chunks given so far. */
  #seq = 0;
  #chunks = 0;
  #executed = 0;
  #loaded = 0;
  /** The store that is to say when it has room. */
  #awaited: TableStore | undefined;
  #isClosed = false;
  #renewal: Promise<void> | undefined;

  constructor(options: TableFeedOptions) {
    this.#options = options;
    this.#adopt(options.store);
  }

  /** False while a new one is being made. */
  get hasStore(): boolean {
    return this.#store !== undefined;
  }

  /** Only a server that has a place in the chain is asked for what is in its table. */
  get store(): TableStore {
    return must(this.#store, 'a server without a table answers nobody');
  }

  /** Whether the table has so much to do that a client's write had better wait; {@link TableFeedOptions.onRoom} follows. */
  mustWait(update: Pick<Update, 'op' | 'key' | 'data'>): boolean {
    const store = this.#store;
    if (store === undefined || this.#workDone < this.#work.length) return true;
    const write = writeOf(update);
    if (!store.mustWait(write)) return false;
    this.#awaitRoom(store, write);
    return true;
  }

  /** Why the table would never take this write as things are, or undefined. */
  memoryRefusal(update: Pick<Update, 'op' | 'key' | 'data'>): TableError | undefined {
    return this.#store?.memoryRefusal(writeOf(update));
  }

  /** Some entries from `cursor` on, as exactly the updates below `executed` have left them. */
  read(cursor: Cursor, bytesMax: number): EntriesRead & { readonly executed: number } {
    const { entries, next, opCount } = this.store.readEntries(cursor, bytesMax);
    this.#onExecuted(opCount);
    return { entries, next, executed: this.#executed };
  }

  execute(updates: readonly Update[]): void {
    if (this.#store !== undefined && this.#workDone === this.#work.length) return this.#giveAtOnce(updates);
    for (const update of updates) this.#work.push({ type: 'update', update });
    this.#give();
  }

  load(entries: Uint8Array): void {
    this.#work.push({ type: 'chunk', entries });
    this.#give();
  }

  /** Begins with an empty table, in which the next update is `seq`; what was to be given is called off. */
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
    if (this.#store !== undefined && this.#store.lastAssigned > 0) this.#renewal = this.#renew(this.#store);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#renewal;
    await this.#store?.close();
  }

  #adopt(store: TableStore): void {
    this.#store = store;
    // Of one that has been replaced nothing is heard: nothing is given before it has ended.
    store.onExecuted((opCount) => this.#onExecuted(opCount));
    void store.failed.then((error) => this.#options.onFailed(error.message));
  }

  /** The old one first ends what it has begun, so that there is never memory for two. */
  async #renew(old: TableStore): Promise<void> {
    this.#store = undefined;
    try {
      await old.close();
      const store = await this.#options.newStore();
      if (this.#isClosed) return await store.close();
      this.#adopt(store);
    } catch (error) {
      return this.#options.onFailed(`no empty table: ${errorText(error)}`);
    }
    this.#give();
    this.#options.onRoom();
  }

  /** The hot path: there is nothing before them, and mostly there is room. */
  #giveAtOnce(updates: readonly Update[]): void {
    let done = 0;
    for (const update of updates) {
      if (!this.#giveUpdate(update)) break;
      done += 1;
    }
    for (; done < updates.length; done += 1) {
      this.#work.push({ type: 'update', update: must(updates[done], 'in range') });
    }
  }

  #give(): void {
    while (this.#workDone < this.#work.length) {
      const work = must(this.#work[this.#workDone], 'in range');
      const isGiven = work.type === 'update' ? this.#giveUpdate(work.update) : this.#giveChunk(work.entries);
      if (!isGiven) break;
      this.#workDone += 1;
    }
    if (this.#workDone === this.#work.length || this.#workDone >= 1_024) {
      this.#work = this.#work.slice(this.#workDone);
      this.#workDone = 0;
    }
  }

  #giveUpdate(update: Update): boolean {
    assert(update.seq === this.#seq, `update ${update.seq} where ${this.#seq} is the next`);
    if (!this.#submit(writeOf(update))) return false;
    this.#seq += 1;
    const last = this.#given.at(-1);
    if (last?.type === 'update') {
      last.opEnd += 1;
      last.seqEnd += 1;
    } else {
      this.#note('update');
    }
    return true;
  }

  #giveChunk(bytes: Uint8Array): boolean {
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
    this.#onExecuted(this.store.opCount);
    return true;
  }

  #note(type: Work['type']): void {
    this.#given.push({ type, opEnd: this.store.lastAssigned, seqEnd: this.#seq, chunks: this.#chunks });
  }

  /** Whether the table has taken it. One that cannot take what the chain decided has no place in it. */
  #submit(write: Write): boolean {
    const store = this.#store;
    if (store === undefined) return false;
    try {
      if (store.mustWait(write)) {
        this.#awaitRoom(store, write);
        return false;
      }
      store.submit(write);
      return true;
    } catch (error) {
      if (!(error instanceof TableError)) throw error;
      this.#options.onFailed(`the table cannot take an update of the chain: ${error.message}`);
      return false;
    }
  }

  #awaitRoom(store: TableStore, write: Write): void {
    if (this.#awaited === store) return;
    this.#awaited = store;
    void store.room(write, roomTimeoutMs).then(() => {
      if (this.#awaited !== store) return;
      this.#awaited = undefined;
      if (this.#isClosed) return;
      this.#give();
      this.#options.onRoom();
    });
  }

  #onExecuted(opCount: number): void {
    let executed = this.#executed;
    let loaded = this.#loaded;
    for (let first = this.#given[0]; first !== undefined; first = this.#given[0]) {
      if (first.opEnd > opCount) {
        if (first.type === 'update') executed = Math.max(executed, first.seqEnd - (first.opEnd - opCount));
        break;
      }
      this.#given.shift();
      executed = first.seqEnd;
      loaded = first.chunks;
    }
    if (executed > this.#executed) {
      this.#executed = executed;
      this.#options.onExecuted(executed, 0);
    }
    if (loaded > this.#loaded) {
      this.#loaded = loaded;
      this.#options.onLoaded(loaded, 0);
    }
  }
}

function writeOf(update: Pick<Update, 'op' | 'key' | 'data'>): Write {
  const { op } = update;
  return op === 'open' ? changesNothing : (update as Pick<Update, 'key' | 'data'> & { op: typeof op });
}
