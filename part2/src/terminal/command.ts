import { UsageError } from '@tablelab/shared/command-line';

/** The answer to a command, as text and as JSON. */
export interface Answer {
  /** Without a newline at the end. */
  readonly text: string;
  /** Printed with --json, beside the command's name. */
  readonly json: Readonly<Record<string, unknown>>;
  /** The value that `text` shows; --file stores it. */
  readonly value?: Uint8Array;
  /** Whether the answer is that there is no such key, or that the condition of a put was not met. */
  readonly isNo?: boolean;
}

/** One command of a client program that talks to a stub `S`. */
export interface Command<S> {
  readonly name: string;
  /** The option that distinguishes it from another command of this name: `--if-absent`. It comes right after the name. */
  readonly option?: string;
  /**
   * The names of the arguments in the usage. Each is one word, except `data`, which is the rest of the line. The last one may be
   * in brackets: then it can be left out.
   */
  readonly parameters: readonly string[];
  /** A short description for `help`. */
  readonly summary: string;
  /** Whether it changes the table: only such commands can be sent without waiting for answers (--pipe). */
  readonly isWrite?: true;
  /**
   * An absent key is an answer. Without one, everything has been shown by `output`. If this throws, the command has failed.
   */
  run(stub: S, args: CommandArguments, output: CommandOutput): Promise<Answer | undefined>;
}

/** For a command that goes on: what it shows meanwhile, and when it is to end. */
export interface CommandOutput {
  /** Shows an answer at once; resolves with whether anybody still reads. */
  readonly show: (answer: Answer) => Promise<boolean>;
  /** Tells of trouble that does not end the command. */
  readonly warn: (text: string) => Promise<void>;
  /** Aborted when the user has had enough: by Enter, or by asking to quit. The command is then to end soon. */
  readonly stop: AbortSignal;
}

export interface CommandArguments {
  /** One for each parameter except `data`, and except one in brackets that was left out. */
  readonly words: readonly string[];
  /** The bytes of the parameter `data`; empty if the command has no such parameter. */
  readonly data: Uint8Array;
}

/** The parameter that takes the rest of the line as bytes, including spaces. It is always the last parameter. */
const dataParameter = 'data';

/** Commands of every client program that do not need the server. */
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
const quote = 34;
const backslash = 92;

function isOptional(parameter: string): boolean {
  return parameter.startsWith('[');
}

/** What `help` and error texts say of a command. */
type CommandUsage = Pick<Command<never>, 'name' | 'option' | 'parameters'>;

/** `put <key> <data>` */
function commandUsage({ name, option, parameters }: CommandUsage): string {
  return [
    name,
    ...(option === undefined ? [] : [option]),
    ...parameters.map((parameter) => (isOptional(parameter) ? parameter : `<${parameter}>`)),
  ].join(' ');
}

export function helpText(commands: readonly (CommandUsage & Pick<Command<never>, 'summary'>)[]): string {
  const rows = [...commands, ...builtinCommands].map((command) => [commandUsage(command), command.summary]);
  const width = Math.max(...rows.map(([usage = '']) => usage.length));
  return rows.map(([usage = '', summary = '']) => `${usage.padEnd(width)}  ${summary}`).join('\n');
}

/**
 * The built-in command in `words`, if there is one.
 * @throws UsageError for a built-in command with arguments
 */
export function findBuiltin([name, ...rest]: readonly string[]): BuiltinName | undefined {
  const builtin = builtinCommands.find((candidate) => candidate.name === name);
  if (builtin !== undefined && rest.length > 0) throw usageError(builtin);
  return builtin?.name;
}

/** @throws UsageError if there is no such command */
export function findCommand<S>(commands: readonly Command<S>[], name: string, option?: string): Command<S> {
  const command = commands.find((candidate) => candidate.name === name && candidate.option === option);
  if (command === undefined) throw new UsageError(`no command ${JSON.stringify(name)}: try help`);
  return command;
}

/**
 * Parses one line. Words are separated by blanks; a word that contains blanks is written in quotes, as a JSON string. A single
 * blank ends the word before `data`; everything after it is the data, unchanged, which need not be text.
 * @throws UsageError for an unknown command, or for a wrong number of arguments
 */
export function parseLine<S>(commands: readonly Command<S>[], line: Buffer): ParsedCommand<S> {
  const [name = '', afterName] = takeWord(line);
  const [option, afterOption] = takeOption(commands, name, afterName);
  const command = findCommand(commands, name, option);
  const words: string[] = [];
  let rest: Buffer | undefined = afterOption;
  for (const parameter of command.parameters) {
    if (rest === undefined && isOptional(parameter)) break;
    if (rest === undefined) throw usageError(command);
    if (parameter === dataParameter) return { command, args: { words, data: new Uint8Array(rest) } };
    const [word, after]: [string | undefined, Buffer | undefined] = takeWord(rest);
    if (word === undefined && !isOptional(parameter)) throw usageError(command);
    if (word !== undefined) words.push(word);
    rest = after;
  }
  if (rest !== undefined && rest.toString().trim() !== '') throw usageError(command);
  return { command, args: { words, data: noData } };
}

/** The option of one of the commands with this name, and what follows it. A key that looks the same is written in quotes. */
function takeOption<S>(
  commands: readonly Command<S>[],
  name: string,
  rest: Buffer | undefined,
): [string | undefined, Buffer | undefined] {
  for (const { name: other, option } of commands) {
    if (option === undefined || other !== name || rest === undefined) continue;
    const text = rest.toString('latin1').trimStart();
    if (text !== option && !text.startsWith(`${option} `)) continue;
    return [option, takeWord(rest)[1]];
  }
  return [undefined, rest];
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The first word, undefined if there is none, and what follows the blank after it: undefined if the line ends with the word.
 * @throws UsageError for bytes that are not text: decoded loosely, two different keys could become the same
 */
function takeWord(line: Buffer): [string | undefined, Buffer | undefined] {
  let start = 0;
  while (line[start] === blank) start += 1;
  if (start === line.length) return [undefined, undefined];
  const blankAt = line[start] === quote ? endOfQuoted(line, start) : line.indexOf(blank, start);
  const end = blankAt < 0 ? line.length : blankAt;
  const word = textOf(line.subarray(start, end));
  return [line[start] === quote ? unquoted(word) : word, blankAt < 0 ? undefined : line.subarray(end + 1)];
}

function textOf(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new UsageError('commands and keys are text in UTF-8', { cause: error });
  }
}

/** Where the blank after the word in quotes is; -1 where the line ends with the word. */
function endOfQuoted(line: Buffer, start: number): number {
  let at = start + 1;
  while (at < line.length && line[at] !== quote) at += line[at] === backslash ? 2 : 1;
  return line.indexOf(blank, at);
}

function unquoted(word: string): string {
  try {
    return JSON.parse(word) as string;
  } catch (error) {
    const text = `a word that begins with a quote is a JSON string, like "a key" or "\\"", not ${word}`;
    throw new UsageError(text, { cause: error });
  }
}

/** A command on the program's own command line. */
export interface CommandWords {
  readonly name: string;
  readonly option: string | undefined;
  readonly words: readonly string[];
}

/**
 * Parses the command on the program's own command line, which is already split into words. `data` is the remaining words
 * joined by blanks, or `fileData` if that is given.
 * @throws UsageError as {@link parseLine}
 */
export function parseWords<S>(
  commands: readonly Command<S>[],
  { name, option, words: rest }: CommandWords,
  fileData: Uint8Array | undefined,
): ParsedCommand<S> {
  const command = findCommand(commands, name, option);
  const takesData = command.parameters.at(-1) === dataParameter;
  const wordCount = command.parameters.length - (takesData ? 1 : 0);
  const words = rest.slice(0, wordCount);
  const dataWords = rest.slice(wordCount);
  const dataGiven = dataWords.length > 0 || fileData !== undefined;
  const dataTwice = dataWords.length > 0 && fileData !== undefined;
  const wordsNeeded = command.parameters.some(isOptional) ? wordCount - 1 : wordCount;
  if (words.length < wordsNeeded || dataGiven !== takesData || dataTwice) throw usageError(command);
  return { command, args: { words, data: fileData ?? new TextEncoder().encode(dataWords.join(' ')) } };
}

function usageError(command: CommandUsage): UsageError {
  return new UsageError(`usage: ${commandUsage(command)}`);
}
