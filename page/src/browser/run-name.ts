/** What repeats a run. An address holds it under the names that the options of `npm run sim` have. */
export interface RunName {
  readonly seed: number;
  /** What a person does in it, as JSON: an `EditList` of the simulator. */
  readonly edits: string | undefined;
  /** The kinds of its faults, separated by commas, or `none`; undefined for all. */
  readonly faults: string | undefined;
  /** The numbers of the seed's faults that happen, separated by commas; undefined for all. */
  readonly keep: string | undefined;
  /** The servers keep their data on disks, to which faults happen, too. */
  readonly hasDisks: boolean;
}

export const seedMax = 2 ** 31;

/** A seed with all its faults. */
export function runOf(seed: number, edits?: string): RunName {
  return { seed, edits, faults: undefined, keep: undefined, hasDisks: false };
}

/** A seed that is none is seed 1. */
export function runFromQuery(asked: URLSearchParams): RunName {
  const seed = Number(asked.get('seed') ?? 1);
  return {
    seed: Number.isInteger(seed) && seed >= 0 && seed <= seedMax ? seed : 1,
    edits: asked.get('edits') ?? undefined,
    faults: asked.get('faults') ?? undefined,
    keep: asked.get('keep') ?? undefined,
    hasDisks: asked.has('disks'),
  };
}

/** @param step the event at which the page shows the run; by default, the page chooses */
export function runQuery(
  { seed, edits, faults, keep, hasDisks }: RunName,
  step: number | undefined,
): URLSearchParams {
  const asked = new URLSearchParams({ seed: String(seed) });
  if (step !== undefined) asked.set('step', String(step));
  if (hasDisks) asked.set('disks', '');
  if (faults !== undefined) asked.set('faults', faults);
  if (keep !== undefined) asked.set('keep', keep);
  if (edits !== undefined) asked.set('edits', edits);
  return asked;
}

export function isSameRun(one: RunName, other: RunName): boolean {
  return String(runQuery(one, undefined)) === String(runQuery(other, undefined));
}
