/**
 * Puts per second of the server with its data on disk, for each `--fsync`, beside the same server in memory: 50 connections
 * with 1 and with 16 requests in flight, 100,000 keys of 16 bytes with values of 100. The servers are measured alternately; the
 * result is the ratio of the medians. A put is answered with its number, so what is compared is the rate at which writes
 * are numbered; since the writes that wait for the disk are limited, that is the rate of the disk after the first second.
 *
 *     node part3/bench/durable.ts [milliseconds a run]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AsyncTableServer } from '@tablelab/part3';
import { syncPolicies } from '@tablelab/shared/disk';
import { fill, load, tablelab as protocol } from './load.ts';
import { median } from './statistics.ts';

const durationMs = Number(process.argv[2] ?? 2_000);
const runs = 5;
const keyCount = 100_000;
const connections = 50;

const directory = mkdtempSync(join(tmpdir(), 'tablelab-durable-'));
const contestants: { name: string; server: AsyncTableServer; rates: number[] }[] = [];
for (const fsync of [undefined, ...syncPolicies]) {
  const data = fsync && { directory: join(directory, fsync), fsync };
  const server = await AsyncTableServer.start({ host: '127.0.0.1', port: 0, nLists: 1_000, data });
  contestants.push({ name: fsync ?? 'memory', server, rates: [] });
}
const portOf = ({ address }: AsyncTableServer) => Number(address.split(':')[1]);
try {
  for (const { server } of contestants) await fill({ protocol, port: portOf(server), keyCount });
  for (const inFlight of [1, 16]) await compare(inFlight);
} finally {
  for (const { server } of contestants) await server.close();
  rmSync(directory, { recursive: true });
}

async function compare(inFlight: number): Promise<void> {
  for (let run = 0; run <= runs; run += 1) {
    for (const { server, rates } of contestants) {
      const options = { protocol, operation: 'put', connections, inFlight, durationMs, keyCount } as const;
      const { requestsPerSecond } = await load({ ...options, port: portOf(server) });
      // The first run warms up.
      if (run === 0) rates.length = 0;
      else rates.push(requestsPerSecond);
    }
  }
  const inMemory = median(contestants[0]?.rates ?? []);
  for (const { name, rates } of contestants) {
    const spread = `${Math.round(Math.min(...rates))} to ${Math.round(Math.max(...rates))}`;
    const ratio = (median(rates) / inMemory).toFixed(2);
    console.log(
      `put, ${connections} connections, ${inFlight} in flight, ${name}: ${Math.round(median(rates))} a second (${spread}), ratio to memory ${ratio}`,
    );
  }
}
