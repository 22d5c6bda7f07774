import { assert, must, TableError } from '@tablelab/shared';
import type { Operation, Request, Value } from './operation.ts';

/** Operations that one recorder takes, about 200 bytes each. */
const operationsMaxDefault = 5_000_000;

type Entry = { client: string | number; call: number; request: Request } & (
  | { outcome: 'may-have-happened' | 'did-not-happen' }
  | { outcome: 'ok'; return: number; result: Result }
);

/** What the operation answered; see {@link Operation}. */
export type Result = Value | boolean | readonly string[] | undefined;

/**
 * Writes down what clients do. The clock comes in: simulated time, or `performance.now` of one process; times of several
 * machines cannot be compared. An operation whose end was not told may have happened.
 */
export class HistoryRecorder {
  readonly #now: () => number;
  readonly #entries: Entry[] = [];

  readonly #operationsMax: number;

  constructor(options: { readonly now: () => number; readonly operationsMax?: number }) {
    this.#now = options.now;
    this.#operationsMax = options.operationsMax ?? operationsMaxDefault;
  }

  /** To be called before the request is sent. Returns what the other methods call the operation by. */
  invoke(client: string | number, request: Request): number {
    if (this.#entries.length >= this.#operationsMax)
      throw new TableError('TOO_LARGE', `a history takes ${this.#operationsMax} operations`);
    return this.#entries.push({ client, call: this.#now(), request, outcome: 'may-have-happened' }) - 1;
  }

  /** It took effect before now: answered so, or found by a later verify. */
  ok(id: number, result?: Result): void {
    const { client, call, request } = this.#open(id);
    this.#entries[id] = { client, call, request, outcome: 'ok', return: this.#now(), result };
  }

  /** Its outcome is not known. A later `ok` or `didNotHappen` may still tell. */
  mayHaveHappened(id: number): void {
    this.#open(id);
  }

  /** It never takes effect. */
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
