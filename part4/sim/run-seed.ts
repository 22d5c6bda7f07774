import { AssertionFailure } from '@tablelab/shared';
import { check, HistoryRecorder, type Operation } from '../linearizability/index.ts';
import { defaultClientLimits } from '../src/client/core/client-limits.ts';
import { ChainCore } from '../src/core/chain-core.ts';
import { type ClientParts, type ClientPlan, SimClient } from './client.ts';
import { Cluster } from './cluster.ts';
import { diskFaultKinds, type Fault, type FaultKind, faultKinds, planFaults } from './faults.ts';
import { RuleBroken, rule } from './history-tree.ts';
import { Injector } from './injector.ts';
import { SimPlainClient } from './plain-client.ts';
import { type RunSetup, sessionTimeoutMs, setupOf } from './run-setup.ts';
import type { CoreClass } from './server.ts';
import { World } from './world.ts';

export interface RunOptions {
  readonly seed: number;
  /** The class under test; default: the core. */
  readonly Core?: CoreClass;
  /** The kinds of faults that may happen; default: all. */
  readonly kinds?: readonly FaultKind[];
  /** Whether the servers keep their data on disks, to which faults happen, too. */
  readonly hasDisks?: boolean;
  /** Only the seed's faults with these numbers; default: all. */
  readonly faults?: readonly number[];
  readonly keepsTrace?: boolean;
}

export interface RunResult {
  readonly seed: number;
  /** The rule that was broken, undefined if none. */
  readonly failure: string | undefined;
  /**
   * The run ended early: the last server with the data was told to leave, or all servers wait for one that will not
   * return, or servers with `start-empty` have begun another chain.
   */
  readonly isVoid: boolean;
  /** The hash of the trace. */
  readonly hash: string;
  readonly steps: number;
  readonly endMs: number;
  readonly operations: readonly Operation[];
  /** The planned faults, and how often each kind really happened. */
  readonly planned: readonly Fault[];
  readonly happened: ReadonlyMap<FaultKind, number>;
  /** Other situations that runs should cover, and how often they happened. */
  readonly counts: ReadonlyMap<string, number>;
  readonly trace: readonly string[];
}

/** Half of the faults happen to disks. */
const kindsWithDisks = [...faultKinds, ...diskFaultKinds, ...diskFaultKinds, ...diskFaultKinds];

/** How long the chain may take to recover after the last fault, in milliseconds. */
const recoveryMs = 30_000;
/** The interval of that check, in milliseconds. */
const lookMs = 20;
/** The largest number of events in a run. */
const stepsMax = 400_000;

/** Runs a chain with its clients, with the faults of the seed. The same seed gives the same run. */
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
    counts: world.counts,
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
  readonly #setup: RunSetup;
  #values = 0;

  constructor(world: World, options: RunOptions) {
    this.#world = world;
    this.recorder = new HistoryRecorder({ now: () => world.now });
    const setup = setupOf(options.seed);
    const { chaosMs, operations, starts } = setup;
    this.#setup = setup;
    const planned = planFaults({
      seed: options.seed,
      kinds: options.kinds ?? (options.hasDisks === true ? kindsWithDisks : faultKinds),
      servers: starts.length,
      sessionTimeoutMs,
      countMax: setup.faultsMax,
      endMs: chaosMs,
    });
    this.planned = planned.filter(({ id }) => options.faults?.includes(id) ?? true);
    this.#cluster = new Cluster(world, {
      ...setup,
      Core: options.Core ?? ChainCore,
      sessionTimeoutMs,
      clockDrift: 0.05,
      placesMax: starts.length + 2,
      ...(options.hasDisks === true
        ? {
            hasDisks: true,
            logBytesMax: 2_000,
            keptLogBytesMax: [0, 4_000, 100_000][options.seed % 3] as number,
          }
        : {}),
      onEffect: (server, effect) => this.injector.onEffect(server, effect),
    });
    this.injector = new Injector(this.#cluster, this.planned);
    for (const [place, atMs] of starts.entries()) world.schedule(atMs, () => this.#cluster.start(place));
    for (const [client, { window, ...plan }] of setup.clients.entries()) {
      this.#addClient(`c${client}`, {
        ...plan,
        operations,
        window,
        // Bursts and pauses that together fill the time.
        pauseMs: (6 * chaosMs * window) / operations,
        wideReads: setup.wideReads,
      });
    }
    for (const ack of setup.plain) {
      const writes = Math.ceil(operations / 3);
      const plan = {
        writes,
        pauseMs: (2 * chaosMs) / writes,
        deadlineMs: sessionTimeoutMs,
        keys: setup.keys,
      };
      this.#cluster.addClient(ack);
      this.#plainClients.push(new SimPlainClient(this.#clientParts, { name: ack, ack, ...plan }));
    }
  }

  async toTheEnd(): Promise<void> {
    const world = this.#world;
    await this.#until(() => world.now >= this.#setup.chaosMs);
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
    const { keys, isTight } = this.#setup;
    // After everything is deleted, even a small table has room for small values.
    if (isTight) {
      for (const key of keys) last.call({ op: 'del', key });
      await this.#untilQuiet(deadlineMs);
    }
    for (const key of keys) last.call({ op: 'put', key, data: this.#newValue({ isSmall: true }) });
    for (const key of keys) last.call({ op: 'get', key });
    await this.#untilQuiet(deadlineMs);
    const { writes, reads } = last.succeeded;
    rule(
      writes === keys.length * (isTight ? 2 : 1) && reads === keys.length,
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
      // ZooKeeper lost its data while a server was being added to the record: all wait for a server that never became a
      // member.
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
      keys: this.#setup.keys,
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
    const newValue = () => this.#newValue({ isSmall: false });
    return { world: this.#world, network, zooKeeper, recorder: this.recorder, newValue };
  }

  /** Makes a value that no other write has. */
  #newValue({ isSmall }: { readonly isSmall: boolean }): Uint8Array {
    this.#values += 1;
    const { valueBytesMax } = this.#setup;
    const bytes = isSmall || valueBytesMax === 2 ? 2 : 2 + this.#world.random.int(valueBytesMax - 1);
    const value = new Uint8Array(bytes);
    value[0] = this.#values >> 8;
    value[1] = this.#values & 255;
    return value;
  }
}
