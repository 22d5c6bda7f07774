import { must } from '@tablelab/shared';
import { builtinCommands, type Command, findCommand } from './command.ts';
import { isTypeable } from './value-text.ts';

/** With more candidates than this, only their common prefix is completed. */
const completionsMax = 100;

/**
 * The completions of the last word of `line`: commands, their options, or keys if
 * the command takes a key there. Keys that cannot be typed
 * as one word are left out.
 * @throws UsageError for an unknown command; what `getKeys` throws
 */
export async function completions<S>(
  line: string,
  commands: readonly Command<S>[],
  getKeys: (prefix: string) => Promise<readonly string[]>,
): Promise<string[]> {
  const [name, word, ...more] = line.trimStart().split(' ') as [string, ...string[]];
  if (word === undefined) {
    const names = [...new Set([...commands, ...builtinCommands].map((command) => `${command.name} `))];
    return names.filter((candidate) => candidate.startsWith(name));
  }
  const options = commands.filter((command) => command.name === name).map(({ option = '' }) => `${option} `);
  const wanted = options.filter((option) => word.startsWith('--') && option.startsWith(word));
  if (wanted.length > 0 && more.length === 0) return wanted;
  const option = commands.find((command) => command.name === name && command.option === word)?.option;
  const [start = word, ...rest] = option === undefined ? [word, ...more] : more;
  if (rest.length > 0 || !takesKey(findCommand(commands, name, option).parameters)) return [];
  const keys = (await getKeys(start))
    .filter((key) => key.startsWith(start) && /^\S+$/.test(key) && isTypeable(key))
    .sort();
  return keys.length > completionsMax ? [commonPrefix(keys)] : keys;
}

function takesKey([first]: readonly string[]): boolean {
  return first === 'key' || first === '[prefix]';
}

/** The common prefix of sorted strings, which is that of the first and the last. */
function commonPrefix(sorted: readonly string[]): string {
  const first = must(sorted[0], 'there are many keys');
  const last = must(sorted.at(-1), 'there are many keys');
  let length = 0;
  while (length < first.length && first[length] === last[length]) length += 1;
  // The first half of a surrogate pair is not a character, so it is removed, too.
  return first.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}
