import { assert, TableError } from '@tablelab/shared';
import type { HistoryRecorder } from '../linearizability/index.ts';
import { ClientDriver } from '../src/client/client-driver.ts';
import { checkClientState } from '../src/client/core/check-client-state.ts';
import type { ClientError, ClientOperation, ClientResult } from '../src/client/core/client-effects.ts';
import type { ClientLimits } from '../src/client/core/client-limits.ts';
import { ViewSource } from '../src/client/view-source.ts';
import { formatName, type OperationName } from '../src/write-name.ts';
import { rule, textOf } from './history-tree.ts';
import { SimProcess } from './process.ts';
import type { Network } from './transport.ts';
import type { World } from './world.ts';
import type { SimZooKeeper } from './zookeeper.ts';
import { simZooKeeperService } from './zookeeper-session.ts';

export interface ClientPlan {
  readonly name: string;
  readonly operations: number;
  /** The largest number of operations under way. */
  readonly window: number;
  /** The longest pause between operations; one time in three it is skipped or longer. */
  readonly thinkMs: number;
  readonly pauseMs: number;
  readonly deadlineMs: number;
  readonly keys: readonly string[];
  /** The percentage of operations that read all keys. */
  readonly wideReads: number;
  readonly limits: ClientLimits;
}

export interface ClientParts {
  readonly world: World;
  readonly network: Network;
  readonly zooKeeper: SimZooKeeper;
  readonly recorder: HistoryRecorder;
  /** Makes a value that no other write has. */
  readonly newValue: () => Uint8Array;
}

/** The time limit for a call to ZooKeeper, or for opening a session, in session time-outs. */
const callTimeoutSessions = 2.5;
const connectDeadlineSessions = 5;

/** How a call may fail. A correct client never gets BAD_REQUEST, for example. */
const failures: ReadonlySet<string> = new Set(['TIMEOUT', 'LOST', 'FULL', 'DISK_FULL']);

/** The client's timers run at whole milliseconds. */
const timerLateMsMax = 1;

/** A call and its outcome, which is undefined while it has none. */
export interface SimCall {
  readonly operation: ClientOperation;
  outcome: ClientResult | ClientError | undefined;
}

/** A client program: the real client on the ports of a simulated process. It records its calls and their outcomes. */
export class SimClient {
  readonly process: SimProcess;
  readonly #parts: ClientParts;
  readonly #plan: ClientPlan;
  readonly #driver: ClientDriver;
  /** The names of this client's answered writes. */
  readonly #written: OperationName[] = [];
  /** The last value of each key that it has read or stored. */
  readonly #seen = new Map<string, Uint8Array>();
  /** It no longer makes long pauses. */
  isInHurry = false;
  #begun = 0;
  #underWay = 0;
  readonly succeeded = { writes: 0, reads: 0 };

  constructor(parts: ClientParts, plan: ClientPlan) {
    this.#parts = parts;
    this.#plan = plan;
    this.process = new SimProcess(parts.world, { host: plan.name, clockRate: 1 });
    this.#driver = new ClientDriver({
      limits: plan.limits,
      connectTimeoutMs: plan.limits.attemptTimeoutMs,
      clock: this.process,
      transport: parts.network.transportOf(this.process),
    });
    this.#followChain();
    for (let i = 0; i < plan.window; i += 1) this.#begin();
  }

  get isDone(): boolean {
    return this.#underWay === 0 && this.#begun >= this.#plan.operations;
  }

  /** Makes a call that is not in its plan; the outcome is recorded as well. */
  call(operation: ClientOperation): SimCall {
    const { recorder, world } = this.#parts;
    this.#begun += 1;
    const call = this.#begun;
    const record =
      operation.op === 'verify' ? undefined : recorder.invoke(this.#plan.name, requestOf(operation));
    world.trace(() => `${this.#plan.name} call ${call} ${describeOperation(operation)}`);
    const made: SimCall = { operation, outcome: undefined };
    this.#underWay += 1;
    const endsBy = this.process.now() + this.#plan.deadlineMs + timerLateMsMax;
    this.#driver.begin(operation, this.#plan.deadlineMs, (outcome) => {
      this.#underWay -= 1;
      made.outcome = outcome;
      const { type } = outcome;
      const text = () => (type === 'error' ? `${outcome.code} ${outcome.detail}` : type);
      world.trace(() => `${this.#plan.name} done ${call} ${text()}`);
      world.guard(() => {
        checkClientState(this.#driver.state);
        rule(
          this.process.now() <= endsBy,
          () => `call ${call} of ${this.#plan.name} ends after its deadline`,
        );
        this.#record(operation, record, outcome);
      });
      this.#begin();
    });
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
    if (chance < 25) return { op: 'put', key, data: newValue() };
    if (chance < 33) return { op: 'putIfAbsent', key, data: newValue() };
    if (chance < 45) {
      // Mostly the value that the client has seen last; without one, a value that was never there.
      const expected = this.#seen.get(key) ?? newValue();
      return { op: 'putIfEquals', key, expected, data: newValue() };
    }
    if (chance < 55) return { op: 'del', key };
    if (chance < 63 && chance >= 60) return { op: 'has', key };
    if (chance < 60 && this.#written.length > 0) {
      return { op: 'verify', name: world.random.pick(this.#written) };
    }
    if (chance >= 100 - this.#plan.wideReads) return { op: chance % 2 === 0 ? 'size' : 'keys' };
    return { op: 'get', key };
  }

  #record(operation: ClientOperation, record: number | undefined, outcome: ClientResult | ClientError): void {
    const { recorder } = this.#parts;
    if (outcome.type === 'error') {
      rule(
        !this.#hasWritten(operation) || outcome.code !== 'LOST' || /begun anew/.test(outcome.detail),
        () => 'a COMMITTED write is said to be lost',
      );
      rule(failures.has(outcome.code), () => `a client is answered ${outcome.code}: ${outcome.detail}`);
      if (record !== undefined && outcome.mayHaveHappened) recorder.mayHaveHappened(record);
      else if (record !== undefined) recorder.didNotHappen(record);
    } else if (outcome.type === 'verified') {
      rule(
        outcome.executed || !this.#hasWritten(operation),
        () => 'a COMMITTED write is said not to be executed yet',
      );
    } else if (record !== undefined) {
      if (outcome.type === 'written') {
        this.#written.push(outcome.name);
        this.succeeded.writes += 1;
        rule(
          (outcome.isApplied === undefined) === (operation.op === 'put'),
          () => `a ${operation.op} is answered with the outcome ${outcome.isApplied}`,
        );
        if ('data' in operation && outcome.isApplied !== false) this.#seen.set(operation.key, operation.data);
        if (operation.op !== 'put') {
          this.#parts.world.count(`${operation.op} ${outcome.isApplied ? 'applied' : 'not applied'}`);
        }
        recorder.ok(record, outcome.isApplied);
      } else if (outcome.type === 'value') {
        this.succeeded.reads += 1;
        if (operation.op === 'get' && outcome.value !== undefined) {
          this.#seen.set(operation.key, outcome.value);
        }
        recorder.ok(record, outcome.value === undefined ? undefined : textOf(outcome.value));
      } else if (outcome.type === 'presence') {
        recorder.ok(record, outcome.isPresent);
      } else if (outcome.type === 'size') {
        recorder.ok(record, outcome.size);
      } else {
        assert(outcome.type !== 'dumped', 'no simulated client dumps the table');
        recorder.ok(record, outcome.keys);
      }
    }
  }

  /** Whether it asks about a write that was answered to this client. */
  #hasWritten(operation: ClientOperation): boolean {
    if (operation.op !== 'verify') return false;
    const { epoch, number } = operation.name;
    return this.#written.some((name) => name.epoch === epoch && name.number === number);
  }

  /** Connects as the stub does; if that fails, a real program would ask its user to try again. */
  #followChain(): void {
    const { world, network, zooKeeper } = this.#parts;
    const { process } = this;
    const { sessionTimeoutMs } = zooKeeper;
    const opening = ViewSource.open({
      coordination: simZooKeeperService({
        world,
        network,
        process,
        sessionTimeoutMs,
        connectDeadlineMs: connectDeadlineSessions * sessionTimeoutMs,
        callTimeoutMs: callTimeoutSessions * sessionTimeoutMs,
        giveUpMs: { min: sessionTimeoutMs, max: sessionTimeoutMs },
      }),
      clock: process,
      onView: (view, chain) => world.guard(() => this.#driver.view(view, chain)),
      log: (line) => world.trace(() => `${this.#plan.name}: ${line}`),
    });
    opening.catch(() => this.#followChain());
  }
}

function describeOperation(operation: ClientOperation): string {
  const { op } = operation;
  if (op === 'put') return `put ${operation.key}=${textOf(operation.data)}`;
  if (op === 'putIfAbsent') return `${op} ${operation.key}=${textOf(operation.data)}`;
  if (op === 'putIfEquals') {
    return `${op} ${operation.key}=${textOf(operation.data)} where ${textOf(operation.expected)}`;
  }
  if (op === 'verify') {
    const { epoch, number } = operation.name;
    return `verify ${epoch === undefined ? number : formatName({ epoch, number })}`;
  }
  return 'key' in operation ? `${op} ${operation.key}` : op;
}

function requestOf(operation: ClientOperation): Parameters<HistoryRecorder['invoke']>[1] {
  switch (operation.op) {
    case 'put':
      return { kind: 'put', key: operation.key, value: textOf(operation.data) };
    case 'putIfAbsent':
      return { kind: 'put-if-absent', key: operation.key, value: textOf(operation.data) };
    case 'putIfEquals': {
      const [expected, value] = [textOf(operation.expected), textOf(operation.data)];
      return { kind: 'put-if-equals', key: operation.key, expected, value };
    }
    case 'del':
    case 'get':
    case 'has':
      return { kind: operation.op, key: operation.key };
    case 'size':
    case 'keys':
      return { kind: operation.op };
    default:
      throw new TableError('BAD_REQUEST', `${operation.op} is not written down`);
  }
}
