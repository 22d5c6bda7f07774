#!/usr/bin/env node
import { runTableClient } from '@tablelab/part2';
import { tableClientProgram } from '../client/client-program.ts';

process.exitCode = await runTableClient({
  ...tableClientProgram,
  argv: process.argv.slice(2),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
});
// Standard input may still be open, and would keep the process.
process.stdin.destroy();
