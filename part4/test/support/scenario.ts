import { must } from '@tablelab/shared';
import { assertLinearizable, HistoryRecorder } from '../../linearizability/index.ts';
import { type SimCall, SimClient } from '../../sim/client.ts';
import { Cluster, type ClusterOptions } from '../../sim/cluster.ts';
import type { HistoryNode } from '../../sim/history-tree.ts';
import { MessageStream } from '../../sim/message-stream.ts';
import { SimProcess } from '../../sim/process.ts';
import type { SimServer } from '../../sim/server.ts';
import { World } from '../../sim/world.ts';
import type {
  ClientError,
  ClientOperation,
  ClientRequest,
  ClientResult,
} from '../../src/client/core/client-effects.ts';
import { defaultClientLimits } from '../../src/client/core/client-limits.ts';
import { answerOf, messageOf } from '../../src/client/wire.ts';
import { ChainCore } from '../../src/core/chain-core.ts';
import type { ChainEffect } from '../../src/core/effects.ts';

export const sessionTimeoutMs = 1_000;

/** A server's answer to a direct request; undefined until it has answered. */
export interface Asked {
  answer: ClientResult | ClientError | undefined;
}

/** A chain in the simulator that a test brings into one situation. The rules are checked at every step. */
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
    const { network, zooKeeper } = this.cluster;
    this.cluster.addClient('client');
    this.client = new SimClient(
      { world, network, zooKeeper, recorder: this.recorder, newValue: () => new Uint8Array(0) },
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

  /** A chain of `count` servers: s0 is the head, the last one the tail. */
  static async chainOf(
    servers: number,
    options: ConstructorParameters<typeof Scenario>[0] = {},
  ): Promise<Scenario> {
    const scenario = new Scenario(options);
    for (let i = 0; i < servers; i += 1) {
      scenario.cluster.startAnother();
      await scenario.until(() => scenario.cluster.isQuiet, `server ${i} is in the chain`);
    }
    return scenario;
  }

  server(place: number): SimServer {
    return must(this.cluster.serverIn(place), `a server runs at ${place}`);
  }

  /** Runs until `isReached`. @throws if that takes longer than the deadline, in simulated time */
  async until(isReached: () => boolean, what: string, deadlineMs = 20_000): Promise<void> {
    const end = this.world.now + deadlineMs;
    await this.world.run(() => isReached() || this.world.now > end);
    if (!isReached()) throw new Error(`${what}: not within ${deadlineMs} ms\n${this.cluster.describe()}`);
  }

  /** Lets `durationMs` of simulated time pass; `check` is called after every step. */
  async pass(durationMs: number, check: () => void = () => undefined): Promise<void> {
    const end = this.world.now + durationMs;
    this.world.schedule(durationMs, () => undefined);
    await this.world.run(() => {
      check();
      return this.world.now >= end;
    });
  }

  /** Runs until all running servers are in the chain with the same history. */
  untilQuiet(): Promise<void> {
    return this.until(() => this.cluster.isQuiet && this.client.isDone, 'the chain is well again', 40_000);
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
  async resultOf(call: SimCall, deadlineMs?: number): Promise<ClientResult | ClientError> {
    await this.until(() => call.outcome !== undefined, `${call.operation.op} has a result`, deadlineMs);
    return must(call.outcome, 'it is there');
  }

  /** Sends a request to one server, whatever its place in the chain. */
  ask(server: SimServer, request: ClientRequest): Asked {
    const { network } = this.cluster;
    this.#asks += 1;
    const process = new SimProcess(this.world, { host: `ask-${this.#asks}`, clockRate: 1 });
    const asked: Asked = { answer: undefined };
    const stream = new MessageStream(network, process, server.address, {
      opened: () => stream.send(messageOf(request)),
      reply: (message) => {
        asked.answer = answerOf(request, message);
      },
      closed: () => undefined,
    });
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

  /** The number of such effects of all servers. */
  count(isMeant: (effect: ChainEffect, server: SimServer) => boolean): number {
    return this.effects.filter(({ server, effect }) => isMeant(effect, server)).length;
  }

  /** Checks that the chain is complete, and that the clients' history is linearizable. */
  async checkAll(): Promise<void> {
    await this.untilQuiet();
    this.cluster.oracle.checkConverged(this.cluster.servers);
    assertLinearizable(this.recorder.operations);
  }
}

/** The number that a value was put for. */
export function numberIn(result: ClientResult | ClientError): number | undefined {
  return result.type === 'value' ? result.value?.[0] : undefined;
}
