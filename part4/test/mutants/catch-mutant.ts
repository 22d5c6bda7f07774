import { errorText } from '@tablelab/shared';
import { runSeed } from '../../sim/run-seed.ts';
import { loadMutantCore } from './mutant-core.ts';
import type { Mutant } from './mutants.ts';
import { scripts } from './scripts.ts';

export interface Caught {
  /** What caught it, as a person says it. */
  readonly by: string;
  /** How many seeds that took; undefined where a script did it. */
  readonly seeds: number | undefined;
  /** The rule that it broke. */
  readonly rule: string;
}

/** Runs a broken core against what is to find it: its script, or seeds from 1 up. Undefined: it got away. */
export async function catchMutant(mutant: Mutant): Promise<Caught | undefined> {
  const { caughtBy } = mutant;
  const Core = await loadMutantCore(mutant);
  if (typeof caughtBy === 'string') {
    try {
      scripts[caughtBy](Core);
      return undefined;
    } catch (error) {
      return { by: `the script "${caughtBy}"`, seeds: undefined, rule: firstLine(errorText(error)) };
    }
  }
  for (let seed = 1; seed <= caughtBy.seedsMax; seed += 1) {
    const { failure } = await runSeed({ seed, Core });
    if (failure !== undefined) return { by: `seed ${seed}`, seeds: seed, rule: firstLine(failure) };
  }
  return undefined;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] as string;
}
