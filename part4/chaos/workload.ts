import { errorText, must, type Random, TableError } from '@tablelab/shared';
import { eventually } from '@tablelab/shared/testing';
import { assertLinearizable, HistoryRecorder, type Request, type Result } from '../linearizability/index.ts';
import { ChainTable } from '../src/client/chain-table.ts';
import { formatName, type OperationName } from '../src/write-name.ts';
import type { DirectServer } from './direct-client.ts';
import { Probes } from './probes.ts';

export interface WorkloadOptions {
  /** ZooKeeper's servers: `host:port`, several with commas between. */
  readonly zookeeper: string;
  readonly random: Random;
  /** The prefix of all keys: a history begins with an empty table, so no two workloads may share keys. */
  readonly prefix: string;
  /** The number of clients, each with its own session and two operations under way. */
  readonly clients?: number;
  readonly keys?: number;
  /** The servers whose processes run, for {@link Probes}. */
  readonly servers: () => readonly DirectServer[];
  /** The deadline of each operation, including repeats. */
  readonly operationDeadlineMs?: number;
  /** The pause between a worker's operations: it keeps histories short and the load low. */
  readonly pauseMs?: number;
}

export type OperationKind = 'read' | 'write';

/** One worker: one operation at a time. */
interface Worker {
  readonly name: string;
  readonly table: ChainTable;
  /** For each kind, when the last successful operation began. */
  readonly begun: Record<OperationKind, number>;
  /** The last value of each key that it has read. */
  readonly seen: Map<string, string>;
}

const workersPerClient = 2;
const connectDeadlineMs = 30_000;
/** One of this many writes is verified afterwards. */
const verifyEach = 8;

/**
 * Clients that put (also on condition), get and delete a few keys, with unique values, and record the answers. Writes are COMMITTED.
 * `violations` collects everything that no fault may cause: a write whose `verify` does not return "executed", two
 * writes with one name, or an unexpected error.
 */
export class Workload {
  readonly recorder = new HistoryRecorder({ now: () => performance.now() });
  readonly violations: string[] = [];
  /** Failed operations, as text. An operation may fail only by its deadline. */
  readonly failures: string[] = [];
  readonly probes: Probes;
  readonly done: Record<OperationKind, number> = { read: 0, write: 0 };
  readonly #options: Required<WorkloadOptions>;
  readonly #workers: Worker[];
  readonly #running: Promise<unknown>;
  readonly #names = new Set<string>();
  readonly #outages: Record<OperationKind, { last: number; longestMs: number }>;
  #stopping: Promise<void> | undefined;

  static async start(options: WorkloadOptions): Promise<Workload> {
    const { zookeeper, clients = 3 } = options;
    const full = {
      keys: 5,
      operationDeadlineMs: 30_000,
      pauseMs: 4,
      ...options,
      clients,
    };
    const tables = await Promise.all(
      Array.from({ length: clients }, () =>
        ChainTable.connect({ zookeeper, deadlineMs: Math.max(connectDeadlineMs, full.operationDeadlineMs) }),
      ),
    );
    return new Workload(full, tables);
  }

  private constructor(options: Required<WorkloadOptions>, tables: readonly ChainTable[]) {
    this.#options = options;
    const now = performance.now();
    this.#outages = { read: { last: now, longestMs: 0 }, write: { last: now, longestMs: 0 } };
    this.#workers = tables.flatMap((table, client) =>
      Array.from({ length: workersPerClient }, (_, index) => ({
        name: `${client}.${index}`,
        table,
        begun: { read: Number.NEGATIVE_INFINITY, write: Number.NEGATIVE_INFINITY },
        seen: new Map(),
      })),
    );
    this.#running = Promise.all(this.#workers.map((worker) => this.#work(worker)));
    const { servers, random, keys } = options;
    const keyOf = (index: number) => this.#keyOf(index);
    this.probes = new Probes({ recorder: this.recorder, random, servers, keyOf, keys });
  }

  /** Waits until every worker has completed a write and a read that it began after this call. */
  async progress(deadlineMs: number): Promise<void> {
    const start = performance.now();
    const behind = () =>
      this.#workers.filter(({ begun }) => begun.read < start || begun.write < start).map(({ name }) => name);
    await eventually(() => behind().length === 0, {
      deadlineMs,
      what: 'every client to write and to read',
    });
  }

  /** Restarts the measurement of {@link outageMs}. */
  mark(): void {
    const now = performance.now();
    for (const kind of ['read', 'write'] as const) this.#outages[kind] = { last: now, longestMs: 0 };
  }

  /** The longest time since {@link mark} without a success of this kind on any client. */
  outageMs(kind: OperationKind): number {
    const { last, longestMs } = this.#outages[kind];
    return Math.max(longestMs, performance.now() - last);
  }

  /** Reads every key once, in order to find lost writes that no read has noticed. */
  async readEveryKey(): Promise<void> {
    const worker = must(this.#workers[0], 'there is a worker');
    for (let index = 0; index < this.#options.keys; index += 1) await this.#get(worker, this.#keyOf(index));
  }

  /** Waits for operations under way, and ends. */
  stop(): Promise<void> {
    this.#stopping ??= Promise.all([this.#running, this.probes.stop()]).then(() => this.#disconnect());
    return this.#stopping;
  }

  /** Ends without waiting for answers; the history can no longer be used. No effect after {@link stop}. */
  async abandon(): Promise<void> {
    this.#stopping ??= this.#disconnect();
    await this.#stopping;
    await Promise.all([this.#running, this.probes.stop()]);
  }

  /** Call this after {@link stop}. @throws Error if there were violations, or the history is not linearizable. */
  judge(): void {
    if (this.violations.length > 0) throw new Error(this.violations.slice(0, 10).join('\n'));
    assertLinearizable(this.recorder.operations);
  }

  #keyOf(index: number): string {
    return `${this.#options.prefix}${index}`;
  }

  async #disconnect(): Promise<void> {
    const tables = new Set(this.#workers.map(({ table }) => table));
    await Promise.all([...tables].map((table) => table.disconnect()));
  }

  async #work(worker: Worker): Promise<void> {
    const { random, pauseMs } = this.#options;
    for (let count = 0; this.#stopping === undefined; count += 1) {
      const key = this.#keyOf(random.int(this.#options.keys));
      const choice = random.int(100);
      const value = `${worker.name}:${count}`;
      if (choice < 25) await this.#put(worker, key, value);
      else if (choice < 35) await this.#putIfAbsent(worker, key, value);
      else if (choice < 45) await this.#putIfEquals(worker, key, value);
      else if (choice < 55) await this.#delete(worker, key);
      else if (choice < 60) await this.#has(worker, key);
      else await this.#get(worker, key);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  async #put(worker: Worker, key: string, value: string): Promise<void> {
    const request = { kind: 'put', key, value } as const;
    const name = await this.#attempt(worker, request, () => worker.table.put(key, Buffer.from(value)));
    if (name !== undefined) await this.#verify(worker, name);
  }

  async #putIfAbsent(worker: Worker, key: string, value: string): Promise<void> {
    const request = { kind: 'put-if-absent', key, value } as const;
    const run = () => worker.table.putIfAbsent(key, Buffer.from(value));
    const name = await this.#attempt(worker, request, run);
    if (name !== undefined) await this.#verify(worker, name);
  }

  /** Expects the value that the worker has read last, which is often the present one. */
  async #putIfEquals(worker: Worker, key: string, value: string): Promise<void> {
    const expected = worker.seen.get(key) ?? 'never put';
    const request = { kind: 'put-if-equals', key, expected, value } as const;
    const run = () => worker.table.putIfEquals(key, Buffer.from(expected), Buffer.from(value));
    const name = await this.#attempt(worker, request, run);
    if (name !== undefined) await this.#verify(worker, name);
  }

  async #delete(worker: Worker, key: string): Promise<void> {
    const name = await this.#attempt(worker, { kind: 'del', key }, () => worker.table.del(key));
    if (name !== undefined) await this.#verify(worker, name);
  }

  async #has(worker: Worker, key: string): Promise<void> {
    await this.#attempt(worker, { kind: 'has', key }, () => worker.table.has(key));
  }

  async #get(worker: Worker, key: string): Promise<void> {
    const value = await this.#attempt(worker, { kind: 'get', key }, () => worker.table.get(key));
    if (value !== undefined) worker.seen.set(key, Buffer.from(value).toString());
  }

  /** The operation's result; undefined if it failed, or if that is its result. */
  async #attempt<Answer>(
    worker: Worker,
    request: Request,
    run: () => Promise<Answer>,
  ): Promise<Answer | undefined> {
    const kind = request.kind === 'get' || request.kind === 'has' ? 'read' : 'write';
    const id = this.recorder.invoke(worker.name, request);
    const start = performance.now();
    try {
      const answer = await run();
      this.recorder.ok(id, resultIn(answer));
      this.#succeeded(worker, kind, start);
      return answer;
    } catch (error) {
      if (!(error instanceof TableError)) throw error;
      if (kind === 'read' || !error.mayHaveHappened) this.recorder.didNotHappen(id);
      this.#failed(worker, error);
      return undefined;
    }
  }

  #succeeded(worker: Worker, kind: OperationKind, start: number): void {
    const now = performance.now();
    const outage = this.#outages[kind];
    outage.longestMs = Math.max(outage.longestMs, now - outage.last);
    outage.last = now;
    worker.begun[kind] = start;
    this.done[kind] += 1;
  }

  #failed({ name }: Worker, error: TableError): void {
    const text = `${name}: ${error.code} ${errorText(error)}`;
    this.failures.push(text);
    if (error.code !== 'TIMEOUT') this.violations.push(`an error that no fault explains: ${text}`);
  }

  async #verify({ table }: Worker, name: OperationName): Promise<void> {
    const text = formatName(name);
    if (this.#names.has(text)) this.violations.push(`two writes were given the name ${text}`);
    this.#names.add(text);
    if (this.#options.random.int(verifyEach) > 0) return;
    try {
      if (!(await table.verify(name))) this.violations.push(`${text} was COMMITTED, and is not executed`);
    } catch (error) {
      if (!(error instanceof TableError)) throw error;
      if (error.code !== 'TIMEOUT') this.violations.push(`verify ${text}: ${error.code} ${errorText(error)}`);
      else this.failures.push(`verify ${text}: ${errorText(error)}`);
    }
  }
}

/** What the history keeps of an answer: a value, whether a key is present, or whether a write was applied. */
function resultIn(answer: unknown): Result {
  if (answer instanceof Uint8Array) return Buffer.from(answer).toString();
  if (typeof answer === 'boolean') return answer;
  return (Object(answer) as { applied?: boolean }).applied;
}
