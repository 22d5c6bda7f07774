import { TableError } from '@tablelab/shared';
import { type LineOutput, UsageError } from '@tablelab/shared/command-line';
import { defaultFrameBytesMax } from '../wire/framing.ts';
import { type Invocation, noExitCode, parseOneShot, printsBytes, storeValue } from './client-arguments.ts';
import type { TableClientProgram } from './client-program.ts';
import { ClientSession } from './client-session.ts';
import {
  type Answer,
  type BuiltinName,
  type CommandOutput,
  findBuiltin,
  helpText,
  type ParsedCommand,
  parseLine,
} from './command.ts';
import { completions } from './completion.ts';
import { errorJson, errorLine } from './error-answer.ts';
import { readLines } from './lines.ts';
import { PipedCommands } from './piped-commands.ts';
import { openPrompt } from './prompt.ts';
import { jsonText, lineText } from './value-text.ts';

/** The longest line, in bytes: a command and its value must fit into it. */
const lineBytesMax = defaultFrameBytesMax;

/** How long each pending command may take after the user has asked to quit, in milliseconds. */
const leaveGraceMs = 500;

/** One run of a client program, from the connection to its end. */
export class ClientRun<S> {
  readonly #program: TableClientProgram<S>;
  readonly #invocation: Invocation;
  readonly #session: ClientSession<S>;
  readonly #answers: LineOutput;
  readonly #errors: LineOutput;
  /** Aborted when the user at the terminal asks to quit. */
  #leaving: AbortSignal | undefined;
  /** Aborted when the user has had enough of the present command. */
  #stopped: AbortController | undefined;
  /** Nothing more is run or reported: after Ctrl-C, or after a command that took too long after the request to quit. */
  #over = false;
  #failed = false;
  #hasNo = false;
  #askingForKeys = false;
  /** Shows a line of another program. At the prompt it must not cut into what is typed. */
  #notice: (line: string) => void = (line) => void this.#errors.print(line);

  constructor(
    program: TableClientProgram<S>,
    invocation: Invocation,
    answers: LineOutput,
    errors: LineOutput,
  ) {
    this.#program = program;
    this.#invocation = invocation;
    this.#session = new ClientSession(
      () => program.connect(invocation.address, invocation),
      program.disconnect,
    );
    this.#answers = answers;
    this.#errors = errors;
    program.onNotice?.((line) => this.#notice(lineText(line)));
  }

  /** Resolves with the exit code. */
  async run(): Promise<number> {
    const { commands, stdin } = this.#program;
    const builtin = findBuiltin(this.#invocation.words);
    if (builtin !== undefined) {
      await this.#runBuiltin(builtin);
      return 0;
    }
    const oneShot = await parseOneShot(commands, this.#invocation, stdin);
    try {
      await openSession(this.#session);
      if (oneShot !== undefined) await this.#attempt(oneShot.command.name, () => this.#execute(oneShot));
      else if (this.#invocation.pipe) await this.#runPiped();
      else if (this.#isTerminal) await this.#converse();
      else await this.#runLines(readLines(stdin, { lineBytesMax }));
    } finally {
      await this.#session.close();
    }
    if (this.#failed) return 1;
    return this.#hasNo && this.#invocation.failAbsent ? noExitCode : 0;
  }

  get #isTerminal(): boolean {
    return this.#program.stdin.isTTY === true && this.#program.stdout.isTTY === true;
  }

  async #converse(): Promise<void> {
    const { stdin: input, stdout: output, commands } = this.#program;
    const { lines, interrupted, leaving, notice } = openPrompt({
      input,
      output,
      prompt: `${lineText(this.#invocation.address)}> `,
      quitWord: 'quit',
      onEnter: () => this.#stopped?.abort(),
      complete: (line) => completions(line, commands, (prefix) => this.#keys(prefix)),
    });
    this.#leaving = leaving;
    this.#notice = notice;
    await Promise.race([this.#runLines(lines), interrupted]);
    this.#over = true;
    this.#stopped?.abort();
    this.#failed = false;
    this.#hasNo = false;
  }

  /** The keys for completion; none without a connection, or while the last request for them has no answer. */
  async #keys(prefix: string): Promise<readonly string[]> {
    if (!this.#session.isOpen || this.#askingForKeys) return [];
    this.#askingForKeys = true;
    try {
      return await this.#session.use((stub) => this.#program.getKeys(stub, prefix));
    } finally {
      this.#askingForKeys = false;
    }
  }

  async #runPiped(): Promise<void> {
    const { commands, stdin } = this.#program;
    const piped = new PipedCommands({
      stub: await this.#session.open(),
      commands,
      onError: (line, command, error) => this.#reportLine(line, command, error),
      onProgress: (text) => void this.#errors.print(text),
    });
    const { text, json, isNo } = await piped.run(readLines(stdin, { lineBytesMax }));
    if (isNo) this.#hasNo = true;
    await this.#answers.print(this.#invocation.json ? jsonText(json) : text);
  }

  async #runLines(lines: AsyncIterable<Buffer | TableError>): Promise<void> {
    for await (const line of lines) {
      if (this.#answers.ended) return;
      if (line instanceof TableError) await this.#report('', line);
      else if ((await this.#runLine(line)) === 'quit') return;
      if (this.#over || this.#answers.ended) return;
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
    const stopped = new AbortController();
    this.#stopped = stopped;
    const output: CommandOutput = {
      show: async (shown) => {
        if (!this.#over) await this.#print(command.name, shown);
        return !this.#over && !this.#answers.ended;
      },
      warn: (text) => this.#errors.print(lineText(text)),
      stop: this.#leaving === undefined ? stopped.signal : AbortSignal.any([stopped.signal, this.#leaving]),
    };
    const work = this.#session.use((stub) => command.run(stub, args, output));
    const answer = await (this.#leaving === undefined ? work : answerBeforeEnd(work, this.#leaving));
    if (answer === 'late') {
      const text = 'the program ended before the answer came';
      await this.#report(command.name, new TableError('TIMEOUT', text, { mayHaveHappened: true }));
      this.#over = true;
      return;
    }
    if (answer === undefined) return;
    if (answer.isNo) this.#hasNo = true;
    if (printsBytes(this.#invocation)) await this.#printBytes(answer);
    else {
      const stored = file !== undefined && command.name === 'get';
      await this.#print(command.name, stored ? await storeValue(answer, file) : answer);
    }
  }

  async #printBytes({ value, text }: Answer): Promise<void> {
    if (value === undefined) await this.#errors.print(text);
    else await this.#answers.write(value);
  }

  async #print(command: string, { text, json }: Answer): Promise<void> {
    await this.#answers.print(this.#invocation.json ? jsonText({ command, ...json }) : text);
  }

  async #report(command: string, error: unknown): Promise<void> {
    this.#failed = true;
    await this.#errors.print(errorLine(error));
    if (this.#invocation.json) await this.#answers.print(errorJson(command, error));
  }

  /** Reports a failed command of --pipe, with its line number. */
  async #reportLine(line: number, command: string, error: unknown): Promise<void> {
    this.#failed = true;
    await this.#errors.print(`line ${line}: ${errorLine(error)}`);
    if (this.#invocation.json) await this.#answers.print(errorJson(command, error, { line }));
  }
}

/** The outcome of `work`, or `late` if it does not come soon after the user has asked to quit. */
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

/** Turns an error about the address into a usage error. */
async function openSession<S>(session: ClientSession<S>): Promise<void> {
  try {
    await session.open();
  } catch (error) {
    if (error instanceof TableError && error.code === 'BAD_REQUEST') throw new UsageError(error.message);
    throw error;
  }
}
