import { type ClientConnectionClass, clientConnectionChecks } from '../support/client-connection-checks.ts';
import { type ClientCoreClass, clientCoreChecks } from '../support/client-core-checks.ts';
import { clientCoreWork } from '../support/client-core-work.ts';
import { type Caught, caughtBy, caughtBySeed } from './caught.ts';
import type { ClientMutant } from './client-mutants.ts';
import { loadWith } from './load-mutant.ts';

const coreChecks = { ...clientCoreChecks, ...clientCoreWork };

/** Runs a broken client against its check, or against seeds from 1. Undefined: it was not caught. */
export async function catchClientMutant(mutant: ClientMutant): Promise<Caught | undefined> {
  const { caughtBy: finder } = mutant;
  if ('coreCheck' in finder) {
    const { coreCheck: by } = finder;
    type Core = { readonly ClientCore: ClientCoreClass };
    const { ClientCore } = await loadWith<Core>(mutant, 'src/client/core/client-core.ts');
    return caughtBy(by, () => coreChecks[by](ClientCore));
  }
  if ('connectionCheck' in finder) {
    const { connectionCheck: by } = finder;
    type Connection = { readonly ClientConnection: ClientConnectionClass };
    const { ClientConnection } = await loadWith<Connection>(mutant, 'src/client/client-connection.ts');
    return caughtBy(by, () => clientConnectionChecks[by](ClientConnection));
  }
  return caughtBySeed(mutant, finder);
}
