#!/usr/bin/env node
import { runTableClient } from '../client-program.ts';
import { RemoteTable } from '../remote-table.ts';
import { tableCommands } from '../table-commands.ts';

process.exitCode = await runTableClient({
  name: 'table-client',
  addressName: '<host>:<port>',
  connect: (address, { timeoutMs }) => RemoteTable.connect(address, { callTimeoutMs: timeoutMs }),
  disconnect: (table) => table.disconnect(),
  commands: tableCommands,
  getKeys: (table) => table.getKeys(),
  argv: process.argv.slice(2),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
});
// Standard input may still be open, and would keep the process.
process.stdin.destroy();
