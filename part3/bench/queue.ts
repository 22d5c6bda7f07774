/**
 * Throughput and latency of the task queue. Passes `tasks` tasks (default 1,000,000), with keys of 16 bytes and values
 * of 100, to another thread: in each turn of the event loop as many as 50 clients with 16 requests in flight would
 * send. Then passes one at a time, and measures the time from the put until main knows that it has been taken.
 *
 *     npx node part3/bench/queue.ts [tasks]
 */
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { TaskQueue } from '@tablelab/part3';
import { Progress } from '../src/executor/progress.ts';
import { median, quantile } from './statistics.ts';

const taskCount = Number(process.argv[2] ?? 1_000_000);
const tasksPerTurn = 800;
const runs = 5;
const singles = 2_000;
const value = new Uint8Array(100);
const keys = Array.from({ length: 10_000 }, (_, index) => `key:${index}`.padEnd(16, '.'));

const queue = TaskQueue.create({ tasksMax: 65_536, bytesMax: 64 << 20, taskBytesMax: 16 << 20 });
const progress = new Progress();
const taker = new Worker(new URL('./queue-taker.ts', import.meta.url), {
  workerData: { handle: queue.handle, memory: progress.memory },
});
let opN = 0;

function put(): boolean {
  const hasRoom = queue.put({
    opN,
    op: 'put',
    key: keys[opN % keys.length] ?? '',
    data: value,
    queuedAtMs: 0,
  });
  if (hasRoom) opN += 1;
  return hasRoom;
}

async function until(condition: () => boolean): Promise<void> {
  for (;;) {
    const { noted } = progress;
    if (condition()) return;
    await progress.since(noted);
  }
}

/** Tasks per second. */
async function handOver(count: number): Promise<number> {
  const start = performance.now();
  for (let left = count; left > 0; ) {
    for (let turn = Math.min(left, tasksPerTurn); turn > 0; turn -= 1, left -= 1) {
      if (!put()) await until(put);
    }
    queue.wake();
    await setImmediate();
  }
  await until(() => queue.length === 0);
  return (count * 1_000) / (performance.now() - start);
}

// Keeps the process alive while only the other thread is busy.
const keepAlive = setInterval(() => undefined, 1_000);
await handOver(taskCount / 5);
const rates: number[] = [];
for (let run = 0; run < runs; run += 1) rates.push(await handOver(taskCount));
console.log(
  `${taskCount} tasks, median of ${runs}: ${Math.round(median(rates))} tasks a second (at least 500000)`,
);

const roundTripsUs: number[] = [];
for (let single = 0; single < singles; single += 1) {
  const start = performance.now();
  put();
  queue.wake();
  await until(() => queue.length === 0);
  roundTripsUs.push((performance.now() - start) * 1_000);
}
console.log(
  `one task, there and back: median ${median(roundTripsUs).toFixed(0)} us, p99 ${quantile(roundTripsUs, 0.99).toFixed(0)} us`,
);
queue.close();
await once(taker, 'exit');
clearInterval(keepAlive);
