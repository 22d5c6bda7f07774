import type { Writable } from 'node:stream';
import { errorText } from '@tablelab/shared';
import { LineOutput, parseArguments, UsageError, usageErrorText } from '@tablelab/shared/command-line';
import { openStoppedDisk } from '@tablelab/shared/node-disk';
import { checkDirectory } from '../adapters/disk/check.ts';

export interface CheckProgram {
  readonly name: string;
  readonly usage: string;
  readonly argv: readonly string[];
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** Whether the arguments ask for a check of a directory, and not for a server. */
export function isCheck(argv: readonly string[]): boolean {
  return argv.some((argument) => argument === '--check' || argument.startsWith('--check='));
}

/**
 * `table-server --check DIR`: resolves with the exit code, which is 0 if the directory is whole, 1 if it is not, cannot be read
 * or is in use, and 2 for wrong arguments.
 */
export async function runCheck({ name, usage, argv, stdout, stderr }: CheckProgram): Promise<number> {
  const output = new LineOutput(stdout);
  try {
    const { positionals, values } = parseArguments(argv, { check: { type: 'string' } });
    const directory = values.check;
    if (typeof directory !== 'string' || directory === '') throw new UsageError('--check needs a directory');
    if (positionals.length > 0) throw new UsageError('--check stands alone');
    const disk = await openStoppedDisk(directory);
    try {
      for (const line of await checkDirectory(disk)) await output.print(line);
    } finally {
      await disk.close();
    }
    await output.print('whole');
    if (output.failure !== undefined) throw output.failure;
    return 0;
  } catch (error) {
    const isMisused = error instanceof UsageError;
    stderr.write(isMisused ? usageErrorText(name, usage, error) : `${name}: ${errorText(error)}\n`);
    return isMisused ? 2 : 1;
  }
}
