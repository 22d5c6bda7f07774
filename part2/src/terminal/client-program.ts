import type { Readable, Writable } from 'node:stream';
import { errorText, TableError } from '@tablelab/shared';
import { UsageError } from '@tablelab/shared/command-line';
import { defaultFrameBytesMax } from '../wire/framing.ts';
import {
  type ClientFlags,
  type Invocation,
  parseInvocation,
  parseOneShot,
  storeValue,
  usageText,
} from './client-arguments.ts';
import { ClientSession } from './client-session.ts';
import {
  type Answer,
  type BuiltinName,
  type Command,
  findBuiltin,
  helpText,
  type ParsedCommand,
  parseLine,
} from './command.ts';
import { completions } from './completion.ts';
import { readLines } from './lines.ts';
import { LineOutput } from './output.ts';
import { openPrompt } from './prompt.ts';
import { jsonText, lineText } from './value-text.ts';

/** A stream that may be a terminal. */
type Terminal = { readonly isTTY?: boolean };

/** A client program for stubs of type `S`: parts 2, 3 and 4 differ in the stub and in some commands. */
export interface TableClientProgram<S> {
  /** The program's name; its error messages begin with it. */
  readonly name: string;
  /** What the usage calls the address: `<host>:<port>`. */
  readonly addressName: string;
  /** @throws TableError BAD_REQUEST for text that is no address, another code if it cannot connect */
  readonly connect: (address: string, flags: ClientFlags) => Promise<S>;
  readonly disconnect: (stub: S) => Promise<void>;
  readonly commands: readonly Command<S>[];
  /** The keys for completion. */
  readonly getKeys: (stub: S) => Promise<string[]>;
  /** Without the names of Node and of the script. */
  readonly argv: readonly string[];
  readonly stdin: Readable & Terminal;
  readonly stdout: Writable & Terminal;
  readonly stderr: Writable;
}

/** The longest line, in bytes: a command and its value must fit into it. */
const lineBytesMax = defaultFrameBytesMax;

/** After the person has asked to end, each command typed before may take this long, in milliseconds. */
const leaveGraceMs = 500;

/**
 * Runs a client program: the command in `argv` if there is one, otherwise a prompt on a terminal, otherwise the lines of
 * standard input in order. Answers go to stdout, errors to stderr (with --json also to stdout, as objects).
 *
 * Resolves with the exit code: 0, also if a key is absent; 1 if a command failed or the server cannot be reached; 2 for wrong
 * arguments. On a terminal, failed commands do not change the exit code, because the person has seen them.
 */
export async function runTableClient<S>(program: TableClientProgram<S>): Promise<number> {
  const { name, argv, stdout, stderr } = program;
  let json = false;
  try {
    const invocation = parseInvocation(argv);
    if (invocation === 'help') {
      stdout.write(programUsage(program));
      return 0;
    }
    json = invocation.json;
    return await new ClientRun(program, invocation).run();
  } catch (error) {
    stderr.write(`${name}: ${lineText(errorText(error))}\n`);
    // Not a command failed, but the program: there is no name to print.
    if (json) stdout.write(`${errorJson('', error)}\n`);
    const misused = error instanceof UsageError;
    if (misused) stderr.write(programUsage(program));
    return misused ? 2 : 1;
  }
}

class ClientRun<S> {
  readonly #program: TableClientProgram<S>;
  readonly #invocation: Invocation;
  readonly #session: ClientSession<S>;
  readonly #answers: LineOutput;
  readonly #errors: LineOutput;
  /** Aborted when the person at the terminal wants to end. */
  #leaving: AbortSignal | undefined;
  /** Nothing more is run or reported: after Ctrl-C, or after a command that was too late when the person asked to end. */
  #over = false;
  #failed = false;
  #askingForKeys = false;

  constructor(program: TableClientProgram<S>, invocation: Invocation) {
    this.#program = program;
    this.#invocation = invocation;
    this.#session = new ClientSession(
      () => program.connect(invocation.address, invocation),
      program.disconnect,
    );
    this.#answers = new LineOutput(program.stdout);
    this.#errors = new LineOutput(program.stderr);
  }

  async run(): Promise<number> {
    const { commands, stdin, stdout } = this.#program;
    const builtin = findBuiltin(this.#invocation.words);
    if (builtin !== undefined) {
      await this.#runBuiltin(builtin);
      return 0;
    }
    const oneShot = await parseOneShot(commands, this.#invocation);
    try {
      await openSession(this.#session);
      if (oneShot !== undefined) await this.#attempt(oneShot.command.name, () => this.#execute(oneShot));
      else if (stdin.isTTY === true && stdout.isTTY === true) await this.#converse();
      else await this.#runLines(readLines(stdin, { lineBytesMax }));
    } finally {
      await this.#session.close();
    }
    return this.#failed ? 1 : 0;
  }

  async #converse(): Promise<void> {
    const { stdin: input, stdout: output, commands } = this.#program;
    const { lines, interrupted, leaving } = openPrompt({
      input,
      output,
      prompt: `${lineText(this.#invocation.address)}> `,
      quitWord: 'quit',
      complete: (line) => completions(line, commands, () => this.#keys()),
    });
    this.#leaving = leaving;
    await Promise.race([this.#runLines(lines), interrupted]);
    this.#over = true;
    this.#failed = false;
  }

  /** The keys for completion; none without a connection, or while the last request for them has no answer. */
  async #keys(): Promise<string[]> {
    if (!this.#session.isOpen || this.#askingForKeys) return [];
    this.#askingForKeys = true;
    try {
      return await this.#session.use(this.#program.getKeys);
    } finally {
      this.#askingForKeys = false;
    }
  }

  async #runLines(lines: AsyncIterable<Buffer | TableError>): Promise<void> {
    for await (const line of lines) {
      if (this.#answers.gone) return;
      if (line instanceof TableError) await this.#report('', line);
      else if ((await this.#runLine(line)) === 'quit') return;
      if (this.#over) return;
    }
  }

  async #runLine(line: Buffer): Promise<BuiltinName | undefined> {
    const words = line.toString().trim().split(/ +/) as [string, ...string[]];
    const [name] = words;
    if (name === '') return undefined;
    let builtin: BuiltinName | undefined;
    await this.#attempt(name, async () => {
      builtin = findBuiltin(words);
      if (builtin === undefined) await this.#execute(parseLine(this.#program.commands, line));
      else await this.#runBuiltin(builtin);
    });
    return builtin;
  }

  async #runBuiltin(name: BuiltinName): Promise<void> {
    if (name === 'quit') return;
    const text = helpText(this.#program.commands);
    await this.#print(name, { text, json: { text } });
  }

  /** Runs and reports a failure, after which the next command can run. */
  async #attempt(name: string, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (!this.#over) await this.#report(name, error);
    }
  }

  async #execute({ command, args }: ParsedCommand<S>): Promise<void> {
    const { file } = this.#invocation;
    const work = this.#session.use((stub) => command.run(stub, args));
    const answer = await (this.#leaving === undefined ? work : answerBeforeEnd(work, this.#leaving));
    if (answer === 'late') {
      const text = 'the program ended before the answer came';
      await this.#report(command.name, new TableError('TIMEOUT', text, { mayHaveHappened: true }));
      this.#over = true;
      return;
    }
    const shown = file !== undefined && command.name === 'get' ? await storeValue(answer, file) : answer;
    await this.#print(command.name, shown);
  }

  async #print(command: string, { text, json }: Answer): Promise<void> {
    await this.#answers.print(this.#invocation.json ? jsonText({ command, ...json }) : text);
  }

  async #report(command: string, error: unknown): Promise<void> {
    this.#failed = true;
    const doubt = mayHaveHappened(error) ? ' (it may have happened all the same)' : '';
    await this.#errors.print(`error: ${lineText(errorText(error))}${doubt}`);
    if (this.#invocation.json) await this.#answers.print(errorJson(command, error));
  }
}

/** The outcome of `work`, or `late` if it does not come soon after the person has asked to end. */
async function answerBeforeEnd<T>(work: Promise<T>, leaving: AbortSignal): Promise<T | 'late'> {
  const { promise: late, resolve } = Promise.withResolvers<'late'>();
  let timer: NodeJS.Timeout | undefined;
  const leave = () => {
    timer = setTimeout(() => resolve('late'), leaveGraceMs);
  };
  if (leaving.aborted) leave();
  leaving.addEventListener('abort', leave);
  try {
    return await Promise.race([work, late]);
  } finally {
    leaving.removeEventListener('abort', leave);
    clearTimeout(timer);
  }
}

function mayHaveHappened(error: unknown): boolean {
  return error instanceof TableError && error.mayHaveHappened;
}

function errorJson(command: string, error: unknown): string {
  const code = error instanceof TableError ? error.code : 'BAD_REQUEST';
  const text = errorText(error);
  return jsonText({ command, error: { code, text, mayHaveHappened: mayHaveHappened(error) } });
}

/** Turns an error about the address into a usage error. */
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
