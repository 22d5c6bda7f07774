import { AssertionFailure, must } from '@tablelab/shared';
import { RuleBroken } from '../history-tree.ts';
import { type Action, describeAction, type ExhaustiveOptions } from './parts.ts';
import { ExhaustiveWorld } from './world.ts';

export interface ExhaustiveResult {
  /** The number of different states. */
  readonly states: number;
  /** The number of steps between states, including those to known states. */
  readonly steps: number;
  /** The number of states in which nothing more can happen. */
  readonly ends: number;
  /** False if there are more states than allowed. */
  readonly isComplete: boolean;
  /** The broken rule, and the actions that led there. */
  readonly failure: { readonly text: string; readonly path: readonly string[] } | undefined;
}

/** A state and its possible actions, of which the first `next` have been tried. */
interface Visit {
  readonly world: ExhaustiveWorld;
  readonly actions: readonly Action[];
  next: number;
}

/**
 * Explores every order of events, depth first. It visits each state once, even if several paths lead there: states are
 * compared by the cores' states, the messages under way, and ZooKeeper's data.
 */
export function explore(
  options: ExhaustiveOptions,
  { statesMax }: { readonly statesMax: number },
): ExhaustiveResult {
  const seen = new Set<string>();
  const visits: Visit[] = [];
  let [steps, ends] = [0, 0];
  const result = (isComplete: boolean, failure: ExhaustiveResult['failure']) => {
    return { states: seen.size, steps, ends, isComplete, failure };
  };
  const visit = (world: ExhaustiveWorld) => {
    const { actions } = world;
    visits.push({ world, actions, next: 0 });
    if (actions.length > 0) return;
    ends += 1;
    world.checkEnd();
  };
  try {
    const first = ExhaustiveWorld.create(options);
    seen.add(first.key);
    visit(first);
    for (let last = visits.at(-1); last !== undefined; last = visits.at(-1)) {
      const { world, actions } = last;
      if (last.next >= actions.length) {
        visits.pop();
        continue;
      }
      const action = must(actions[last.next], 'in range');
      last.next += 1;
      steps += 1;
      const next = world.copy();
      next.act(action);
      const { key } = next;
      if (seen.has(key)) continue;
      if (seen.size >= statesMax) return result(false, undefined);
      seen.add(key);
      visit(next);
    }
  } catch (error) {
    if (!(error instanceof RuleBroken || error instanceof AssertionFailure)) throw error;
    return result(false, { text: error.message, path: pathOf(visits) });
  }
  return result(true, undefined);
}

/** The actions that led to the present state. */
function pathOf(visits: readonly Visit[]): string[] {
  return visits.flatMap(({ actions, next }) => {
    const action = actions[next - 1];
    return action === undefined ? [] : [describeAction(action)];
  });
}
