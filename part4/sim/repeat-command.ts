import type { RunOptions } from './run-seed.ts';

/** The command that runs a seed again, with its faults and the edits in a file. */
export function commandOf(options: RunOptions, edits?: string): string {
  return ['npm run sim --', ...optionsOf(options, edits)].join(' ');
}

/** The command that shows the same run in a browser. */
export function pageCommandOf(options: RunOptions, edits?: string): string {
  return ['npm run page --', ...optionsOf(options, edits)].join(' ');
}

function optionsOf({ seed, kinds, hasDisks, faults }: RunOptions, edits?: string): string[] {
  return [
    `--seed ${seed}`,
    ...(hasDisks === true ? ['--disks'] : []),
    ...(kinds === undefined ? [] : [`--faults ${kinds.length === 0 ? 'none' : kinds.join(',')}`]),
    ...(faults === undefined ? [] : [`--keep ${faults.length === 0 ? '""' : faults.join(',')}`]),
    ...(edits === undefined ? [] : [`--edits ${quoted(edits)}`]),
  ];
}

/** A word for a shell. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
