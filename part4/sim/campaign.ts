import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { FaultKind } from './faults.ts';
import { type RunOptions, type RunResult, runSeed } from './run-seed.ts';

export interface SeedRange {
  readonly first: number;
  readonly last: number;
}

export type CampaignOptions = SeedRange & Pick<RunOptions, 'kinds' | 'hasDisks'>;

/** The results of many runs. */
export interface Tally {
  runs: number;
  /** Runs that ended early: see {@link RunResult.isVoid}. */
  voids: number;
  operations: number;
  steps: number;
  readonly faults: Map<FaultKind, number>;
  /** See {@link RunResult.counts}. */
  readonly counts: Map<string, number>;
  readonly failures: { readonly seed: number; readonly failure: string }[];
}

/** The number of seeds that a worker gets at a time. */
const portionSeeds = 50;

function newTally(): Tally {
  return { runs: 0, voids: 0, operations: 0, steps: 0, faults: new Map(), counts: new Map(), failures: [] };
}

function count(tally: Tally, result: RunResult): void {
  tally.runs += 1;
  tally.voids += Number(result.isVoid);
  tally.operations += result.operations.length;
  tally.steps += result.steps;
  addCounts(tally.faults, result.happened);
  addCounts(tally.counts, result.counts);
  if (result.failure !== undefined) tally.failures.push({ seed: result.seed, failure: result.failure });
}

function add(tally: Tally, other: Tally): void {
  tally.runs += other.runs;
  tally.voids += other.voids;
  tally.operations += other.operations;
  tally.steps += other.steps;
  addCounts(tally.faults, other.faults);
  addCounts(tally.counts, other.counts);
  tally.failures.push(...other.failures);
}

export function sum(tallies: readonly Tally[]): Tally {
  const total = newTally();
  for (const tally of tallies) add(total, tally);
  return total;
}

function addCounts<Kind>(to: Map<Kind, number>, from: ReadonlyMap<Kind, number>): void {
  for (const [kind, times] of from) to.set(kind, (to.get(kind) ?? 0) + times);
}

export async function runPortion({ first, last, ...options }: CampaignOptions): Promise<Tally> {
  const tally = newTally();
  for (let seed = first; seed <= last; seed += 1) {
    count(tally, await runSeed({ seed, ...options }));
  }
  return tally;
}

/** Runs all seeds of a range on `workers` threads; `onPortion` gets the progress. */
export async function runCampaign(
  options: CampaignOptions,
  { workers, onPortion }: { readonly workers: number; readonly onPortion: (tally: Tally) => void },
): Promise<Tally> {
  const total = newTally();
  let next = options.first;
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./seed-worker.ts', import.meta.url));
    try {
      while (next <= options.last) {
        const first = next;
        const last = Math.min(options.last, first + portionSeeds - 1);
        next = last + 1;
        worker.postMessage({ ...options, first, last });
        const [tally] = (await once(worker, 'message')) as [Tally];
        add(total, tally);
        onPortion(total);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return total;
}
