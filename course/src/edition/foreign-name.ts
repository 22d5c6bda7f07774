import { loadEditionTable } from './table.ts';

/**
 * Whether a submission seems to be of another edition: a sentence that names the first name in it that this edition does not have.
 * @param kit the root of the kit, whose table lists the names that editions have
 * @param given texts of the graded kit: every name in them is right
 */
export function otherEditionHint(
  kit: string,
  edition: string | undefined,
  { given, files }: { readonly given: readonly string[]; readonly files: ReadonlyMap<string, Buffer> },
): string | undefined {
  const { names, prefixes } = loadEditionTable(kit);
  const wholes = Object.entries(names).flatMap(([old, others]) =>
    [old, ...others].map((name) => `${name}\\b`),
  );
  const starts = Object.entries(prefixes).flatMap(([old, others]) =>
    [old, ...others].map((start) => `${start}[A-Z]+\\b`),
  );
  const word = new RegExp(`\\b(?:${[...wholes, ...starts].join('|')})`, 'g');
  const known = new Set(given.flatMap((text) => text.match(word) ?? []));
  for (const [file, content] of files) {
    const foreign = content
      .toString()
      .match(word)
      ?.find((name) => !known.has(name));
    if (foreign === undefined) continue;
    const graded = edition === undefined ? 'the kit without an edition' : `edition ${edition}`;
    return `The submission seems to be of another edition: ${file} uses ${foreign}, which ${graded} does not have.`;
  }
  return undefined;
}
