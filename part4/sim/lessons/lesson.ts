import type { Action } from '../directed/action.ts';
import type { Condition } from './condition.ts';

/** A text in English and in European Portuguese. */
export interface Text {
  readonly en: string;
  readonly pt: string;
}

/** A machine, or a message on a path. */
export type Highlight = string | { readonly from: string; readonly to: string; readonly type?: string };

export interface Choice {
  readonly text: Text;
  /** Whether this is what has happened, when the step has been played. */
  readonly holds: Condition;
}

/** "What will happen?", asked before the step is played. Exactly one choice is right: the one that holds afterwards. */
export interface Question {
  readonly text: Text;
  readonly choices: readonly Choice[];
  /** Shown after the step, with the right choice. */
  readonly reason: Text;
}

/** The text is shown, the actions are carried out, and time passes until the condition holds. */
export interface Step {
  readonly text: Text;
  readonly question?: Question;
  readonly actions?: readonly Action[];
  readonly until: Condition;
  /** The condition holds after so many milliseconds at the latest; default: {@link stepLimitMs}. */
  readonly limitMs?: number;
  readonly highlight: readonly Highlight[];
}

export const stepLimitMs = 5_000;

/** A guided run of a chain to which nothing else happens. */
export interface Lesson {
  /** For addresses. */
  readonly name: string;
  readonly title: Text;
  /** The anchor of the rule in the hand-out. */
  readonly anchor: string;
  /** The mutant whose core breaks in this lesson (part4/test/mutants/mutants.ts); default: the core is the right one. */
  readonly mutant?: string;
  readonly seed: number;
  readonly servers: number;
  /** Done before the first step, with its answers awaited. */
  readonly before?: readonly Action[];
  readonly steps: readonly Step[];
}
