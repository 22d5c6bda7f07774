/** The worker threads of shared-memory-locks.test.ts: each does one job, and then posts `done` with its result. */
import { parentPort, workerData } from 'node:worker_threads';
import { unreachable } from '@tablelab/shared';
import { Condition } from '../../src/shared-memory/condition.ts';
import { Mutex } from '../../src/shared-memory/mutex.ts';
import { type Job, places } from './lock-jobs.ts';

const { job, words } = workerData as { job: Job; words: Int32Array };
const mutex = new Mutex(words, places.mutex);

/** Reads and writes without atomics: two threads between lock and unlock at once would lose some of the additions. */
function add(index: number, amount: number): number {
  const value = (words[index] ?? 0) + amount;
  words[index] = value;
  return value;
}

const waitsWanted = 100;
const roundsMax = 100_000_000;

/** Adds until each thread has waited often enough; returns the number of additions. */
function count(threads: number, isLowPriority: boolean): number {
  let round = 0;
  let hasMet = false;
  while (Atomics.load(words, places.met) < threads && round < roundsMax) {
    if (!hasMet && mutex.waits >= waitsWanted) {
      hasMet = true;
      Atomics.add(words, places.met, 1);
    }
    if (isLowPriority) mutex.lockLowPriority();
    else mutex.lock();
    add(places.counter, 1);
    mutex.unlock();
    round += 1;
  }
  return round;
}

/** Passes `rounds` items through a small buffer; returns how often this thread slept. */
function handOver(isProducer: boolean, rounds: number, capacity: number): number {
  const notEmpty = new Condition(words, places.notEmpty);
  const notFull = new Condition(words, places.notFull);
  const [mine, other] = isProducer ? [notFull, notEmpty] : [notEmpty, notFull];
  const mustWait = () => words[places.items] === (isProducer ? capacity : 0);
  let sleeps = 0;
  for (let round = 0; round < rounds; round += 1) {
    mutex.lock();
    while (mustWait()) {
      sleeps += 1;
      if (!mine.wait(mutex, 10_000) && !mustWait()) throw new Error('a wake-up was lost');
    }
    add(places.items, isProducer ? 1 : -1);
    if (isProducer) add(places.counter, 1);
    mutex.unlock();
    other.notifyOne();
  }
  return sleeps;
}

function run(): number {
  switch (job.kind) {
    case 'count':
      return count(job.threads, job.isLowPriority);
    case 'hand-over':
      return handOver(job.isProducer, job.rounds, job.capacity);
    case 'die':
      mutex.lock();
      return process.exit(3);
    default:
      return unreachable(job);
  }
}

parentPort?.postMessage('ready');
parentPort?.postMessage(run());
