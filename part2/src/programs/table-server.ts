#!/usr/bin/env node
import { listsAtStartMax, Table } from '@tablelab/part1';
import { integerArgument, runServerProgram } from '@tablelab/shared/command-line';
import { NetworkServer } from '../server/network-server.ts';
import { Skeleton } from '../server/skeleton.ts';
import { formatAddress } from '../wire/address.ts';

const usage = `usage: table-server [options] <port> <n_lists>

Serves one table of n_lists lists to one client at a time. Port 0: any free one.

Options:
  --host <address>  the address to listen on (127.0.0.1)
  -h, --help        show this text
`;

/** How long the server may take to send the last replies after SIGTERM, in milliseconds. */
const closeDeadlineMs = 5_000;

process.exitCode = await runServerProgram({
  name: 'table-server',
  usage,
  parameters: ['port', 'n_lists'],
  argv: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
  async start({ positionals: [portText = '', listsText = ''], host }) {
    const port = integerArgument('port', portText, { min: 0, max: 65_535 });
    const lists = integerArgument('n_lists', listsText, { min: 1, max: listsAtStartMax });
    const table = new Table(lists);
    const skeleton = new Skeleton(table);
    const server = new NetworkServer({
      handler: (request) => skeleton.begin(request),
      host,
      port,
    });
    const address = await server.listen();
    return { address: formatAddress(address), close: () => server.close({ deadlineMs: closeDeadlineMs }) };
  },
});
