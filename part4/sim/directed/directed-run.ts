import { check, HistoryRecorder } from '../../linearizability/index.ts';
import { ChainCore } from '../../src/core/chain-core.ts';
import { Cluster } from '../cluster.ts';
import { rule } from '../history-tree.ts';
import { sessionTimeoutMs } from '../run-setup.ts';
import type { CoreClass } from '../server.ts';
import { World } from '../world.ts';
import { defaultClient, Hands } from './hands.ts';

export interface DirectedRunOptions {
  readonly seed: number;
  /** The number of servers at the beginning. */
  readonly servers: number;
  /** The class under test; default: the core. */
  readonly Core?: CoreClass;
  readonly hasDisks?: boolean;
  readonly keepsTrace?: boolean;
  /** Gets the rules that are broken; the run goes on. Default: the first one ends the run. */
  readonly onBroken?: (error: Error) => void;
  /** Sees the run before each of its events; it must change nothing. */
  readonly onStep?: (run: DirectedRun) => void;
}

/** The largest number of servers that have a place in a run. */
const placesMax = 10;

/** How long it takes at most until the chain of the beginning is there, in milliseconds. */
const beginningMsMax = 20_000;

/** The largest number of events in a run. */
const stepsMax = 400_000;

/** What an action takes in the clients' history, in milliseconds. */
const personMs = 1e-6;

/** A joining server always gets a snapshot, in several chunks. */
const limits = { windowUpdatesMax: 0, chunksUnderWayMax: 1 };

/**
 * A chain to which nothing happens but what a person does: no faults, and no clients but those that a person gives calls. The
 * rules are checked at every step, as in all runs.
 */
export class DirectedRun {
  readonly world: World;
  readonly cluster: Cluster;
  readonly recorder: HistoryRecorder;
  readonly hands: Hands;
  readonly #servers: number;
  readonly #onStep: DirectedRunOptions['onStep'];

  constructor(options: DirectedRunOptions) {
    const { seed, keepsTrace = false, Core = ChainCore, hasDisks = false } = options;
    const world = new World({ seed, keepsTrace, onFailure: options.onBroken });
    this.world = world;
    this.#onStep = options.onStep;
    this.#servers = options.servers;
    // What a person does after an answer comes after it, although no simulated time has passed.
    this.recorder = new HistoryRecorder({ now: () => world.now + this.hands.begun * personMs });
    this.cluster = new Cluster(world, {
      Core,
      sessionTimeoutMs,
      clockDrift: 0.05,
      placesMax,
      limits,
      hasDisks,
    });
    this.hands = new Hands(this.cluster, this.recorder);
  }

  /** Starts the servers, one after another, and the first client. */
  async begin(): Promise<void> {
    for (let place = 0; place < this.#servers; place += 1) {
      this.cluster.startAnother();
      await this.until(() => this.cluster.isQuiet, { limitMs: beginningMsMax });
    }
    this.hands.clientOf(defaultClient);
  }

  /**
   * Lets time pass until `isReached`; returns false if that takes longer than the limit, or if the chain is lost before. `intervene`:
   * see {@link World.run}.
   * @throws RuleBroken
   */
  async until(
    isReached: () => boolean,
    { limitMs, intervene }: { readonly limitMs: number; readonly intervene?: () => boolean },
  ): Promise<boolean> {
    const { world, cluster } = this;
    const end = world.now + limitMs;
    let hasReached = false;
    await world.run(() => {
      this.#onStep?.(this);
      rule(world.steps < stepsMax, () => `more than ${stepsMax} steps`);
      hasReached = isReached();
      return hasReached || cluster.isLost || (world.nextAt ?? end) > end;
    }, intervene);
    if (!(hasReached || cluster.isLost)) world.advanceTo(end);
    return hasReached;
  }

  /** @throws RuleBroken unless the answers fit together, and the servers of a chain that is well have the same */
  check(): void {
    const { cluster } = this;
    if (cluster.isQuiet) cluster.oracle.checkConverged(cluster.servers);
    const result = check(this.recorder.operations);
    rule(result.verdict === 'linearizable', () => ('description' in result ? result.description : ''));
  }
}
