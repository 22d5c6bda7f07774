/** Reads and writes of a store, many of them in one turn of its event loop, and what came of each. */
import type { TableStore } from '@tablelab/part3';
import { unreachable } from '@tablelab/shared';

export type Step =
  | { readonly op: 'put'; readonly key: string; readonly value: string }
  | { readonly op: 'del' | 'get'; readonly key: string }
  | { readonly op: 'size' | 'keys' };

export interface Fact {
  /** What a read returned; the number of a write, undefined if it was not admitted. */
  readonly result: unknown;
  /** The store's `op_count` before and after the step. */
  readonly before: number;
  readonly after: number;
  /** The store's `last_assigned` after it. */
  readonly assigned: number;
  /** What a listener has heard last. */
  readonly told: number;
}

export class StoreSteps {
  readonly #store: TableStore;
  readonly #told: number[] = [];

  constructor(store: TableStore) {
    this.#store = store;
    store.onExecuted((opCount) => this.#told.push(opCount));
  }

  /** All that the listener has heard. */
  get told(): readonly number[] {
    return this.#told;
  }

  run(steps: readonly Step[]): Fact[] {
    const store = this.#store;
    return steps.map((step) => {
      const before = store.opCount;
      const result = this.#do(step);
      const after = store.opCount;
      return { result, before, after, assigned: store.lastAssigned, told: this.#told.at(-1) ?? 0 };
    });
  }

  #do(step: Step): unknown {
    const { table } = this.#store;
    switch (step.op) {
      case 'put':
        return this.#write('put', step.key, Buffer.from(step.value));
      case 'del':
        return this.#write('del', step.key, new Uint8Array(0));
      case 'get': {
        const value = table.get(step.key);
        return value && Buffer.from(value).toString();
      }
      case 'size':
        return table.size;
      case 'keys':
        return table.keys().sort();
      default:
        return unreachable(step);
    }
  }

  #write(op: 'put' | 'del', key: string, data: Uint8Array): number | undefined {
    const admission = this.#store.submit({ op, key, data });
    return admission.type === 'admitted' ? admission.opN : undefined;
  }
}
