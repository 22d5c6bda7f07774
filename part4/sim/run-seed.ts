import { AssertionFailure, seededRandom } from '@tablelab/shared';
import { check, HistoryRecorder, type Operation } from '../linearizability/index.ts';
import { defaultClientLimits } from '../src/client/core/client-limits.ts';
import { ChainCore } from '../src/core/chain-core.ts';
import type { ChainLimits } from '../src/core/limits.ts';
import { type ClientParts, type ClientPlan, SimClient } from './client.ts';
import { Cluster } from './cluster.ts';
import { type Fault, type FaultKind, faultKinds, planFaults } from './faults.ts';
import { RuleBroken, rule } from './history-tree.ts';
import { Injector } from './injector.ts';
import { SimPlainClient } from './plain-client.ts';
import type { CoreClass } from './server.ts';
import { World } from './world.ts';

export interface RunOptions {
  readonly seed: number;
  /** The class under test; default: the core. */
  readonly Core?: CoreClass;
  /** Which faults may happen; default: all. */
  readonly kinds?: readonly FaultKind[];
  /** Of the faults that the seed brings only those with these numbers; default: all. */
  readonly faults?: readonly number[];
  readonly keepsTrace?: boolean;
}

export interface RunResult {
  readonly seed: number;
  /** The rule that was broken, undefined if none. */
  readonly failure: string | undefined;
  /**
   * The run ended early: the last server that had the data was told to leave, or all wait for one that is not coming, or
   * another chain was begun, as servers may that are told to start empty.
   */
  readonly isVoid: boolean;
  /** What the trace comes to. */
  readonly hash: string;
  readonly steps: number;
  readonly endMs: number;
  readonly operations: readonly Operation[];
  /** What the seed had planned, what of it really happened, and how often. */
  readonly planned: readonly Fault[];
  readonly happened: ReadonlyMap<FaultKind, number>;
  readonly trace: readonly string[];
}

const sessionTimeoutMs = 1_000;
/** How long faults go on, in milliseconds, and what there is of them and of each client's operations. */
const shortRun = { chaosMs: 6_000, faultsMax: 9, operations: 35 };
const longRun = { chaosMs: 20_000, faultsMax: 30, operations: 70 };
const clients = 3;
/** How long after that everything has to be well again. */
const recoveryMs = 30_000;
/** How often it is looked at, in milliseconds. */
const lookMs = 20;
/** What a run may take, in things that happen. */
const stepsMax = 400_000;

/** One run of a chain with its clients, through the faults that the seed brings. The same seed is the same run. */
export async function runSeed(options: RunOptions): Promise<RunResult> {
  const { seed } = options;
  const world = new World({ seed, keepsTrace: options.keepsTrace ?? false });
  const run = new Run(world, options);
  let failure: string | undefined;
  let isVoid = false;
  try {
    await run.toTheEnd();
  } catch (error) {
    isVoid = error instanceof Lost;
    if (!(isVoid || error instanceof RuleBroken || error instanceof AssertionFailure)) throw error;
    if (!isVoid) failure = error instanceof RuleBroken ? error.message : stackOf(error);
    world.trace(() => (isVoid ? 'void' : `FAILURE ${failure}`));
  }
  return {
    seed,
    failure,
    isVoid,
    hash: world.hash,
    steps: world.steps,
    endMs: world.now,
    operations: run.recorder.operations,
    planned: run.planned,
    happened: run.injector.happened,
    trace: world.lines,
  };
}

class Lost extends Error {}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

class Run {
  readonly recorder: HistoryRecorder;
  readonly planned: readonly Fault[];
  readonly injector: Injector;
  readonly #world: World;
  readonly #cluster: Cluster;
  readonly #clients: SimClient[] = [];
  readonly #plainClients: SimPlainClient[] = [];
  readonly #keys: readonly string[];
  readonly #chaosMs: number;
  #values = 0;

  constructor(world: World, options: RunOptions) {
    this.#world = world;
    this.recorder = new HistoryRecorder({ now: () => world.now });
    const setup = seededRandom(options.seed ^ 0x2545f491);
    const { chaosMs, faultsMax, operations } = setup.int(6) === 0 ? longRun : shortRun;
    this.#chaosMs = chaosMs;
    const servers = 1 + setup.int(4);
    // By a source of its own, so that runs without all this stay as they are.
    const extras = seededRandom(options.seed ^ 0x1b873593);
    const wideReads = extras.int(4) === 0 ? 8 : 0;
    const plainWrites = extras.int(4) === 0 ? operations / 3 : 0;
    const onTotalLoss = extras.int(4) === 0 ? 'start-empty' : 'wait';
    const planned = planFaults({
      seed: options.seed,
      kinds: options.kinds ?? faultKinds,
      servers,
      sessionTimeoutMs,
      countMax: faultsMax,
      endMs: chaosMs,
    });
    this.planned = planned.filter(({ id }) => options.faults?.includes(id) ?? true);
    this.#cluster = new Cluster(world, {
      Core: options.Core ?? ChainCore,
      sessionTimeoutMs,
      limits: limitsOf(setup),
      clockDrift: 0.05,
      placesMax: servers + 2,
      onTotalLoss,
      onEffect: (server, effect) => this.injector.onEffect(server, effect),
    });
    this.injector = new Injector(this.#cluster, this.planned);
    this.#keys = ['a', 'b', 'c', 'd', 'e'].slice(0, 1 + setup.int(5));
    for (let place = 0; place < servers; place += 1) {
      world.schedule(setup.int(2) === 0 ? 0 : setup.int(400), () => this.#cluster.start(place));
    }
    // A place that no server has started at yet counts, too.
    for (let client = 0; client < clients; client += 1) {
      const window = 1 + setup.int(4);
      this.#addClient(`c${client}`, {
        operations,
        window,
        thinkMs: [5, 30, 150][setup.int(3)] ?? 0,
        // Bursts and pauses that fill the time together.
        pauseMs: (6 * chaosMs * window) / operations,
        deadlineMs: (1 + setup.int(6)) * sessionTimeoutMs,
        wideReads,
      });
    }
    if (plainWrites > 0) {
      this.#cluster.addClient('plain');
      const plan = {
        name: 'plain',
        writes: Math.ceil(plainWrites),
        pauseMs: (2 * chaosMs) / plainWrites,
        deadlineMs: sessionTimeoutMs,
        keys: this.#keys,
      };
      this.#plainClients.push(new SimPlainClient(this.#clientParts, plan));
    }
  }

  async toTheEnd(): Promise<void> {
    const world = this.#world;
    await this.#until(() => world.now >= this.#chaosMs);
    this.injector.end();
    this.#cluster.heal();
    for (const client of this.#clients) client.isInHurry = true;
    world.trace(() => 'healed');
    const deadlineMs = world.now + recoveryMs;
    await this.#untilQuiet(deadlineMs);
    const last = this.#addClient('last', {
      operations: 0,
      window: 0,
      thinkMs: 0,
      pauseMs: 0,
      deadlineMs: recoveryMs,
      wideReads: 0,
    });
    for (const key of this.#keys) last.call({ op: 'put', key, data: this.#newValue() });
    for (const key of this.#keys) last.call({ op: 'get', key });
    await this.#untilQuiet(deadlineMs);
    const { writes, reads } = last.succeeded;
    rule(
      writes === this.#keys.length && reads === writes,
      () => 'the chain does not serve when all is well again',
    );
    this.#cluster.oracle.checkConverged(this.#cluster.servers);
    const result = check(this.recorder.operations);
    rule(result.verdict === 'linearizable', () => ('description' in result ? result.description : ''));
  }

  async #untilQuiet(deadlineMs: number): Promise<void> {
    let lookAt = 0;
    await this.#until(() => {
      if (this.#world.now < lookAt) return false;
      lookAt = this.#world.now + lookMs;
      const clients = [...this.#clients, ...this.#plainClients];
      if (clients.every(({ isDone }) => isDone) && this.#cluster.isQuiet) return true;
      // ZooKeeper lost its data while somebody was being added to the record: all wait for one who never got in.
      if (this.#world.now >= deadlineMs && this.#cluster.isWithoutRecord) throw new Lost();
      rule(
        this.#world.now < deadlineMs,
        () => `not well again after ${recoveryMs} ms: ${this.#cluster.describe()}`,
      );
      return false;
    });
  }

  async #until(isReached: () => boolean): Promise<void> {
    const world = this.#world;
    const goesOn = await world.run(() => {
      if (this.#cluster.isLost) throw new Lost();
      rule(world.steps < stepsMax, () => `more than ${stepsMax} steps`);
      return isReached();
    });
    rule(goesOn, () => 'nothing happens any more');
  }

  #addClient(name: string, plan: Omit<ClientPlan, 'name' | 'keys' | 'limits'>): SimClient {
    this.#cluster.addClient(name);
    const client = new SimClient(this.#clientParts, {
      name,
      ...plan,
      keys: this.#keys,
      limits: {
        ...defaultClientLimits,
        attemptTimeoutMs: this.#world.between(0.3, 2) * sessionTimeoutMs,
        retryDelayMs: { first: 5, last: 100 },
        underWayMax: 4,
        callsMax: 100,
      },
    });
    this.#clients.push(client);
    return client;
  }

  get #clientParts(): ClientParts {
    const { network, zooKeeper } = this.#cluster;
    const newValue = () => this.#newValue();
    return { world: this.#world, network, zooKeeper, recorder: this.recorder, newValue };
  }

  #newValue(): Uint8Array {
    this.#values += 1;
    return Uint8Array.of(this.#values >> 8, this.#values & 255);
  }
}

/** Small limits, so that a short run meets them. */
function limitsOf(setup: { int(below: number): number }): Partial<ChainLimits> {
  return {
    batchUpdatesMax: 1 + setup.int(4),
    redialDelayMs: 20,
    chunksUnderWayMax: 1 + setup.int(3),
    chunkLagUpdatesMax: 1 + setup.int(8),
    lagUpdatesMax: 16 + setup.int(64),
    logUpdatesMax: 4 + setup.int(60),
    windowUpdatesMax: setup.int(3) === 0 ? 1_000 : setup.int(12),
    sessionsMax: setup.int(4) === 0 ? 2 + setup.int(3) : 100,
    outcomesPerSessionMax: 4 + setup.int(8),
  };
}
