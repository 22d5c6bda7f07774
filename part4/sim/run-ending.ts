import { AssertionFailure } from '@tablelab/shared';
import { RuleBroken } from './history-tree.ts';
import type { World } from './world.ts';

/** How a run of the simulator has ended. */
export interface Ending {
  /** The rule that was broken, undefined if none. */
  readonly failure: string | undefined;
  /** The number of events until the rule was found broken, with the one that broke it; undefined if none was. */
  readonly failureStep: number | undefined;
  /**
   * The run ended early: the last server with the data was told to leave, or all servers wait for one that will not
   * return, or servers with `start-empty` have begun another chain.
   */
  readonly isVoid: boolean;
  /** The hash of the trace. */
  readonly hash: string;
  readonly steps: number;
  readonly endMs: number;
  /** Other situations that runs should cover, and how often they happened. */
  readonly counts: ReadonlyMap<string, number>;
  readonly trace: readonly string[];
}

/** Ends a run that is void. */
export class Lost extends Error {}

/** Runs `toTheEnd` in `world`. Errors of the simulator itself are thrown. */
export async function endingOf(world: World, toTheEnd: () => Promise<void>): Promise<Ending> {
  let failure: string | undefined;
  let isVoid = false;
  try {
    await toTheEnd();
  } catch (error) {
    isVoid = error instanceof Lost;
    if (!(isVoid || error instanceof RuleBroken || error instanceof AssertionFailure)) throw error;
    if (!isVoid) failure = error instanceof RuleBroken ? error.message : stackOf(error);
    world.trace(() => (isVoid ? 'void' : `FAILURE ${failure}`));
  }
  const { hash, steps, now: endMs, counts, lines: trace } = world;
  const failureStep = failure === undefined ? undefined : steps;
  return { failure, failureStep, isVoid, hash, steps, endMs, counts, trace };
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
