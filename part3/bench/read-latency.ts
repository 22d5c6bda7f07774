/**
 * The latency of reads during many writes. 8 connections send gets, one at a time, without and with 32 other clients in
 * a separate thread, which put as fast as they can with 16 requests in flight each. Prints the p99 of the gets, and the
 * ratio; also for `redis-server`, because 512 requests that are always ahead cost every server time. Then measures only
 * the effect of the second thread: the time of a get on the table while the executor is always busy.
 *
 *     npx node part3/bench/read-latency.ts [milliseconds a run]
 */
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { TableStore } from '@tablelab/part3';
import { fill, keyOf, type LoadOptions, load, type Protocol, redis, tablelab, value } from './load.ts';
import { type MeasuredServer, startRedis, startTablelab } from './servers.ts';
import { median, quantile } from './statistics.ts';

const runs = 3;
const keyCount = 100_000;
const readers = { operation: 'get', connections: 8, inFlight: 1 } as const;
const writers = { operation: 'put', connections: 32, inFlight: 16 } as const;
const protocols = { tablelab, redis };

type WriterOptions = Omit<LoadOptions, 'protocol'> & { readonly protocolName: keyof typeof protocols };

if (isMainThread) {
  const durationMs = Number(process.argv[2] ?? 2_000);
  await overSockets(tablelab, await startTablelab(), durationMs);
  await overSockets(redis, await startRedis(), durationMs);
  await onTheTable();
} else {
  const { protocolName, ...options } = workerData as WriterOptions;
  const loading = load({ ...options, protocol: protocols[protocolName] });
  parentPort?.postMessage('started');
  parentPort?.postMessage((await loading).requestsPerSecond);
}

async function overSockets(protocol: Protocol, server: MeasuredServer, durationMs: number): Promise<void> {
  const base = { port: server.port, keyCount, durationMs };
  const alone: number[] = [];
  const beside: number[] = [];
  let putsPerSecond = 0;
  try {
    await fill({ ...base, protocol });
    await load({ ...base, ...readers, protocol });
    for (let run = 0; run < runs; run += 1) {
      alone.push(quantile((await load({ ...base, ...readers, protocol })).latenciesUs, 0.99));
      // The writers begin before the readers, and end after them.
      const options = { ...base, ...writers, durationMs: durationMs + 1_000, protocolName: protocol.name };
      const thread = new Worker(new URL(import.meta.url), { workerData: options });
      await once(thread, 'message');
      beside.push(quantile((await load({ ...base, ...readers, protocol })).latenciesUs, 0.99));
      [putsPerSecond] = await once(thread, 'message');
    }
  } finally {
    await server.stop();
  }
  report(`${protocol.name}, over sockets, beside ${Math.round(putsPerSecond)} puts a second`, alone, beside);
}

async function onTheTable(): Promise<void> {
  const store = await TableStore.start({ nLists: 1024 });
  const write = (index: number) => ({ op: 'put', key: keyOf(index % keyCount), data: value }) as const;
  let written = 0;
  const writeMany = () => {
    while (store.submit(write(written)).type === 'admitted') written += 1;
  };
  /** Times 1,000 gets in one turn, in microseconds. */
  const gets = () =>
    Array.from({ length: 1_000 }, (_, index) => {
      const start = performance.now();
      store.table.get(keyOf((index * 97) % keyCount));
      return (performance.now() - start) * 1_000;
    });
  const alone: number[] = [];
  const beside: number[] = [];
  for (let run = 0; run < 100; run += 1) {
    writeMany();
    await setImmediate();
    const times = gets();
    // The turn counts only if the executor was busy until its end.
    if (run >= 10 && store.opCount < store.lastAssigned) beside.push(quantile(times, 0.99));
    while (store.opCount < store.lastAssigned) await setImmediate();
    if (run >= 10) alone.push(quantile(gets(), 0.99));
  }
  await store.close();
  report(`on the table, ${beside.length} turns beside the executor at work`, alone, beside);
}

function report(what: string, alone: readonly number[], beside: readonly number[]): void {
  const [quiet, busy] = [median(alone), median(beside)];
  console.log(
    `${what}: p99 of get ${busy.toFixed(1)} us, without writers ${quiet.toFixed(1)} us, ratio ${(busy / quiet).toFixed(2)}`,
  );
}
