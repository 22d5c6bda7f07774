/** Arguments that the grader's programs have in common. */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { integerArgument, UsageError } from '@tablelab/shared/command-line';
import { chosenSteps, stepNumbers } from '../chosen-steps.ts';
import { inLanguage, loadPart } from '../course-file.ts';
import { editionKit } from '../edition/kit.ts';
import { languageArgument } from '../language.ts';
import type { GradeOptions } from './grade.ts';
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
function sandboxArgument(isOff: boolean): SandboxKind {
  if (isOff) return 'none';
  const sandbox = availableSandbox();
  if (sandbox !== undefined) return sandbox;
  throw new Error(`there is no sandbox for the submission here.
Install bubblewrap (Debian: apt-get install bubblewrap). With --no-sandbox, the submission can read and
change whatever you can, and send it away: only for submissions that you trust.`);
}

/** The options that `grade` and `grade:class` have in common. */
export const gradingOptions = {
  part: { type: 'string' },
  steps: { type: 'string' },
  hidden: { type: 'string' },
  edition: { type: 'string' },
  language: { type: 'string' },
  out: { type: 'string' },
  seeds: { type: 'string' },
  'no-sandbox': { type: 'boolean' },
} as const;

export interface GradingArguments
  extends Pick<
    GradeOptions,
    'part' | 'steps' | 'reference' | 'edition' | 'language' | 'hidden' | 'seeds' | 'sandbox'
  > {
  readonly out: string;
}

/**
 * `root`: of the kit. `outPrefix`: the default of `--out` begins with it.
 * @throws UsageError, and Error where there is no sandbox
 */
export function gradingArguments(
  values: Readonly<Record<string, unknown>>,
  { root, outPrefix }: { readonly root: string; readonly outPrefix: string },
): GradingArguments {
  const text = (name: keyof typeof gradingOptions) => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  const part = partArgument(values.part);
  const hidden = text('hidden');
  const edition = text('edition');
  const language = languageArgument(values.language);
  const reference = edition === undefined ? root : editionKit(root, edition).root;
  const steps = stepNumbers(text('steps'));
  return {
    part: `part${part}`,
    steps: chosenSteps(inLanguage(loadPart(part, reference), language ?? 'en'), steps).steps,
    reference,
    edition,
    language,
    hidden: hidden === undefined ? undefined : existingFolder(fromHere(hidden)),
    seeds: seedsArgument(values.seeds),
    sandbox: sandboxArgument(values['no-sandbox'] === true),
    out: fromHere(text('out') ?? `${outPrefix}-part${part}`),
  };
}

/** @throws UsageError if there is no such folder */
export function existingFolder(path: string): string {
  if (existsSync(path) && statSync(path).isDirectory()) return path;
  throw new UsageError(`there is no folder ${path}`);
}

/** A path that was given where npm was called. */
export function fromHere(path: string): string {
  return resolve(process.env.INIT_CWD ?? '.', path);
}
