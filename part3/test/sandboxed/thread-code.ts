/**
 * The code of a thread, one atomic operation at a time, see `../support/interleavings.ts`.
 *
 * The code under test is the real one. While it runs, the global `Atomics` and its words are replaced. A thread cannot
 * be stopped in the middle of a call. Instead, it is run from its beginning each time, with the earlier results of its
 * operations, up to the first operation without a result, where an exception ends it. So a thread's state is the list
 * of its results in the present round.
 */
import { TableError } from '@tablelab/shared';
import type { Condition } from '../../src/shared-memory/condition.ts';
import { Mutex } from '../../src/shared-memory/mutex.ts';

export type Result = number | 'ok' | 'not-equal' | 'timed-out';

export type Operation =
  | { readonly kind: 'load' | 'enter' | 'leave'; readonly index: number }
  | {
      readonly kind: 'store' | 'exchange' | 'add' | 'and' | 'or' | 'xor' | 'notify';
      readonly index: number;
      readonly value: number;
    }
  | { readonly kind: 'wait'; readonly index: number; readonly value: number; readonly timeoutMs: number }
  | {
      readonly kind: 'compareExchange';
      readonly index: number;
      readonly value: number;
      readonly replacement: number;
    };

/** One round of a thread, on words that it must not keep. `section` is the critical section, which takes two steps. */
type Run = (words: Int32Array, section: () => void) => void;

/** Thrown to stop a thread. */
class Left extends Error {}

export class ThreadCode {
  readonly #words: number;
  readonly #run: Run;

  /** @param words how many the threads share */
  constructor(words: number, run: Run) {
    this.#words = words;
    this.#run = run;
  }

  /** Runs the code up to the first operation without a result; returns that operation, or undefined at the end of the code. */
  next(...results: readonly Result[]): Operation | undefined {
    let done = 0;
    let next: Operation | undefined;
    const operate = (operation: Operation): Result => {
      const result = results[done];
      if (result === undefined) {
        next ??= operation;
        throw new Left();
      }
      done += 1;
      return result;
    };
    const section = () => {
      operate({ kind: 'enter', index: 0 });
      operate({ kind: 'leave', index: 0 });
    };
    const real = globalThis.Atomics;
    globalThis.Atomics = standInAtomics(operate);
    try {
      this.#run(standInWords(this.#words, operate), section);
    } catch (error) {
      if (!(error instanceof Left)) throw error;
    } finally {
      globalThis.Atomics = real;
    }
    return next;
  }
}

function standInAtomics(operate: (operation: Operation) => Result): Atomics {
  type WithValue = 'store' | 'exchange' | 'add' | 'and' | 'or' | 'xor';
  const withValue = (kind: WithValue) => (_words: unknown, index: number, value: number) =>
    operate({ kind, index, value });
  return {
    load: (_words: unknown, index: number) => operate({ kind: 'load', index }),
    store: withValue('store'),
    exchange: withValue('exchange'),
    add: withValue('add'),
    sub: (_words: unknown, index: number, value: number) => operate({ kind: 'add', index, value: -value }),
    and: withValue('and'),
    or: withValue('or'),
    xor: withValue('xor'),
    isLockFree: () => true,
    pause: () => undefined,
    wait: (_words: unknown, index: number, value: number, timeoutMs = Number.POSITIVE_INFINITY) =>
      operate({ kind: 'wait', index, value, timeoutMs }),
    notify: (_words: unknown, index: number, count: number) =>
      operate({ kind: 'notify', index, value: count }),
    compareExchange: (_words: unknown, index: number, value: number, replacement: number) =>
      operate({ kind: 'compareExchange', index, value, replacement }),
  } as unknown as Atomics;
}

/** Reads and writes without atomics are steps, too. */
function standInWords(length: number, operate: (operation: Operation) => Result): Int32Array {
  return new Proxy(new Int32Array(length), {
    get: (target, name) =>
      name === 'length' ? target.length : operate({ kind: 'load', index: Number(name) }),
    set: (_target, name, value) => {
      operate({ kind: 'store', index: Number(name), value });
      return true;
    },
  });
}

export type Way = 'lock' | 'lockLowPriority';

/** A thread that takes the lock in this way; if it gives up at its time-out, it skips this round. */
export function locking(MutexClass: typeof Mutex, thread: number, way: Way, spins = 0): ThreadCode {
  return new ThreadCode(Mutex.words, (words, section) => {
    const mutex = new MutexClass(words, 0, { thread, spins });
    try {
      mutex[way]();
    } catch (error) {
      if (error instanceof TableError) return;
      throw error;
    }
    section();
    mutex.unlock();
  });
}

/** After the mutex: the condition, and the word for which its thread waits. */
const [conditionWord, flagWord] = [Mutex.words, Mutex.words + 1];
export const conditionWords = Mutex.words + 2;

/** A thread that waits until another has set a word under the lock. */
export function waiting(ConditionClass: typeof Condition): ThreadCode {
  return new ThreadCode(conditionWords, (words, section) => {
    const mutex = new Mutex(words, 0, { thread: 0, spins: 0 });
    mutex.lock();
    const condition = new ConditionClass(words, conditionWord);
    while (words[flagWord] === 0) condition.wait(mutex, 1000);
    section();
    mutex.unlock();
  });
}

/** The thread that sets it. */
export function notifying(ConditionClass: typeof Condition, notify: 'notifyOne' | 'notifyAll'): ThreadCode {
  return new ThreadCode(conditionWords, (words) => {
    const mutex = new Mutex(words, 0, { thread: 1, spins: 0 });
    mutex.lock();
    words[flagWord] = 1;
    mutex.unlock();
    new ConditionClass(words, conditionWord)[notify]();
  });
}
