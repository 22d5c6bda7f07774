import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { TableError } from '@tablelab/shared';
import { integerArgument, parseArguments, UsageError } from '@tablelab/shared/command-line';
import { defaultTimeouts } from '../client/remote-stub.ts';
import { defaultFrameBytesMax } from '../wire/framing.ts';
import { type Answer, type Command, helpText, type ParsedCommand, parseWords } from './command.ts';
import { ifAbsentOption, ifEqualsOption } from './conditional-puts.ts';

/** The command line of a client program, and the files that it may name. */

export interface ClientFlags {
  /** How long an answer may take, in milliseconds. */
  readonly timeoutMs: number;
}

export interface Invocation extends ClientFlags {
  readonly address: string;
  /** The command on the program's own command line. If it is empty, commands come from standard input. */
  readonly words: readonly string[];
  /** The condition of a put there. */
  readonly option: string | undefined;
  readonly json: boolean;
  /** The argument of --file, or {@link standardStream} for --raw. */
  readonly file: string | undefined;
  /** Whether commands are sent without waiting for the answers to those before. */
  readonly pipe: boolean;
  /** Whether an absent key, or a condition that is not met, makes the exit code {@link noExitCode}. */
  readonly failAbsent: boolean;
}

/** The exit code for an absent key, and for a condition that is not met, with --fail-absent. */
export const noExitCode = 3;

/** As a file: standard input for put, standard output for get. */
const standardStream = '-';
const standardOutputFiles = [standardStream, '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1'];

const noData = new Uint8Array(0);

/** The longest value that fits into a message. */
const fileBytesMax = defaultFrameBytesMax;

/** @throws UsageError */
export function parseInvocation(argv: readonly string[]): Invocation | 'help' {
  const { positionals, values } = parseArguments(
    argv,
    {
      json: { type: 'boolean', default: false },
      file: { type: 'string' },
      raw: { type: 'boolean', default: false },
      'if-absent': { type: 'boolean', default: false },
      'if-equals': { type: 'string' },
      pipe: { type: 'boolean', default: false },
      'fail-absent': { type: 'boolean', default: false },
      timeout: { type: 'string', default: String(defaultTimeouts.callTimeoutMs / 1_000) },
      help: { type: 'boolean', short: 'h', default: false },
    },
    // Behind the address and the command's name come keys and data.
    { plainAfter: 2 },
  );
  if (values.help === true) return 'help';
  const [address, ...words] = positionals;
  if (address === undefined) throw new UsageError('the address is missing');
  const timeoutMs = 1_000 * integerArgument('--timeout', String(values.timeout), { min: 1, max: 86_400 });
  const invocation = {
    address,
    ...withCondition(words, values),
    json: values.json === true,
    file: fileOf(values, words[0]),
    pipe: values.pipe === true,
    failAbsent: values['fail-absent'] === true,
    timeoutMs,
  };
  if (invocation.pipe && words.length > 0)
    throw new UsageError('--pipe takes its commands from standard input');
  if (invocation.json && printsBytes(invocation)) {
    throw new UsageError('--json does not go with a value on standard output');
  }
  return invocation;
}

/** The condition's value comes before the key, as in a line of input. */
function withCondition(
  words: readonly string[],
  { 'if-absent': ifAbsent, 'if-equals': expected }: Readonly<Record<string, unknown>>,
): Pick<Invocation, 'words' | 'option'> {
  const isEquals = typeof expected === 'string';
  if (ifAbsent !== true && !isEquals) return { words, option: undefined };
  const [name, ...rest] = words;
  if (name !== 'put') throw new UsageError('--if-absent and --if-equals go with put on the command line');
  if (ifAbsent === true && isEquals)
    throw new UsageError('--if-absent and --if-equals contradict each other');
  if (isEquals) return { words: [name, expected, ...rest], option: ifEqualsOption };
  return { words, option: ifAbsentOption };
}

function fileOf({ file, raw }: Readonly<Record<string, unknown>>, command: string | undefined) {
  if (file !== undefined && command !== 'put' && command !== 'get') {
    throw new UsageError('--file goes with put or get on the command line');
  }
  if (raw !== true) return typeof file === 'string' ? file : undefined;
  if (command !== 'get') throw new UsageError('--raw goes with get on the command line');
  if (file !== undefined) throw new UsageError('--raw and --file name two places for one value');
  return standardStream;
}

/** Whether standard output gets the bytes of a value, and nothing else. */
export function printsBytes({ words, file }: Pick<Invocation, 'words' | 'file'>): boolean {
  return words[0] === 'get' && file !== undefined && standardOutputFiles.includes(file);
}

/**
 * The command after the address; undefined if there is none.
 * @throws UsageError; TableError TOO_LARGE; Node's error for a file that cannot be read
 */
export async function parseOneShot<S>(
  commands: readonly Command<S>[],
  { words: [name, ...words], option, file }: Invocation,
  stdin: Readable,
): Promise<ParsedCommand<S> | undefined> {
  if (name === undefined) return undefined;
  if (file === undefined || name !== 'put') return parseWords(commands, { name, option, words }, undefined);
  // Arguments are checked first: if they are wrong, the file does not matter.
  const { command, args } = parseWords(commands, { name, option, words }, noData);
  return { command, args: { ...args, data: await readValue(file, stdin) } };
}

async function readValue(file: string, stdin: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of file === standardStream ? stdin : createReadStream(file)) {
    chunks.push(Buffer.from(chunk));
    bytes += chunk.length;
    // A device may never end.
    if (bytes > fileBytesMax)
      throw new TableError('TOO_LARGE', `${file} has more than ${fileBytesMax} bytes`);
  }
  return Buffer.concat(chunks);
}

/** Writes the answer's value, if it has one, to `file`; returns the answer to show instead. */
export async function storeValue(answer: Answer, file: string): Promise<Answer> {
  if (answer.value === undefined) return answer;
  await writeFile(file, answer.value);
  const bytes = answer.value.length;
  return { text: `${bytes} bytes written to ${file}`, json: { found: true, file, bytes } };
}

export function usageText<S>(name: string, addressName: string, commands: readonly Command<S>[]): string {
  return `usage: ${name} [options] ${addressName} [command]

Without a command it reads commands from standard input, one a line.

Commands:
${helpText(commands).replace(/^/gm, '  ')}

Options:
  --json               answer with one JSON object a line
  --file <path>        put: take the data from this file; get: write the value to it. - is standard input or output
  --raw                get: write the bytes of the value to standard output, and nothing else
  --pipe               send the commands on standard input, which must be writes, without waiting for answers; tell of
                       errors by line
  --if-absent          put: only if there is no such key
  --if-equals <value>  put: only if that is the value of the key
  --fail-absent        exit with ${noExitCode} if the key of a command is absent, or the condition of a put is not met
  --timeout <seconds>  how long an answer may take (${defaultTimeouts.callTimeoutMs / 1_000})
  -h, --help           show this text

Behind the command only options with two dashes are recognised, and none behind --.
`;
}
