#!/usr/bin/env node
import { runTableClient } from '@tablelab/part2';
import { asyncCommands } from '../async-commands.ts';
import { AsyncRemoteTable } from '../async-remote-table.ts';

process.exitCode = await runTableClient<AsyncRemoteTable>({
  name: 'table-client',
  addressName: '<host>:<port>',
  connect: (address, { timeoutMs }) => AsyncRemoteTable.connect(address, { callTimeoutMs: timeoutMs }),
  disconnect: (table) => table.disconnect(),
  commands: asyncCommands,
  getKeys: (table) => table.getKeys(),
  argv: process.argv.slice(2),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
});
// Standard input may still be open, and would keep the process.
process.stdin.destroy();
