/** The program table-server with an executor that can be killed: see dying-executor.ts. */
import { runServerProgram } from '@tablelab/shared/command-line';
import { tableServerProgram } from '../../src/server/server-program.ts';

process.exitCode = await runServerProgram({
  ...tableServerProgram({ executorProgram: new URL('./dying-executor.ts', import.meta.url) }),
  argv: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
});
