import type { Readable, Writable } from 'node:stream';
import { errorText } from '@tablelab/shared';
import { LineOutput, UsageError, usageErrorText } from '@tablelab/shared/command-line';
import { type ClientFlags, parseInvocation, usageText } from './client-arguments.ts';
import { ClientRun } from './client-run.ts';
import type { Command } from './command.ts';
import { errorJson } from './error-answer.ts';
import { lineText } from './value-text.ts';

/** A stream that may be a terminal. */
type Terminal = { readonly isTTY?: boolean };

/** A client program for stubs of type `S`: parts 2, 3 and 4 differ in the stub and in some commands. */
export interface TableClientProgram<S> {
  /** The program's name; its error messages begin with it. */
  readonly name: string;
  /** The name of the address in the usage: `<host>:<port>`. */
  readonly addressName: string;
  /** @throws TableError BAD_REQUEST for an invalid address, another code if it cannot connect */
  readonly connect: (address: string, flags: ClientFlags) => Promise<S>;
  readonly disconnect: (stub: S) => Promise<void>;
  readonly commands: readonly Command<S>[];
  /** The keys for completion. */
  readonly getKeys: (stub: S, prefix: string) => Promise<readonly string[]>;
  /** Without the names of Node and of the script. */
  readonly argv: readonly string[];
  readonly stdin: Readable & Terminal;
  readonly stdout: Writable & Terminal;
  readonly stderr: Writable;
  /** Calls `listener` with each line of another program for the user at the terminal. */
  readonly onNotice?: (listener: (line: string) => void) => void;
}

/**
 * Runs a client program: the command in `argv` if there is one, otherwise a prompt on a terminal, otherwise the lines of
 * standard input in order. Answers go to stdout, errors to stderr (with --json also to stdout, as objects).
 *
 * Resolves with the exit code: 0, also if a key is absent or a condition is not met, unless --fail-absent makes that 3; 1 if a command failed,
 * the server cannot be reached or answers cannot be written; 2 for wrong arguments. On a terminal, failed commands do
 * not change the exit code, because the user has seen them. If the reader of the answers has gone, that is not a
 * failure, but no more commands are run.
 */
export async function runTableClient<S>(program: TableClientProgram<S>): Promise<number> {
  const { name } = program;
  const answers = new LineOutput(program.stdout);
  const errors = new LineOutput(program.stderr);
  const code = await runReporting(program, answers, errors);
  if (answers.failure === undefined) return code;
  await errors.print(`${name}: ${lineText(answers.failure.message)}; no command is run after that`);
  return 1;
}

/** Turns every error into an exit code. */
async function runReporting<S>(
  program: TableClientProgram<S>,
  answers: LineOutput,
  errors: LineOutput,
): Promise<number> {
  const { name, addressName, commands, argv } = program;
  const usage = usageText(name, addressName, commands);
  let json = false;
  try {
    const invocation = parseInvocation(argv);
    if (invocation === 'help') {
      await answers.write(usage);
      return 0;
    }
    json = invocation.json;
    return await new ClientRun(program, invocation, answers, errors).run();
  } catch (error) {
    const misused = error instanceof UsageError;
    const shown = new UsageError(lineText(errorText(error)));
    await errors.write(misused ? usageErrorText(name, usage, shown) : `${name}: ${shown.message}\n`);
    // Not a command failed, but the program: there is no name to print.
    if (json) await answers.print(errorJson('', error));
    return misused ? 2 : 1;
  }
}
