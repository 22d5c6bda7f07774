import { untrackedFiles } from '../handout/contents.ts';

const namesShown = 5;

/** Says on standard error which files of the kit did not go out, because git does not know them. */
export function warnOfUntracked(root: string): void {
  const files = untrackedFiles(root).filter((file) => /^(shared|part\d|course|scripts)\//.test(file));
  if (files.length === 0) return;
  const more = files.length > namesShown ? `, and ${files.length - namesShown} more` : '';
  console.error(
    `left out, because git does not know them (git add FILE): ${files.slice(0, namesShown).join(', ')}${more}`,
  );
}
