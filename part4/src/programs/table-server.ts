#!/usr/bin/env node
import { must } from '@tablelab/shared';
import { integerArgument, runServerProgram } from '@tablelab/shared/command-line';
import { ChainServer } from '../adapters/chain-server.ts';

const usage = `Usage: table-server <port> <n_lists> <zookeeper>

One server of a replicated table: joins the chain that ZooKeeper coordinates under /chain.

  <port>       the port to listen on; 0 for any free one
  <n_lists>    how many lists the table begins with
  <zookeeper>  where ZooKeeper is: host:port, several with commas between

  --host HOST             the address to listen on (default: 127.0.0.1)
  --advertise HOST        the host that clients and other servers find this one at (default: the address to listen on)
  --session-timeout MS    how long a silent server stays in the chain, in milliseconds (default: 4000)
  --verbose               say on standard error what happens to the chain
  -h, --help              show this text
`;

process.exitCode = await runServerProgram({
  name: 'table-server',
  usage,
  parameters: ['<port>', '<n_lists>', '<zookeeper>'],
  options: {
    advertise: { type: 'string' },
    'session-timeout': { type: 'string', default: '4000' },
    verbose: { type: 'boolean', default: false },
  },
  argv: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
  start: ({ positionals: [port, nLists, zookeeper], host, values, stop }) =>
    ChainServer.start({
      host,
      port: integerArgument('<port>', must(port, 'counted'), { min: 0, max: 65_535 }),
      nLists: integerArgument('<n_lists>', must(nLists, 'counted'), { min: 1, max: 10_000_000 }),
      zookeeper: must(zookeeper, 'counted'),
      advertisedHost: typeof values.advertise === 'string' ? values.advertise : undefined,
      sessionTimeoutMs: integerArgument('--session-timeout', String(values['session-timeout']), {
        min: 400,
        max: 60_000,
      }),
      stop,
      log: (line) => values.verbose === true && process.stderr.write(`table-server: ${line}\n`),
    }),
});
