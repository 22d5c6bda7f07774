/**
 * Gets and puts per second of the server, compared with Debian's `redis-server` under the same load: 50 connections
 * with 1 and with 16 requests in flight, 100,000 keys of 16 bytes with values of 100. The two servers are measured
 * alternately; the result is the ratio of the medians.
 *
 *     npx node part3/bench/server.ts [milliseconds a run]
 */
import { fill, load, type Operation, redis, tablelab } from './load.ts';
import { startRedis, startTablelab } from './servers.ts';
import { median } from './statistics.ts';

const durationMs = Number(process.argv[2] ?? 2_000);
const runs = 5;
const keyCount = 100_000;
const connections = 50;
const least = { get: 0.5, put: 0.4 };

const contestants = [
  { protocol: tablelab, server: await startTablelab(), rates: [] as number[] },
  { protocol: redis, server: await startRedis(), rates: [] as number[] },
] as const;
try {
  for (const { protocol, server } of contestants) await fill({ protocol, port: server.port, keyCount });
  for (const operation of ['get', 'put'] as const)
    for (const inFlight of [1, 16]) await compare(operation, inFlight);
} finally {
  for (const { server } of contestants) await server.stop();
}

async function compare(operation: Operation, inFlight: number): Promise<void> {
  for (let run = 0; run <= runs; run += 1) {
    for (const { protocol, server, rates } of contestants) {
      const options = { protocol, port: server.port, operation, connections, inFlight, durationMs, keyCount };
      const { requestsPerSecond } = await load(options);
      // The first run warms up.
      if (run === 0) rates.length = 0;
      else rates.push(requestsPerSecond);
    }
  }
  const [ours, theirs] = contestants.map(({ rates }) => median(rates)) as [number, number];
  console.log(
    `${operation}, ${connections} connections, ${inFlight} in flight: tablelab ${Math.round(ours)} a second, ` +
      `redis ${Math.round(theirs)}, ratio ${(ours / theirs).toFixed(2)} (at least ${least[operation]})`,
  );
}
