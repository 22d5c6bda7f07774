import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { errorText } from '../errors.ts';

/** The arguments are wrong: the program shows its usage and exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface Arguments {
  readonly positionals: string[];
  readonly values: { readonly [option: string]: string | boolean | (string | boolean)[] | undefined };
}

/**
 * Splits `argv` into options and the rest.
 * @throws UsageError for an option that is unknown, or whose value is missing or one too many
 */
export function parseArguments(argv: readonly string[], options: ParseArgsOptionsConfig): Arguments {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    // Node's text names the option, and goes on about `--` behind the first sentence.
    const [sentence] = errorText(error).split(/\. |\n/);
    throw new UsageError(sentence, { cause: error });
  }
}

/**
 * The whole number from `min` to `max` that `text` holds.
 * @throws UsageError, which calls the argument by `name`
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
