import { entriesIn } from '@tablelab/part3/entries-in';
import type { ChainId } from '../src/core/membership-record.ts';
import { effectOf, type Update } from '../src/core/update.ts';
import type { ReplicaStore, StoreWrite } from '../src/ports.ts';
import { type HistoryNode, type HistoryTree, isEqual, isSameBytes, rule, textOf } from './history-tree.ts';
import type { SimProcess } from './process.ts';
import { SimStore, type StorePace } from './store.ts';
import type { World } from './world.ts';

/** An update or chunk that the core has passed on, and its end in the count of the store's writes. */
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
  /** It is filled from a disk first, until {@link ServerTable.resume}. */
  readonly isRecovering?: boolean;
}

/**
 * The table of one server, for the checks of the rules: it knows which history the table has executed. It derives from
 * the core's effects what the store must get, checks that the store gets exactly that, and counts the executed writes.
 *
 * Invariant: `history` is the executed history; once the server's state is complete, the contents match it.
 */
export class ServerTable {
  readonly #options: ServerTableOptions;
  readonly #pace: StorePace = { slowness: 1, tellDelayMs: 0, isHeld: false };
  #store: SimStore | undefined;
  #history: HistoryNode;
  /** In order, beginning with the first item that is not executed. */
  #expected: Expected[] = [];
  #expectedWrites: StoreWrite[] = [];
  #writesExpected = 0;
  #isRecovering: boolean;
  /** Called right after an execution, before it is reported. */
  onExecuted: () => void = () => undefined;

  constructor(options: ServerTableOptions) {
    this.#options = options;
    this.#isRecovering = options.isRecovering ?? false;
    this.#history = options.tree.root;
  }

  get history(): HistoryNode {
    return this.#history;
  }

  get executed(): number {
    return this.#history.seq + 1;
  }

  /** The contents of the table. */
  get contents(): ReadonlyMap<string, Uint8Array> {
    return this.#store?.contents ?? new Map();
  }

  /** Its logical capacity. */
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

  /** Makes an empty store, which this server uses from now on. */
  newStore(): ReplicaStore {
    const { world } = this.#options;
    const store: SimStore = new SimStore({
      ...this.#options,
      pace: this.#pace,
      isFilling: () => this.#isRecovering,
      onSubmitted: (write) => world.guard(() => this.#onSubmitted(store, write)),
      onExecuted: () => world.guard(() => this.#advance(store)),
    });
    this.#store = store;
    return store;
  }

  /** The core has passed these updates on. */
  expect(chain: ChainId, updates: readonly Update[]): void {
    for (const update of updates) {
      const { key, data } = update;
      const op = effectOf(update);
      if (op !== 'none') this.#expectWrite(op === 'put' ? { op, key, data } : { op, key });
      this.#expected.push({ type: 'update', update, chain, writesEnd: this.#writesExpected });
    }
    this.#advance(this.#store);
  }

  /** The core has passed a chunk on. */
  expectChunk(entries: Uint8Array): void {
    for (const { key, value } of entriesIn(entries)) this.#expectWrite({ op: 'put', key, data: value });
    this.#expected.push({ type: 'chunk', writesEnd: this.#writesExpected });
    this.#advance(this.#store);
  }

  /** The core starts with an empty table in which the updates of `history` count as executed. */
  expectWipe(history: HistoryNode): void {
    this.#history = history;
    this.#expected = [];
    this.#expectedWrites = [];
    this.#writesExpected = 0;
    // A store that got writes is not empty: a new one is made.
    if (this.#store !== undefined && this.#store.submitted > 0) this.#store = undefined;
  }

  /** The table has been filled from a disk: it has executed `history`. */
  resume(history: HistoryNode): void {
    this.#history = history;
    this.#isRecovering = false;
    this.#writesExpected = this.#store?.submitted ?? 0;
  }

  /** @throws RuleBroken unless the contents match the history */
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
    if (store !== this.#store || this.#isRecovering) return;
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
    if (isNew) this.onExecuted();
  }
}

function isSameWrite(one: StoreWrite, other: StoreWrite): boolean {
  if (one.op !== other.op || one.key !== other.key) return false;
  if (one.op === 'del' || other.op === 'del') return true;
  return isSameBytes(one.data, other.data);
}
