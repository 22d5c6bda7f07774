/**
 * The outage for reads and for writes when a server of a chain of three is killed (SIGKILL) or stopped (SIGTERM): the
 * longest time between two successes, from the signal until the others have worked for a while.
 *
 *     npx node part4/bench/failover.ts [--runs 5] [--session-timeouts 1000,4000] [--ends SIGKILL,SIGTERM]
 *                                      [--roles head,middle,tail]
 *
 * Limits: the session time-out plus a second after a kill, 200 ms for a planned stop. Exit code 1 if one is exceeded.
 * One client reads and one writes, each with four operations under way and a millisecond between them.
 */
import { parseArgs } from 'node:util';
import { must } from '@tablelab/shared';
import { median } from '../../part3/bench/statistics.ts';
import { PlainChain } from './plain-chain.ts';
import { Pulse } from './pulse.ts';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    'session-timeouts': { type: 'string', default: '1000,4000' },
    ends: { type: 'string', default: 'SIGKILL,SIGTERM' },
    roles: { type: 'string', default: 'head,middle,tail' },
  },
});
const runs = Number(options.runs);
const roles = ['head', 'middle', 'tail'];
const keyCount = 1_000;
const keyOf = (index: number): string => `key:${index}`;
const plannedLimitMs = 200;
/** The number of successes of each kind before the signal, and after the recovery. */
const successes = 200;

console.log(row(['', 'session', 'no write', '', 'no read', '', 'limit']));
console.log(row(['', 'time-out', 'median', 'max', 'median', 'max', 'ms']));
let passed = true;
for (const timeout of options['session-timeouts'].split(',')) await measureAll(Number(timeout));
process.exitCode = passed ? 0 : 1;

async function measureAll(sessionTimeoutMs: number): Promise<void> {
  const chain = await PlainChain.start({ servers: 3, args: ['--session-timeout', `${sessionTimeoutMs}`] });
  const pulse = await Pulse.start({ zookeeper: chain.zookeeper, keyOf, keyCount });
  try {
    for (const signal of options.ends.split(',') as ('SIGKILL' | 'SIGTERM')[]) {
      const limitMs = signal === 'SIGTERM' ? plannedLimitMs : sessionTimeoutMs + 1_000;
      for (const role of options.roles.split(',')) {
        const writes: number[] = [];
        const reads: number[] = [];
        for (let run = 0; run < runs; run += 1) {
          const { writeMs, readMs } = await measure(chain, pulse, roles.indexOf(role), signal);
          writes.push(writeMs);
          reads.push(readMs);
        }
        passed &&= Math.max(...writes, ...reads) <= limitMs;
        const figures = [median(writes), Math.max(...writes), median(reads), Math.max(...reads), limitMs];
        const texts = figures.map((figure) => `${Math.round(figure)}`);
        console.log(row([`${signal} ${role}`, `${sessionTimeoutMs}`, ...texts]));
      }
    }
  } finally {
    await pulse.stop();
    await chain.stop();
  }
}

async function measure(
  chain: PlainChain,
  pulse: Pulse,
  place: number,
  signal: 'SIGKILL' | 'SIGTERM',
): Promise<{ writeMs: number; readMs: number }> {
  await pulse.more(successes);
  const victim = must(chain.servers[place], 'a chain of three');
  pulse.mark();
  chain.end(victim, signal);
  await chain.whole();
  await victim.program.exited;
  await pulse.more(successes);
  const [writes, reads] = [pulse.seen('write'), pulse.seen('read')];
  const failures = [...writes.failures, ...reads.failures];
  if (failures.length > 0) throw new Error(`${failures.length} operations failed: ${failures[0]}`);
  await chain.add();
  return { writeMs: writes.gapMs, readMs: reads.gapMs };
}

function row([name = '', ...columns]: readonly string[]): string {
  return name.padEnd(16) + columns.map((column) => column.padStart(10)).join('');
}
