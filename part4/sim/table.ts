import type { ChainId } from '../src/core/membership-record.ts';
import type { Update } from '../src/core/update.ts';
import { type Contents, type HistoryNode, type HistoryTree, isEqual, rule, textOf } from './history-tree.ts';
import type { SimProcess } from './process.ts';
import type { World } from './world.ts';

/** The lists of the table: a walk goes from one to the next. */
const listsCount = 8;

type Task =
  | { readonly type: 'execute'; readonly update: Update; readonly chain: ChainId }
  | { readonly type: 'load'; readonly entries: Uint8Array };

export interface TableOptions {
  readonly world: World;
  readonly process: SimProcess;
  readonly tree: HistoryTree;
  /** Called as soon as updates have been executed: nobody has been told yet. */
  readonly onExecuted: () => void;
  /** Called some time after something was done; what has been done by then is in `executed` and `loaded`. */
  readonly onDone: () => void;
}

/**
 * The table of one server, and the second thread that executes updates on it: some at a time, after a while, and what has
 * been done is told only later. Invariant: `history` is what it has executed; once whole, the contents are those of it.
 */
export class SimTable {
  readonly #options: TableOptions;
  #contents = new Map<string, string>();
  #history: HistoryNode;
  #loaded = 0;
  #tasks: Task[] = [];
  /** Counts the tables: what was planned for an old one is called off. */
  #generation = 0;
  #isWorking = false;
  #isHeld = false;
  /** How much later than usual it is told what was done, in milliseconds. */
  tellDelayMs = 0;
  /** How much longer than usual everything takes. */
  slowness = 1;

  constructor(options: TableOptions) {
    this.#options = options;
    this.#history = options.tree.root;
  }

  get contents(): Contents {
    return this.#contents;
  }

  get history(): HistoryNode {
    return this.#history;
  }

  get executed(): number {
    return this.#history.seq + 1;
  }

  get loaded(): number {
    return this.#loaded;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Executes nothing until {@link release}. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    this.#work();
  }

  execute(chain: ChainId, updates: readonly Update[]): void {
    for (const update of updates) this.#tasks.push({ type: 'execute', update, chain });
    this.#work();
  }

  load(entries: Uint8Array): void {
    this.#tasks.push({ type: 'load', entries });
    this.#work();
  }

  /** Begins with an empty table in which the updates of `history` count as executed. */
  wipe(history: HistoryNode): void {
    this.#generation += 1;
    this.#contents = new Map();
    this.#history = history;
    this.#loaded = 0;
    this.#tasks = [];
    this.#isWorking = false;
  }

  /** The entries of some lists from `cursor` on. */
  readChunk(cursor: number): { entries: Uint8Array; next: number | undefined } {
    const end = Math.min(listsCount, cursor + 1 + this.#options.world.random.int(4));
    const entries = [...this.#contents].filter(([key]) => listOf(key) >= cursor && listOf(key) < end);
    const text = entries.map(([key, value]) => `${key}=${value}`).join('&');
    return { entries: new TextEncoder().encode(text), next: end < listsCount ? end : undefined };
  }

  /** @throws RuleBroken unless the table holds what its history comes to */
  checkContents(host: string): void {
    rule(isEqual(this.#contents, this.#history.contents), () => {
      const [is, expected] = [this.#contents, this.#history.contents].map((contents) =>
        [...contents].sort().join(' '),
      );
      return `${host} holds ${is}, its history of ${this.executed} updates comes to ${expected}`;
    });
  }

  #work(): void {
    if (this.#isHeld || this.#isWorking || this.#tasks.length === 0) return;
    this.#isWorking = true;
    const { world, process, onExecuted, onDone } = this.#options;
    const generation = this.#generation;
    const takesMs = (world.oneIn(20) ? world.between(2, 20) : world.between(0.05, 1)) * this.slowness;
    process.after(takesMs, () => {
      if (generation !== this.#generation) return;
      this.#isWorking = false;
      for (const task of this.#tasks.splice(0, 1 + world.random.int(4))) this.#carryOut(task);
      onExecuted();
      process.after(world.between(0, 0.5) + this.tellDelayMs, () => {
        if (generation === this.#generation) onDone();
      });
      this.#work();
    });
  }

  #carryOut(task: Task): void {
    if (task.type === 'load') {
      const text = new TextDecoder().decode(task.entries);
      for (const entry of text === '' ? [] : text.split('&')) {
        const [key = '', value = ''] = entry.split('=');
        this.#contents.set(key, value);
      }
      this.#loaded += 1;
      return;
    }
    const { update, chain } = task;
    this.#history = this.#options.tree.extended(chain, this.#history, update);
    if (update.op === 'put') this.#contents.set(update.key, textOf(update.data));
    else if (update.op === 'del') this.#contents.delete(update.key);
  }
}

function listOf(key: string): number {
  return (key.charCodeAt(key.length - 1) * 5) % listsCount;
}
