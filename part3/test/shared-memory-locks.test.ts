import { syncTest, testSeed } from '@tablelab/part1/testing';
import { TableError } from '@tablelab/shared';
import { stateInput } from '@tablelab/shared/testing';
import t from 'tap';
import { Condition } from '../src/shared-memory/condition.ts';
import { lockLowPriorityWithRetry, lockWithRetry } from '../src/shared-memory/lock-with-retry.ts';
import { Mutex } from '../src/shared-memory/mutex.ts';
import { places, runJobs, sharedWords, startJob } from './sandboxed/lock-jobs.ts';
import { locking } from './sandboxed/thread-code.ts';
import { exploreAll, runOrder, type ThreadView } from './support/interleavings.ts';
import {
  byChance,
  exploreCondition,
  exploreLocks,
  lockExploration,
  sampleLocks,
} from './support/lock-exploration.ts';

syncTest(t, 'mutex: in every order of 2 threads no rule is broken (part3/README.md#lock-exclusive)', (t) => {
  t.doesNotThrow(() => exploreLocks(Mutex));
});

syncTest(t, 'mutex: in 200 orders of 4 threads no rule is broken (part3/README.md#lock-exclusive)', (t) => {
  t.doesNotThrow(() => sampleLocks(Mutex));
});

syncTest(t, 'mutex: nor if threads poll before they sleep (part3/README.md#lock-exclusive)', (t) => {
  const ways = ['lock', 'lockLowPriority'] as const;
  const threads = ways.map((way, n) => locking(Mutex, n, way, 1));
  t.doesNotThrow(() => exploreAll(lockExploration(Mutex, ways, { threads, rounds: 1 })));
});

syncTest(
  t,
  'mutex: no third thread sleeps on because the second one found the lock free (part3/README.md#lock-wake-ups)',
  (t) => {
    const ways = ['lock', 'lockLowPriority', 'lockLowPriority'] as const;
    // They look once more before they sleep, as all do where there is more than one processor.
    const threads = ways.map((way, thread) => locking(Mutex, thread, way, 1));
    const exploration = lockExploration(Mutex, ways, { threads, rounds: 2 });
    let asleep = 0;
    for (let run = 0; run < 400 && asleep === 0; run += 1) {
      // Nobody's time is up: a thread that only a time-out would wake stays out.
      const entered = runOrder(exploration, byChance(testSeed * 400 + run));
      if (entered.length !== ways.length * exploration.rounds) asleep += 1;
    }
    t.equal(asleep, 0, 'in none of 400 orders a thread sleeps for ever');
  },
);

syncTest(
  t,
  'condition: in every order of 2 threads no wake-up is lost (part3/README.md#lock-wake-ups)',
  (t) => {
    t.doesNotThrow(() => exploreCondition(Condition, 'notifyOne'));
    t.doesNotThrow(() => exploreCondition(Condition, 'notifyAll'));
  },
);

syncTest(
  t,
  'mutex: a thread that calls lock takes precedence over an earlier low-priority thread (part3/README.md#lock-fair)',
  (t) => {
    const ways = ['lock', 'lockLowPriority', 'lock'] as const;
    const exploration = lockExploration(Mutex, ways, { rounds: 1, statesMax: 100_000 });
    let step = 0;
    const entered = runOrder(exploration, (threads) => {
      const [holder, low, main] = threads as [ThreadView, ThreadView, ThreadView];
      // One after the other: the holder goes in, the low-priority thread waits, then main does; then the holder goes out.
      if (step === 0 && !holder.isInside) return 0;
      if (step === 0) step = 1;
      if (step === 1 && low.canRun) return 1;
      if (step === 1) step = 2;
      if (step === 2 && main.canRun) return 2;
      step = 3;
      return threads.findIndex(({ canRun }) => canRun) >= 0
        ? threads.findIndex(({ canRun }) => canRun)
        : undefined;
    });
    t.same(entered, [0, 2, 1]);
  },
);

syncTest(
  t,
  'mutex: a low-priority thread does not starve, however often main takes the lock (part3/README.md#lock-fair)',
  (t) => {
    const rounds = 100;
    const exploration = lockExploration(Mutex, ['lock', 'lockLowPriority'], { rounds, statesMax: 100_000 });
    // The worst order: the low-priority thread runs only while main is in the section, until it gets the lock.
    const entered = runOrder(exploration, ([main, lowPriority]) => {
      if (lowPriority?.canRun && (main?.isInside || !main?.canRun)) return 1;
      return main?.canRun && !lowPriority?.isInside ? 0 : undefined;
    });
    const before = entered.indexOf(1);
    t.ok(before > 0 && before <= 20, `main goes first ${before} times, at most 20`);
  },
);

syncTest(
  t,
  'mutex: a low-priority thread does not starve while two others queue repeatedly (part3/README.md#lock-fair)',
  (t) => {
    const ways = ['lock', 'lock', 'lockLowPriority'] as const;
    const exploration = lockExploration(Mutex, ways, { rounds: 100, statesMax: 100_000 });
    let timeUpIn = -1;
    const entered = runOrder(exploration, (threads) => {
      const lowPriority = threads[2] as ThreadView;
      const inside = threads.findIndex(({ isInside }) => isInside);
      if (inside === 2) return undefined;
      // The thread inside leaves only once the other one queues: the lock is never free, and the low-priority thread is
      // never woken.
      const other = threads.findIndex(({ canRun }, number) => canRun && number !== inside && number !== 2);
      if (inside < 0) return other >= 0 ? other : 2;
      if (lowPriority.canRun) return 2;
      if (other >= 0) return other;
      // Its time-out occurs once in each section, if it sleeps for short times, and not for as long as in the queue.
      if (inside === timeUpIn || (lowPriority.sleepsMs ?? 1_000) >= 1_000) return inside;
      timeUpIn = inside;
      return 2;
    });
    const before = entered.indexOf(2);
    t.ok(before > 0 && before <= 20, `the others go first ${before} times, at most 20`);
  },
);

t.test(
  'mutex: one thread at a time holds it, 4 threads, 2 of them with low priority (part3/README.md#lock-exclusive)',
  async (t) => {
    const words = sharedWords();
    const threads = 4;
    const jobs = [0, 1, 2, 3].map((n) => ({ kind: 'count', threads, isLowPriority: n % 2 === 0 }) as const);
    stateInput(
      '4 threads call lock or, two of them, lockLowPriority, add 1 to a word, and call unlock, again and again',
    );
    const rounds = await runJobs(words, jobs);
    const total = rounds.reduce((sum, count) => sum + count, 0);
    t.equal(words[places.counter], total, 'no addition under the lock is lost');
    t.equal(words[places.met], threads, `each thread had to wait, and nobody starved: ${rounds} rounds`);
  },
);

syncTest(
  t,
  'mutex: a thread that waits too long learns the holder, and does not get the lock (part3/README.md#lock-holder)',
  (t) => {
    const words = sharedWords();
    const mutex = new Mutex(words, 0);
    const other = new Mutex(words, 0, { thread: 7 });
    t.equal(mutex.holder, undefined, 'a new mutex is free');
    other.lock();
    t.equal(mutex.holder, 7);
    t.equal(mutex.tryLock(), false);
    const error = { name: 'TableError', code: 'INTERNAL', message: /thread 7\b/ };
    t.throws(() => mutex.lock({ timeoutMs: 5 }), error);
    t.throws(() => mutex.lockLowPriority({ timeoutMs: 5 }), error);
    t.equal(mutex.holder, 7, 'the holder has it still');
    t.equal(mutex.waits, 2);
    other.unlock();
    t.equal(mutex.holder, undefined, 'those who gave up are not handed the lock');
    mutex.lock();
    t.equal(mutex.holder, 0);
    mutex.unlock();
  },
);

t.test(
  'mutex: a worker that dies while it holds the lock is noticed (part3/README.md#lock-holder)',
  async (t) => {
    const words = sharedWords();
    stateInput('a worker calls lock, and exits; then this thread calls lock({ timeoutMs: 5 })');
    const { threadId, ended } = await startJob(words, { kind: 'die' });
    t.equal(await ended, 3, 'it has exited');
    const mutex = new Mutex(words, places.mutex);
    t.equal(mutex.holder, threadId, 'the lock names the dead thread');
    t.throws(() => mutex.lock({ timeoutMs: 5 }), { code: 'INTERNAL' }, 'no thread waits for it forever');
  },
);

syncTest(t, 'mutex: wrong use is a bug that throws (part3/README.md#lock-holder)', (t) => {
  const words = sharedWords();
  const mutex = new Mutex(words, 0);
  const other = new Mutex(words, 0, { thread: 7 });
  t.throws(() => mutex.unlock(), 'unlock of a free lock');
  other.lock();
  t.throws(() => mutex.unlock(), "unlock of another's lock");
  t.equal(other.holder, 7, 'which it still holds');
  const timeoutMs = 5_000;
  const startedMs = performance.now();
  t.throws(() => other.lock({ timeoutMs }), 'a second lock by the holder');
  t.ok(performance.now() - startedMs < timeoutMs, 'at once: it does not wait for itself');
  t.throws(() => new Mutex(words, words.length - Mutex.words + 1), /within the array/);
  t.throws(() => new Condition(words, words.length), /within the array/);
});

t.test(
  'condition: no wake-up is lost in 1,000,000 hand-overs between 4 threads (part3/README.md#lock-wake-ups)',
  async (t) => {
    const words = sharedWords();
    const handOvers = 1_000_000;
    const jobs = [0, 1, 2, 3].map(
      (n) => ({ kind: 'hand-over', isProducer: n < 2, rounds: handOvers / 2, capacity: 32 }) as const,
    );
    stateInput(
      '2 threads put into a buffer of 32 and 2 take from it, with a mutex and two conditions, until 1,000,000 have passed',
    );
    const sleeps = await runJobs(words, jobs);
    t.equal(words[places.counter], handOvers);
    t.equal(words[places.items], 0, 'what was handed over was taken');
    t.ok(
      sleeps.some((count) => count > 0),
      `the threads did sleep: ${sleeps} times`,
    );
  },
);

syncTest(
  t,
  'condition: wait returns whether it was notified, and holds the mutex again (part3/README.md#lock-wake-ups)',
  (t) => {
    const words = sharedWords();
    const mutex = new Mutex(words, places.mutex);
    const condition = new Condition(words, places.notEmpty);
    mutex.lock();
    t.equal(condition.wait(mutex, 5), false, 'not notified within 5 ms');
    t.equal(mutex.holder, 0);
    condition.notifyAll();
    t.equal(condition.wait(mutex, 5), false, 'a notification before the wait is not for it');
    mutex.unlock();
  },
);

syncTest(
  t,
  'main tries a lock three times for a second each, and does not retry after a bug (part3/README.md#threads-hang)',
  (t) => {
    const tries: number[] = [];
    const dead = (from: number) => ({
      lock({ timeoutMs }: { timeoutMs?: number } = {}) {
        tries.push(timeoutMs ?? 0);
        if (tries.length < from) throw new TableError('INTERNAL', `try ${tries.length}`);
      },
    });
    lockWithRetry(dead(3));
    t.same(tries.splice(0), [1_000, 1_000, 1_000], 'the third one has it');
    t.throws(() => lockWithRetry(dead(4)), { code: 'INTERNAL', message: 'try 3' });
    t.equal(tries.length, 3);
    const lock = () => {
      tries.push(0);
      throw new Error('a bug');
    };
    t.throws(() => lockWithRetry({ lock }), /a bug/);
    t.equal(tries.length, 4);
    tries.length = 0;
    lockLowPriorityWithRetry({ lockLowPriority: dead(3).lock });
    t.equal(tries.length, 3, 'the executor does as main does');
    tries.length = 0;
    const mutex = { unlock: () => undefined, lock: dead(3).lock } as unknown as Mutex;
    t.equal(new Condition(sharedWords(), 0).wait(mutex, 1), false);
    t.equal(tries.length, 3, 'and so does a thread that has slept on a condition');
  },
);
