import { errorText } from '@tablelab/shared';
import type { RunResult } from '../../sim/run-seed.ts';
import { type ClientConnectionClass, clientConnectionChecks } from '../support/client-connection-checks.ts';
import { type ClientCoreClass, clientCoreChecks } from '../support/client-core-checks.ts';
import { clientCoreWork } from '../support/client-core-work.ts';
import type { ClientMutant } from './client-mutants.ts';
import { loadWith } from './load-mutant.ts';

export interface CaughtClient {
  /** What found it, as a person says it. */
  readonly by: string;
  /** The rule that was broken. */
  readonly rule: string;
}

const coreChecks = { ...clientCoreChecks, ...clientCoreWork };

/** Gives a broken client to what is to find it: a check, or seeds from 1 up. Undefined: it got away. */
export async function catchClientMutant(mutant: ClientMutant): Promise<CaughtClient | undefined> {
  const { caughtBy } = mutant;
  if ('coreCheck' in caughtBy) {
    const { coreCheck: by } = caughtBy;
    type Core = { readonly ClientCore: ClientCoreClass };
    const { ClientCore } = await loadWith<Core>(mutant, 'src/client/core/client-core.ts');
    return caught(by, () => coreChecks[by](ClientCore));
  }
  if ('connectionCheck' in caughtBy) {
    const { connectionCheck: by } = caughtBy;
    type Connection = { readonly ClientConnection: ClientConnectionClass };
    const { ClientConnection } = await loadWith<Connection>(mutant, 'src/client/client-connection.ts');
    return caught(by, () => clientConnectionChecks[by](ClientConnection));
  }
  type Simulator = { runSeed(options: { readonly seed: number }): Promise<RunResult> };
  const { runSeed } = await loadWith<Simulator>(mutant, 'sim/run-seed.ts');
  for (let seed = 1; seed <= caughtBy.seedsMax; seed += 1) {
    const found = await caught(`seed ${seed}`, async () => {
      const { failure } = await runSeed({ seed });
      if (failure !== undefined) throw new Error(failure);
    });
    if (found !== undefined) return found;
  }
  return undefined;
}

async function caught(by: string, run: () => void | Promise<void>): Promise<CaughtClient | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return { by, rule: errorText(error).split('\n', 1)[0] as string };
  }
}
