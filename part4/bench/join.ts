/**
 * A fourth server joins a chain with many keys while clients read and write. Measures how long that takes, and how long
 * reads and writes wait meanwhile. No read may fail.
 *
 *     npx node part4/bench/join.ts [--keys 1000000] [--workers 4] [--pause 1]
 *
 * Keys have 16 bytes, values 100. One client reads and one writes, each with `workers` operations under way and `pause`
 * ms between them. The same is measured without a join, for the same time.
 */
import { parseArgs } from 'node:util';
import { parseAddress } from '@tablelab/part2';
import { must, TableError } from '@tablelab/shared';
import { fill, keyOf, tablelab } from '../../part3/bench/load.ts';
import { ChainTable } from '../src/client/chain-table.ts';
import { PlainChain } from './plain-chain.ts';
import { Pulse } from './pulse.ts';

const { values: options } = parseArgs({
  options: {
    keys: { type: 'string', default: '1000000' },
    workers: { type: 'string', default: '4' },
    pause: { type: 'string', default: '1' },
  },
});
const keyCount = Number(options.keys);

const chain = await PlainChain.start({ servers: 3, args: ['--session-timeout', '4000'] });
try {
  const { zookeeper } = chain;
  await fill({
    protocol: tablelab,
    port: parseAddress(must(chain.servers[0], 'a head').address).port,
    keyCount,
  });
  const table = await ChainTable.connect({ zookeeper, deadlineMs: 60_000 });
  // When this write is COMMITTED, all earlier ones are, too.
  await table.put(keyOf(0), Buffer.alloc(100, 'v'));
  const pulse = await Pulse.start({
    zookeeper,
    keyOf,
    keyCount,
    workers: Number(options.workers),
    pauseMs: Number(options.pause),
  });
  await pulse.more(1_000);

  pulse.mark();
  const start = performance.now();
  const fourth = await chain.add();
  const joinMs = performance.now() - start;
  await pulse.more(1_000);
  const joining = report(`while joining, ${(joinMs / 1_000).toFixed(1)} s`, pulse);

  pulse.mark();
  await new Promise((resolve) => setTimeout(resolve, joinMs));
  report('afterwards, as long', pulse);
  await pulse.stop();

  const last = must(chain.servers.at(-1), 'four servers');
  const size = await table.size();
  if (last !== fourth || size !== keyCount) throw new TableError('INTERNAL', `the new tail has ${size} keys`);
  console.log(`the new tail has all ${size} keys`);
  await table.disconnect();
  process.exitCode = joining ? 0 : 1;
} finally {
  await chain.stop();
}

/** Returns whether nothing failed. */
function report(when: string, pulse: Pulse): boolean {
  const kinds = ['read', 'write'] as const;
  for (const kind of kinds) {
    const { count, longestMs, failures } = pulse.seen(kind);
    console.log(
      `${when}: ${count} ${kind}s, the longest waited ${longestMs.toFixed(1)} ms, ${failures.length} failed`,
    );
  }
  return kinds.every((kind) => pulse.seen(kind).failures.length === 0);
}
