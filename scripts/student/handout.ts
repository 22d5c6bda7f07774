import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `handout.json` in a hand-out's folder: what it was made from, and what the student writes. */
export interface Handout {
  /** The part that is handed out; earlier ones are there, too. */
  readonly part: number;
  /** The names of this part's steps that the student writes. */
  readonly steps: readonly string[];
  /** Whether earlier parts are the student's own. */
  readonly previous: boolean;
  readonly parts: readonly HandoutPart[];
  /** SHA-256 of every file as it was handed out. */
  readonly files: Readonly<Record<string, string>>;
}

export interface HandoutPart {
  readonly part: number;
  readonly title: string;
  readonly steps: readonly HandoutStep[];
}

export interface HandoutStep {
  readonly name: string;
  readonly title: string;
  readonly kind: 'base' | 'bonus';
  readonly points: number;
  /** Anchors in the part's hand-out. Those of `hiddenRules` are not among them. */
  readonly rules: readonly string[];
  /** How many rules have tests that are published after the due date. */
  readonly hiddenRules: number;
  readonly tests: readonly string[];
  /** The files in which the student writes. */
  readonly files: readonly string[];
}

const handoutFile = 'handout.json';

/** @throws Error outside of a hand-out */
export function readHandout(root: string): Handout {
  const path = join(root, handoutFile);
  if (!existsSync(path)) throw new Error(`there is no ${handoutFile}: this works in a hand-out only`);
  return JSON.parse(readFileSync(path, 'utf8')) as Handout;
}
