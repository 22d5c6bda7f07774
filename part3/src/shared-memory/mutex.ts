import { availableParallelism } from 'node:os';
import { threadId } from 'node:worker_threads';
import { assert, TableError } from '@tablelab/shared';

/**
 * A thread that waits longer than this, in milliseconds, considers the holder dead. No critical section lasts a
 * thousandth of it.
 */
const lockTimeoutMs = 10_000;

/**
 * How often a waiting thread polls the lock before it sleeps: about ten microseconds, as long as the executor's
 * critical sections of several writes. Waking a thread costs several times as much, and takes much longer on a busy
 * machine. With one CPU polling cannot help: the holder needs the CPU to release the lock.
 */
const spinsMax = 2_000 * Math.min(availableParallelism() - 1, 1);

/** How often a low-priority thread sleeps without getting the lock before it joins the queue. */
const passesMax = 16;

/**
 * How long a low-priority thread sleeps each time, in milliseconds. No thread wakes it while others are in the queue:
 * with two threads that queue repeatedly it would sleep forever.
 */
const passTimeoutMs = 10;

/** Places in the queue. One stays empty; {@link Mutex} explains the reuse of places. */
const places = 16;
const waitersMax = places - 1;

// The words of the mutex, from `index` on:
//
//     0 state | 1 holder | 2 issued | 3 served | 4 ... 19 one word for each place of the queue
const stateWord = 0;
const holderWord = 1;
const issuedWord = 2;
const servedWord = 3;
const placeWords = 4;

/** Values of the state. Contended: held, and the thread that releases it must look for waiting threads. */
const free = 0;
const held = 1;
const contended = 2;

/** Values of a place in the queue. An empty place has the value `waiting`, too. */
const waiting = 0;
const granted = 1;
const abandoned = 2;

export interface LockOptions {
  /** How long to wait before the holder is considered dead, in milliseconds. */
  readonly timeoutMs?: number;
}

/**
 * Mutual exclusion between threads (assignment part 3: the lock of the table, the lock of the queue), with a rule of
 * precedence. The state is one of three:
 *
 * - free: no thread holds it. `lock` changes it to held with one compare-and-exchange.
 * - held: one thread holds it and none waits. `unlock` changes it to free with one compare-and-exchange.
 * - contended: one thread holds it and others may wait. `unlock` looks for them.
 *
 * Threads wait in two ways. A thread that calls `lock` takes a ticket and waits in a queue. A releasing thread hands
 * the lock to the first thread in the queue; the state stays contended, so no other thread can take it in between. A
 * thread that calls `lockLowPriority` sleeps on the state and tries again when it is woken; others may take the lock
 * first. So main, which calls `lock`, gets the lock before the executor, which calls `lockLowPriority`, takes it again,
 * and main may lock many times while a sleeping executor wakes up. The executor does not starve: after
 * {@link passesMax} sleeps of up to {@link passTimeoutMs} without getting the lock, it joins the queue, in which every
 * thread gets its turn.
 *
 * Why no wake-up is lost:
 * - A low-priority thread exchanges the state for contended before it sleeps, and sleeps only while it is contended. If
 *   the old state was free, the thread has the lock. Otherwise there is a holder, whose compare-and-exchange from held
 *   to free now fails, and which therefore wakes one sleeper after it has set the state to free. The woken thread sets
 *   the state to contended again before it sleeps or takes the lock, because others may still be sleeping.
 * - A thread that queues takes its ticket first, then exchanges the state for contended. If the old state was free, the
 *   thread has the lock, and marks its place as abandoned. Otherwise there is a holder, which checks the queue before
 *   it sets the state to free and again afterwards: a ticket taken between these two would be missed by the first
 *   check.
 *
 * Only the holder writes `served` and processes the queue, so these need no further lock. A place is reused 16 tickets
 * later. At most 15 tickets are open, so by then the queue has been processed beyond the next ticket. Only the thread
 * that had the place, or the holder that skipped it, can have done that, and both reset it to `waiting`.
 *
 * `holder` is for error texts and for detecting dead threads. It is written without atomics, under the lock: a thread
 * that takes the lock later sees it, because taking and releasing are atomic; others see it eventually.
 */
export class Mutex {
  /** The number of words of the array that a mutex uses. Initially zeros. */
  static readonly words = placeWords + places;

  readonly #words: Int32Array;
  readonly #state: number;
  readonly #holder: number;
  readonly #issued: number;
  readonly #served: number;
  readonly #places: number;
  readonly #thread: number;
  readonly #spins: number;
  #waits = 0;

  /**
   * The mutex in `words[index]` and the {@link Mutex.words} - 1 words after it. Each thread creates its own object over
   * the same memory.
   * @param words over a SharedArrayBuffer.
   * @param options for tests: the thread's number, and how often it polls before it sleeps.
   */
  constructor(words: Int32Array, index: number, options: { thread?: number; spins?: number } = {}) {
    assert(index + Mutex.words <= words.length, 'the words of a mutex lie within the array');
    this.#words = words;
    this.#state = index + stateWord;
    this.#holder = index + holderWord;
    this.#issued = index + issuedWord;
    this.#served = index + servedWord;
    this.#places = index + placeWords;
    // Thread numbers begin with 0, which is main; here 0 means no thread.
    this.#thread = (options.thread ?? threadId) + 1;
    this.#spins = options.spins ?? spinsMax;
  }

  /** The `threadId` of the thread that holds the lock, undefined if none does. For detecting that it is dead. */
  get holder(): number | undefined {
    const holder = Atomics.load(this.#words, this.#holder);
    return holder === 0 ? undefined : holder - 1;
  }

  /** How often this thread found the lock held and had to wait. */
  get waits(): number {
    return this.#waits;
  }

  /**
   * Takes the lock; waits for its turn if another thread holds it, but not for threads that call this later.
   * @throws TableError INTERNAL if the lock is not released within `timeoutMs`; this thread then does not have it
   */
  lock(options: LockOptions = {}): void {
    if (!this.tryLock()) this.#lockInQueue(this.#waitFrom(options));
  }

  /** Like {@link lock}, but threads that call `lock` take precedence. For threads that take the lock repeatedly. */
  lockLowPriority(options: LockOptions = {}): void {
    if (this.tryLock()) return;
    const deadline = this.#waitFrom(options);
    for (let pass = 0; pass < passesMax; pass += 1) {
      // One that has slept was woken in place of others that may sleep still: who releases next has to look for them.
      if (this.#spinForFree(pass === 0 ? held : contended)) return;
      if (Atomics.exchange(this.#words, this.#state, contended) === free) return this.#own();
      const sleepMs = Math.min(deadline.leftMs(), passTimeoutMs);
      const woken = Atomics.wait(this.#words, this.#state, contended, sleepMs);
      if (woken === 'timed-out' && deadline.leftMs() === 0) throw this.#notReleased(deadline);
    }
    this.#lockInQueue(deadline);
  }

  /** Takes the lock if it is free; returns whether it did. */
  tryLock(): boolean {
    if (Atomics.compareExchange(this.#words, this.#state, free, held) !== free) return false;
    this.#own();
    return true;
  }

  /** Releases the lock. Only the thread that holds it may call this. */
  unlock(): void {
    assert(this.#words[this.#holder] === this.#thread, 'only the thread that holds a lock releases it');
    this.#words[this.#holder] = 0;
    if (Atomics.compareExchange(this.#words, this.#state, held, free) === held) return;
    while (!this.#handOver()) {
      Atomics.store(this.#words, this.#state, free);
      if (this.#isQueueEmpty()) {
        Atomics.notify(this.#words, this.#state, 1);
        return;
      }
      // A thread joined the queue after the check. If another thread has the lock now, that one will see it.
      if (Atomics.exchange(this.#words, this.#state, contended) !== free) return;
    }
  }

  #own(): void {
    this.#words[this.#holder] = this.#thread;
  }

  /** Polls the lock for a while; makes the state `taken` if it is free. */
  #spinForFree(taken: typeof held | typeof contended): boolean {
    for (let spin = 0; spin < this.#spins; spin += 1) {
      if (Atomics.load(this.#words, this.#state) !== free) continue;
      if (Atomics.compareExchange(this.#words, this.#state, free, taken) !== free) continue;
      this.#own();
      return true;
    }
    return false;
  }

  #lockInQueue(deadline: Deadline): void {
    const place = this.#takePlace();
    if (Atomics.exchange(this.#words, this.#state, contended) === free) {
      // The place cannot have been granted: the state would then have stayed contended.
      Atomics.store(this.#words, place, abandoned);
    } else {
      this.#awaitGrant(place, deadline);
      Atomics.store(this.#words, place, waiting);
    }
    this.#own();
  }

  #takePlace(): number {
    for (;;) {
      const ticket = Atomics.load(this.#words, this.#issued);
      // Below 0 if others have been served since the ticket was read; the ticket is then no longer available.
      const ahead = (ticket - Atomics.load(this.#words, this.#served)) | 0;
      assert(ahead < waitersMax, `at most ${waitersMax} threads wait for a lock`);
      if (Atomics.compareExchange(this.#words, this.#issued, ticket, (ticket + 1) | 0) === ticket) {
        return this.#placeOf(ticket);
      }
    }
  }

  #awaitGrant(place: number, deadline: Deadline): void {
    for (let spin = 0; spin < this.#spins; spin += 1) {
      if (Atomics.load(this.#words, place) === granted) return;
    }
    while (Atomics.load(this.#words, place) !== granted) {
      if (Atomics.wait(this.#words, place, waiting, deadline.leftMs()) !== 'timed-out') continue;
      if (Atomics.compareExchange(this.#words, place, waiting, abandoned) === waiting) {
        throw this.#notReleased(deadline);
      }
    }
  }

  /** Hands the lock to the first thread in the queue that is still waiting; returns whether there was one. */
  #handOver(): boolean {
    while (!this.#isQueueEmpty()) {
      const ticket = Atomics.load(this.#words, this.#served);
      const place = this.#placeOf(ticket);
      // Before the grant: after it, this thread no longer holds the lock.
      Atomics.store(this.#words, this.#served, (ticket + 1) | 0);
      if (Atomics.compareExchange(this.#words, place, waiting, granted) === waiting) {
        Atomics.notify(this.#words, place, 1);
        return true;
      }
      Atomics.store(this.#words, place, waiting);
    }
    return false;
  }

  #isQueueEmpty(): boolean {
    return Atomics.load(this.#words, this.#served) === Atomics.load(this.#words, this.#issued);
  }

  #placeOf(ticket: number): number {
    return this.#places + (ticket & (places - 1));
  }

  #waitFrom({ timeoutMs = lockTimeoutMs }: LockOptions): Deadline {
    assert(this.#words[this.#holder] !== this.#thread, 'a thread that holds a lock does not lock it again');
    this.#waits += 1;
    return new Deadline(timeoutMs);
  }

  #notReleased({ timeoutMs }: Deadline): TableError {
    const holder = this.holder;
    const who = holder === undefined ? 'another thread' : `thread ${holder}`;
    return new TableError('INTERNAL', `a lock held by ${who} was not released within ${timeoutMs} ms`);
  }
}

/** A time `timeoutMs` after its creation. */
class Deadline {
  readonly timeoutMs: number;
  readonly #at: number;

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
    this.#at = performance.now() + timeoutMs;
  }

  leftMs(): number {
    return Math.max(0, this.#at - performance.now());
  }
}
