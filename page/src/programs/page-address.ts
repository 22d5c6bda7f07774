import { readFileSync } from 'node:fs';
import { editListFrom } from '@tablelab/part4/sim/edit-list';
import { lessons } from '@tablelab/part4/sim/lessons';
import { errorText } from '@tablelab/shared';
import { integerArgument, UsageError } from '@tablelab/shared/command-line';
import { type RunName, runQuery, seedMax } from '../browser/run-name.ts';
import { runOptionsOf } from '../browser/run-options.ts';

/** What the page is to show first, as the command's options say it. */
export interface Opening {
  readonly seed?: string | undefined;
  /** A file with a list of edits. */
  readonly edits?: string | undefined;
  readonly faults?: string | undefined;
  readonly keep?: string | undefined;
  readonly disks?: boolean | undefined;
  /** The number of an event. */
  readonly open?: string | undefined;
  /** The anchor of a rule: the lesson that shows it. */
  readonly rule?: string | undefined;
}

/** The part of the page's address behind `#`; empty for a page that nobody asked for something. @throws UsageError */
export function fragmentOf({ seed, edits, faults, keep, disks = false, open, rule }: Opening): string {
  if (rule !== undefined && seed !== undefined)
    throw new UsageError('--rule names a lesson, and --seed a run: give one of them');
  if (rule !== undefined) return `#${new URLSearchParams({ lesson: lessonOf(rule), step: '1' })}`;
  if (seed === undefined) {
    const [other] = Object.entries({ edits, faults, keep, open }).flatMap(([name, value]) =>
      value === undefined ? [] : [name],
    );
    if (other !== undefined || disks)
      throw new UsageError(`--${other ?? 'disks'} belongs to a seed: give --seed, too`);
    return '';
  }
  const run: RunName = {
    seed: integerArgument('--seed', seed, { min: 0, max: seedMax }),
    edits: edits === undefined ? undefined : editsIn(edits),
    faults,
    keep,
    hasDisks: disks,
  };
  try {
    runOptionsOf(run);
  } catch (error) {
    throw new UsageError(errorText(error));
  }
  const step = open === undefined ? undefined : integerArgument('--open', open, { min: 0, max: seedMax });
  return `#${runQuery(run, step)}`;
}

function lessonOf(rule: string): string {
  const found = lessons.find(({ anchor }) => anchor === rule);
  if (found === undefined) throw new UsageError(`no lesson shows the rule ${JSON.stringify(rule)}`);
  return found.name;
}

/** Without the white space of the file, so that the address is short. */
function editsIn(file: string): string {
  try {
    return JSON.stringify(editListFrom(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new UsageError(`${file}: ${errorText(error)}`);
  }
}
