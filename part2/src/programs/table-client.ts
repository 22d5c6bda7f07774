#!/usr/bin/env node
import { runTableClient } from '../terminal/client-program.ts';
import { tableClientParts } from '../terminal/table-client-parts.ts';

process.exitCode = await runTableClient({
  ...tableClientParts,
  name: 'table-client',
  argv: process.argv.slice(2),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
});
// Standard input may still be open, and would keep the process.
process.stdin.destroy();
