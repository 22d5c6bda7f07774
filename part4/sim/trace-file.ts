import { TableError } from '@tablelab/shared';
import { z } from 'zod';
import { type EditList, editListFrom } from './directed/edit-list.ts';
import type { RunOptions } from './run-seed.ts';

/**
 * What `npm run sim -- --trace` prints, as text that somebody has kept. Its first line says what makes the run, `# run {"seed":1}`, so the run can be
 * repeated from the file alone; its lines are those of the trace, and then a summary with the trace's hash.
 */

const headerBegin = '# run ';
const traceLine = /^\d+\.\d{3} \S/;
const summary = /^seed \d+: trace ([0-9a-f]{8}), \d+ steps/;

/** Further down a text, nobody looks for the first line of a trace. */
const firstLineMax = 20;

const seedMax = 2 ** 31;
const listMax = 10_000;

/** Strict: what is not known here makes another run. */
const headerSchema = z.strictObject({
  seed: z.int().min(0).max(seedMax),
  disks: z.boolean().optional(),
  /** The kinds of its faults. */
  faults: z.array(z.string()).max(listMax).optional(),
  /** The numbers of those that happen. */
  keep: z.array(z.int().min(0).max(seedMax)).max(listMax).optional(),
  edits: z.unknown().optional(),
});

export type TraceHeader = Omit<z.infer<typeof headerSchema>, 'edits'> & {
  readonly edits?: EditList;
};

export interface TraceFile {
  /** What makes the run; undefined if the text does not say it, because it is a part of a trace. */
  readonly header: TraceHeader | undefined;
  /** Of all events of the run; undefined if the text has no summary. */
  readonly hash: string | undefined;
  readonly lines: readonly string[];
}

/** The first line of a trace that is printed. */
export function traceHeader({ seed, hasDisks, kinds, faults }: RunOptions, edits?: EditList): string {
  const header = {
    seed,
    ...(hasDisks === true ? { disks: true } : {}),
    ...(kinds === undefined ? {} : { faults: kinds }),
    ...(faults === undefined ? {} : { keep: faults }),
    ...(edits === undefined ? {} : { edits }),
  };
  return `${headerBegin}${JSON.stringify(header)}`;
}

/** Whether a text looks like a trace, to be read by {@link traceFrom}. */
export function isTrace(text: string): boolean {
  const first = firstLine(text.split(/\r?\n/, firstLineMax));
  return first.startsWith(headerBegin) || traceLine.test(first);
}

/** @throws TableError BAD_REQUEST for a first line that is wrong, or without a line of a trace */
export function traceFrom(text: string): TraceFile {
  const all = text.split(/\r?\n/);
  const first = firstLine(all);
  const header = first.startsWith(headerBegin) ? headerFrom(first.slice(headerBegin.length)) : undefined;
  const lines = all.filter((line) => traceLine.test(line));
  if (lines.length === 0 && header === undefined)
    throw new TableError('BAD_REQUEST', 'the text has no line of a trace');
  const hashes = all.flatMap((line) => summary.exec(line)?.[1] ?? []);
  return { header, hash: hashes.at(-1), lines };
}

/** npm writes above the output what it runs, with `>` and empty lines. */
function firstLine(lines: readonly string[]): string {
  return lines.find((line) => line !== '' && !line.startsWith('> ')) ?? '';
}

function headerFrom(text: string): TraceHeader {
  try {
    const { edits, ...header } = headerSchema.parse(JSON.parse(text));
    return edits === undefined ? header : { ...header, edits: editListFrom(JSON.stringify(edits)) };
  } catch (cause) {
    const isKnown = cause instanceof TableError || cause instanceof z.ZodError;
    const detail = isKnown ? `: ${cause instanceof TableError ? cause.message : z.prettifyError(cause)}` : '';
    throw new TableError(
      'BAD_REQUEST',
      `the first line of the trace does not say what makes its run${detail}`,
      {
        cause,
      },
    );
  }
}
