import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { TableError } from '@tablelab/shared';
import { integerArgument, parseArguments, UsageError } from '@tablelab/shared/command-line';
import { defaultTimeouts } from '../client/remote-stub.ts';
import { defaultFrameBytesMax } from '../wire/framing.ts';
import { type Answer, type Command, helpText, type ParsedCommand, parseWords } from './command.ts';

/** The command line of a client program, and the files that it may name. */

export interface ClientFlags {
  /** How long an answer may take, in milliseconds. */
  readonly timeoutMs: number;
}

export interface Invocation extends ClientFlags {
  readonly address: string;
  /** The command on the program's own command line. If it is empty, commands come from standard input. */
  readonly words: readonly string[];
  readonly json: boolean;
  readonly file: string | undefined;
}

const noData = new Uint8Array(0);

/** A longer value does not fit into a message. */
const fileBytesMax = defaultFrameBytesMax;

/** @throws UsageError */
export function parseInvocation(argv: readonly string[]): Invocation | 'help' {
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

/**
 * The command after the address; undefined if there is none.
 * @throws UsageError; TableError TOO_LARGE; Node's error for a file that cannot be read
 */
export async function parseOneShot<S>(
  commands: readonly Command<S>[],
  { words: [name, ...rest], file }: Invocation,
): Promise<ParsedCommand<S> | undefined> {
  if (name === undefined) return undefined;
  if (file === undefined || name !== 'put') return parseWords(commands, [name, ...rest], undefined);
  // Arguments are checked first: if they are wrong, the file does not matter.
  const { command, args } = parseWords(commands, [name, ...rest], noData);
  return { command, args: { ...args, data: await readValue(file) } };
}

async function readValue(file: string): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  // Reads at most one byte more than allowed, which is enough to notice: a device may never end.
  for await (const chunk of createReadStream(file, { end: fileBytesMax })) chunks.push(chunk);
  const value = Buffer.concat(chunks);
  if (value.length <= fileBytesMax) return value;
  throw new TableError('TOO_LARGE', `${file} has more than ${fileBytesMax} bytes`);
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
  --file <path>        put: take the data from this file; get: write the value to it
  --timeout <seconds>  how long an answer may take (${defaultTimeouts.callTimeoutMs / 1_000})
  -h, --help           show this text
`;
}
