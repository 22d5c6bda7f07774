import type { RunOptions } from './run-seed.ts';

/** The command that runs a seed again, with its faults and the edits in a file. */
export function commandOf({ seed, kinds, hasDisks, faults }: RunOptions, edits?: string): string {
  const options = [
    `--seed ${seed}`,
    hasDisks === true && '--disks',
    kinds && `--faults ${kinds.length === 0 ? 'none' : kinds.join(',')}`,
    faults && `--keep ${faults.length === 0 ? '""' : faults.join(',')}`,
    edits !== undefined && `--edits ${quoted(edits)}`,
  ];
  return ['npm run sim --', ...options.filter(Boolean)].join(' ');
}

/** A word for a shell. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
