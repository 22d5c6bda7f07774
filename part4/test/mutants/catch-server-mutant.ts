import type { serverChecks } from '../support/server-checks.ts';
import { type Caught, caughtBy, caughtBySeed } from './caught.ts';
import { loadWith } from './load-mutant.ts';
import type { ServerMutant } from './server-mutants.ts';

/** Runs a broken server against its check, or against its seeds. Undefined: it was not caught. */
export async function catchServerMutant(mutant: ServerMutant): Promise<Caught | undefined> {
  if ('seedsMax' in mutant) return caughtBySeed(mutant, mutant);
  const { check } = mutant;
  type Checks = { readonly serverChecks: typeof serverChecks };
  const loaded = await loadWith<Checks>(mutant, 'test/support/server-checks.ts');
  return caughtBy(check, () => loaded.serverChecks[check]());
}
