import { must } from '@tablelab/shared';
import { builtinCommands, type Command, findCommand } from './command.ts';
import { isTypeable } from './value-text.ts';

/** With more candidates than this, only their common prefix is completed. */
const completionsMax = 100;

/**
 * The completions of the last word of `line`: commands, or keys if the command takes a key there. Keys that cannot be typed
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
    const names = [...commands, ...builtinCommands].map((command) => `${command.name} `);
    return names.filter((candidate) => candidate.startsWith(name));
  }
  if (more.length > 0 || !takesKey(findCommand(commands, name).parameters)) return [];
  const keys = (await getKeys(word))
    .filter((key) => key.startsWith(word) && /^\S+$/.test(key) && isTypeable(key))
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
