import { errorText } from '@tablelab/shared';
import { UsageError, usageErrorText } from '@tablelab/shared/command-line';

/**
 * Runs a program of the course with the arguments of this process: `--help` prints `usage`. The exit code is what `run` returns (default: 0),
 * 2 for wrong arguments, with the usage, and 1 for any other error.
 */
export async function runProgram(
  name: string,
  usage: string,
  run: (argv: readonly string[]) => unknown,
): Promise<void> {
  try {
    const argv = process.argv.slice(2);
    const code = argv.includes('--help') ? process.stdout.write(usage) : await run(argv);
    process.exitCode = typeof code === 'number' ? code : 0;
  } catch (error) {
    const isUsage = error instanceof UsageError;
    process.stderr.write(isUsage ? usageErrorText(name, usage, error) : `${name}: ${errorText(error)}\n`);
    process.exitCode = isUsage ? 2 : 1;
  }
  // The open channel to the bootstrap would keep this process alive.
  if (process.connected) process.disconnect();
}
