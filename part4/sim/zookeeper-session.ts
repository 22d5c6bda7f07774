import { must, TableError, unreachable } from '@tablelab/shared';
import type {
  Children,
  CoordinationService,
  CoordinationSession,
  NodeData,
  SessionEnd,
  Timer,
  TransactionOutcome,
  TransactionStep,
} from '../src/ports.ts';
import type { SimProcess } from './process.ts';
import type { Dial, Network } from './transport.ts';
import type { World } from './world.ts';
import {
  type FromZooKeeper,
  type ToZooKeeper,
  type WatchKind,
  type ZooKeeperAnswer,
  type ZooKeeperCall,
  zooKeeperAddress,
} from './zookeeper-protocol.ts';

export interface ZooKeeperClientOptions {
  readonly world: World;
  readonly network: Network;
  readonly process: SimProcess;
  readonly sessionTimeoutMs: number;
  /** How long opening a session may take. */
  readonly connectDeadlineMs: number;
  /** Each call resolves or rejects within this time. */
  readonly callTimeoutMs: number;
  /** Called for each answered write, with the time at which it was sent, on the process's clock. */
  readonly onWriteAnswered?: (sentAt: number) => void;
  /** A session is given up after this time without a connection. */
  readonly giveUpMs: { readonly min: number; readonly max: number };
}

/** The pause before another dial, in milliseconds. */
const redialMs = { min: 5, max: 60 };

/** How long {@link CoordinationSession.close} waits for the answer, in milliseconds. */
const closeAnswerMs = 300;

/** The number of checks in a session's time-out for whether to ping and whether ZooKeeper is silent. */
const looksPerSession = 4;
const silentLooksMax = 2;

/** A simulated process's access to ZooKeeper. */
export function simZooKeeperService(options: ZooKeeperClientOptions): CoordinationService {
  return { open: ({ stop }) => new SimZooKeeperSession(options).open(stop) };
}

interface Call {
  readonly what: string;
  readonly isWrite: boolean;
  readonly sentAt: number;
  readonly deadline: number;
  readonly resolve: (answer: ZooKeeperAnswer) => void;
  readonly reject: (error: TableError) => void;
  isOver: boolean;
}

/**
 * One session, which survives lost connections and keeps itself alive with pings. It ends when ZooKeeper reports its
 * expiry, or after a long time without a connection, because ZooKeeper does not report that a session is unknown.
 */
class SimZooKeeperSession implements CoordinationSession {
  readonly ended: Promise<SessionEnd>;
  readonly #options: ZooKeeperClientOptions;
  readonly #giveUpMs: number;
  readonly #end = Promise.withResolvers<SessionEnd>();
  readonly #opening = Promise.withResolvers<undefined>();
  readonly #connectedListeners: (() => void)[] = [];
  readonly #watches: Readonly<Record<WatchKind, Map<string, Set<() => void>>>> = {
    data: new Map(),
    children: new Map(),
  };
  #dial: Dial | undefined;
  #calls: Call[] = [];
  #isConnected = false;
  #isEnded = false;
  #isClosing = false;
  #session: string | undefined;
  #timeoutMs = 0;
  #seen = 0;
  #silentLooks = 0;
  #hasSent = false;
  #deadlineTimer: Timer | undefined;
  #giveUp: Timer | undefined;

  constructor(options: ZooKeeperClientOptions) {
    const { world, giveUpMs } = options;
    this.#options = options;
    this.#giveUpMs = world.between(giveUpMs.min, giveUpMs.max);
    this.ended = this.#end.promise;
  }

  async open(stop: AbortSignal): Promise<this> {
    const { process, connectDeadlineMs } = this.#options;
    const deadline = process.schedule(connectDeadlineMs, () => this.#finish('closed', 'no session in time'));
    const giveUp = () => this.#finish('closed', 'the search for it was called off');
    stop.addEventListener('abort', giveUp);
    if (stop.aborted) giveUp();
    else this.#connect();
    this.#look();
    const end = await Promise.race([this.ended, this.#opening.promise]);
    deadline.cancel();
    stop.removeEventListener('abort', giveUp);
    if (end !== undefined) throw new TableError('UNREACHABLE', `ZooKeeper cannot be reached: ${end.detail}`);
    return this;
  }

  get sessionId(): string {
    return must(this.#session, 'it has been opened');
  }

  get sessionTimeoutMs(): number {
    return this.#timeoutMs;
  }

  get isConnected(): boolean {
    return this.#isConnected && !this.#isClosing;
  }

  onConnected(listener: () => void): void {
    this.#connectedListeners.push(listener);
  }

  async ensure(path: string): Promise<void> {
    if ((await this.getData(path)) !== undefined) return;
    await this.transaction([{ op: 'create', path, data: new Uint8Array(0), mode: 'persistent' }]);
  }

  async getData(path: string, changed?: () => void): Promise<NodeData | undefined> {
    const answer = await this.#read('getData', path, changed);
    return answer as NodeData | undefined;
  }

  async children(path: string, changed?: () => void): Promise<Children | undefined> {
    const answer = await this.#read('children', path, changed);
    return answer as Children | undefined;
  }

  async exists(path: string, changed: () => void): Promise<boolean> {
    const answer = await this.#read('exists', path, changed);
    return answer as boolean;
  }

  async transaction(steps: readonly TransactionStep[]): Promise<TransactionOutcome> {
    const answer = await this.#call({ type: 'transaction', steps });
    return answer as TransactionOutcome;
  }

  async close(): Promise<void> {
    if (!this.#isEnded && !this.#isClosing) {
      if (this.#isConnected) {
        this.#isClosing = true;
        this.#send({ type: 'end' });
        this.#options.process.schedule(closeAnswerMs, () =>
          this.#finish('closed', 'closed without an answer'),
        );
      } else {
        this.#finish('closed', 'closed without a connection');
      }
    }
    await this.ended;
  }

  async #read(
    type: Exclude<ZooKeeperCall['type'], 'transaction'>,
    path: string,
    changed: (() => void) | undefined,
  ): Promise<ZooKeeperAnswer> {
    if (changed !== undefined) {
      const watches = this.#watches[type === 'children' ? 'children' : 'data'];
      const listeners = watches.get(path) ?? new Set();
      watches.set(path, listeners.add(changed));
    }
    return this.#call({ type, path, watches: changed !== undefined });
  }

  #call(call: ZooKeeperCall): Promise<ZooKeeperAnswer> {
    const { process, callTimeoutMs } = this.#options;
    const what = call.type === 'transaction' ? 'transaction' : `${call.type} ${call.path}`;
    if (!this.isConnected) return Promise.reject(new TableError('UNREACHABLE', `${what}: not connected`));
    return new Promise((resolve, reject) => {
      const isWrite = call.type === 'transaction';
      const sentAt = process.now();
      const deadline = sentAt + callTimeoutMs;
      this.#calls.push({ what, isWrite, sentAt, deadline, resolve, reject, isOver: false });
      this.#deadlineTimer ??= process.schedule(callTimeoutMs, () => this.#expire());
      this.#send(call);
    });
  }

  /** Fails calls whose deadline has passed; deadlines are in the order of the calls. */
  #expire(): void {
    const { process } = this.#options;
    const now = process.now();
    this.#deadlineTimer = undefined;
    for (const call of this.#calls) {
      if (call.isOver) continue;
      if (call.deadline > now) {
        this.#deadlineTimer = process.schedule(call.deadline - now, () => this.#expire());
        return;
      }
      this.#fail(call, 'TIMEOUT', 'no answer in time');
    }
  }

  #fail(call: Call, code: 'TIMEOUT' | 'UNREACHABLE', detail: string): void {
    if (call.isOver) return;
    call.isOver = true;
    this.#options.world.settled();
    call.reject(new TableError(code, `${call.what}: ${detail}`, { mayHaveHappened: call.isWrite }));
  }

  #connect(): void {
    if (this.#isEnded) return;
    const { network, process } = this.#options;
    this.#silentLooks = 0;
    const dial: Dial = network.dial(process, zooKeeperAddress, {
      opened: () => {
        this.#dial = dial;
        this.#send({ type: 'connect', session: this.#session, seen: this.#seen });
      },
      received: () => undefined,
      receivedObject: (message) => this.#onMessage(message as FromZooKeeper),
      closed: (detail) => this.#lost(detail),
    });
    this.#dial = undefined;
    this.#dialling = dial;
  }

  /** The connection, or the attempt to establish one. */
  #dialling: Dial | undefined;

  #onMessage(message: FromZooKeeper): void {
    const { world } = this.#options;
    this.#silentLooks = 0;
    switch (message.type) {
      case 'connected':
        this.#session = message.session;
        this.#timeoutMs = message.timeoutMs;
        this.#isConnected = true;
        this.#giveUp?.cancel();
        this.#giveUp = undefined;
        world.settled();
        this.#opening.resolve(undefined);
        for (const listener of this.#connectedListeners) listener();
        return;
      case 'expired':
        return this.#finish('expired', 'ZooKeeper has let the session expire');
      case 'ended':
        return this.#finish('closed', 'closed');
      case 'pong':
        return;
      case 'answer': {
        const call = must(this.#calls.shift(), 'an answer has a call');
        this.#seen = Math.max(this.#seen, message.seen);
        if (call.isOver) return;
        call.isOver = true;
        if (call.isWrite) this.#options.onWriteAnswered?.(call.sentAt);
        world.settled();
        call.resolve(message.answer);
        return;
      }
      case 'changed': {
        const watches = this.#watches[message.kind];
        const listeners = watches.get(message.path);
        watches.delete(message.path);
        world.settled();
        for (const listener of listeners ?? []) listener();
        return;
      }
      default:
        return unreachable(message);
    }
  }

  #send(message: ToZooKeeper): void {
    this.#hasSent = true;
    this.#dial?.writeObject(message);
  }

  /** Counts checks instead of reading the clock, like the keepalive of links. */
  #look(): void {
    const { process, sessionTimeoutMs } = this.#options;
    process.schedule(sessionTimeoutMs / looksPerSession, () => {
      if (this.#isEnded) return;
      this.#look();
      if (this.#dialling === undefined) return;
      this.#silentLooks += 1;
      if (this.#silentLooks > silentLooksMax) {
        this.#dialling.destroy('the server is silent');
        return this.#lost('the server is silent');
      }
      if (this.#isConnected && !this.#hasSent) this.#send({ type: 'ping' });
      this.#hasSent = false;
    });
  }

  #lost(detail: string): void {
    const { world, process } = this.#options;
    this.#disconnect(`the connection to ZooKeeper was lost: ${detail}`);
    if (this.#isClosing) return this.#finish('closed', 'closed');
    if (this.#session !== undefined) {
      this.#giveUp ??= process.schedule(this.#giveUpMs, () => {
        this.#finish('gave-up', `no connection for ${this.#giveUpMs} ms`);
      });
    }
    process.schedule(world.between(redialMs.min, redialMs.max), () => {
      if (this.#dialling === undefined) this.#connect();
    });
  }

  #disconnect(detail: string): void {
    const calls = this.#calls;
    this.#dial = undefined;
    this.#dialling = undefined;
    this.#isConnected = false;
    this.#calls = [];
    this.#watches.data.clear();
    this.#watches.children.clear();
    for (const call of calls) this.#fail(call, 'UNREACHABLE', detail);
  }

  #finish(reason: SessionEnd['reason'], detail: string): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#giveUp?.cancel();
    this.#deadlineTimer?.cancel();
    this.#dialling?.end();
    this.#disconnect(`the session has ended: ${detail}`);
    this.#options.world.settled();
    this.#end.resolve({ reason, detail });
  }
}
