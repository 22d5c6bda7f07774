import { entriesIn } from '../src/adapters/store/entries-in.ts';
import type { ChainId } from '../src/core/membership-record.ts';
import type { Update } from '../src/core/update.ts';
import type { ReplicaStore, StoreWrite } from '../src/ports.ts';
import { type HistoryNode, type HistoryTree, isEqual, isSameBytes, rule, textOf } from './history-tree.ts';
import type { SimProcess } from './process.ts';
import { SimStore, type StorePace } from './store.ts';
import type { World } from './world.ts';

/** What the core has had executed or loaded, and where it ends in the writes that the store is given. */
type Expected = { readonly writesEnd: number } & (
  | { readonly type: 'update'; readonly update: Update; readonly chain: ChainId }
  | { readonly type: 'chunk' }
);

export interface ServerTableOptions {
  readonly world: World;
  readonly process: SimProcess;
  readonly tree: HistoryTree;
  readonly queueMax: number;
  readonly logicalCapacityBytes: number;
  /** Called as soon as something has been executed: nobody has been told yet. */
  readonly onExecuted: () => void;
}

/**
 * The table of one server as those see it who check the rules: which history it has executed. Knows from the core's effects
 * what the store must be given, checks that it is given just that, and counts what it has executed.
 *
 * Invariant: `history` is what has been executed; once the server's state is whole, the contents are those of it.
 */
export class ServerTable {
  readonly #options: ServerTableOptions;
  readonly #pace: StorePace = { slowness: 1, tellDelayMs: 0, isHeld: false };
  #store: SimStore | undefined;
  #history: HistoryNode;
  /** In order, beginning with what is not executed. */
  #expected: Expected[] = [];
  #expectedWrites: StoreWrite[] = [];
  #writesExpected = 0;

  constructor(options: ServerTableOptions) {
    this.#options = options;
    this.#history = options.tree.root;
  }

  get history(): HistoryNode {
    return this.#history;
  }

  get executed(): number {
    return this.#history.seq + 1;
  }

  /** What is in the table. */
  get contents(): ReadonlyMap<string, Uint8Array> {
    return this.#store?.contents ?? new Map();
  }

  /** Logical bytes that it is sure to hold. */
  get capacityBytes(): number {
    return this.#options.logicalCapacityBytes;
  }

  get logicalBytes(): number {
    return this.#store?.logicalBytes ?? 0;
  }

  set slowness(slowness: number) {
    this.#pace.slowness = slowness;
  }

  get tellDelayMs(): number {
    return this.#pace.tellDelayMs;
  }

  set tellDelayMs(delayMs: number) {
    this.#pace.tellDelayMs = delayMs;
  }

  /** Executes nothing until {@link release}. */
  hold(): void {
    this.#pace.isHeld = true;
  }

  release(): void {
    this.#pace.isHeld = false;
    this.#store?.work();
  }

  /** An empty store, which is this server's from now on. */
  newStore(): ReplicaStore {
    const { world } = this.#options;
    const store: SimStore = new SimStore({
      ...this.#options,
      pace: this.#pace,
      onSubmitted: (write) => world.guard(() => this.#onSubmitted(store, write)),
      onExecuted: () => world.guard(() => this.#advance(store)),
    });
    this.#store = store;
    return store;
  }

  /** The core has these executed. */
  expect(chain: ChainId, updates: readonly Update[]): void {
    for (const update of updates) {
      const { op, key, data } = update;
      if (op !== 'open') this.#expectWrite(op === 'put' ? { op, key, data } : { op, key });
      this.#expected.push({ type: 'update', update, chain, writesEnd: this.#writesExpected });
    }
    this.#advance(this.#store);
  }

  /** The core has the entries of a chunk loaded. */
  expectChunk(entries: Uint8Array): void {
    for (const { key, value } of entriesIn(entries)) this.#expectWrite({ op: 'put', key, data: value });
    this.#expected.push({ type: 'chunk', writesEnd: this.#writesExpected });
    this.#advance(this.#store);
  }

  /** The core begins with an empty table in which the updates of `history` count as executed. */
  expectWipe(history: HistoryNode): void {
    this.#history = history;
    this.#expected = [];
    this.#expectedWrites = [];
    this.#writesExpected = 0;
    // What was given something cannot be empty: another one is made.
    if (this.#store !== undefined && this.#store.submitted > 0) this.#store = undefined;
  }

  /** @throws RuleBroken unless the table holds what its history comes to */
  checkContents(host: string): void {
    rule(isEqual(this.contents, this.#history.contents), () => {
      const [is, expected] = [this.contents, this.#history.contents].map((contents) =>
        [...contents]
          .map(([key, value]) => `${key}=${textOf(value)}`)
          .sort()
          .join(' '),
      );
      return `${host} holds ${is}, its history of ${this.executed} updates comes to ${expected}`;
    });
  }

  #expectWrite(write: StoreWrite): void {
    this.#expectedWrites.push(write);
    this.#writesExpected += 1;
  }

  #onSubmitted(store: SimStore, write: StoreWrite): void {
    if (store !== this.#store) return;
    const expected = this.#expectedWrites.shift();
    rule(expected !== undefined && isSameWrite(expected, write), () => {
      return `the table is given ${write.op} ${write.key}, where ${expected?.op} ${expected?.key} is due`;
    });
  }

  #advance(store: SimStore | undefined): void {
    if (store === undefined || store !== this.#store) return;
    let isNew = false;
    for (let first = this.#expected[0]; first !== undefined; first = this.#expected[0]) {
      if (first.writesEnd > store.executed) break;
      this.#expected.shift();
      if (first.type === 'chunk') continue;
      this.#history = this.#options.tree.extended(first.chain, this.#history, first.update);
      isNew = true;
    }
    if (isNew) this.#options.onExecuted();
  }
}

function isSameWrite(one: StoreWrite, other: StoreWrite): boolean {
  if (one.op !== other.op || one.key !== other.key) return false;
  if (one.op === 'del' || other.op === 'del') return true;
  return isSameBytes(one.data, other.data);
}
