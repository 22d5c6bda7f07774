#!/usr/bin/env node
import { runServerProgram } from '@tablelab/shared/command-line';
import { tableServerProgram } from '../server/server-program.ts';

process.exitCode = await runServerProgram({
  ...tableServerProgram(),
  argv: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
});
