import type { Operation, Value } from './operation.ts';

/**
 * How an operation changes the state, or what it observes of it. A key is a number from 0. The value of a key is a number,
 * too; the number of the key itself means "absent". No value belongs to two keys.
 */
export type Effect =
  | { readonly type: 'write'; readonly key: number; readonly value: number }
  | { readonly type: 'remove-present'; readonly key: number }
  /**
   * Writes `value` only where the key has the value `from`. If it is not certain, it may have found another value, and done
   * nothing: then it is not taken.
   */
  | {
      readonly type: 'exchange';
      readonly key: number;
      readonly from: number;
      readonly value: number;
      readonly isCertain: boolean;
    }
  /** The key has another value, or none. */
  | { readonly type: 'observe-other'; readonly key: number; readonly value: number }
  | { readonly type: 'observe'; readonly key: number; readonly value: number }
  | { readonly type: 'observe-present'; readonly key: number }
  | { readonly type: 'observe-size'; readonly size: number }
  /** `length` is the length of the answer; it is greater than that of `keys` if a key came twice. */
  | { readonly type: 'observe-keys'; readonly keys: readonly number[]; readonly length: number };

export type WriteEffect = Extract<Effect, { type: 'write' | 'remove-present' | 'exchange' }>;

export function isWrite(effect: Effect): effect is WriteEffect {
  return effect.type === 'write' || effect.type === 'remove-present' || effect.type === 'exchange';
}

/** The value that the key has afterwards. */
export function written(effect: WriteEffect): number {
  return effect.type === 'remove-present' ? effect.key : effect.value;
}

export interface Step {
  readonly operation: Operation;
  readonly effect: Effect;
}

/** The steps of one search, and the numbers of their keys and values. */
export class Steps {
  readonly list: Step[] = [];
  readonly keyCount: number;
  readonly #keys: ReadonlyMap<string, number>;
  readonly #values = new Map<string, number>();

  /** @param keys all keys that the operations name */
  constructor(keys: readonly string[]) {
    this.#keys = new Map(keys.map((key, index) => [key, index]));
    this.keyCount = keys.length;
  }

  /** All values are less than this. */
  get valueCount(): number {
    return this.keyCount + this.#values.size;
  }

  /**
   * Adds an operation that happened or may have happened. A read that may have happened observes nothing, and is
   * ignored.
   */
  add(operation: Operation): void {
    const effect = this.#effect(operation);
    if (effect !== undefined) this.list.push({ operation, effect });
  }

  /** Adds what an answer to `keys` says about one key. */
  addPresence(operation: Operation, options: { readonly key: string; readonly present: boolean }): void {
    const key = this.#key(options.key);
    const effect: Effect = options.present
      ? { type: 'observe-present', key }
      : { type: 'observe', key, value: key };
    this.list.push({ operation, effect });
  }

  #effect(operation: Operation): Effect | undefined {
    if (operation.kind === 'put-if-absent' || operation.kind === 'put-if-equals') {
      return this.#conditional(operation);
    }
    if (operation.kind === 'put') return { type: 'write', ...this.#pair(operation.key, operation.value) };
    if (operation.outcome !== 'ok') {
      return operation.kind === 'del'
        ? { type: 'write', ...this.#pair(operation.key, undefined) }
        : undefined;
    }
    if (operation.kind === 'get') return { type: 'observe', ...this.#pair(operation.key, operation.result) };
    if (operation.kind === 'has' && operation.result) {
      return { type: 'observe-present', key: this.#key(operation.key) };
    }
    if (operation.kind === 'size') return { type: 'observe-size', size: operation.result };
    if (operation.kind === 'keys') {
      const keys = [...new Set(operation.result)].map((key) => this.#key(key));
      return { type: 'observe-keys', keys, length: operation.result.length };
    }
    if (operation.result === true) return { type: 'remove-present', key: this.#key(operation.key) };
    const type = operation.result === false ? 'observe' : 'write';
    return { type, ...this.#pair(operation.key, undefined) };
  }

  #conditional(operation: Extract<Operation, { kind: 'put-if-absent' | 'put-if-equals' }>): Effect {
    const { key, value } = this.#pair(operation.key, operation.value);
    const expected = operation.kind === 'put-if-equals' ? operation.expected : undefined;
    const { value: from } = this.#pair(operation.key, expected);
    const isCertain = operation.outcome === 'ok';
    if (!isCertain || operation.result) return { type: 'exchange', key, from, value, isCertain };
    return from === key ? { type: 'observe-present', key } : { type: 'observe-other', key, value: from };
  }

  #pair(name: string, value: Value | undefined): { key: number; value: number } {
    const key = this.#key(name);
    if (value === undefined) return { key, value: key };
    const text = `${key}:${value}`;
    const known = this.#values.get(text);
    if (known !== undefined) return { key, value: known };
    const number = this.valueCount;
    this.#values.set(text, number);
    return { key, value: number };
  }

  #key(name: string): number {
    return this.#keys.get(name) as number;
  }
}
