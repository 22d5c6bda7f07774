#!/usr/bin/env node
import {
  dataArguments,
  dataOptions,
  jsonLogger,
  memoryBytesMax,
  metricsAddress,
  operatorOptions,
} from '@tablelab/part3';
import { must, TableError } from '@tablelab/shared';
import {
  integerArgument,
  runServerProgram,
  type ServerArguments,
  UsageError,
} from '@tablelab/shared/command-line';
import { ChainServer, type ChainServerOptions, defaultTotalLossGraceMs } from '../adapters/chain-server.ts';
import { isCheck, runCheck } from './check-data.ts';

const name = 'table-server';
const argv = process.argv.slice(2);

const usage = `Usage: table-server <port> <n_lists> <zookeeper>
       table-server --check DIR

One server of a replicated table: joins the chain that ZooKeeper coordinates under /chain.

  <port>       the port to listen on; 0 for any free one
  <n_lists>    how many lists the table begins with
  <zookeeper>  where ZooKeeper is: host:port[,host:port][/path]. Chains with different paths share one ZooKeeper

  --host HOST             the address to listen on (default: 127.0.0.1)
  --memory-max MIB        what the table may take of memory (default: 1024, or a quarter of what the process may have). The
                          chain holds what its first server can certainly hold, and a server that cannot does not join it
  --advertise HOST        the host that clients and other servers find this one at (default: the address to listen on)
  --session-timeout MS    how long a silent server stays in the chain, in milliseconds (default: 4000); with an ensemble of
                          ZooKeepers at least four of its ticks (tickTime)
  --on-total-loss WHAT    when no server is there that has all of the chain's data: wait for one (wait, the default; see
                          table-admin <zookeeper> recover), or begin without the data after a grace time (start-empty)
  --total-loss-grace MS   how long start-empty gives such a server to come back, in milliseconds (default: 600000, ten
                          minutes); at least 2.5 session time-outs, and 11 where ZooKeeper has lost its data, too
  --data DIR              keep the table on disk, in this directory, which no other server uses (default: in memory only)
  --fsync WHEN            with --data, when a write is synced to the disk: before it is passed on or answered (always, the
                          default), every second (everysec), or when the operating system likes (never)
  --disk-reserve MIB      with --data, how much of the disk is left free: with less, the head takes no writes, and the others
                          leave the chain when a quarter of it is left (default: 256)
  --check DIR             read the directory of a stopped server, or a copy of it, say what it holds, and change nothing. Exit
                          code 0: it is whole
  --metrics-port PORT     serve metrics for Prometheus at http://HOST:PORT/metrics; 0 for any free port
  --metrics-host HOST     the address to serve them on (default: 127.0.0.1)
  --log-level LEVEL       log to standard error as JSON, an object a line, in place of text: trace, debug, info, warn, error,
                          fatal or silent
  --verbose               say on standard error what happens to the chain
  -h, --help              show this text
`;

process.exitCode = isCheck(argv)
  ? await runCheck({ name, usage, argv, stdout: process.stdout, stderr: process.stderr })
  : await runServer();

function runServer(): Promise<number> {
  return runServerProgram({
    name,
    usage,
    parameters: ['<port>', '<n_lists>', '<zookeeper>'],
    options: {
      advertise: { type: 'string' },
      ...operatorOptions,
      'session-timeout': { type: 'string', default: '4000' },
      'on-total-loss': { type: 'string', default: 'wait' },
      'total-loss-grace': { type: 'string', default: String(defaultTotalLossGraceMs) },
      ...dataOptions,
      'log-level': { type: 'string' },
      verbose: { type: 'boolean', default: false },
    },
    argv,
    stdout: process.stdout,
    stderr: process.stderr,
    signals: process,
    start: async ({ positionals: [port, nLists, zookeeper], host, values, stop }) => {
      const server = await ChainServer.start({
        host,
        port: integerArgument('<port>', must(port, 'counted'), { min: 0, max: 65_535 }),
        nLists: integerArgument('<n_lists>', must(nLists, 'counted'), { min: 1, max: 10_000_000 }),
        memoryBytesMax: memoryBytesMax(values),
        zookeeper: must(zookeeper, 'counted'),
        advertisedHost: typeof values.advertise === 'string' ? values.advertise : undefined,
        sessionTimeoutMs: integerArgument('--session-timeout', String(values['session-timeout']), {
          min: 400,
          max: 60_000,
        }),
        onTotalLoss: totalLossArgument(String(values['on-total-loss'])),
        totalLossGraceMs: integerArgument('--total-loss-grace', String(values['total-loss-grace']), {
          min: 0,
          max: 86_400_000,
        }),
        data: dataArguments(values),
        stop,
        metrics: metricsAddress(values),
        log: logTo(values),
      });
      const close = () => (values.data === undefined ? closeWithWord(server) : closeWithData(server));
      return { address: server.address, failed: server.failed, close };
    },
  });
}

/** The destination of the server's log lines: as JSON with `--log-level`, otherwise as text. */
function logTo(values: ServerArguments['values']): ChainServerOptions['log'] {
  if (values['log-level'] !== undefined) {
    const logger = jsonLogger(values);
    return (line, level) => logger[level](line);
  }
  return (line, level) => {
    if (level === 'warn' || values.verbose === true) process.stderr.write(`table-server: ${line}\n`);
  };
}

/** What it holds is on its disk. */
async function closeWithData(server: ChainServer): Promise<void> {
  await server.close();
}

/** @throws TableError LOST when the chain's data have gone with this server */
async function closeWithWord(server: ChainServer): Promise<void> {
  const lastCopy = await server.close();
  if (lastCopy === undefined) return;
  const { chain, bytes, isSure } = lastCopy;
  const lost = isSure
    ? `this was the last server that held the data of chain ${chain}: ${bytes} bytes are lost with it`
    : `this server held ${bytes} bytes of chain ${chain}, and ZooKeeper could not say whether another one does: if none does, they are lost`;
  const advice =
    'To keep the data, start another server and wait until it listens, before the last one is stopped';
  throw new TableError('LOST', `${lost}. ${advice}`);
}

function totalLossArgument(text: string): 'wait' | 'start-empty' {
  if (text === 'wait' || text === 'start-empty') return text;
  throw new UsageError(`--on-total-loss is wait or start-empty, not ${JSON.stringify(text)}`);
}
