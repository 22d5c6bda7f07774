#!/usr/bin/env node
import { runTableClient } from '@tablelab/part2';
import { chainCommands } from '../client/chain-commands.ts';
import { ChainTable } from '../client/chain-table.ts';

process.exitCode = await runTableClient<ChainTable>({
  name: 'table-client',
  addressName: '<zookeeper host>:<port>',
  connect: (zookeeper, { timeoutMs }) => ChainTable.connect({ zookeeper, deadlineMs: timeoutMs }),
  disconnect: (table) => table.disconnect(),
  commands: chainCommands(),
  getKeys: (table) => table.getKeys(),
  argv: process.argv.slice(2),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
});
// Standard input may still be open, and would keep the process.
process.stdin.destroy();
