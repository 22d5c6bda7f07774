import { errorText } from '@tablelab/shared';
import type { RunResult } from '../../sim/run-seed.ts';
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

/**
 * Runs seeds from 1 in a simulator of a mutant until one fails; any other crash counts, too. Undefined: none has
 * failed.
 */
export async function caughtBySeed(edit: Edit, seedsMax: number): Promise<Caught | undefined> {
  type Simulator = { runSeed(options: { readonly seed: number }): Promise<RunResult> };
  const { runSeed } = await loadWith<Simulator>(edit, 'sim/run-seed.ts');
  for (let seed = 1; seed <= seedsMax; seed += 1) {
    const found = await caughtBy(`seed ${seed}`, async () => {
      const { failure } = await runSeed({ seed });
      if (failure !== undefined) throw new Error(failure);
    });
    if (found !== undefined) return found;
  }
  return undefined;
}
