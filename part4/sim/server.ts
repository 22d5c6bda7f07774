import { ErrorNumber, type Message, Opcode, type Reply } from '@tablelab/part2/wire';
import { must } from '@tablelab/shared';
import { ChainNode } from '../src/adapters/chain-node.ts';
import type { Data } from '../src/adapters/disk/open-journal.ts';
import type { ChainCore, ChainCoreOptions } from '../src/core/chain-core.ts';
import type { ChainState } from '../src/core/chain-state.ts';
import { noEntry } from '../src/core/condition.ts';
import type { ChainEffect, ChainEvent, LastCopy } from '../src/core/effects.ts';
import type { ChainLimits } from '../src/core/limits.ts';
import type { ChainId, MemberId } from '../src/core/membership-record.ts';
import type { ChainMessage } from '../src/core/messages.ts';
import type { WriteRequest } from '../src/core/update.ts';
import type { SessionId } from '../src/core/view.ts';
import type { SimDisk } from './disk.ts';
import { Door } from './door.ts';
import { FlowCheck } from './flow-check.ts';
import { type HistoryNode, type HistoryTree, rule } from './history-tree.ts';
import { SimProcess } from './process.ts';
import { ServerTable } from './server-table.ts';
import { effectKind, eventKind, type StepKinds } from './step-rules.ts';
import { describeEffect, describeEvent } from './trace.ts';
import type { Network, StreamEnd } from './transport.ts';
import type { World } from './world.ts';
import { simZooKeeperService } from './zookeeper-session.ts';

/** The class under test: the core, or one that was broken on purpose. */
export type CoreClass = new (options: ChainCoreOptions, state?: ChainState) => ChainCore;

/** Observes the servers, in order to check rules and to start faults. */
export interface ServerObserver {
  readonly onHandled: (server: SimServer, event: ChainEvent) => void;
  /** Before the effect is carried out. */
  readonly onEffect: (server: SimServer, effect: ChainEffect) => void;
  readonly onExecuted: (server: SimServer) => void;
  /** A write is refused because the table is full. */
  readonly onFull: (server: SimServer, write: WriteRequest) => void;
  /** A read has been answered, in this turn. */
  readonly onRead: (server: SimServer) => void;
  /** The server has left the chain after `leave`. */
  readonly onLeft: (server: SimServer, lastCopy: LastCopy | undefined) => void;
  /** The server cannot stay in the chain. */
  readonly onStop: (server: SimServer, detail: string) => void;
}

export interface ServerParts {
  readonly world: World;
  readonly network: Network;
  readonly tree: HistoryTree;
  readonly observer: ServerObserver;
  readonly sessionTimeoutMs: number;
}

export interface ServerOptions {
  readonly Core: CoreClass;
  /** Its name in the trace. */
  readonly name: string;
  readonly clockRate: number;
  /** The name of its machine. */
  readonly host: string;
  readonly address: string;
  readonly onTotalLoss: 'wait' | 'start-empty';
  readonly totalLossGraceMs: number;
  readonly limits: ChainLimits;
  /** The largest number of writes that wait for its table. */
  readonly queueMax: number;
  /** The logical capacity of its table. */
  readonly logicalCapacityBytes: number;
  readonly writeTimeoutMs: number;
  /** Its process and what it has read from its disk; undefined: it keeps everything in memory. */
  readonly opened?: {
    readonly process: SimProcess;
    readonly table: ServerTable;
    readonly data: Data;
    readonly disk: SimDisk;
  };
  /** See CoreDriverOptions. */
  readonly logBytesMax?: number;
  readonly keptLogBytesMax?: number;
}

/** What a server keeps free on its disk, in bytes: some hundred updates. */
export const simReserveBytes = 16_384;

/** The time limit for a call to ZooKeeper, or for opening a session, in session time-outs. */
const callTimeoutSessions = 2.5;
const connectDeadlineSessions = 30;

/** A session is given up after this many session time-outs without a connection. */
const giveUpSessions = { min: 2, max: 10 };

const reads: ReadonlySet<number> = new Set([
  Opcode.OP_GET,
  Opcode.OP_HAS,
  Opcode.OP_SIZE,
  Opcode.OP_GETKEYS,
  Opcode.OP_VERIFY,
]);

/** One run of a server program: the real server on the ports of a simulated process, and the facts that checks need. */
export class SimServer {
  readonly name: string;
  readonly address: string;
  readonly process: SimProcess;
  readonly table: ServerTable;
  readonly #disk: SimDisk | undefined;
  readonly #parts: ServerParts;
  readonly #node: ChainNode;
  readonly #writeTimeoutMs: number;
  readonly #flow: FlowCheck;
  #member: MemberId | undefined;
  #session: SessionId | undefined;
  /** The snapshot in the present event. */
  #snapshot: Extract<ChainMessage, { type: 'snapshot' }> | undefined;
  /** The time at which the last answered write to ZooKeeper was sent. */
  #answeredSentAt = Number.NEGATIVE_INFINITY;
  /** The write in the present event. */
  #write: WriteRequest | undefined;
  isLeaving = false;
  /** An event has been handled, and its effects may wait for the disk. */
  #isHandling = false;
  /** The serial of the last membership record that it has acted on. */
  recordSerial = -1;
  /** What its core has done last, except for heartbeats, which come all the time. */
  lastStep: StepKinds | undefined;

  constructor(parts: ServerParts, options: ServerOptions) {
    const { world, network, observer, sessionTimeoutMs } = parts;
    const { Core, name, address, clockRate } = options;
    const { opened } = options;
    const process = opened?.process ?? new SimProcess(world, { host: options.host, clockRate });
    this.#parts = parts;
    this.#disk = opened?.disk;
    this.#writeTimeoutMs = options.writeTimeoutMs;
    this.#flow = new FlowCheck(name, options.limits);
    this.name = name;
    this.address = address;
    this.process = process;
    this.table = opened?.table ?? newTable(parts, options, process);
    this.table.onExecuted = () => observer.onExecuted(this);
    this.recordSerial = opened?.data.recovered.lasting.record?.serial ?? -1;
    this.#node = new ChainNode({
      ...options,
      reserveBytes: simReserveBytes,
      sessionTimeoutMs,
      ports: {
        clock: process,
        randomness: { hex: (digits) => world.hex(digits), fraction: () => world.between(0, 1) },
        transport: network.transportOf(process),
        coordination: simZooKeeperService({
          world,
          network,
          process,
          sessionTimeoutMs,
          connectDeadlineMs: connectDeadlineSessions * sessionTimeoutMs,
          onWriteAnswered: (sentAt) => {
            this.#answeredSentAt = sentAt;
          },
          callTimeoutMs: callTimeoutSessions * sessionTimeoutMs,
          giveUpMs: {
            min: giveUpSessions.min * sessionTimeoutMs,
            max: giveUpSessions.max * sessionTimeoutMs,
          },
        }),
        store: opened?.data.recovered.store ?? this.table.newStore(),
        data: opened?.data,
        newStore: () => this.#newStore(),
      },
      newCore: (coreOptions, state) => {
        this.#member = coreOptions.member;
        return new Core(coreOptions, state);
      },
      observer: {
        handling: (event) => this.#onHandling(event),
        performing: (effect) => this.#onPerforming(effect),
        handled: (event) => this.#onHandled(event),
      },
      onStop: (detail) => this.#onEnd(() => observer.onStop(this, detail)),
      onLeft: (lastCopy) => this.#onEnd(() => observer.onLeft(this, lastCopy)),
      log: (line, level) => world.trace(() => `${name} ${level}: ${line}`),
    });
    network.listen(address, process, (end) => this.#accept(end));
    this.#node.connect().catch((error) => {
      if (process.isAlive) this.#onEnd(() => observer.onStop(this, String(error)));
    });
  }

  get core(): ChainCore {
    return this.#node.core;
  }

  get member(): MemberId {
    return must(this.#member, 'the core was made with it');
  }

  /** Its session with ZooKeeper, as known to its core. */
  get session(): SessionId | undefined {
    return this.#session;
  }

  /** Whether it would answer a read now if it were not frozen. */
  get servesReads(): boolean {
    return this.process.isAlive && this.core.readRefusal(this.process.now()) === undefined;
  }

  /** Whether it would number a write now if it had room. */
  get takesWrites(): boolean {
    if (!this.process.isAlive) return false;
    const refusal = this.core.writeRefusal(openRequest, noEntry, this.process.now());
    return refusal === undefined || refusal.code === 'BUSY';
  }

  /** Leaves the chain, as after SIGTERM. */
  leave(): void {
    this.isLeaving = true;
    this.process.deliver('signal', () => this.#node.leave());
  }

  crash(): void {
    this.process.kill();
    this.#parts.network.abandon(this.process);
  }

  #accept(end: StreamEnd): void {
    new Door(this.#node, end, (request, reply, waitedMs) => this.#onAnswer(request, reply, waitedMs));
  }

  #onAnswer({ opcode }: Message, reply: Reply, waitedMs: number): void {
    const { world, observer } = this.#parts;
    if (!this.process.isAlive) return;
    if (reply.opcode === Opcode.OP_ERROR) return this.#countError(reply, waitedMs);
    if (reads.has(opcode)) world.guard(() => observer.onRead(this));
  }

  #countError({ error }: Reply, waitedMs: number): void {
    const { world } = this.#parts;
    if (error === ErrorNumber.BUSY) world.guard(() => this.#checkBusy(waitedMs));
    if (error === ErrorNumber.DISK_FULL) {
      world.guard(() =>
        rule(this.#disk?.hasBeenFull === true, () => `${this.name} calls a disk full that never was`),
      );
      world.count('disk full');
    }
    if (error === ErrorNumber.FULL) world.count('full');
    else if (waitedMs >= this.#writeTimeoutMs) world.count('time-outs');
    else if (error === ErrorNumber.BUSY) world.count('busy');
  }

  /**
   * A write that got BUSY must have waited for other writes: if none is under way, it is either admitted or the table
   * is full.
   */
  #checkBusy(waitedMs: number): void {
    const { received, stable } = this.core;
    const isInVain = waitedMs >= this.#writeTimeoutMs;
    // A server that waits for its disk admits nothing.
    rule(
      !isInVain || received > stable || this.#isHandling,
      () => `${this.name} has no room for a write, and nothing under way`,
    );
  }

  #newStore(): Promise<ReturnType<ServerTable['newStore']>> {
    const { world } = this.#parts;
    return new Promise((resolve) => {
      this.process.schedule(world.between(1, 5), () => {
        world.settled();
        resolve(this.table.newStore());
      });
    });
  }

  #onHandling(event: ChainEvent): void {
    const { world } = this.#parts;
    if (!this.process.isAlive) return;
    this.#isHandling = true;
    if (event.type !== 'heartbeat') this.lastStep = { event: eventKind(event), effects: [] };
    if (event.type !== 'heartbeat') world.trace(() => `${this.name} < ${describeEvent(event)}`);
    world.note(event.type);
    if (event.type === 'write') world.note(event.write.client);
    if (event.type === 'heartbeat') world.guard(() => this.#checkHeartbeat(event.sentAt));
    this.#write = event.type === 'write' ? event.write : undefined;
    if (event.type === 'log-read')
      world.count(event.updates.length > 0 ? 'reads of a log' : 'logs that do not reach back');
    if (event.type === 'session-started') this.#session = event.session;
    if (event.type === 'session-ended') this.#session = undefined;
    const isSnapshot = event.type === 'message' && event.message.type === 'snapshot';
    this.#snapshot = isSnapshot ? (event.message as Extract<ChainMessage, { type: 'snapshot' }>) : undefined;
  }

  /** A lease counts from the moment at which its heartbeat was sent (part4/README.md#lease-serve). */
  #checkHeartbeat(sentAt: number): void {
    rule(sentAt <= this.#answeredSentAt, () => `${this.name} takes a heartbeat for sent later than it was`);
  }

  #onPerforming(effect: ChainEffect): void {
    const { world, observer } = this.#parts;
    if (!this.process.isAlive) return;
    this.#noteEffect(effectKind(effect));
    if (effect.type !== 'heartbeats') world.trace(() => `${this.name} > ${describeEffect(effect)}`);
    world.note(effect.type);
    world.guard(() => {
      this.#noteTable(effect);
      this.#flow.onEffect(effect);
      const isFull = effect.type === 'reply' && 'code' in effect.reply && effect.reply.code === 'FULL';
      if (isFull && this.#write !== undefined) observer.onFull(this, this.#write);
      observer.onEffect(this, effect);
      rule(
        effect.type !== 'execute' || this.#write === undefined || this.core.state.room === 'enough',
        () => `${this.name} numbers a write, and its disk has little room`,
      );
    });
  }

  #noteEffect(kind: string): void {
    const { lastStep } = this;
    if (lastStep === undefined || lastStep.effects.includes(kind)) return;
    this.lastStep = { ...lastStep, effects: [...lastStep.effects, kind] };
  }

  #noteTable(effect: ChainEffect): void {
    if (effect.type === 'execute') {
      this.table.expect(must(this.core.chain, 'a server that executes is of a chain'), effect.updates);
    } else if (effect.type === 'load') {
      this.table.expectChunk(effect.entries);
    } else if (effect.type === 'wipe') {
      this.table.expectWipe(effect.seq === 0 ? this.#parts.tree.root : this.#copiedHistory(effect.seq));
    }
  }

  #onHandled(event: ChainEvent): void {
    const { world, observer } = this.#parts;
    if (!this.process.isAlive) return;
    this.#isHandling = false;
    this.recordSerial = this.core.record?.serial ?? this.recordSerial;
    world.guard(() => {
      this.#flow.onHandled(event, this.core.stable);
      if (this.#snapshot !== undefined)
        this.#checkOutcomes(must(this.core.chain, 'a snapshot is of a chain'));
      observer.onHandled(this, event);
    });
  }

  /** What a snapshot has brought of the outcomes of writes that are executed somewhere (part4/README.md#outcome-once). */
  #checkOutcomes(chain: ChainId): void {
    const { tree } = this.#parts;
    for (const [client, { outcomes }] of this.core.state.history.sessions.byClient) {
      for (const [request, { isApplied, ...name }] of outcomes) {
        const update = tree.find(chain, name)?.update;
        rule(update === undefined || update.isApplied === isApplied, () => {
          return `${this.name} has copied the outcome ${isApplied} of ${client}/${request}, which was ${update?.isApplied}`;
        });
      }
    }
  }

  /** The history that the snapshot represents. */
  #copiedHistory(seq: number): HistoryNode {
    const { epochs } = must(this.#snapshot, 'only a snapshot wipes for another number than 0');
    const { epoch } = must(
      epochs.findLast((start) => start.seq < seq),
      'a history has an epoch',
    );
    const chain = must(this.core.chain, 'a snapshot is of a chain');
    return this.#parts.tree.named(chain, { epoch, seq: seq - 1 });
  }

  #onEnd(tell: () => void): void {
    const { world } = this.#parts;
    if (!this.process.isAlive) return;
    // It ends its session, like a program that ends normally.
    void this.#node.close();
    world.guard(tell);
    this.process.schedule(0, () => this.crash());
  }
}

/** The table of a server; it is filled from a disk first if `isRecovering`. */
export function newTable(
  { world, tree }: ServerParts,
  { queueMax, logicalCapacityBytes }: Pick<ServerOptions, 'queueMax' | 'logicalCapacityBytes'>,
  process: SimProcess,
  isRecovering = false,
): ServerTable {
  return new ServerTable({ world, process, tree, queueMax, logicalCapacityBytes, isRecovering });
}

/** A write for which there is always room in the table. */
const openRequest = {
  client: '',
  request: 0,
  firstIncomplete: 0,
  op: 'open',
  key: '',
  data: new Uint8Array(0),
} as const;
