#!/usr/bin/env node
import { must } from '@tablelab/shared';
import { integerArgument, runServerProgram } from '@tablelab/shared/command-line';
import { AsyncTableServer } from '../async-table-server.ts';

const usage = `Usage: table-server <port> <n_lists>

Serves a table to many clients at once; writes are answered with their operation number and executed afterwards.

  <port>       the port to listen on; 0 for any free one
  <n_lists>    how many lists the table begins with

  --host HOST  the address to listen on (default: 127.0.0.1)
  -h, --help   show this text
`;

process.exitCode = await runServerProgram({
  name: 'table-server',
  usage,
  parameters: ['<port>', '<n_lists>'],
  argv: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
  start: ({ positionals: [port, nLists], host }) =>
    AsyncTableServer.start({
      host,
      port: integerArgument('<port>', must(port, 'counted'), { min: 0, max: 65_535 }),
      nLists: integerArgument('<n_lists>', must(nLists, 'counted'), { min: 1, max: 10_000_000 }),
    }),
});
