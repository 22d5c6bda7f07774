import { must } from '@tablelab/shared';
import { assertLinearizable, HistoryRecorder } from '@tablelab/shared/linearizability';
import { type SimCall, SimClient } from '../../sim/client.ts';
import { Cluster, type ClusterOptions } from '../../sim/cluster.ts';
import { dataOf, type HistoryNode } from '../../sim/history-tree.ts';
import type { SimServer } from '../../sim/server.ts';
import { World } from '../../sim/world.ts';
import type {
  ClientError,
  ClientOperation,
  ClientRequest,
  ClientResult,
} from '../../src/client/core/client-effects.ts';
import { defaultClientLimits } from '../../src/client/core/client-limits.ts';
import { ChainCore } from '../../src/core/chain-core.ts';
import type { ChainEffect } from '../../src/core/effects.ts';

export const sessionTimeoutMs = 1_000;

/** What a server answers when it is asked directly; undefined as long as it has not. */
export interface Asked {
  answer: ClientResult | ClientError | undefined;
}

/** A chain in the simulator that a test leads through one situation. The rules are checked at every step. */
export class Scenario {
  readonly world: World;
  readonly cluster: Cluster;
  readonly recorder: HistoryRecorder;
  readonly client: SimClient;
  /** Every effect of every server so far. */
  readonly effects: { readonly server: SimServer; readonly effect: ChainEffect }[] = [];
  /** Called with each effect, before it is carried out. */
  onEffect: (server: SimServer, effect: ChainEffect) => void = () => undefined;
  #asks = 0;

  constructor(options: { readonly seed?: number } & Partial<ClusterOptions> = {}) {
    const { seed = 1, ...clusterOptions } = options;
    const world = new World({ seed, keepsTrace: false });
    this.world = world;
    this.recorder = new HistoryRecorder({ now: () => world.now });
    this.cluster = new Cluster(world, {
      Core: ChainCore,
      sessionTimeoutMs,
      clockDrift: 0.05,
      placesMax: 10,
      ...clusterOptions,
      onEffect: (server, effect) => {
        this.effects.push({ server, effect });
        this.onEffect(server, effect);
      },
    });
    const { network, zooKeeper, serverAt } = this.cluster;
    this.cluster.addClient('client');
    this.client = new SimClient(
      { world, network, zooKeeper, serverAt, recorder: this.recorder, newValue: () => new Uint8Array(0) },
      {
        name: 'client',
        operations: 0,
        window: 0,
        thinkMs: 0,
        pauseMs: 0,
        deadlineMs: 20 * sessionTimeoutMs,
        keys: [],
        wideReads: 0,
        limits: {
          ...defaultClientLimits,
          attemptTimeoutMs: 2 * sessionTimeoutMs,
          retryDelayMs: { first: 5, last: 100 },
          underWayMax: 16,
          callsMax: 1_000,
        },
      },
    );
  }

  /** A chain of so many servers: s0 is the head, the last one the tail. */
  static chainOf(servers: number, options: ConstructorParameters<typeof Scenario>[0] = {}): Scenario {
    const scenario = new Scenario(options);
    for (let i = 0; i < servers; i += 1) {
      scenario.cluster.startAnother();
      scenario.until(() => scenario.cluster.isQuiet, `server ${i} is in the chain`);
    }
    return scenario;
  }

  server(place: number): SimServer {
    return must(this.cluster.serverIn(place), `a server runs at ${place}`);
  }

  /** Lets things happen until `isReached`. @throws when that takes longer than the deadline in simulated time */
  until(isReached: () => boolean, what: string, deadlineMs = 20_000): void {
    const end = this.world.now + deadlineMs;
    while (!isReached()) {
      if (this.world.now > end || !this.world.step()) {
        throw new Error(`${what}: not within ${deadlineMs} ms\n${this.cluster.describe()}`);
      }
    }
  }

  /** Lets `durationMs` of simulated time pass; `check` is called after every step. */
  pass(durationMs: number, check: () => void = () => undefined): void {
    const end = this.world.now + durationMs;
    this.world.schedule(durationMs, () => undefined);
    while (this.world.now < end && this.world.step()) check();
  }

  /** Until all servers that run are in the chain with the same history. */
  untilQuiet(): void {
    this.until(() => this.cluster.isQuiet && this.client.isDone, 'the chain is well again', 40_000);
  }

  call(operation: ClientOperation): SimCall {
    return this.client.call(operation);
  }

  put(key: string, value: number): SimCall {
    return this.call({ op: 'put', key, data: Uint8Array.of(value) });
  }

  get(key: string): SimCall {
    return this.call({ op: 'get', key });
  }

  /** The result of a call, once it is there. */
  resultOf(call: SimCall, deadlineMs?: number): ClientResult | ClientError {
    this.until(() => call.outcome !== undefined, `${call.operation.op} has a result`, deadlineMs);
    return must(call.outcome, 'it is there');
  }

  /** Asks one server, whatever its place in the chain is. */
  ask(server: SimServer, request: ClientRequest): Asked {
    const { network } = this.cluster;
    this.#asks += 1;
    const [near, far] = network.connect<unknown>(
      { host: `ask-${this.#asks}`, process: undefined },
      { host: server.address, process: server.process },
    );
    const asked: Asked = { answer: undefined };
    near.receiving = {
      onMessage: (message) => {
        asked.answer = (message as { answer: ClientResult | ClientError }).answer;
      },
      onDown: () => undefined,
    };
    server.process.deliver(far, () => server.acceptClient(far));
    near.send({ token: 1, request });
    return asked;
  }

  /** Values that were put, in the order of a history. */
  putsIn(history: HistoryNode): number[] {
    const values: number[] = [];
    for (let node: HistoryNode | undefined = history; node !== undefined; node = node.parent) {
      if (node.update?.op === 'put') values.push(node.update.data[0] ?? -1);
    }
    return values.reverse();
  }

  /** How often any server has had an effect like that. */
  count(isMeant: (effect: ChainEffect, server: SimServer) => boolean): number {
    return this.effects.filter(({ server, effect }) => isMeant(effect, server)).length;
  }

  /** All is well, and what the clients were told fits together. */
  checkAll(): void {
    this.untilQuiet();
    this.cluster.oracle.checkConverged(this.cluster.servers);
    assertLinearizable(this.recorder.operations);
  }
}

/** A value as an answer carries it: servers hold values as text. */
export function numberIn(result: ClientResult | ClientError): number | undefined {
  if (result.type !== 'value' || result.value === undefined) return undefined;
  return dataOf(new TextDecoder().decode(result.value))[0];
}
