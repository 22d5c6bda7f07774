import { AssertionFailure, must } from '@tablelab/shared';
import type { ExhaustiveOptions } from './exhaustive-parts.ts';
import { ExhaustiveWorld } from './exhaustive-world.ts';
import { RuleBroken } from './history-tree.ts';

export interface ExhaustiveResult {
  /** Different states that were met. */
  readonly states: number;
  /** Steps from one state to another, those to states that were known included. */
  readonly steps: number;
  /** States in which nothing can happen any more. */
  readonly ends: number;
  /** False: there are more states than were allowed. */
  readonly isComplete: boolean;
  /** What was broken, and what led there. */
  readonly failure: { readonly text: string; readonly path: readonly string[] } | undefined;
}

/** What is left to do in one state: which step comes next, of how many. */
interface Visit {
  next: number;
  readonly count: number;
}

/**
 * Goes through every order in which things can happen, depth first, and through each state once, however it was reached:
 * states are compared by all that the cores hold, what is under way, and what ZooKeeper knows. Cores cannot be copied, so going back means to begin anew and to do the same steps again.
 */
export function explore(
  options: ExhaustiveOptions,
  { statesMax }: { readonly statesMax: number },
): ExhaustiveResult {
  const seen = new Set<string>();
  const path: number[] = [];
  const visits: Visit[] = [];
  let [steps, ends] = [0, 0];
  let world: ExhaustiveWorld | undefined;
  const result = (isComplete: boolean, failure: ExhaustiveResult['failure']) => {
    return { states: seen.size, steps, ends, isComplete, failure };
  };
  try {
    world = new ExhaustiveWorld(options);
    seen.add(world.key);
    visits.push({ next: 0, count: world.actions.length });
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      if (visit.next >= visit.count) {
        visits.pop();
        path.pop();
        world = undefined;
        continue;
      }
      path.push(visit.next);
      visit.next += 1;
      steps += 1;
      if (world === undefined) world = replayed(options, path);
      else must(world.actions[path.at(-1) ?? 0], 'it was there').act();
      if (seen.has(world.key)) {
        path.pop();
        world = undefined;
        continue;
      }
      if (seen.size >= statesMax) return result(false, undefined);
      seen.add(world.key);
      const count = world.actions.length;
      if (count === 0) {
        ends += 1;
        world.checkEnd();
      }
      visits.push({ next: 0, count });
    }
  } catch (error) {
    if (!(error instanceof RuleBroken || error instanceof AssertionFailure)) throw error;
    return result(false, { text: error.message, path: namesOf(options, path) });
  }
  return result(true, undefined);
}

function replayed(options: ExhaustiveOptions, path: readonly number[]): ExhaustiveWorld {
  const world = new ExhaustiveWorld(options);
  for (const step of path) must(world.actions[step], 'the same steps are there again').act();
  return world;
}

function namesOf(options: ExhaustiveOptions, path: readonly number[]): string[] {
  if (path.length === 0) return [];
  const world = new ExhaustiveWorld(options);
  return path.map((step) => {
    const { name, act } = must(world.actions[step], 'the same steps are there again');
    try {
      act();
    } catch {
      return `${name}: here`;
    }
    return name;
  });
}
