import { availableParallelism } from 'node:os';
import { threadId } from 'node:worker_threads';
import { assert, TableError } from '@tablelab/shared';

/** A thread that waits longer than this takes the holder for dead. No critical section lasts a thousandth of it. */
const lockTimeoutMs = 10_000;

/**
 * How often a waiting thread looks again before it sleeps: some ten microseconds, as long as the executor's critical
 * sections of several writes. To be woken costs several times as much, and comes late by far more on a busy machine. On
 * one CPU looking again cannot help: the holder needs the CPU to release.
 */
const spinsMax = 2_000 * Math.min(availableParallelism() - 1, 1);

/** How often a polite thread sleeps in vain before it queues up and is handed the lock. */
const passesMax = 16;

/**
 * How long a polite thread sleeps at most each time, in milliseconds. As long as somebody queues, nobody wakes it: with
 * two threads that queue again and again it would sleep for ever.
 */
const passTimeoutMs = 10;

/** Places in the queue. One stays empty, see {@link Mutex} on reuse of places. */
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

/** Values of the state. Contended: held, and whoever releases has to look for waiting threads. */
const free = 0;
const held = 1;
const contended = 2;

/** Values of a place in the queue. An empty place and one where somebody waits look alike. */
const waiting = 0;
const granted = 1;
const abandoned = 2;

export interface LockOptions {
  /** How long to wait before the holder is taken for dead. */
  readonly timeoutMs?: number;
}

/**
 * Mutual exclusion between threads (assignment part 3: the lock of the table, the lock of the queue), with a rule of
 * who goes first. The state is one of three:
 *
 * - free: nobody holds it. `lock` makes it held with one compare-and-exchange.
 * - held: one thread holds it and nobody waits. `unlock` makes it free with one compare-and-exchange.
 * - contended: one thread holds it and others may wait. `unlock` looks for them.
 *
 * Threads wait in two ways. Who calls `lock` takes a ticket and waits in a queue; a thread that releases hands the
 * lock to the first in the queue: the state stays contended, so that nobody else can come between. Who calls
 * `lockLowPriority` sleeps on the state and tries again when woken, while others may slip in. So main, which calls
 * `lock`, gets in before the executor, which calls `lockLowPriority`, takes the lock again; and main may lock many times
 * while a sleeping executor wakes up. The executor does not starve either: having slept in vain {@link passesMax} times,
 * for {@link passTimeoutMs} at most, it joins the queue, in which everybody gets his turn.
 *
 * Why no wake-up is lost:
 * - A polite thread exchanges the state for contended before it sleeps, and sleeps only while it is contended. What
 *   it got back says whether it was free: then it has the lock. Otherwise there is a holder, whose compare-and-exchange
 *   from held to free now fails, and who therefore wakes one sleeper after it has made the state free. The one that
 *   wakes makes the state contended again before it sleeps or takes the lock, since others may sleep still.
 * - A thread that queues first takes its ticket, then exchanges the state for contended. If it was free, the thread
 *   has the lock, and leaves its place abandoned. Otherwise there is a holder, which looks at the queue before it makes
 *   the state free and once more afterwards: had the ticket been taken between the two, the first look would miss it.
 *
 * Only the holder writes `served` and passes through the queue, so these need no further lock. A place is used again
 * 16 tickets later. At most 15 tickets are open, hence by then the queue has been passed through beyond the ticket
 * after it, which only who had that place, or passed over it, can have done: it is `waiting` again.
 *
 * `holder` is for people and for finding the dead. It is written without atomics, under the lock: whoever takes the
 * lock afterwards sees it, since taking and releasing are atomic; others see it sooner or later.
 */
export class Mutex {
  /** How many words of the array a mutex takes. They begin as zeros. */
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
   * The mutex in `words[index]` and the {@link Mutex.words} - 1 words after it. Each thread makes one such object over
   * the same memory.
   * @param words over a SharedArrayBuffer.
   * @param options for tests: the thread's number and how often it looks again before it sleeps.
   */
  constructor(words: Int32Array, index: number, options: { thread?: number; spins?: number } = {}) {
    assert(index + Mutex.words <= words.length, 'the words of a mutex lie within the array');
    this.#words = words;
    this.#state = index + stateWord;
    this.#holder = index + holderWord;
    this.#issued = index + issuedWord;
    this.#served = index + servedWord;
    this.#places = index + placeWords;
    // Thread numbers begin with 0, which is main; here 0 means nobody.
    this.#thread = (options.thread ?? threadId) + 1;
    this.#spins = options.spins ?? spinsMax;
  }

  /** The `threadId` of the thread that holds the lock, undefined where none does. For finding out that it is dead. */
  get holder(): number | undefined {
    const holder = Atomics.load(this.#words, this.#holder);
    return holder === 0 ? undefined : holder - 1;
  }

  /** How often this thread found the lock held and had to wait. */
  get waits(): number {
    return this.#waits;
  }

  /**
   * Takes the lock; waits for its turn where another thread holds it, but for nobody who asks later.
   * @throws TableError INTERNAL when the lock is not released within `timeoutMs`; this thread does not have it then.
   */
  lock(options: LockOptions = {}): void {
    if (!this.tryLock()) this.#lockInQueue(this.#waitFrom(options));
  }

  /** As {@link lock}, but whoever calls `lock` goes first. For threads that take the lock again and again. */
  lockLowPriority(options: LockOptions = {}): void {
    if (this.tryLock()) return;
    const deadline = this.#waitFrom(options);
    for (let pass = 0; pass < passesMax; pass += 1) {
      if (this.#spinForFree()) return;
      if (Atomics.exchange(this.#words, this.#state, contended) === free) return this.#own();
      const sleepMs = Math.min(deadline.leftMs(), passTimeoutMs);
      const woken = Atomics.wait(this.#words, this.#state, contended, sleepMs);
      if (woken === 'timed-out' && deadline.leftMs() === 0) throw this.#notReleased(deadline);
    }
    this.#lockInQueue(deadline);
  }

  /** Takes the lock if it is free; says whether it did. */
  tryLock(): boolean {
    if (Atomics.compareExchange(this.#words, this.#state, free, held) !== free) return false;
    this.#own();
    return true;
  }

  /** Releases the lock. Only who holds it may call this. */
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
      // Somebody joined the queue after it was looked at. Who has the lock now, if anybody, will see him.
      if (Atomics.exchange(this.#words, this.#state, contended) !== free) return;
    }
  }

  #own(): void {
    this.#words[this.#holder] = this.#thread;
  }

  /** Looks again and again for a while whether the lock is free; takes it if so. */
  #spinForFree(): boolean {
    for (let spin = 0; spin < this.#spins; spin += 1) {
      if (Atomics.load(this.#words, this.#state) === free && this.tryLock()) return true;
    }
    return false;
  }

  #lockInQueue(deadline: Deadline): void {
    const place = this.#takePlace();
    if (Atomics.exchange(this.#words, this.#state, contended) === free) {
      // Nobody can have granted it: then the state would have stayed contended.
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
      // Below 0 where others have been served since the ticket was read; then it is not to be had any more.
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

  /** Gives the lock to the first in the queue who is still there; says whether there was one. */
  #handOver(): boolean {
    while (!this.#isQueueEmpty()) {
      const ticket = Atomics.load(this.#words, this.#served);
      const place = this.#placeOf(ticket);
      // Before the grant: after it this thread does not hold the lock any more.
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

/** A point in time `timeoutMs` from when it is made. */
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
