import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { errorText } from '../errors.ts';

/** Wrong arguments: the program prints its usage and exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface Arguments {
  readonly positionals: string[];
  readonly values: { readonly [option: string]: string | boolean | (string | boolean)[] | undefined };
}

/**
 * Splits `argv` into options and positional arguments.
 * @param plainAfter after this many positional arguments, an argument with a single dash is positional, too: `-5`.
 *   Options then need two dashes.
 * @throws UsageError for an unknown option, a missing value, or a value for an option that takes none
 */
export function parseArguments(
  argv: readonly string[],
  options: ParseArgsOptionsConfig,
  { plainAfter = Number.POSITIVE_INFINITY }: { plainAfter?: number } = {},
): Arguments {
  try {
    const { positionals, rest } = takePositionals(argv, options, plainAfter);
    return { positionals, values: parseArgs({ args: rest, options }).values };
  } catch (error) {
    // The first sentence of Node's message names the option; the rest explains `--`.
    const [sentence] = errorText(error).split(/\. |\n/);
    throw new UsageError(sentence, { cause: error });
  }
}

/** The positional arguments, and everything else in its order. */
function takePositionals(
  argv: readonly string[],
  options: ParseArgsOptionsConfig,
  plainAfter: number,
): { positionals: string[]; rest: string[] } {
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const positionals: string[] = [];
  const rest: string[] = [];
  let lastIndex = -1;
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    // Of several short options in one argument (`-abc`) the first one stands for all.
    if (token.index === lastIndex) continue;
    lastIndex = token.index;
    const text = argv[token.index] as string;
    if (token.kind === 'positional') positionals.push(token.value);
    else if (positionals.length >= plainAfter && !text.startsWith('--')) positionals.push(text);
    else if (token.value !== undefined && !token.inlineValue) rest.push(text, token.value);
    else rest.push(text);
  }
  return { positionals, rest };
}

/** The error text for wrong arguments. The cause comes last, so that it stays visible. */
export function usageErrorText(name: string, usage: string, error: unknown): string {
  return `${usage.trimEnd()}\n\n${name}: ${errorText(error)}\n`;
}

/**
 * Parses `text` as a whole number from `min` to `max`.
 * @throws UsageError that names the argument as `name`
 */
export function integerArgument(
  name: string,
  text: string,
  { min, max }: { min: number; max: number },
): number {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new UsageError(`${name} is a whole number from ${min} to ${max}, not ${JSON.stringify(text)}`);
}
