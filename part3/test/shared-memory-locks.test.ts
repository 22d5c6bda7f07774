import { syncTest, testSeed } from '@tablelab/part1/testing';
import { seededRandom, TableError } from '@tablelab/shared';
import t, { type Test } from 'tap';
import { Condition } from '../src/shared-memory/condition.ts';
import { lockLowPriorityWithRetry, lockWithRetry } from '../src/shared-memory/lock-with-retry.ts';
import { Mutex } from '../src/shared-memory/mutex.ts';
import { type Broken, brokenConditions, brokenMutexes, brokenSource } from './support/broken-locks.ts';
import {
  type Exploration,
  exploreAll,
  runOrder,
  type ThreadCode,
  type ThreadView,
  Violation,
} from './support/interleavings.ts';
import { places, runJobs, sharedWords, startJob } from './support/lock-jobs.ts';

/** Words 1 to 3 of a mutex, see mutex.ts. */
const [stateWord, holderWord, issuedWord] = [0, 1, 2];

type Way = 'lock' | 'lockLowPriority';

/** A thread that takes the lock in this way; if it gives up at its time-out, it skips this round. */
function locking(MutexClass: typeof Mutex, thread: number, way: Way, spins = 0): ThreadCode {
  return (words, section) => {
    const mutex = new MutexClass(words, 0, { thread, spins });
    try {
      mutex[way]();
    } catch (error) {
      if (error instanceof TableError) return;
      throw error;
    }
    section();
    mutex.unlock();
  };
}

function lockExploration(MutexClass: typeof Mutex, ways: readonly Way[], more: Partial<Exploration> = {}) {
  return {
    words: Mutex.words,
    threads: ways.map((way, thread) => locking(MutexClass, thread, way)),
    rounds: 2,
    quietWords: [holderWord],
    // Those in front are the others that queue, or the one that has the lock.
    queue: { tickets: issuedWord, state: stateWord, overtakesMax: ways.length - 1 },
    statesMax: 200_000,
    ...more,
  };
}

/** The checks that every mutex must pass; throws Violation otherwise. Returns the number of states. */
function exploreLocks(MutexClass: typeof Mutex): number {
  return (
    exploreAll(lockExploration(MutexClass, ['lock', 'lockLowPriority'])) +
    exploreAll(lockExploration(MutexClass, ['lockLowPriority', 'lockLowPriority'])) +
    exploreAll(lockExploration(MutexClass, ['lock', 'lock'])) +
    exploreAll(lockExploration(MutexClass, ['lock', 'lockLowPriority'], { impatient: [0] }))
  );
}

/** A scheduler that picks threads at random until all have ended. */
function byChance(seed: number) {
  const random = seededRandom(seed);
  return (threads: ThreadView[]): number | undefined => {
    const able = threads.flatMap(({ canRun }, number) => (canRun ? [number] : []));
    return able.length === 0 ? undefined : random.pick(able);
  };
}

/** Four threads in random orders, because there are too many to try all. Throws Violation. */
function sampleLocks(MutexClass: typeof Mutex): void {
  const ways = ['lock', 'lockLowPriority', 'lock', 'lock'] as const;
  const exploration = lockExploration(MutexClass, ways);
  for (let run = 0; run < 200; run += 1) {
    const entered = runOrder(exploration, byChance(testSeed * 200 + run));
    if (entered.length !== ways.length * exploration.rounds) {
      throw new Violation('a wake-up is lost: somebody sleeps for ever', undefined);
    }
  }
}

/** Condition: one thread waits until another has set a word under the lock. */
function exploreCondition(ConditionClass: typeof Condition, notify: 'notifyOne' | 'notifyAll'): number {
  const [conditionWord, flagWord] = [Mutex.words, Mutex.words + 1];
  const waiting: ThreadCode = (words, section) => {
    const mutex = new Mutex(words, 0, { thread: 0, spins: 0 });
    mutex.lock();
    const condition = new ConditionClass(words, conditionWord);
    while (words[flagWord] === 0) condition.wait(mutex, 1000);
    section();
    mutex.unlock();
  };
  const notifying: ThreadCode = (words) => {
    const mutex = new Mutex(words, 0, { thread: 1, spins: 0 });
    mutex.lock();
    words[flagWord] = 1;
    mutex.unlock();
    new ConditionClass(words, conditionWord)[notify]();
  };
  return exploreAll({
    words: Mutex.words + 2,
    threads: [waiting, notifying],
    rounds: 1,
    quietWords: [holderWord],
    statesMax: 200_000,
  });
}

/** Loads a source file with one change. The copy is in the repository, so its imports are found. */
async function loadBroken(t: Test, broken: Broken): Promise<Record<string, unknown>> {
  const directory = t.testdir({ 'broken.ts': brokenSource(broken) });
  return import(`${directory}/broken.ts`);
}

syncTest(t, 'mutex: in every order of 2 threads no rule is broken (part3/README.md#lock-exclusive)', (t) => {
  t.ok(exploreLocks(Mutex) > 10_000);
  t.doesNotThrow(() => sampleLocks(Mutex), 'nor in 200 orders of 4 threads');
  const spinning = ['lock', 'lockLowPriority'].map((way, n) => locking(Mutex, n, way as Way, 1));
  t.doesNotThrow(
    () => exploreAll(lockExploration(Mutex, [], { threads: spinning, rounds: 1 })),
    'nor with spins',
  );
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
    for (let run = 0; run < 400; run += 1) {
      // Nobody's time is up: a thread that only a time-out would wake stays out.
      const entered = runOrder(exploration, byChance(testSeed * 400 + run));
      if (entered.length !== ways.length * exploration.rounds) asleep += 1;
    }
    t.equal(asleep, 0, `in ${asleep} of 400 orders somebody sleeps for ever`);
  },
);

for (const broken of brokenMutexes) {
  t.test(`mutex: the checks catch this one: ${broken.name} (part3/README.md#lock-exclusive)`, async (t) => {
    const { Mutex: BrokenMutex } = (await loadBroken(t, broken)) as { Mutex: typeof Mutex };
    t.throws(() => {
      exploreLocks(BrokenMutex);
      sampleLocks(BrokenMutex);
    }, broken.violation);
  });
}

syncTest(
  t,
  'condition: in every order of 2 threads no wake-up is lost (part3/README.md#lock-wake-ups)',
  (t) => {
    t.ok(exploreCondition(Condition, 'notifyOne') > 100);
    t.ok(exploreCondition(Condition, 'notifyAll') > 100);
  },
);

for (const broken of brokenConditions) {
  t.test(
    `condition: the checks catch this one: ${broken.name} (part3/README.md#lock-wake-ups)`,
    async (t) => {
      const { Condition: BrokenCondition } = (await loadBroken(t, broken)) as { Condition: typeof Condition };
      t.throws(() => exploreCondition(BrokenCondition, 'notifyOne'), broken.violation);
    },
  );
}

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
    const error = { name: 'TableError', code: 'INTERNAL', message: /held by thread 7 .* within 5 ms/ };
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
  t.throws(() => mutex.unlock(), /only the thread that holds a lock/, 'unlock of a free lock');
  other.lock();
  t.throws(() => mutex.unlock(), /only the thread that holds a lock/, "unlock of another's lock");
  t.throws(() => other.lock(), /does not lock it again/, 'a second lock by the holder');
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
