import type { Action } from '../directed/action.ts';

/** Cuts, or heals, the links from a machine to another one and back. */
export function bothWays(what: 'cut' | 'heal', one: string, other: string): Action[] {
  return [
    { do: what, from: one, to: other },
    { do: what, from: other, to: one },
  ];
}
