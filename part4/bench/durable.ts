/**
 * COMMITTED puts per second of a chain of three whose servers sync each write to the disk before they pass it on, beside Redis with two
 * replicas (`appendfsync always`, WAIT 2), an etcd and a ZooKeeper of three nodes, all with their syncs on the same disk, and beside the
 * chain in memory. Keys of 16 bytes, values of 100.
 *
 *     npx node part4/bench/durable.ts [--milliseconds 3000] [--runs 5] [--connections 50] [--in-flight 1,16] [--folder DIR]
 *                                     [--rivals memory,redis,etcd,zookeeper]
 *
 * `--folder`: a folder on the disk to be measured (default: the system's folder for temporary files). Debian's packages redis-server,
 * etcd-server and zookeeper must be installed. Contestants alternate; the printed ratio is the median of all turns, followed by the lowest
 * and the highest. WAIT 2 of Redis 7.0 waits until the replicas have received a write, not until they have synced it.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fill, load, type Protocol } from '../../part3/bench/load.ts';
import { median } from '../../part3/bench/statistics.ts';
import { type Contestant, startChain, startRedis } from './contestants.ts';
import { createNode, loadEtcd, setData, startEtcd, startZooKeepers } from './durable-rivals.ts';
import { committed, redisWait } from './protocols.ts';

const { values: options } = parseArgs({
  options: {
    milliseconds: { type: 'string', default: '3000' },
    runs: { type: 'string', default: '5' },
    connections: { type: 'string', default: '50' },
    'in-flight': { type: 'string', default: '1,16' },
    folder: { type: 'string', default: tmpdir() },
    rivals: { type: 'string', default: 'memory,redis,etcd,zookeeper' },
  },
});
const durationMs = Number(options.milliseconds);
const runs = Number(options.runs);
const keyCount = 10_000;
const replicas = 2;
const servers = replicas + 1;
const folder = mkdtempSync(join(options.folder, 'tablelab-durable-'));

interface Entry {
  readonly name: string;
  /** Puts per second, with so many under way on each connection. */
  readonly measure: (inFlight: number, connections: number) => Promise<number>;
}

const started: Contestant[] = [];
try {
  const entries = await startAll(options.rivals.split(','));
  for (const connections of numbers(options.connections))
    for (const inFlight of numbers(options['in-flight'])) await compare(entries, { connections, inFlight });
} finally {
  for (const contestant of started) await contestant.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function startAll(rivals: readonly string[]): Promise<Entry[]> {
  const add = async (starting: Promise<Contestant>) => {
    const contestant = await starting;
    started.push(contestant);
    return contestant;
  };
  const own = await add(
    startChain(servers, undefined, (number) => ['--data', folderOf('chain', number), '--fsync', 'always']),
  );
  const entries: Entry[] = [entryOf('chain, fsync always', own, committed)];
  if (rivals.includes('memory'))
    entries.push(entryOf('chain in memory', await add(startChain(servers)), committed));
  if (rivals.includes('redis')) {
    const redis = await add(startRedis(replicas, (number) => folderOf('redis', number)));
    entries.push({
      name: 'redis, WAIT 2',
      measure: (inFlight, connections) => {
        const protocol = redisWait({ replicas, puts: inFlight, keyCount });
        return rateOf(redis, protocol, { connections, inFlight: 1, each: inFlight });
      },
    });
  }
  if (rivals.includes('etcd')) {
    const { putPort: port } = await add(startEtcd(folderOf('etcd', 0)));
    const measure = (inFlight: number, connections: number) =>
      loadEtcd({ port, connections, inFlight, durationMs, keyCount });
    entries.push({ name: 'etcd', measure });
  }
  if (rivals.includes('zookeeper')) {
    const zookeeper = await add(startZooKeepers(folderOf('zookeeper', 0)));
    await fill({ protocol: createNode, port: zookeeper.putPort, keyCount });
    entries.push(entryOf('zookeeper', zookeeper, setData));
  }
  return entries;
}

function folderOf(name: string, number: number): string {
  const path = join(folder, `${name}${number}`);
  mkdirSync(path);
  return path;
}

function entryOf(name: string, contestant: Contestant, protocol: Protocol): Entry {
  return {
    name,
    measure: (inFlight, connections) => rateOf(contestant, protocol, { connections, inFlight, each: 1 }),
  };
}

/** `each`: puts in one request of the load generator. */
async function rateOf(
  { putPort: port }: Contestant,
  protocol: Protocol,
  { connections, inFlight, each }: { connections: number; inFlight: number; each: number },
): Promise<number> {
  const shape = { operation: 'put', connections, inFlight, durationMs, keyCount } as const;
  return (await load({ protocol, port, ...shape })).requestsPerSecond * each;
}

async function compare(
  entries: readonly Entry[],
  { connections, inFlight }: { connections: number; inFlight: number },
): Promise<void> {
  const rates = new Map<Entry, number[]>(entries.map((entry) => [entry, []]));
  // The first turn warms up.
  for (let run = 0; run <= runs; run += 1)
    for (const [entry, measured] of rates) {
      const rate = await entry.measure(inFlight, connections);
      if (run > 0) measured.push(rate);
    }
  console.log(`put, three servers, ${connections} connections, ${inFlight} in flight`);
  const [own = []] = rates.values();
  for (const [{ name }, measured] of rates) {
    const ratios = own.map((rate, run) => rate / (measured[run] ?? Number.NaN));
    const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
    const ratio = measured === own ? '' : `ratio ${median(ratios).toFixed(2)} (${range})`;
    console.log(`  ${name.padEnd(24)}${`${Math.round(median(measured))}/s`.padStart(9)}  ${ratio}`);
  }
}

function numbers(list: string): number[] {
  return list.split(',').map(Number);
}
