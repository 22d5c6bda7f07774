#!/usr/bin/env node
/**
 * Runs clients against an existing chain, which another program may disturb, and checks their answers at the end. Exit
 * code 0 only if no guarantee was broken and no operation failed.
 */
import { createInterface } from 'node:readline';
import { parseAddress } from '@tablelab/part2';
import { errorText, must, seededRandom } from '@tablelab/shared';
import {
  endWithoutOutput,
  integerArgument,
  parseArguments,
  UsageError,
  usageErrorText,
} from '@tablelab/shared/command-line';
import { ChainWatch } from './chain-watch.ts';
import { Workload } from './workload.ts';

const usage = `Usage: workload <zookeeper> [options]

Clients that write and read a few keys of their own, until standard input ends, or after --seconds; then what they were
told is judged. Answers two lines of standard input:
  progress   once every client has written and read again
  chain      with the chain as ZooKeeper shows it, as JSON

  --probe ADDRESSES   ask these servers (host:port, several with commas between) themselves, too, whatever their place
  --seconds N         how long at most (default: 60)
  --seed N            what the clients' choices are made by (default: 1)
  --help              show this text
`;

const secondsMax = 3_600;
/** Longer than any outage after which the chain recovers automatically, in milliseconds. */
const operationDeadlineMs = 60_000;
const progressDeadlineMs = 90_000;
/**
 * The pause between operations, in milliseconds: it keeps a history of minutes short enough to be checked in seconds.
 */
const pauseMs = 20;
const failuresShownMax = 10;

endWithoutOutput('workload');
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof UsageError;
  process.stderr.write(
    isUsage ? usageErrorText('workload', usage, error) : `workload: ${errorText(error)}\n`,
  );
  process.exitCode = isUsage ? 2 : 1;
}

async function main(argv: readonly string[]): Promise<number> {
  const { positionals, values } = parseArguments(argv, {
    probe: { type: 'string' },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  if (positionals.length !== 1) throw new UsageError('one address, ZooKeeper’s, is needed');
  const zookeeper = must(positionals[0], 'counted');
  const seconds = integerArgument('--seconds', String(values.seconds), { min: 1, max: secondsMax });
  const probed = typeof values.probe === 'string' ? values.probe.split(',') : [];
  const servers = probed.map((address) => ({ direct: parseAddress(address) }));
  const workload = await Workload.start({
    zookeeper,
    random: seededRandom(integerArgument('--seed', String(values.seed), { min: 0, max: 2 ** 32 - 1 })),
    // The history begins with an empty table, so the keys must be unused.
    prefix: `workload-${Date.now()}-${process.pid}:`,
    servers: () => servers,
    operationDeadlineMs,
    pauseMs,
  });
  const watch = new ChainWatch(zookeeper);
  console.log('working');
  try {
    await obey(workload, watch, seconds * 1_000);
    await workload.progress(progressDeadlineMs);
    await workload.readEveryKey();
    await workload.stop();
  } finally {
    await workload.abandon();
    await watch.close();
    // An open standard input would keep the process alive.
    process.stdin.destroy();
  }
  return judge(workload);
}

/** Executes commands until the end of standard input, or for `durationMs`. */
async function obey(workload: Workload, watch: ChainWatch, durationMs: number): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  const timer = setTimeout(() => lines.close(), durationMs);
  try {
    for await (const line of lines) console.log(await answerTo(line, workload, watch));
  } finally {
    clearTimeout(timer);
  }
}

async function answerTo(line: string, workload: Workload, watch: ChainWatch): Promise<string> {
  if (line === 'chain') return `chain ${JSON.stringify(await watch.read())}`;
  if (line !== 'progress') throw new UsageError(`there is no command ${JSON.stringify(line)}`);
  await workload.progress(progressDeadlineMs);
  return 'progress';
}

function judge(workload: Workload): number {
  const { done, failures, probes } = workload;
  workload.judge();
  console.log(
    `linearizable: ${done.write} writes, ${done.read} reads, ${failures.length} failed; ` +
      `probes: ${probes.answered} answered, ${probes.refused} refused`,
  );
  for (const failure of failures.slice(0, failuresShownMax)) console.error(failure);
  return failures.length === 0 ? 0 : 1;
}
