import { standardOutput } from '@tablelab/shared/command-line';
import { runTableClient, type TableClientProgram } from './client-program.ts';

/** A client program without the arguments and streams of its process. */
export type ClientProgramParts<S> = Omit<
  TableClientProgram<S>,
  'argv' | 'stdin' | 'stdout' | 'stderr' | 'onNotice'
>;

/** Runs a client program in this process, to its end, and sets the exit code. */
export async function runClientProcess<S>(parts: ClientProgramParts<S>): Promise<void> {
  process.exitCode = await runTableClient({
    ...parts,
    argv: process.argv.slice(2),
    stdin: process.stdin,
    stdout: standardOutput(),
    stderr: process.stderr,
    onNotice(listener) {
      // The channel to the program that started this one (`npm start`) must not keep it running.
      process.on('message', (line) => listener(String(line)));
      process.channel?.unref();
    },
  });
  // An open standard input would keep the process alive.
  process.stdin.destroy();
}
