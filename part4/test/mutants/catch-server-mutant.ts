import type { serverChecks } from '../support/server-checks.ts';
import { type Caught, caughtBy, caughtBySeed } from './caught.ts';
import { loadWith } from './load-mutant.ts';
import type { ServerMutant } from './server-mutants.ts';

/** Gives a broken server to what is to find it: a check, or seeds from 1 up. Undefined: it got away. */
export async function catchServerMutant(mutant: ServerMutant): Promise<Caught | undefined> {
  if ('seedsMax' in mutant) return caughtBySeed(mutant, mutant.seedsMax);
  const { check } = mutant;
  type Checks = { readonly serverChecks: typeof serverChecks };
  const loaded = await loadWith<Checks>(mutant, 'test/support/server-checks.ts');
  return caughtBy(check, () => loaded.serverChecks[check]());
}
