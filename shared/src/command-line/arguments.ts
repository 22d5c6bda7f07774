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
 * @throws UsageError for an unknown option, a missing value, or a value for an option that takes none
 */
export function parseArguments(argv: readonly string[], options: ParseArgsOptionsConfig): Arguments {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    // The first sentence of Node's message names the option; the rest explains `--`.
    const [sentence] = errorText(error).split(/\. |\n/);
    throw new UsageError(sentence, { cause: error });
  }
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
