import { check, HistoryRecorder, type Operation } from '../linearizability/index.ts';
import { defaultClientLimits } from '../src/client/core/client-limits.ts';
import { ChainCore } from '../src/core/chain-core.ts';
import { type ClientParts, type ClientPlan, SimClient } from './client.ts';
import { Cluster } from './cluster.ts';
import type { Edit } from './directed/edit-list.ts';
import { EditScript } from './directed/edit-script.ts';
import { Hands, type Performed } from './directed/hands.ts';
import { diskFaultKinds, type Fault, type FaultKind, faultKinds, planFaults } from './faults.ts';
import { rule } from './history-tree.ts';
import { Injector } from './injector.ts';
import { SimPlainClient } from './plain-client.ts';
import { type Ending, endingOf, Lost } from './run-ending.ts';
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
  /** What a person does as well. The faults do not end before that. */
  readonly edits?: readonly Edit[];
  readonly keepsTrace?: boolean;
  /** Sees the run before each of its events; it must change nothing. */
  readonly onStep?: (moment: Moment) => void;
}

export interface Moment {
  readonly world: World;
  readonly cluster: Cluster;
}

export interface RunResult extends Ending {
  readonly seed: number;
  readonly operations: readonly Operation[];
  /** The planned faults, and how often each kind really happened. */
  readonly planned: readonly Fault[];
  readonly happened: ReadonlyMap<FaultKind, number>;
  /** What has become of the edits; those for which the run ended too early are left out. */
  readonly edits: readonly Performed[];
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
  const ending = await endingOf(world, () => run.toTheEnd());
  return {
    seed,
    ...ending,
    operations: run.recorder.operations,
    planned: run.planned,
    happened: run.injector.happened,
    edits: run.hands.performed,
  };
}

class Run {
  readonly recorder: HistoryRecorder;
  readonly planned: readonly Fault[];
  readonly injector: Injector;
  readonly hands: Hands;
  readonly #script: EditScript;
  readonly #onStep: RunOptions['onStep'];
  readonly #world: World;
  readonly #cluster: Cluster;
  readonly #clients: SimClient[] = [];
  readonly #plainClients: SimPlainClient[] = [];
  readonly #setup: RunSetup;
  #values = 0;

  constructor(world: World, options: RunOptions) {
    this.#world = world;
    this.#onStep = options.onStep;
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
    this.hands = new Hands(this.#cluster, this.recorder);
    this.#script = new EditScript(world, this.hands, options.edits ?? []);
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
    await this.#until(() => world.now >= this.#setup.chaosMs && this.#script.isDone);
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
      const areDone = clients.every(({ isDone }) => isDone) && this.hands.areCallsDone;
      if (areDone && this.#cluster.isQuiet) return true;
      // ZooKeeper lost its data while a server was being added to the record: all wait for a server that never became a
      // member. Or a person has taken the last copy away.
      const { isWithoutRecord, isGivenUp } = this.#cluster;
      if (this.#world.now >= deadlineMs && (isWithoutRecord || isGivenUp)) throw new Lost();
      rule(
        this.#world.now < deadlineMs,
        () => `not well again after ${recoveryMs} ms: ${this.#cluster.describe()}`,
      );
      return false;
    });
  }

  async #until(isReached: () => boolean): Promise<void> {
    const world = this.#world;
    const goesOn = await world.run(
      () => {
        this.#onStep?.({ world, cluster: this.#cluster });
        if (this.#cluster.isLost) throw new Lost();
        rule(world.steps < stepsMax, () => `more than ${stepsMax} steps`);
        return isReached();
      },
      () => this.#script.play(),
    );
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
