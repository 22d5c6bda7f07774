/**
 * COMMITTED puts per second of a chain, and gets per second of its tail, compared with Debian's `redis-server` with two
 * replicas under the same load: chains of 1, 2 and 3 servers, 1 and 50 connections, 1 and 16 requests in flight on
 * each; keys of 16 bytes, values of 100.
 *
 *     npx node part4/bench/throughput.ts [--milliseconds 500] [--runs 5] [--servers 1,2,3] [--operations put,get]
 *                                        [--connections 1,50] [--in-flight 1,16] [--beside part4/src/programs/table-server.ts]
 *
 * `--beside`: the same program of another checkout, whose chain is measured alternately.
 *
 * A put to the chain is COMMITTED: answered once all servers have executed it. Redis gives the same guarantee with
 * WAIT. With more than one put in flight there are two ways: `SET, WAIT` for every put, which Redis executes one after
 * the other, because a WAIT blocks its connection; or all SETs of a connection and then one WAIT. The second way is the
 * fastest for Redis, but no put is answered before the last one. Both are measured.
 *
 * Each contestant is warmed up first, because Node compiles frequently executed code at run time. Contestants
 * alternate; the printed ratio is the median of all turns, followed by the lowest and the highest one. After the rates
 * follows the processor time per request in microseconds, of the load generator and of each server (head, middle, tail;
 * master, replicas), from /proc. On a machine with fewer processors than servers, the sum of these limits the rate.
 */
import { parseArgs } from 'node:util';
import { fill, load, type Operation, type Protocol, redis, tablelab } from '../../part3/bench/load.ts';
import { median } from '../../part3/bench/statistics.ts';
import { type Contestant, startChain, startRedis } from './contestants.ts';
import { committed, redisWait } from './protocols.ts';

const { values: options } = parseArgs({
  options: {
    milliseconds: { type: 'string', default: '500' },
    runs: { type: 'string', default: '5' },
    servers: { type: 'string', default: '1,2,3' },
    operations: { type: 'string', default: 'put,get' },
    connections: { type: 'string', default: '1,50' },
    'in-flight': { type: 'string', default: '1,16' },
    beside: { type: 'string' },
  },
});
const durationMs = Number(options.milliseconds);
const runs = Number(options.runs);
const keyCount = 10_000;
const replicas = 2;
const warmUpMs = 4_000;

interface Shape {
  readonly operation: Operation;
  readonly connections: number;
  readonly inFlight: number;
}

/** One protocol for one contestant, with its results of all turns. */
interface Entry {
  readonly name: string;
  readonly contestant: Contestant;
  readonly protocol: Protocol;
  /** The number of puts or gets in one request of the load generator. */
  readonly each: number;
  readonly rates: number[];
  /** Processor time per put or get, in microseconds: of the load generator, then of each server. */
  readonly processorUs: number[][];
}

const warmUp: Shape = { operation: 'put', connections: 50, inFlight: 1 };

for (const servers of numbers(options.servers)) await compare(servers);

async function compare(servers: number): Promise<void> {
  const chain = await startChain(servers);
  const beside = options.beside === undefined ? undefined : await startChain(servers, options.beside);
  const rival = await startRedis(replicas);
  try {
    for (const { putPort: port } of beside === undefined ? [chain] : [chain, beside])
      await fill({ protocol: tablelab, port, keyCount });
    await fill({ protocol: redis, port: rival.putPort, keyCount });
    for (const entry of entriesOf(warmUp, { chain, beside, rival }))
      await measure(entry, warmUp, { forMs: warmUpMs, counts: false });
    for (const operation of options.operations.split(',') as Operation[])
      for (const connections of numbers(options.connections))
        for (const inFlight of numbers(options['in-flight'])) {
          const shape = { operation, connections, inFlight };
          const entries = entriesOf(shape, { chain, beside, rival });
          // The first turn warms up for this shape.
          for (let run = 0; run <= runs; run += 1)
            for (const entry of entries) await measure(entry, shape, { forMs: durationMs, counts: run > 0 });
          report(shape, servers, entries);
        }
  } finally {
    await chain.stop();
    await beside?.stop();
    await rival.stop();
  }
}

function entriesOf(
  { operation, inFlight }: Shape,
  { chain, beside, rival }: { chain: Contestant; beside: Contestant | undefined; rival: Contestant },
): Entry[] {
  const entry = (name: string, contestant: Contestant, protocol: Protocol, each = 1) => {
    return { name, contestant, protocol, each, rates: [], processorUs: [] };
  };
  const protocol = operation === 'put' ? committed : tablelab;
  const entries = [entry('chain', chain, protocol)];
  if (beside !== undefined) entries.push(entry('chain beside', beside, protocol));
  if (operation === 'get') return [...entries, entry('redis', rival, redis)];
  for (const puts of inFlight === 1 ? [1] : [1, inFlight]) {
    const way = redisWait({ replicas, puts, keyCount });
    entries.push(entry(`redis, ${way.name}`, rival, way, puts));
  }
  return entries;
}

async function measure(
  { contestant, protocol, each, rates, processorUs }: Entry,
  { operation, connections, inFlight }: Shape,
  { forMs, counts }: { forMs: number; counts: boolean },
): Promise<void> {
  const port = operation === 'put' ? contestant.putPort : contestant.getPort;
  const before = await processorSeconds(contestant);
  const { requestsPerSecond } = await load({
    protocol,
    port,
    operation,
    connections,
    inFlight: inFlight / each,
    durationMs: forMs,
    keyCount,
  });
  const after = await processorSeconds(contestant);
  if (!counts) return;
  const rate = requestsPerSecond * each;
  rates.push(rate);
  const served = (rate * forMs) / 1_000;
  processorUs.push(after.map((seconds, index) => ((seconds - (before[index] ?? 0)) * 1e6) / served));
}

/** The processor time of the load generator, which is this program, and of the servers. */
async function processorSeconds(contestant: Contestant): Promise<number[]> {
  const { user, system } = process.cpuUsage();
  return [(user + system) / 1e6, ...(await contestant.processorSeconds())];
}

function report({ operation, connections, inFlight }: Shape, servers: number, entries: Entry[]): void {
  console.log(`${operation}, chain of ${servers}, ${connections} connections, ${inFlight} in flight`);
  const [ours, ...theirs] = entries as [Entry, ...Entry[]];
  line(ours, '');
  for (const entry of theirs) {
    const ratios = ours.rates.map((rate, run) => rate / (entry.rates[run] ?? Number.NaN));
    const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
    line(entry, `ratio ${median(ratios).toFixed(2)} (${range})`);
  }
}

function line({ name, rates, processorUs }: Entry, ratio: string): void {
  const processes = processorUs[0]?.length ?? 0;
  const each = Array.from({ length: processes }, (_, index) =>
    median(processorUs.map((times) => times[index] ?? Number.NaN)).toFixed(1),
  );
  const rate = `${Math.round(median(rates))}/s`.padStart(9);
  console.log(`  ${name.padEnd(24)}${rate}  ${ratio.padEnd(25)} CPU us: ${each.join(' + ')}`);
}

function numbers(list: string): number[] {
  return list.split(',').map(Number);
}
