import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CoursePart, Step } from './course-file.ts';
import { stubErrorStart, stubSource } from './stubs.ts';
import { stubsOf } from './stubs-of.ts';
import { parseSource } from './syntax.ts';

/** The most lines of the reference that a part's base steps may ask for; with the bonus steps, at most twice that. */
export const baseLinesMax: Readonly<Record<number, number>> = { 1: 250, 2: 450, 3: 450, 4: 600 };

export interface StepWorkload {
  readonly step: Step;
  /** Lines of code of the reference that a student writes in this step, given all earlier ones. */
  readonly lines: number;
}

/** Counts, for each step, the lines of the reference that are not in a hand-out: without blank lines and comments. */
export function workloadOf(part: CoursePart, root: string): StepWorkload[] {
  let before = 0;
  return part.steps.map((step, index) => {
    const upTo = missingLines({ ...part, steps: part.steps.slice(0, index + 1) }, root);
    const lines = upTo - before;
    before = upTo;
    return { step, lines };
  });
}

/** A table with a sum for the base steps and for all. */
export function workloadLines({ part }: CoursePart, steps: readonly StepWorkload[]): string[] {
  const sum = (of: readonly StepWorkload[]) => of.reduce((total, { lines }) => total + lines, 0);
  const max = baseLinesMax[part] ?? 0;
  const base = sum(steps.filter(({ step }) => step.kind === 'base'));
  return [
    `part ${part}: lines of the reference that a student writes`,
    ...steps.map(
      ({ step, lines }) => `  ${`${step.name} (${step.kind})`.padEnd(28)}${String(lines).padStart(5)}`,
    ),
    `  ${'base'.padEnd(28)}${String(base).padStart(5)} of at most ${max}`,
    `  ${'base and bonus'.padEnd(28)}${String(sum(steps)).padStart(5)} of at most ${2 * max}`,
  ];
}

function missingLines(part: CoursePart, root: string): number {
  let lines = 0;
  for (const [file, stubs] of stubsOf(part)) {
    const source = readFileSync(join(root, file), 'utf8');
    // What a body does at first saves the student no line.
    const errors = stubs.map(({ member, rules }) => ({ member, rules }));
    const handedOut = stubSource(file, source, errors);
    // The error of a stub is a line that is no part of the reference.
    const errorLines = handedOut.split(stubErrorStart).length - 1;
    lines += codeLines(file, source) - (codeLines(file, handedOut) - errorLines);
  }
  return lines;
}

function codeLines(file: string, source: string): number {
  const { comments } = parseSource(file, source);
  let code = '';
  let at = 0;
  for (const { start, end } of comments) {
    code += source.slice(at, start);
    at = end;
  }
  return (code + source.slice(at)).split('\n').filter((line) => line.trim() !== '').length;
}
