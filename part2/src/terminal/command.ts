import { UsageError } from '@tablelab/shared/command-line';

/** What a command answers: for a person and for a program. */
export interface Answer {
  /** Without a newline at its end. */
  readonly text: string;
  /** Printed with --json, beside the command's name. */
  readonly json: Readonly<Record<string, unknown>>;
  /** The value behind the text, which --file stores. */
  readonly value?: Uint8Array;
}

/** One command of a client program that talks to a stub `S`. */
export interface Command<S> {
  readonly name: string;
  /** What the usage calls the arguments; each is one word, but `data` is the rest of the line. */
  readonly parameters: readonly string[];
  /** What it does, in a few words for `help`. */
  readonly summary: string;
  /** An absent key is an answer; whatever is thrown counts as a failed command. */
  run(stub: S, args: CommandArguments): Promise<Answer>;
}

export interface CommandArguments {
  /** As many as there are parameters, without `data`. */
  readonly words: readonly string[];
  /** The bytes of the parameter `data`; empty where a command has none. */
  readonly data: Uint8Array;
}

/** The parameter that takes the rest of the line, spaces included, as bytes. It is the last one. */
const dataParameter = 'data';

/** The commands every client program has; it carries them out itself. */
export const builtinCommands = [
  { name: 'help', parameters: [], summary: 'show this list' },
  { name: 'quit', parameters: [], summary: 'end; so do Ctrl-D and Ctrl-C' },
] as const;

export type BuiltinName = (typeof builtinCommands)[number]['name'];

export interface ParsedCommand<S> {
  readonly command: Command<S>;
  readonly args: CommandArguments;
}

const noData = new Uint8Array(0);
const blank = 32;

/** `put <key> <data>` */
function commandUsage({ name, parameters }: Pick<Command<never>, 'name' | 'parameters'>): string {
  return [name, ...parameters.map((parameter) => `<${parameter}>`)].join(' ');
}

export function helpText(
  commands: readonly Pick<Command<never>, 'name' | 'parameters' | 'summary'>[],
): string {
  const rows = [...commands, ...builtinCommands].map((command) => [commandUsage(command), command.summary]);
  const width = Math.max(...rows.map(([usage = '']) => usage.length));
  return rows.map(([usage = '', summary = '']) => `${usage.padEnd(width)}  ${summary}`).join('\n');
}

/**
 * The built-in command that `words` are, if any.
 * @throws UsageError for one with arguments
 */
export function findBuiltin([name, ...rest]: readonly string[]): BuiltinName | undefined {
  const builtin = builtinCommands.find((candidate) => candidate.name === name);
  if (builtin !== undefined && rest.length > 0) throw usageError(builtin);
  return builtin?.name;
}

export function findCommand<S>(commands: readonly Command<S>[], name: string): Command<S> {
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) throw new UsageError(`no command ${JSON.stringify(name)}: try help`);
  return command;
}

/**
 * Reads one line: words with blanks between them; one blank ends the word before `data`, and all that follows is data,
 * as it stands. The data need not be text.
 * @throws UsageError for an unknown command, or a wrong number of arguments
 */
export function parseLine<S>(commands: readonly Command<S>[], line: Buffer): ParsedCommand<S> {
  const [name, afterName] = takeWord(line);
  const command = findCommand(commands, name);
  const words: string[] = [];
  let rest: Buffer | undefined = afterName;
  for (const parameter of command.parameters) {
    if (rest === undefined) throw usageError(command);
    if (parameter === dataParameter) return { command, args: { words, data: new Uint8Array(rest) } };
    const [word, after]: [string, Buffer | undefined] = takeWord(rest);
    if (word === '') throw usageError(command);
    words.push(word);
    rest = after;
  }
  if (rest !== undefined && rest.toString().trim() !== '') throw usageError(command);
  return { command, args: { words, data: noData } };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The first word, and what follows the blank behind it: undefined when the line ends with the word.
 * @throws UsageError for bytes that are no text: two keys must not become one because neither can be read
 */
function takeWord(line: Buffer): [string, Buffer | undefined] {
  let start = 0;
  while (line[start] === blank) start += 1;
  const end = line.indexOf(blank, start);
  const word = line.subarray(start, end < 0 ? line.length : end);
  try {
    return [utf8.decode(word), end < 0 ? undefined : line.subarray(end + 1)];
  } catch (error) {
    throw new UsageError('commands and keys are text in UTF-8', { cause: error });
  }
}

/**
 * The command that stands on the program's own command line, its words already apart. `data` is the rest of them
 * joined by blanks, or `fileData` where that is given.
 * @throws UsageError as {@link parseLine}
 */
export function parseWords<S>(
  commands: readonly Command<S>[],
  [name, ...rest]: readonly [string, ...string[]],
  fileData: Uint8Array | undefined,
): ParsedCommand<S> {
  const command = findCommand(commands, name);
  const takesData = command.parameters.at(-1) === dataParameter;
  const wordCount = command.parameters.length - (takesData ? 1 : 0);
  const words = rest.slice(0, wordCount);
  const dataWords = rest.slice(wordCount);
  const dataGiven = dataWords.length > 0 || fileData !== undefined;
  const dataTwice = dataWords.length > 0 && fileData !== undefined;
  if (words.length < wordCount || dataGiven !== takesData || dataTwice) throw usageError(command);
  return { command, args: { words, data: fileData ?? new TextEncoder().encode(dataWords.join(' ')) } };
}

function usageError(command: Pick<Command<never>, 'name' | 'parameters'>): UsageError {
  return new UsageError(`usage: ${commandUsage(command)}`);
}
