#!/usr/bin/env node
/**
 * `npm run chaos`: runs a chain of real servers with clients, while servers are killed, paused and replaced, links are
 * cut, slowed and frozen, and ZooKeeper dies, hangs and loses its data, at random from a seed. Exit code 0 only if
 * every round's history is linearizable; otherwise the history is saved in a file.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { errorText, TableError } from '@tablelab/shared';
import {
  endWithoutOutput,
  integerArgument,
  parseArguments,
  UsageError,
  usageErrorText,
} from '@tablelab/shared/command-line';
import { syncPolicies } from '@tablelab/shared/disk';
import { provideZooKeeper } from '@tablelab/shared/zookeeper';
import { check, historyFileFrom, historyFileText } from '../linearizability/index.ts';
import { ChaosFailure, ChaosRun } from './chaos-run.ts';
import { PowerCuts } from './power-cuts.ts';

const usage = `usage: npm run chaos -- [options]

  --minutes N          how long, about (default: 5)
  --seed N             what the faults are chosen by (default: 1). When each comes, and what they meet, differs between runs
  --servers N          how long the chain is (default: 3)
  --zookeepers 1|3     one ZooKeeper, or an ensemble (default: 1)
  --session-timeout MS the servers' sessions (default: 1000)
  --power-cuts N       instead: N rounds in which every server is killed at once under load, in half of them ZooKeeper, too, and
                       all are started again with what is on their disks. Ctrl-C ends it after the round, with the figures
  --fsync WHEN         with --power-cuts: always (the default), or everysec or never, where what is not known to be synced is
                       taken away
  --history FILE       writes the history of the last round there, with views and faults, also if nothing is wrong with it; the
                       page shows it (npm run page, Replay)
  --check FILE         judges the history in a file that a failed run has left, and does nothing else`;

const usageExitCode = 2;

endWithoutOutput('chaos');
try {
  process.exitCode = await main();
} catch (error) {
  const isUsage =
    error instanceof UsageError || (error instanceof TableError && error.code === 'BAD_REQUEST');
  process.stderr.write(isUsage ? usageErrorText('chaos', usage, error) : `${errorText(error)}\n`);
  process.exitCode = isUsage ? usageExitCode : 1;
}

async function main(): Promise<number> {
  const { positionals, values } = parseArguments(process.argv.slice(2), {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    servers: { type: 'string', default: '3' },
    zookeepers: { type: 'string', default: '1' },
    'session-timeout': { type: 'string', default: '1000' },
    'power-cuts': { type: 'string' },
    fsync: { type: 'string', default: 'always' },
    history: { type: 'string' },
    check: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  if (positionals.length > 0) throw new UsageError(`what is ${JSON.stringify(positionals[0])}?`);
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (values.check !== undefined) return checkFile(String(values.check));
  const minutes = Number(values.minutes);
  if (!(minutes > 0 && minutes < 100_000)) {
    throw new UsageError(`--minutes ${values.minutes}: a number above 0 is needed`);
  }
  const zookeepers = integerArgument('--zookeepers', String(values.zookeepers), { min: 1, max: 3 });
  if (zookeepers === 2) throw new UsageError('--zookeepers 2: 1 or 3 are needed');
  provideZooKeeper((line) => console.error(line));
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => stop.abort(new TableError('SHUTTING_DOWN', `interrupted by ${signal}`)));
  }
  const seed = integerArgument('--seed', String(values.seed), { min: 0, max: 2 ** 32 - 1 });
  const servers = integerArgument('--servers', String(values.servers), { min: 2, max: 9 });
  if (values['power-cuts'] !== undefined) {
    const rounds = integerArgument('--power-cuts', String(values['power-cuts']), { min: 1, max: 1_000_000 });
    const policy = syncPolicies.find((known) => known === values.fsync);
    if (policy === undefined) throw new UsageError(`--fsync is ${syncPolicies.join(', ')}`);
    const say = (line: string) => console.log(line);
    return cutPower({ rounds, seed, servers, policy, say, stop: stop.signal });
  }
  const options = {
    seed,
    durationMs: minutes * 60_000,
    servers,
    zookeepers: zookeepers === 3 ? (3 as const) : (1 as const),
    sessionTimeoutMs: integerArgument('--session-timeout', String(values['session-timeout']), {
      min: 400,
      max: 60_000,
    }),
    say: (line: string) => console.log(line),
    stop: stop.signal,
  };
  return run(options, values.history === undefined ? undefined : String(values.history));
}

/** @param file gets the history of the last round if it is a right one; that of a failure always has a file */
async function run(options: Parameters<typeof ChaosRun.run>[0], file: string | undefined): Promise<number> {
  try {
    const { rounds, operations, timeouts, faults, last } = await ChaosRun.run(options);
    if (file !== undefined) await writeFile(file, historyFileText(last.history, last.events));
    const counts = [...faults].map(([name, count]) => `${name} ${count}`).join(', ');
    console.log(`${rounds} rounds, ${operations} operations, ${timeouts} timed out; faults: ${counts}`);
    return 0;
  } catch (error) {
    if (!(error instanceof ChaosFailure) || options.stop.aborted) throw error;
    const name = `chaos-${options.seed}`;
    await writeFile(`${name}.history`, historyFileText(error.history, error.events));
    await writeFile(`${name}.log`, `${error.logs.join('\n')}\n`);
    console.error(error.message);
    console.error(
      `the history of the last round is in ${name}.history, what the servers said in ${name}.log`,
    );
    console.error(
      `to judge the history again: npm run chaos -- --check ${name}.history; to see it: npm run page, Replay`,
    );
    return 1;
  }
}

async function cutPower(options: Parameters<typeof PowerCuts.run>[0]): Promise<number> {
  const { rounds, withZooKeeper, acknowledged, lost, lostMs, serviceMs } = await PowerCuts.run(options);
  const whole = (ms: number) => `${Math.round(ms)} ms`;
  const service = serviceMs.toSorted((one, other) => one - other);
  const median = service[Math.floor(service.length / 2)] ?? 0;
  console.log(
    `${rounds} rounds, ${withZooKeeper} with ZooKeeper; ${acknowledged} writes acknowledged, ${lost} lost, of at most ` +
      `${whole(Math.max(0, ...lostMs))}; service after ${whole(median)} (median), ${whole(service.at(-1) ?? 0)} (max)`,
  );
  return options.policy === 'always' && lost > 0 ? 1 : 0;
}

async function checkFile(file: string): Promise<number> {
  const { operations: history } = historyFileFrom(await readFile(file, 'utf8'));
  const result = check(history);
  if (result.verdict === 'linearizable') console.log(`linearizable: ${history.length} operations`);
  else console.error(result.description);
  return result.verdict === 'linearizable' ? 0 : 1;
}
