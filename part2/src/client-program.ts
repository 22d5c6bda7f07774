import type { Readable, Writable } from 'node:stream';
import { errorText, TableError } from '@tablelab/shared';
import { LineOutput, openPrompt, readLines, UsageError } from '@tablelab/shared/command-line';
import {
  type ClientFlags,
  type Invocation,
  parseInvocation,
  parseOneShot,
  storeValue,
  usageText,
} from './client-arguments.ts';
import { ClientSession } from './client-session.ts';
import { type Command, helpText, type ParsedCommand, parseLine } from './command.ts';
import { completions } from './completion.ts';
import { defaultFrameBytesMax } from './framing.ts';

/** A stream that may be a terminal. */
type Terminal = { readonly isTTY?: boolean };

/** A client program for stubs of type `S`: parts 2, 3 and 4 differ in the stub and in some commands. */
export interface TableClientProgram<S> {
  /** The program's name, which its messages begin with. */
  readonly name: string;
  /** What the usage calls the address: `<host>:<port>`. */
  readonly addressName: string;
  /** @throws TableError BAD_REQUEST for an address that is none, any other code when it cannot connect */
  readonly connect: (address: string, flags: ClientFlags) => Promise<S>;
  readonly disconnect: (stub: S) => Promise<void>;
  readonly commands: readonly Command<S>[];
  /** The keys to complete from. */
  readonly getKeys: (stub: S) => Promise<string[]>;
  /** Without the names of Node and of the script. */
  readonly argv: readonly string[];
  readonly stdin: Readable & Terminal;
  readonly stdout: Writable & Terminal;
  readonly stderr: Writable;
}

/** A value and its command must fit into one line, in bytes. */
const lineBytesMax = defaultFrameBytesMax;

/**
 * Runs a client program: with a command in `argv` that one; on a terminal a prompt; otherwise the lines of standard
 * input, in order. Answers go to stdout, errors to stderr (with --json to stdout as well, as objects).
 *
 * Resolves with the exit code: 0, also where a key is absent; 1 when a command failed or the server cannot be reached;
 * 2 for wrong arguments. On a terminal failed commands do not count: the person has seen them.
 */
export async function runTableClient<S>(program: TableClientProgram<S>): Promise<number> {
  try {
    return await new ClientRun(program).run();
  } catch (error) {
    program.stderr.write(`${program.name}: ${errorText(error)}\n`);
    const misused = error instanceof UsageError;
    if (misused) program.stderr.write(programUsage(program));
    return misused ? 2 : 1;
  }
}

class ClientRun<S> {
  readonly #program: TableClientProgram<S>;
  readonly #answers: LineOutput;
  readonly #errors: LineOutput;
  #failed = false;
  /** Ctrl-C came in the middle of a command: what becomes of that is nobody's concern any more. */
  #interrupted = false;

  constructor(program: TableClientProgram<S>) {
    this.#program = program;
    this.#answers = new LineOutput(program.stdout);
    this.#errors = new LineOutput(program.stderr);
  }

  async run(): Promise<number> {
    const { argv, connect, disconnect, commands, stdin, stdout } = this.#program;
    const invocation = parseInvocation(argv);
    if (invocation === 'help') {
      stdout.write(programUsage(this.#program));
      return 0;
    }
    const oneShot = await parseOneShot(commands, invocation);
    const session = new ClientSession(() => connect(invocation.address, invocation), disconnect);
    try {
      await openSession(session);
      if (oneShot !== undefined) {
        await this.#attempt(
          oneShot.command.name,
          () => this.#execute(session, oneShot, invocation),
          invocation,
        );
      } else if (stdin.isTTY === true && stdout.isTTY === true) await this.#converse(session, invocation);
      else await this.#runLines(session, readLines(stdin, { lineBytesMax }), invocation);
    } finally {
      await session.close();
    }
    return this.#failed ? 1 : 0;
  }

  async #converse(session: ClientSession<S>, invocation: Invocation): Promise<void> {
    const { stdin: input, stdout: output, commands, getKeys } = this.#program;
    const { lines, interrupted } = openPrompt({
      input,
      output,
      prompt: `${invocation.address}> `,
      complete: (line) =>
        completions(line, commands, async () => (session.isOpen ? session.use(getKeys) : [])),
    });
    await Promise.race([this.#runLines(session, lines, invocation), interrupted]);
    this.#interrupted = true;
    this.#failed = false;
  }

  async #runLines(
    session: ClientSession<S>,
    lines: AsyncIterable<Buffer>,
    invocation: Invocation,
  ): Promise<void> {
    const { commands } = this.#program;
    for await (const line of lines) {
      const words = line.toString().trim();
      if (words === 'quit' || this.#answers.gone) return;
      if (words === '') continue;
      if (words === 'help') {
        await this.#answers.print(helpText(commands));
        continue;
      }
      const [name = ''] = words.split(' ', 1);
      await this.#attempt(
        name,
        () => this.#execute(session, parseLine(commands, line), invocation),
        invocation,
      );
    }
  }

  /** Reports it when `run` fails; the next command has its turn all the same. */
  async #attempt(name: string, run: () => Promise<void>, { json }: Invocation): Promise<void> {
    try {
      await run();
    } catch (error) {
      await this.#report(name, error, json);
    }
  }

  async #execute(
    session: ClientSession<S>,
    { command, args }: ParsedCommand<S>,
    { json, file }: Invocation,
  ): Promise<void> {
    const answer = await session.use((stub) => command.run(stub, args));
    const shown = file !== undefined && command.name === 'get' ? await storeValue(answer, file) : answer;
    await this.#answers.print(json ? JSON.stringify({ command: command.name, ...shown.json }) : shown.text);
  }

  async #report(command: string, error: unknown, json: boolean): Promise<void> {
    if (this.#interrupted) return;
    this.#failed = true;
    const text = errorText(error);
    const code = error instanceof TableError ? error.code : 'BAD_REQUEST';
    const mayHaveHappened = error instanceof TableError && error.mayHaveHappened;
    const doubt = mayHaveHappened ? ' (it may have happened all the same)' : '';
    await this.#errors.print(`error: ${text}${doubt}`);
    if (json) await this.#answers.print(JSON.stringify({ command, error: { code, text, mayHaveHappened } }));
  }
}

/** A wrong address is a wrong argument. */
async function openSession<S>(session: ClientSession<S>): Promise<void> {
  try {
    await session.open();
  } catch (error) {
    if (error instanceof TableError && error.code === 'BAD_REQUEST') throw new UsageError(error.message);
    throw error;
  }
}

function programUsage<S>({ name, addressName, commands }: TableClientProgram<S>): string {
  return usageText(name, addressName, commands);
}
