/**
 * The cost of a lock, and how two threads share one:
 *
 *     npx node part3/bench/lock.ts [seconds]
 *
 * - uncontended: lock and unlock by one thread;
 * - shared: main and a worker repeatedly take the lock for about a microsecond each. The worker uses `lockLowPriority`,
 *   as the executor does, or `lock`, as main does. Shows how many sections each gets, and how long main waits;
 * - woken: the time from a notification until a thread that slept on the condition has the lock.
 *
 * The times of two threads are meaningful only with two free CPUs.
 */
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Condition } from '../src/shared-memory/condition.ts';
import { Mutex } from '../src/shared-memory/mutex.ts';

const places = {
  condition: Mutex.words,
  stop: Mutex.words + 1,
  sections: Mutex.words + 2,
  ball: Mutex.words + 3,
};
const work = { first: Mutex.words + 4, words: 64 };
const runs = 5;
const wakeUps = 2000;

type Way = 'lock' | 'lockLowPriority';

function section(words: Int32Array): void {
  for (let turn = 0; turn < 8; turn += 1) {
    for (let word = work.first; word < work.first + work.words; word += 1)
      words[word] = (words[word] ?? 0) + 1;
  }
}

function quantile(values: number[], part: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN;
}

function uncontended(): void {
  const mutex = new Mutex(new Int32Array(new SharedArrayBuffer(Mutex.words * 4)), 0);
  const rounds = 2_000_000;
  const times: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const start = performance.now();
    for (let round = 0; round < rounds; round += 1) {
      mutex.lock();
      mutex.unlock();
    }
    if (run > 0) times.push(((performance.now() - start) * 1e6) / rounds);
  }
  console.log(`uncontended lock and unlock: ${quantile(times, 0.5).toFixed(0)} ns (median of ${runs})`);
}

async function startWorker(words: Int32Array, job: Way | 'sleep'): Promise<Worker> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { words, job } });
  await once(worker, 'message');
  return worker;
}

async function shared(way: Way, milliseconds: number): Promise<void> {
  const words = new Int32Array(new SharedArrayBuffer((work.first + work.words) * 4));
  const mutex = new Mutex(words, 0);
  const worker = await startWorker(words, way);
  const waits: number[] = [];
  const before = Atomics.load(words, places.sections);
  const start = performance.now();
  let now = start;
  while (now - start < milliseconds) {
    mutex.lock();
    const locked = performance.now();
    waits.push(locked - now);
    section(words);
    mutex.unlock();
    now = performance.now();
  }
  const others = Atomics.load(words, places.sections) - before;
  Atomics.store(words, places.stop, 1);
  await once(worker, 'exit');
  const perSecond = (count: number) => Math.round((count * 1000) / milliseconds);
  const waited = [0.5, 0.99, 1].map((part) => (quantile(waits, part) * 1000).toFixed(1)).join(', ');
  console.log(
    `shared, the worker calls ${way}: main ${perSecond(waits.length)}/s, worker ${perSecond(others)}/s; ` +
      `main waits (median, p99, longest) ${waited} us`,
  );
}

/** Two threads wake each other alternately; half a round trip is one wake-up. */
async function woken(): Promise<void> {
  const words = new Int32Array(new SharedArrayBuffer((work.first + work.words) * 4));
  const mutex = new Mutex(words, 0);
  const condition = new Condition(words, places.condition);
  const worker = await startWorker(words, 'sleep');
  const times: number[] = [];
  for (let round = 0; round < wakeUps; round += 1) {
    const start = performance.now();
    throwBall(words, mutex, condition, 0);
    times.push(((performance.now() - start) * 1000) / 2);
  }
  await once(worker, 'exit');
  const waited = [0.5, 0.99].map((part) => quantile(times, part).toFixed(1)).join(', ');
  console.log(`woken by the condition (median, p99): ${waited} us`);
}

/** Wakes the other thread and waits for its wake-up. */
function throwBall(words: Int32Array, mutex: Mutex, condition: Condition, mine: number): void {
  mutex.lock();
  words[places.ball] = 1 - mine;
  mutex.unlock();
  condition.notifyOne();
  mutex.lock();
  while (words[places.ball] !== mine) condition.wait(mutex, 1000);
  mutex.unlock();
}

function runWorker(words: Int32Array, job: Way | 'sleep'): void {
  const mutex = new Mutex(words, 0);
  parentPort?.postMessage('ready');
  if (job === 'sleep') {
    const condition = new Condition(words, places.condition);
    mutex.lock();
    while (words[places.ball] !== 1) condition.wait(mutex, 1000);
    mutex.unlock();
    for (let round = 1; round < wakeUps; round += 1) throwBall(words, mutex, condition, 1);
    mutex.lock();
    words[places.ball] = 0;
    mutex.unlock();
    condition.notifyOne();
    return;
  }
  while (Atomics.load(words, places.stop) === 0) {
    mutex[job]();
    section(words);
    mutex.unlock();
    Atomics.add(words, places.sections, 1);
  }
}

if (isMainThread) {
  const milliseconds = Number(process.argv[2] ?? 2) * 1000;
  uncontended();
  await shared('lockLowPriority', milliseconds);
  await shared('lock', milliseconds);
  await woken();
} else {
  const { words, job } = workerData as { words: Int32Array; job: Way | 'sleep' };
  runWorker(words, job);
}
