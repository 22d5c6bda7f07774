import { must, type Random, seededRandom } from '@tablelab/shared';
import type { HistoryEvent, Operation } from '../linearizability/index.ts';
import type { ViewSource } from '../src/client/view-source.ts';
import type { View } from '../src/core/view.ts';
import { ChaosChain } from './chaos-chain.ts';
import type { ChaosServer } from './chaos-server.ts';
import { type FaultKind, faultKinds } from './fault-kinds.ts';
import { followViews } from './follow-views.ts';
import type { Workload } from './workload.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly durationMs: number;
  readonly servers: number;
  readonly zookeepers: 1 | 3;
  readonly sessionTimeoutMs: number;
  readonly say: (line: string) => void;
  /** Aborting it cancels the run. */
  readonly stop: AbortSignal;
}

/** What clients saw in a round, and what happened to the chain. */
interface Round {
  readonly history: readonly Operation[];
  readonly events: readonly HistoryEvent[];
}

/** A failure, with the data for finding its cause. */
export class ChaosFailure extends Error {
  readonly history: readonly Operation[];
  readonly events: readonly HistoryEvent[];
  readonly logs: readonly string[];

  constructor(message: string, parts: Round & { logs: readonly string[]; cause: unknown }) {
    super(message, { cause: parts.cause });
    this.history = parts.history;
    this.events = parts.events;
    this.logs = parts.logs;
  }
}

export interface ChaosReport {
  readonly rounds: number;
  readonly operations: number;
  /** The number of operations that reached their deadline. */
  readonly timeouts: number;
  readonly faults: ReadonlyMap<string, number>;
  readonly last: Round;
}

/**
 * The duration of a round, in milliseconds. Each round has its own keys, so its history begins with an empty table and
 * is checked separately.
 */
const roundMs = 15_000;
const operationDeadlineMs = 10_000;
const faultsAtOnceMax = 2;
const betweenFaultsMaxMs = 1_000;
/**
 * The time limit for recovery after the last fault: sessions of a ZooKeeper that has lost its data are given up only
 * after ten time-outs.
 */
const recoveryDeadlineMs = 90_000;
const logLinesMax = 1_000;
/** In a round. */
const eventsMax = 10_000;

interface Running {
  readonly kind: FaultKind;
  readonly server: ChaosServer;
  readonly over: Promise<void>;
}

/** Runs clients, and faults from a seed: usually one at a time, sometimes two at once. */
export class ChaosRun {
  readonly #options: ChaosOptions;
  readonly #random: Random;
  readonly #chain: ChaosChain;
  readonly #faults = new Map<string, number>();
  readonly #running = new Set<Running>();
  /** Aborted by the first failure of a fault. */
  readonly #calledOff = new AbortController();
  readonly #start = performance.now();
  #rounds = 0;
  #events: HistoryEvent[] = [];
  #view: HistoryEvent | undefined;
  #last: Round = { history: [], events: [] };
  #operations = 0;
  #timeouts = 0;

  /** @throws ChaosFailure */
  static async run(options: ChaosOptions): Promise<ChaosReport> {
    const random = seededRandom(options.seed);
    const { servers, zookeepers, sessionTimeoutMs } = options;
    const chain = await ChaosChain.start({ servers, zookeepers, sessionTimeoutMs, random });
    const run = new ChaosRun(options, random, chain);
    const callOff = () => run.#calledOff.abort(options.stop.reason);
    options.stop.addEventListener('abort', callOff);
    if (options.stop.aborted) callOff();
    let views: ViewSource | undefined;
    try {
      views = await followViews(chain.zookeepers, (view) => run.#takeView(view));
      return await run.#runRounds();
    } finally {
      await views?.close();
      options.stop.removeEventListener('abort', callOff);
      run.#calledOff.abort(new Error('the run is over'));
      await Promise.allSettled([...run.#running].map(({ over }) => over));
      await chain.stop();
    }
  }

  private constructor(options: ChaosOptions, random: Random, chain: ChaosChain) {
    this.#options = options;
    this.#random = random;
    this.#chain = chain;
  }

  async #runRounds(): Promise<ChaosReport> {
    const end = this.#start + this.#options.durationMs;
    while (performance.now() < end) await this.#round(Math.min(end, performance.now() + roundMs));
    return {
      rounds: this.#rounds,
      operations: this.#operations,
      timeouts: this.#timeouts,
      faults: this.#faults,
      last: this.#last,
    };
  }

  async #round(end: number): Promise<void> {
    this.#rounds += 1;
    this.#events = this.#view === undefined ? [] : [this.#view];
    const workload = await this.#chain.startWorkload({ operationDeadlineMs });
    try {
      while (performance.now() < end) {
        this.#calledOff.signal.throwIfAborted();
        await this.#beginFault();
        await this.#pause(this.#random.int(betweenFaultsMaxMs));
      }
      await Promise.all([...this.#running].map(({ over }) => over));
      this.#calledOff.signal.throwIfAborted();
      await this.#chain.whole(recoveryDeadlineMs);
      await workload.progress(recoveryDeadlineMs);
      const outages = (['read', 'write'] as const).map(
        (kind) => `${Math.round(workload.outageMs(kind))} ms without a ${kind}`,
      );
      await workload.stop();
      workload.judge();
      this.#last = { history: workload.recorder.operations, events: this.#events };
      this.#finishRound(workload, outages);
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      const { operations: history } = workload.recorder;
      throw new ChaosFailure(message, {
        cause,
        history,
        events: this.#events,
        logs: this.#chain.logs(logLinesMax),
      });
    }
  }

  #finishRound({ done, failures, probes }: Workload, outages: readonly string[]): void {
    this.#operations += done.read + done.write;
    this.#timeouts += failures.length;
    this.#say(
      `round ${this.#rounds}: linearizable; ${done.write} writes, ${done.read} reads, ${failures.length} timed out, ` +
        `${probes.answered} of ${probes.answered + probes.refused} probes answered; ` +
        `at most ${outages.join(', ')}`,
    );
  }

  async #beginFault(): Promise<void> {
    if (this.#running.size >= faultsAtOnceMax) return;
    const inHand = new Set([...this.#running].map(({ server }) => server));
    const free = this.#chain.servers.filter((server) => !inHand.has(server));
    const kind = this.#pickKind();
    const server = this.#random.pick(free);
    if (!(await this.#isPossible(kind, server, free))) return;
    this.#faults.set(kind.name, (this.#faults.get(kind.name) ?? 0) + 1);
    const context = {
      chain: this.#chain,
      server,
      random: this.#random,
      say: (line: string) => {
        this.#note({ event: 'fault', at: performance.now(), text: line });
        this.#say(line);
      },
      pause: (durationMs: number) => this.#pause(durationMs),
    };
    const running: Running = { kind, server, over: kind.run(context) };
    this.#running.add(running);
    running.over.then(
      () => this.#running.delete(running),
      (error) => this.#calledOff.abort(error),
    );
  }

  #pickKind(): FaultKind {
    const isEnsemble = this.#options.zookeepers === 3;
    const kinds = faultKinds.filter(({ ensemble }) => ensemble === undefined || ensemble === isEnsemble);
    let rest = this.#random.int(kinds.reduce((sum, { weight }) => sum + weight, 0));
    const picked = kinds.find(({ weight }) => {
      rest -= weight;
      return rest < 0;
    });
    return must(picked, 'the weights cover every number below their sum');
  }

  /** Whether the fault is possible for the server now. `free`: the servers without a fault. */
  async #isPossible(kind: FaultKind, server: ChaosServer, free: readonly ChaosServer[]): Promise<boolean> {
    const running = [...this.#running].map((fault) => fault.kind.reach);
    if (running.includes('all')) return false;
    if (kind.reach === 'server') return true;
    if (kind.reach === 'zookeeper') return !running.includes('zookeeper');
    // ZooKeeper is asked last, because it may be down.
    if (kind.reach === 'all' ? running.length > 0 : running.includes('zookeeper')) return false;
    const seen = await this.#chain.watch.read();
    if (kind.reach === 'all') return this.#chain.isWhole(seen);
    const isMember = ({ address }: ChaosServer) => seen.members.includes(address);
    return isMember(server) && free.some((other) => other !== server && isMember(other));
  }

  async #pause(durationMs: number): Promise<void> {
    const { signal } = this.#calledOff;
    signal.throwIfAborted();
    const over = Promise.withResolvers<void>();
    const timer = setTimeout(over.resolve, durationMs);
    const callOff = () => over.reject(signal.reason);
    signal.addEventListener('abort', callOff, { once: true });
    try {
      await over.promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', callOff);
    }
  }

  #takeView({ version, servers }: View): void {
    const names = servers.map(({ address }) => this.#chain.nameAt(address));
    const event: HistoryEvent = { event: 'view', at: performance.now(), version, servers: names };
    this.#view = event;
    this.#note(event);
  }

  #note(event: HistoryEvent): void {
    if (this.#events.length < eventsMax) this.#events.push(event);
  }

  #say(line: string): void {
    this.#options.say(`${((performance.now() - this.#start) / 1_000).toFixed(1).padStart(6)} s  ${line}`);
  }
}
