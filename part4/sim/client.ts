import { must, TableError, unreachable } from '@tablelab/shared';
import type { HistoryRecorder } from '../linearizability/index.ts';
import { ClientCore } from '../src/client/core/client-core.ts';
import type {
  ClientEffect,
  ClientError,
  ClientEvent,
  ClientOperation,
  ClientRequest,
  ClientResult,
  ConnectionId,
} from '../src/client/core/client-effects.ts';
import type { ClientLimits } from '../src/client/core/client-limits.ts';
import { answerOf, messageOf } from '../src/client/wire.ts';
import type { WriteName } from '../src/core/update.ts';
import type { Timer } from '../src/ports.ts';
import { rule, textOf } from './history-tree.ts';
import { MessageStream } from './message-stream.ts';
import { SimProcess } from './process.ts';
import type { Network } from './transport.ts';
import type { World } from './world.ts';
import type { SimZooKeeper } from './zookeeper.ts';
import { zooKeeperHost } from './zookeeper-protocol.ts';

export interface ClientPlan {
  readonly name: string;
  readonly operations: number;
  /** Operations that are under way at once, at most. */
  readonly window: number;
  /** How long it waits after an operation before the next, at most; and once in three times, to come back later. */
  readonly thinkMs: number;
  readonly pauseMs: number;
  readonly deadlineMs: number;
  readonly keys: readonly string[];
  /** So many operations in a hundred ask about all keys. */
  readonly wideReads: number;
  readonly limits: ClientLimits;
}

export interface ClientParts {
  readonly world: World;
  readonly network: Network;
  readonly zooKeeper: SimZooKeeper;
  readonly recorder: HistoryRecorder;
  /** A value that no other write has. */
  readonly newValue: () => Uint8Array;
}

/** How often a client looks whether the chain has changed, in milliseconds. It stands for a watch that comes late. */
const lookMs = { min: 5, max: 60 };

/** A call, and what has come of it: undefined as long as it has no result. */
export interface SimCall {
  readonly operation: ClientOperation;
  outcome: ClientResult | ClientError | undefined;
}

interface SimConnection {
  readonly stream: MessageStream;
  /** Requests without an answer, in their order. */
  readonly pending: { readonly token: number; readonly request: ClientRequest }[];
}

/** A client that runs the real client's core, and writes down what it asks for and what it is told. */
export class SimClient {
  readonly process: SimProcess;
  readonly #parts: ClientParts;
  readonly #plan: ClientPlan;
  readonly #core: ClientCore;
  readonly #connections = new Map<ConnectionId, SimConnection>();
  readonly #calls = new Map<number, SimCall & { readonly record: number | undefined }>();
  /** Names of own writes that were answered. */
  readonly #written: WriteName[] = [];
  /** It makes no long pauses any more. */
  isInHurry = false;
  #begun = 0;
  #seen = '';
  #wake: Timer | undefined;
  /** What it was told last of the writes and reads that succeeded. */
  readonly succeeded = { writes: 0, reads: 0 };

  constructor(parts: ClientParts, plan: ClientPlan) {
    this.#parts = parts;
    this.#plan = plan;
    this.#core = new ClientCore(plan.limits);
    this.process = new SimProcess(parts.world, { host: plan.name, clockRate: 1 });
    this.#look();
    for (let i = 0; i < plan.window; i += 1) this.#begin();
  }

  get isDone(): boolean {
    return this.#calls.size === 0 && this.#begun >= this.#plan.operations;
  }

  /** Makes a call outside of its plan; what comes of it is written down as well. */
  call(operation: ClientOperation): SimCall {
    const { recorder, world } = this.#parts;
    this.#begun += 1;
    const call = this.#begun;
    const record =
      operation.op === 'verify' ? undefined : recorder.invoke(this.#plan.name, requestOf(operation));
    world.trace(() => `${this.#plan.name} call ${call} ${describeOperation(operation)}`);
    const made = { record, operation, outcome: undefined };
    this.#calls.set(call, made);
    this.#handle({ type: 'call', call, operation, deadline: this.process.now() + this.#plan.deadlineMs });
    return made;
  }

  #begin(): void {
    const { world } = this.#parts;
    const { thinkMs } = this.#plan;
    const pauseMs = this.isInHurry ? thinkMs : this.#plan.pauseMs;
    this.process.schedule(world.between(0, world.oneIn(3) ? pauseMs : thinkMs), () => {
      if (this.#begun < this.#plan.operations) this.call(this.#operation());
    });
  }

  #operation(): ClientOperation {
    const { world, newValue } = this.#parts;
    const key = world.random.pick(this.#plan.keys);
    const chance = world.random.int(100);
    if (chance < 45) return { op: 'put', key, data: newValue() };
    if (chance < 55) return { op: 'del', key };
    if (chance < 60 && this.#written.length > 0) {
      return { op: 'verify', name: world.random.pick(this.#written) };
    }
    if (chance >= 100 - this.#plan.wideReads) return { op: chance % 2 === 0 ? 'size' : 'keys' };
    return { op: 'get', key };
  }

  #handle(event: ClientEvent): void {
    this.#core.handle(event, this.process.now());
    for (const effect of this.#core.takeEffects()) this.#perform(effect);
  }

  #perform(effect: ClientEffect): void {
    switch (effect.type) {
      case 'connect':
        return this.#connect(effect.connection, effect.address);
      case 'disconnect':
        this.#connections.get(effect.connection)?.stream.close();
        this.#connections.delete(effect.connection);
        return;
      case 'send': {
        const { stream, pending } = must(this.#connections.get(effect.connection), 'it is up');
        pending.push(effect);
        stream.send(messageOf(effect.request));
        return;
      }
      case 'wake':
        if (this.#wake !== undefined) this.#wake.cancel();
        this.#wake = this.process.schedule(effect.at - this.process.now(), () =>
          this.#handle({ type: 'wake' }),
        );
        return;
      case 'complete':
        return this.#complete(effect.call, effect.outcome);
      default:
        return unreachable(effect);
    }
  }

  #connect(connection: ConnectionId, address: string): void {
    const pending: SimConnection['pending'] = [];
    const stream = new MessageStream(this.#parts.network, this.process, address, {
      opened: () => this.#handle({ type: 'connected', connection }),
      reply: (message) => {
        const { token, request } = must(pending.shift(), 'a reply has a request');
        this.#handle({ type: 'answer', token, answer: answerOf(request, message) });
      },
      closed: (detail) => this.#disconnected(connection, detail),
    });
    this.#connections.set(connection, { stream, pending });
  }

  #disconnected(connection: ConnectionId, detail: string): void {
    if (!this.#connections.has(connection)) return;
    this.#connections.delete(connection);
    this.#handle({ type: 'disconnected', connection, detail, unsent: [] });
  }

  #complete(call: number, outcome: ClientResult | ClientError): void {
    const { recorder, world } = this.#parts;
    const made = must(this.#calls.get(call), 'a call is completed once');
    const { record, operation } = made;
    made.outcome = outcome;
    this.#calls.delete(call);
    const { type } = outcome;
    world.trace(
      () =>
        `${this.#plan.name} done ${call} ${type === 'error' ? `${outcome.code} ${outcome.detail}` : type}`,
    );
    if (outcome.type === 'error') {
      rule(
        operation.op !== 'verify' || outcome.code !== 'LOST',
        () => 'a COMMITTED write is said to be lost',
      );
      if (record !== undefined && outcome.mayHaveHappened) recorder.mayHaveHappened(record);
      else if (record !== undefined) recorder.didNotHappen(record);
    } else if (outcome.type === 'verified') {
      rule(outcome.executed, () => 'a COMMITTED write is said not to be executed yet');
    } else if (record !== undefined) {
      if (outcome.type === 'written') {
        this.#written.push(outcome.name);
        this.succeeded.writes += 1;
        recorder.ok(record);
      } else if (outcome.type === 'value') {
        this.succeeded.reads += 1;
        recorder.ok(record, outcome.value === undefined ? undefined : textOf(outcome.value));
      } else {
        recorder.ok(record, outcome.type === 'size' ? outcome.size : outcome.keys);
      }
    }
    this.#begin();
  }

  /** Looks at the chain, as some server of ZooKeeper shows it: maybe an old picture. */
  #look(): void {
    const { world, network, zooKeeper } = this.#parts;
    const { host } = this.process;
    this.process.schedule(world.between(lookMs.min, lookMs.max), () => {
      this.#look();
      if (!zooKeeper.isUp || network.isCut(host, zooKeeperHost)) return;
      const { view } = zooKeeper.staleChain();
      const seen = `${zooKeeper.wipes} ${view.version}`;
      if (seen === this.#seen) return;
      this.#seen = seen;
      this.#handle({ type: 'view', view });
    });
  }
}

function describeOperation(operation: ClientOperation): string {
  const { op } = operation;
  if (op === 'put') return `put ${operation.key}=${textOf(operation.data)}`;
  if (op === 'verify') return `verify ${operation.name.epoch}:${operation.name.seq}`;
  return 'key' in operation ? `${op} ${operation.key}` : op;
}

function requestOf(operation: ClientOperation): Parameters<HistoryRecorder['invoke']>[1] {
  switch (operation.op) {
    case 'put':
      return { kind: 'put', key: operation.key, value: textOf(operation.data) };
    case 'del':
      return { kind: 'del', key: operation.key };
    case 'get':
      return { kind: 'get', key: operation.key };
    case 'size':
    case 'keys':
      return { kind: operation.op };
    default:
      throw new TableError('BAD_REQUEST', `${operation.op} is not written down`);
  }
}
