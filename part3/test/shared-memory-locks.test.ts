import t from 'tap';
import { Condition } from '../src/shared-memory/condition.ts';
import { Mutex } from '../src/shared-memory/mutex.ts';
import { places, runJobs, sharedWords, startJob } from './support/lock-jobs.ts';

t.test('mutex: one thread at a time holds it, 4 threads, 2 of them polite', async (t) => {
  const words = sharedWords();
  const rounds = 100_000;
  const jobs = [0, 1, 2, 3].map((n) => ({ kind: 'count', rounds, isPolite: n % 2 === 0 }) as const);
  const waits = await runJobs(words, jobs);
  t.equal(words[places.counter], 4 * rounds, 'no addition under the lock is lost');
  t.ok(
    waits.some((count) => count > 0),
    `the threads did meet: ${waits} waits`,
  );
});

t.test('mutex: who waits too long learns who holds it, and does not have it', async (t) => {
  const words = sharedWords();
  const mutex = new Mutex(words, 0);
  const other = new Mutex(words, 0, { thread: 7 });
  t.equal(mutex.holder, undefined, 'a new mutex is free');
  other.lock();
  t.equal(mutex.holder, 7);
  t.equal(mutex.tryLock(), false);
  const error = { name: 'TableError', code: 'INTERNAL', message: /held by thread 7 .* within 5 ms/ };
  t.throws(() => mutex.lock({ timeoutMs: 5 }), error);
  t.throws(() => mutex.lockPolitely({ timeoutMs: 5 }), error);
  t.equal(mutex.holder, 7, 'the holder has it still');
  other.unlock();
  t.equal(mutex.holder, undefined, 'those who gave up are not handed the lock');
  mutex.lock();
  t.equal(mutex.holder, 0);
  mutex.unlock();
});

t.test('mutex: a worker that dies while it holds the lock is noticed', async (t) => {
  const words = sharedWords();
  const { threadId, ended } = await startJob(words, { kind: 'die' });
  t.equal(await ended, 3, 'it has exited');
  const mutex = new Mutex(words, places.mutex);
  t.equal(mutex.holder, threadId, 'the lock names the dead thread');
  t.throws(() => mutex.lock({ timeoutMs: 5 }), { code: 'INTERNAL' }, 'nobody waits for it without end');
});

t.test('mutex: wrong use is a bug that throws', async (t) => {
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

t.test('condition: no wake-up is lost in 1,000,000 hand-overs between 4 threads', async (t) => {
  const words = sharedWords();
  const handOvers = 1_000_000;
  const jobs = [0, 1, 2, 3].map(
    (n) => ({ kind: 'hand-over', isProducer: n < 2, rounds: handOvers / 2, capacity: 32 }) as const,
  );
  const sleeps = await runJobs(words, jobs);
  t.equal(words[places.counter], handOvers);
  t.equal(words[places.items], 0, 'what was handed over was taken');
  t.ok(
    sleeps.every((count) => count > 0),
    `every thread did sleep: ${sleeps} times`,
  );
});

t.test('condition: wait says whether it was notified, and holds the mutex again', async (t) => {
  const words = sharedWords();
  const mutex = new Mutex(words, places.mutex);
  const condition = new Condition(words, places.notEmpty);
  mutex.lock();
  t.equal(condition.wait(mutex, 5), false, 'not notified within 5 ms');
  t.equal(mutex.holder, 0);
  condition.notifyAll();
  t.equal(condition.wait(mutex, 5), false, 'a notification before the wait is not for it');
  mutex.unlock();
});
