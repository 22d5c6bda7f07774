import { errorText } from '@tablelab/shared';
import type { FaultKind } from '../../sim/faults.ts';
import type { RunOptions, RunResult } from '../../sim/run-seed.ts';
import { type Edit, loadWith } from './load-mutant.ts';

export interface Caught {
  /** What caught it, for reports. */
  readonly by: string;
  /** The rule that was broken. */
  readonly rule: string;
}

export function caught(by: string, failure: string): Caught {
  return { by, rule: failure.split('\n', 1)[0] as string };
}

/** Undefined: `run` found nothing. */
export async function caughtBy(by: string, run: () => unknown): Promise<Caught | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return caught(by, errorText(error));
  }
}

/** The seeds that must catch a mutant. */
export interface Seeds {
  /** The first that is tried: for a rare bug, which would take half a minute from 1 on. Default: 1. */
  readonly seedsFrom?: number;
  readonly seedsMax: number;
  /** Whether the simulated servers have disks. */
  readonly hasDisks?: boolean;
  /** The faults of the runs. Default: all kinds. */
  readonly kinds?: readonly FaultKind[];
}

/**
 * Runs seeds from `seedsFrom` in a simulator of a mutant until one fails; any other crash counts, too. Undefined: none has
 * failed.
 */
export async function caughtBySeed(
  edit: Edit,
  { seedsFrom = 1, seedsMax, hasDisks = false, kinds }: Seeds,
): Promise<Caught | undefined> {
  type Simulator = { runSeed(options: Pick<RunOptions, 'seed' | 'hasDisks' | 'kinds'>): Promise<RunResult> };
  const { runSeed } = await loadWith<Simulator>(edit, 'sim/run-seed.ts');
  for (let seed = seedsFrom; seed <= seedsMax; seed += 1) {
    const found = await caughtBy(`seed ${seed}`, async () => {
      const { failure } = await runSeed({ seed, hasDisks, ...(kinds === undefined ? {} : { kinds }) });
      if (failure !== undefined) throw new Error(failure);
    });
    if (found !== undefined) return found;
  }
  return undefined;
}
