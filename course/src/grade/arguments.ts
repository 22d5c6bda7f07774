/** Arguments that the grader's programs have in common. */
import { resolve } from 'node:path';
import { integerArgument, UsageError } from '@tablelab/shared/command-line';
import { availableSandbox, type SandboxKind } from './sandbox.ts';

const seedsMax = 10;
const seedMax = 2 ** 31 - 1;

/** @throws UsageError for a part that does not exist */
export function partArgument(text: unknown): number {
  if (typeof text !== 'string') throw new UsageError('--part is missing');
  return integerArgument('--part', text, { min: 1, max: 4 });
}

/** `1,2,3`, which is the default. */
export function seedsArgument(text: unknown): number[] {
  const seeds = (typeof text === 'string' ? text : '1,2,3').split(',');
  if (seeds.length > seedsMax) throw new UsageError(`--seeds takes at most ${seedsMax} seeds`);
  return seeds.map((seed) => integerArgument('a seed', seed, { min: 0, max: seedMax }));
}

/** @param isOff whether `--no-sandbox` was given. */
export function sandboxArgument(isOff: boolean): SandboxKind {
  if (isOff) return 'none';
  const sandbox = availableSandbox();
  if (sandbox !== undefined) return sandbox;
  throw new Error(`there is no sandbox for the submission here.
Install bubblewrap (Debian: apt-get install bubblewrap). With --no-sandbox, the submission can read and
change whatever you can, and send it away: only for submissions that you trust.`);
}

/** A path that was given where npm was called. */
export function fromHere(path: string): string {
  return resolve(process.env.INIT_CWD ?? '.', path);
}
