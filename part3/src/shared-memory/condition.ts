import { assert } from '@tablelab/shared';
import type { Mutex } from './mutex.ts';

// The words of the condition, from `index` on:
//
//     0 sequence
const sequenceWord = 0;

/**
 * A condition variable (assignment part 3: `queue_not_empty`): a thread that holds a mutex gives it up and sleeps until
 * another one has changed what the mutex guards.
 *
 * The rules: who waits holds the mutex, has looked and found that it has to wait; it looks again when `wait` returns,
 * since a third thread may have been quicker, and since a thread may wake for a notification meant for another. Who
 * notifies has made the change under the same mutex; it may notify after releasing it, which spares the one that wakes
 * from finding it held.
 *
 * Why no wake-up is lost: each notification raises `sequence`. The waiting thread reads it while it holds the mutex,
 * and sleeps only while `sequence` still has that value. A change made after the mutex was given up is followed by a
 * notification, and so by a new value: a thread not yet asleep stays awake, one asleep is woken. That 2^32
 * notifications come between the reading and the falling asleep is not to be feared.
 */
export class Condition {
  /** How many words of the array a condition takes. They begin as zeros. */
  static readonly words = 1;

  readonly #words: Int32Array;
  readonly #sequence: number;

  /**
   * The condition in `words[index]`. Each thread makes one such object over the same memory.
   * @param words over a SharedArrayBuffer.
   */
  constructor(words: Int32Array, index: number) {
    assert(index + Condition.words <= words.length, 'the words of a condition lie within the array');
    this.#words = words;
    this.#sequence = index + sequenceWord;
  }

  /**
   * Releases `mutex`, which this thread holds, sleeps until notified, takes `mutex` again.
   * @returns false when `timeoutMs` passed without a notification; the mutex is held again then, too.
   * @throws TableError INTERNAL when the mutex cannot be had again, see {@link Mutex.lock}; it is not held then.
   */
  wait(mutex: Mutex, timeoutMs: number): boolean {
    const sequence = Atomics.load(this.#words, this.#sequence);
    mutex.unlock();
    const outcome = Atomics.wait(this.#words, this.#sequence, sequence, timeoutMs);
    mutex.lock();
    return outcome !== 'timed-out';
  }

  /** Wakes one of the threads that wait, if there are any. */
  notifyOne(): void {
    this.#notify(1);
  }

  /** Wakes all threads that wait. */
  notifyAll(): void {
    this.#notify(Number.POSITIVE_INFINITY);
  }

  #notify(count: number): void {
    Atomics.add(this.#words, this.#sequence, 1);
    Atomics.notify(this.#words, this.#sequence, count);
  }
}
