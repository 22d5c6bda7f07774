import { assert, must, TableError } from '@tablelab/shared';
import type { Operation, Request, Value } from './operation.ts';

/** How many operations one recorder accepts; each takes about 200 bytes. */
const operationsMaxDefault = 5_000_000;

type Entry = { client: string | number; call: number; request: Request } & (
  | { outcome: 'may-have-happened' | 'did-not-happen' }
  | { outcome: 'ok'; return: number; result: Result }
);

/** The answer of the operation; see {@link Operation}. */
export type Result = Value | boolean | readonly string[] | undefined;

/**
 * Records what clients do. The caller provides the clock: simulated time, or `performance.now` of one process, because the
 * clocks of several machines cannot be compared. An operation whose end is not recorded may have happened.
 */
export class HistoryRecorder {
  readonly #now: () => number;
  readonly #entries: Entry[] = [];

  readonly #operationsMax: number;

  constructor(options: { readonly now: () => number; readonly operationsMax?: number }) {
    this.#now = options.now;
    this.#operationsMax = options.operationsMax ?? operationsMaxDefault;
  }

  /** Records a call; must be called before the request is sent. Returns the operation's id for the other methods. */
  invoke(client: string | number, request: Request): number {
    if (this.#entries.length >= this.#operationsMax)
      throw new TableError('TOO_LARGE', `a history holds at most ${this.#operationsMax} operations`);
    return this.#entries.push({ client, call: this.#now(), request, outcome: 'may-have-happened' }) - 1;
  }

  /** The operation took effect before now, according to its answer or to a later verify. */
  ok(id: number, result?: Result): void {
    const { client, call, request } = this.#open(id);
    this.#entries[id] = { client, call, request, outcome: 'ok', return: this.#now(), result };
  }

  /** The outcome is not known. A later call of `ok` or `didNotHappen` may still set it. */
  mayHaveHappened(id: number): void {
    this.#open(id);
  }

  /** The operation never takes effect. */
  didNotHappen(id: number): void {
    const { client, call, request } = this.#open(id);
    this.#entries[id] = { client, call, request, outcome: 'did-not-happen' };
  }

  get operations(): readonly Operation[] {
    return this.#entries.map(({ request, ...entry }) => ({ ...entry, ...request }) as Operation);
  }

  #open(id: number): Entry {
    const entry = must(this.#entries[id], 'the operation was invoked');
    assert(entry.outcome === 'may-have-happened', 'an operation ends once');
    return entry;
  }
}
