import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { errorText, TableError } from '@tablelab/shared';
import {
  integerArgument,
  LineOutput,
  openPrompt,
  parseArguments,
  readLines,
  UsageError,
} from '@tablelab/shared/command-line';
import { ClientSession } from './client-session.ts';
import {
  type Answer,
  builtinCommands,
  type Command,
  findCommand,
  helpText,
  type ParsedCommand,
  parseLine,
  parseWords,
} from './command.ts';
import { defaultFrameBytesMax } from './framing.ts';
import { defaultTimeouts } from './remote-table.ts';

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

export interface ClientFlags {
  /** How long an answer may take, in milliseconds. */
  readonly timeoutMs: number;
}

interface Invocation extends ClientFlags {
  readonly address: string;
  /** The command on the program's own command line; none: commands come from standard input. */
  readonly words: readonly string[];
  readonly json: boolean;
  readonly file: string | undefined;
}

/** A value and its command must fit into one line, in bytes. */
const lineBytesMax = defaultFrameBytesMax;

/** With more candidates than this only what they have in common is completed. */
const completionsMax = 100;

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
    if (misused) program.stderr.write(usageText(program));
    return misused ? 2 : 1;
  }
}

class ClientRun<S> {
  readonly #program: TableClientProgram<S>;
  readonly #answers: LineOutput;
  readonly #errors: LineOutput;
  #failed = false;

  constructor(program: TableClientProgram<S>) {
    this.#program = program;
    this.#answers = new LineOutput(program.stdout);
    this.#errors = new LineOutput(program.stderr);
  }

  async run(): Promise<number> {
    const { argv, connect, disconnect, commands, stdin, stdout } = this.#program;
    const invocation = parseInvocation(argv);
    if (invocation === 'help') {
      stdout.write(usageText(this.#program));
      return 0;
    }
    const oneShot = invocation.words.length > 0 ? await parseOneShot(commands, invocation) : undefined;
    const session = new ClientSession(() => connect(invocation.address, invocation), disconnect);
    try {
      await openSession(session);
      if (oneShot !== undefined) await this.#execute(session, oneShot, invocation);
      else if (stdin.isTTY === true && stdout.isTTY === true) await this.#converse(session, invocation);
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
      if (words === 'help') await this.#answers.print(helpText(commands));
      else
        await this.#attempt(
          words,
          () => this.#execute(session, parseLine(commands, line), invocation),
          invocation,
        );
    }
  }

  /** A command that fails is reported, and the next one has its turn. */
  async #attempt(line: string, run: () => Promise<void>, { json }: Invocation): Promise<void> {
    try {
      await run();
    } catch (error) {
      const name = line.split(' ', 1)[0] ?? '';
      await this.#report(name, error, json);
    }
  }

  async #execute(
    session: ClientSession<S>,
    { command, args }: ParsedCommand<S>,
    { json, file }: Invocation,
  ): Promise<void> {
    try {
      const answer = await session.use((stub) => command.run(stub, args));
      const shown = file !== undefined && command.name === 'get' ? await storeValue(answer, file) : answer;
      const text = json ? JSON.stringify({ command: command.name, ...shown.json }) : shown.text;
      await this.#answers.print(text);
    } catch (error) {
      await this.#report(command.name, error, json);
    }
  }

  async #report(command: string, error: unknown, json: boolean): Promise<void> {
    this.#failed = true;
    const text = errorText(error);
    const code = error instanceof TableError ? error.code : 'BAD_REQUEST';
    const mayHaveHappened = error instanceof TableError && error.mayHaveHappened;
    const doubt = mayHaveHappened ? ' (it may have happened all the same)' : '';
    await this.#errors.print(`error: ${text}${doubt}`);
    if (json) await this.#answers.print(JSON.stringify({ command, error: { code, text, mayHaveHappened } }));
  }
}

/** @throws UsageError */
function parseInvocation(argv: readonly string[]): Invocation | 'help' {
  const { positionals, values } = parseArguments(argv, {
    json: { type: 'boolean', default: false },
    file: { type: 'string' },
    timeout: { type: 'string', default: String(defaultTimeouts.callTimeoutMs / 1_000) },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (values.help === true) return 'help';
  const [address, ...words] = positionals;
  if (address === undefined) throw new UsageError('the address is missing');
  const file = typeof values.file === 'string' ? values.file : undefined;
  if (file !== undefined && words[0] !== 'put' && words[0] !== 'get') {
    throw new UsageError('--file goes with put or get on the command line');
  }
  const timeoutMs = 1_000 * integerArgument('--timeout', String(values.timeout), { min: 1, max: 86_400 });
  return { address, words, json: values.json === true, file, timeoutMs };
}

/** @throws UsageError; TableError when the file cannot be read, or holds more than a frame takes */
async function parseOneShot<S>(
  commands: readonly Command<S>[],
  { words, file }: Invocation,
): Promise<ParsedCommand<S>> {
  const fileData = file !== undefined && words[0] === 'put' ? await readValue(file) : undefined;
  return parseWords(commands, words, fileData);
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

async function readValue(file: string): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  // One byte more than may be, to notice; a device may never end.
  for await (const chunk of createReadStream(file, { end: lineBytesMax })) chunks.push(chunk);
  const value = Buffer.concat(chunks);
  if (value.length <= lineBytesMax) return value;
  throw new TableError('TOO_LARGE', `${file} has more than ${lineBytesMax} bytes`);
}

async function storeValue(answer: Answer, file: string): Promise<Answer> {
  if (answer.value === undefined) return answer;
  await writeFile(file, answer.value);
  const bytes = answer.value.length;
  return { text: `${bytes} bytes written to ${file}`, json: { found: true, file, bytes } };
}

/** What may stand in place of the last word of `line`: a command, or a key where the command takes one. */
async function completions<S>(
  line: string,
  commands: readonly Command<S>[],
  getKeys: () => Promise<string[]>,
): Promise<string[]> {
  const [name = '', word, ...more] = line.trimStart().split(' ');
  if (word === undefined) {
    return [...commands, ...builtinCommands]
      .map((command) => `${command.name} `)
      .filter((text) => text.startsWith(name));
  }
  if (more.length > 0 || findCommand(commands, name).parameters[0] !== 'key') return [];
  const keys = (await getKeys()).filter((key) => key.startsWith(word) && /^[^\s\p{C}]+$/u.test(key)).sort();
  return keys.length > completionsMax ? [commonPrefix(keys)] : keys;
}

/** Of strings in order, what all begin with: what the first and the last have in common. */
function commonPrefix(sorted: readonly string[]): string {
  const first = sorted[0] ?? '';
  const last = sorted.at(-1) ?? '';
  let length = 0;
  while (length < first.length && first[length] === last[length]) length += 1;
  return first.slice(0, length);
}

function usageText<S>({ name, addressName, commands }: TableClientProgram<S>): string {
  return `usage: ${name} [options] ${addressName} [command]

Without a command it reads commands from standard input, one a line.

Commands:
${helpText(commands).replace(/^/gm, '  ')}

Options:
  --json              answer with one JSON object a line
  --file <path>       put: take the data from this file; get: write the value to it
  --timeout <seconds> how long an answer may take (${defaultTimeouts.callTimeoutMs / 1_000})
  -h, --help          show this text
`;
}
