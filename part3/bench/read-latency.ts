/**
 * Do reads stay fast while writes pour in? 8 connections get, one request at a time, without and with 32 other clients
 * that put as fast as they can, 16 requests in flight each, from a thread of their own. Prints the p99 of the gets, and
 * the ratio.
 *
 *     npx node part3/bench/read-latency.ts [milliseconds a run]
 */
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { fill, type LoadOptions, load, tablelab } from './load.ts';
import { startTablelab } from './servers.ts';
import { median, quantile } from './statistics.ts';

const runs = 5;
const keyCount = 100_000;
const readers = { operation: 'get', connections: 8, inFlight: 1 } as const;
const writers = { operation: 'put', connections: 32, inFlight: 16 } as const;

if (isMainThread) {
  const durationMs = Number(process.argv[2] ?? 3_000);
  const server = await startTablelab();
  const base = { protocol: tablelab, port: server.port, keyCount, durationMs };
  try {
    await fill(base);
    await load({ ...base, ...readers });
    const alone: number[] = [];
    const beside: number[] = [];
    const medians: number[] = [];
    let putsPerSecond = 0;
    for (let run = 0; run < runs; run += 1) {
      const quiet = await load({ ...base, ...readers });
      alone.push(quantile(quiet.latenciesUs, 0.99));
      // The writers begin before the readers, and end after them.
      const { protocol: _, ...options } = { ...base, ...writers, durationMs: durationMs + 1_000 };
      const thread = new Worker(new URL(import.meta.url), { workerData: options });
      await once(thread, 'message');
      const busy = await load({ ...base, ...readers });
      beside.push(quantile(busy.latenciesUs, 0.99));
      medians.push(median(busy.latenciesUs));
      [putsPerSecond] = await once(thread, 'message');
    }
    console.log(`p99 of get without writers: ${median(alone).toFixed(0)} us`);
    console.log(
      `p99 of get beside ${writers.connections} writers (${Math.round(putsPerSecond)} puts a second): ` +
        `${median(beside).toFixed(0)} us (median ${median(medians).toFixed(0)} us)`,
    );
    console.log(`ratio ${(median(beside) / median(alone)).toFixed(2)}`);
  } finally {
    await server.stop();
  }
} else {
  const loading = load({ ...(workerData as Omit<LoadOptions, 'protocol'>), protocol: tablelab });
  parentPort?.postMessage('started');
  parentPort?.postMessage((await loading).requestsPerSecond);
}
