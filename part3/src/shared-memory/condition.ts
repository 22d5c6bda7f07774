import { assert } from '@tablelab/shared';
import { lockAgainWithRetry } from './lock-with-retry.ts';
import type { Mutex } from './mutex.ts';

// The words of the condition, from `index` on:
//
//     0 sequence
const sequenceWord = 0;

/**
 * A condition variable (assignment part 3: `queue_not_empty`): a thread that holds a mutex releases it and sleeps until
 * another thread has changed the data that the mutex guards.
 *
 * The rules: a waiting thread holds the mutex and has checked that it must wait. It checks again when `wait` returns,
 * because a third thread may have been faster, and because it may have woken for another thread's notification. A
 * notifying thread has made its change under the same mutex. It may notify after releasing the mutex, so that the woken
 * thread does not find it held.
 *
 * Why no wake-up is lost: each notification increments `sequence`. The waiting thread reads it while it holds the
 * mutex, and sleeps only while `sequence` has that value. A change after the mutex was released is followed by a
 * notification, and so by a new value: a thread that is not yet asleep stays awake, a sleeping one is woken. 2^32
 * notifications between the read and the sleep cannot happen in practice.
 */
export class Condition {
  /** The number of words of the array that a condition uses. Initially zeros. */
  static readonly words = 1;

  readonly #words: Int32Array;
  readonly #sequence: number;

  /**
   * The condition in `words[index]`. Each thread creates its own object over the same memory.
   * @param words over a SharedArrayBuffer.
   */
  constructor(words: Int32Array, index: number) {
    assert(index + Condition.words <= words.length, 'the words of a condition lie within the array');
    this.#words = words;
    this.#sequence = index + sequenceWord;
  }

  /**
   * Releases `mutex`, which this thread must hold, sleeps until notified, and locks `mutex` again.
   * @returns false if `timeoutMs` passed without a notification; the mutex is locked again in that case, too
   * @throws TableError INTERNAL if the mutex cannot be locked again, see {@link lockAgainWithRetry}; it is then not held
   */
  wait(mutex: Mutex, timeoutMs: number): boolean {
    const sequence = Atomics.load(this.#words, this.#sequence);
    mutex.unlock();
    const outcome = Atomics.wait(this.#words, this.#sequence, sequence, timeoutMs);
    lockAgainWithRetry(mutex);
    return outcome !== 'timed-out';
  }

  /** Wakes one waiting thread, if any. */
  notifyOne(): void {
    this.#notify(1);
  }

  /** Wakes all waiting threads. */
  notifyAll(): void {
    this.#notify(Number.POSITIVE_INFINITY);
  }

  #notify(count: number): void {
    Atomics.add(this.#words, this.#sequence, 1);
    Atomics.notify(this.#words, this.#sequence, count);
  }
}
