import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CoursePart } from '../course-file.ts';
import { membersOf } from '../members.ts';
import { stubsOf } from '../stubs-of.ts';
import { parseSource } from '../syntax.ts';

/** Shorter lines, without blanks, are the same in many solutions. */
const lineLengthMin = 25;

/** A line of a solution that a hand-out holds. */
export interface Leak {
  readonly file: string;
  readonly line: string;
}

/**
 * The lines of the reference's stubbed bodies that stand in a hand-out more often than given code and the bodies `at-first` have them.
 * Blanks do not count.
 * @param files those of the hand-out
 */
export function leaksIn(root: string, handout: string, part: CoursePart, files: readonly string[]): Leak[] {
  const bodies = new Map<string, number>();
  const given = new Map<string, number>();
  for (const [file, stubs] of stubsOf(part)) {
    const source = readFileSync(join(root, file), 'utf8');
    const members = new Set(stubs.map(({ member }) => member));
    for (const { atFirst = '' } of stubs) count(given, atFirst);
    for (const { name, body } of membersOf(parseSource(file, source), source)) {
      if (members.has(name)) count(bodies, source.slice(body.start, body.end));
    }
  }
  const there = new Map<string, number>();
  const places = new Map<string, string>();
  for (const file of files) {
    if (!/\.(ts|mjs|md)$/.test(file)) continue;
    const text = readFileSync(join(handout, file), 'utf8');
    for (const line of count(there, text)) places.set(line, file);
    try {
      count(given, readFileSync(join(root, file), 'utf8'));
    } catch {
      // A file that only hand-outs have.
    }
  }
  return [...bodies]
    .filter(([line, times]) => (there.get(line) ?? 0) > Math.max(0, (given.get(line) ?? 0) - times))
    .map(([line]) => ({ file: places.get(line) ?? '', line }));
}

/** Counts the long lines of a text, and returns them. */
function count(lines: Map<string, number>, text: string): string[] {
  const long = text
    .split('\n')
    .map((line) => line.replaceAll(/\s/g, ''))
    .filter((line) => line.length >= lineLengthMin);
  for (const line of long) lines.set(line, (lines.get(line) ?? 0) + 1);
  return long;
}
