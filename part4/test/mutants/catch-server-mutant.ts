import { errorText } from '@tablelab/shared';
import type { RunResult } from '../../sim/run-seed.ts';
import { loadWith } from './load-mutant.ts';
import type { ServerMutant } from './server-mutants.ts';

export interface CaughtBySeed {
  readonly seed: number;
  /** The rule that was broken. */
  readonly rule: string;
}

/** Runs seeds from 1 up with a broken server, until one fails. Undefined: none does. */
export async function catchServerMutant(mutant: ServerMutant): Promise<CaughtBySeed | undefined> {
  type Simulator = { runSeed(options: { readonly seed: number }): Promise<RunResult> };
  const { runSeed } = await loadWith<Simulator>(mutant, 'sim/run-seed.ts');
  for (let seed = 1; seed <= mutant.seedsMax; seed += 1) {
    const rule = await failureOf(() => runSeed({ seed }));
    if (rule !== undefined) return { seed, rule: rule.split('\n', 1)[0] as string };
  }
  return undefined;
}

async function failureOf(run: () => Promise<RunResult>): Promise<string | undefined> {
  try {
    return (await run()).failure;
  } catch (error) {
    // Not caught by any rule, and a crash of the server program all the same.
    return errorText(error);
  }
}
