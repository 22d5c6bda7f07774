import { runSeed } from '../../sim/run-seed.ts';
import type { ChainCore } from '../../src/core/chain-core.ts';
import { type Caught, caught, caughtBy } from './caught.ts';
import { loadWith } from './load-mutant.ts';
import type { Mutant } from './mutants.ts';
import { scripts } from './scripts.ts';

/** Runs a broken core against its script, or against its seeds. Undefined: it was not caught. */
export async function catchMutant(mutant: Mutant): Promise<Caught | undefined> {
  const { caughtBy: finder } = mutant;
  type Module = { readonly ChainCore: typeof ChainCore };
  const { ChainCore: Core } = await loadWith<Module>(mutant, 'src/core/chain-core.ts');
  if (typeof finder === 'string') return caughtBy(`the script "${finder}"`, () => scripts[finder](Core));
  for (let seed = finder.seedsFrom ?? 1; seed <= finder.seedsMax; seed += 1) {
    const { failure } = await runSeed({ seed, Core });
    if (failure !== undefined) return caught(`seed ${seed}`, failure);
  }
  return undefined;
}
