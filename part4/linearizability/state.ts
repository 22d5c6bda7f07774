import { unreachable } from '@tablelab/shared';
import { SetHash } from './configurations.ts';
import { type Effect, isWrite, type Steps, written } from './step.ts';

/** Another seed than that of the steps taken: the two hashes are combined. */
const stateSeed = 2;

/** The table after the steps taken so far, and counts of what the remaining steps write and observe. */
export class State {
  /** The value of each key. */
  readonly current: number[];
  /** The hash of `current`. No value belongs to two keys, so the set of the values is the state. */
  readonly hash: SetHash;
  #present = 0;
  /** How many of the remaining steps observe each value, and how many write it. */
  readonly observers: Int32Array;
  readonly writers: Int32Array;
  /** How many of the remaining steps ask only whether the key exists. */
  readonly presenceObservers: Int32Array;
  /** How many of the remaining steps depend on the key's value in another way: exchanges, and observers of another value. */
  readonly looseObservers: Int32Array;
  /** How many of the remaining steps concern all keys. */
  wideObservers = 0;

  constructor(steps: Steps) {
    this.current = Array.from({ length: steps.keyCount }, (_, key) => key);
    this.hash = new SetHash(steps.valueCount, stateSeed);
    this.observers = new Int32Array(steps.valueCount);
    this.writers = new Int32Array(steps.valueCount);
    this.presenceObservers = new Int32Array(steps.keyCount);
    this.looseObservers = new Int32Array(steps.keyCount);
    for (const { effect } of steps.list) this.#count(effect, 1);
  }

  isPresent(key: number): boolean {
    return this.current[key] !== key;
  }

  /** Whether the state agrees with an observing step. False for a step that writes. */
  observes(effect: Effect): boolean {
    switch (effect.type) {
      case 'write':
      case 'remove-present':
      case 'exchange':
        return false;
      case 'observe-other':
        return this.current[effect.key] !== effect.value;
      case 'observe':
        return this.current[effect.key] === effect.value;
      case 'observe-present':
        return this.isPresent(effect.key);
      case 'observe-size':
        return this.#present === effect.size;
      case 'observe-keys':
        return (
          effect.length === this.#present &&
          effect.keys.length === effect.length &&
          effect.keys.every((key) => this.isPresent(key))
        );
      default:
        return unreachable(effect);
    }
  }

  /** Takes a step. Returns the value that `undo` needs. */
  take(effect: Effect): number {
    this.#count(effect, -1);
    if (!isWrite(effect)) return 0;
    const old = this.current[effect.key] as number;
    this.#set(effect.key, written(effect));
    return old;
  }

  undo(effect: Effect, old: number): void {
    this.#count(effect, 1);
    if (isWrite(effect)) this.#set(effect.key, old);
  }

  #set(key: number, value: number): void {
    this.#present += Number(value !== key) - Number(this.isPresent(key));
    this.hash.toggle(this.current[key] as number);
    this.hash.toggle(value);
    this.current[key] = value;
  }

  #count(effect: Effect, by: 1 | -1): void {
    const add = (counts: Int32Array, index: number) => {
      counts[index] = (counts[index] as number) + by;
    };
    if (effect.type === 'write') add(this.writers, effect.value);
    else if (effect.type === 'observe') add(this.observers, effect.value);
    else if (effect.type === 'observe-present') add(this.presenceObservers, effect.key);
    else if (effect.type === 'remove-present') {
      add(this.writers, effect.key);
      add(this.presenceObservers, effect.key);
    } else if (effect.type === 'exchange') {
      add(this.writers, effect.value);
      add(this.looseObservers, effect.key);
      if (effect.isCertain) add(this.observers, effect.from);
    } else if (effect.type === 'observe-other') add(this.looseObservers, effect.key);
    else this.wideObservers += by;
  }
}
