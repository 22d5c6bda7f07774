import type { MutationSettings } from './settings.ts';

/** The part of Stryker's report that counts here. */
export interface MutationReport {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>;
}

interface Mutant {
  readonly status: string;
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly location: { readonly start: { readonly line: number } };
}

export interface FileScore {
  readonly file: string;
  /** Mutants that a test noticed: it failed, or the mutant looped without end. */
  readonly caught: number;
  readonly survived: number;
  readonly equivalent: number;
  /** Mutants of the wording of an error, which the hand-outs leave free, that no test noticed. */
  readonly wording: number;
  /** One line for each mutant that no test noticed. */
  readonly survivors: readonly string[];
}

const caughtStates = ['Killed', 'Timeout', 'RuntimeError'];
const survivedStates = ['Survived', 'NoCoverage'];

export function scoresOf(
  { files }: MutationReport,
  { equivalent, wording }: Pick<MutationSettings, 'equivalent' | 'wording'>,
): FileScore[] {
  const isText = new RegExp(wording);
  return Object.entries(files).map(([file, { source, mutants }]) => {
    const lines = source.split('\n');
    const lineOf = ({ location }: Mutant) => lines[location.start.line - 1]?.trim() ?? '';
    const isEquivalent = (mutant: Mutant) =>
      equivalent.some(
        (one) => one.file === file && lineOf(mutant).includes(one.line) && mutant.replacement === one.by,
      );
    const alive = mutants.filter(({ status }) => survivedStates.includes(status));
    const isWording = (mutant: Mutant) =>
      mutant.mutatorName === 'StringLiteral' && !isEquivalent(mutant) && isText.test(lineOf(mutant));
    const ofWording = alive.filter(isWording);
    const survivors = alive.filter((mutant) => !isEquivalent(mutant) && !isWording(mutant));
    return {
      file,
      caught: mutants.filter(({ status }) => caughtStates.includes(status)).length,
      survived: survivors.length,
      equivalent: alive.length - survivors.length - ofWording.length,
      wording: ofWording.length,
      survivors: survivors.map(
        (mutant) =>
          `${file}:${mutant.location.start.line}: ${lineOf(mutant)}  ->  ${mutant.replacement ?? mutant.mutatorName}`,
      ),
    };
  });
}

/** In percent; 100 if there is no mutant. */
export function scoreOf(scores: readonly FileScore[]): number {
  const sum = (of: (score: FileScore) => number) => scores.reduce((total, score) => total + of(score), 0);
  const all = sum(({ caught, survived }) => caught + survived);
  return all === 0 ? 100 : (100 * sum(({ caught }) => caught)) / all;
}
