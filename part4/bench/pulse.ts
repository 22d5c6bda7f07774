/** Reads and writes at a steady pace with the chain's client, in order to measure outages. */
import { eventually } from '@tablelab/shared/testing';
import { ChainTable } from '../src/client/chain-table.ts';

export type Kind = 'read' | 'write';

const kinds: readonly Kind[] = ['read', 'write'];

export interface PulseOptions {
  readonly zookeeper: string;
  /** The number of operations of each kind under way, each by a separate worker. */
  readonly workers?: number;
  /** The pause between a worker's operations, in milliseconds. */
  readonly pauseMs?: number;
  readonly keyOf: (index: number) => string;
  readonly keyCount: number;
}

/** The results since {@link Pulse.mark}. */
export interface Seen {
  /** The number of operations that have succeeded. */
  count: number;
  /** The longest time without a success since the mark, in milliseconds. */
  gapMs: number;
  /** The longest duration of one operation, including repeats, in milliseconds. */
  longestMs: number;
  failures: string[];
}

const deadlineMs = 60_000;
const value = Buffer.alloc(100, 'v');

export class Pulse {
  readonly #tables: Readonly<Record<Kind, ChainTable>>;
  readonly #options: Required<PulseOptions>;
  readonly #running: Promise<unknown>;
  readonly #seen: Record<Kind, Seen & { lastAt: number }>;
  #isStopping = false;

  /** Starts one client for reads and one for writes. */
  static async start(options: PulseOptions): Promise<Pulse> {
    const connect = () => ChainTable.connect({ zookeeper: options.zookeeper, deadlineMs });
    const tables = { read: await connect(), write: await connect() };
    return new Pulse({ workers: 4, pauseMs: 1, ...options }, tables);
  }

  private constructor(options: Required<PulseOptions>, tables: Record<Kind, ChainTable>) {
    this.#options = options;
    this.#tables = tables;
    this.#seen = { read: nothing(), write: nothing() };
    this.#running = Promise.all(
      kinds.flatMap((kind) => Array.from({ length: options.workers }, () => this.#work(kind))),
    );
  }

  /** Resets the results; the time without a success begins now. */
  mark(): void {
    for (const kind of kinds) this.#seen[kind] = nothing();
  }

  /** The results up to now. */
  seen(kind: Kind): Seen {
    const { lastAt, gapMs, ...rest } = this.#seen[kind];
    return { ...rest, gapMs: Math.max(gapMs, performance.now() - lastAt) };
  }

  /** Waits until `count` more reads and writes have succeeded. */
  async more(count: number): Promise<void> {
    const goal = kinds.map((kind) => this.#seen[kind].count + count);
    await eventually(() => kinds.every((kind, index) => this.#seen[kind].count >= (goal[index] ?? 0)), {
      deadlineMs,
      what: `${count} reads and writes`,
    });
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
    for (const kind of kinds) await this.#tables[kind].disconnect();
  }

  async #work(kind: Kind): Promise<void> {
    const { keyOf, keyCount, pauseMs } = this.#options;
    const table = this.#tables[kind];
    while (!this.#isStopping) {
      const key = keyOf(Math.floor(Math.random() * keyCount));
      const start = performance.now();
      try {
        if (kind === 'read') await table.get(key);
        else await table.put(key, value);
        this.#succeeded(kind, start);
      } catch (error) {
        this.#seen[kind].failures.push(String(error));
      }
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  #succeeded(kind: Kind, start: number): void {
    const seen = this.#seen[kind];
    const now = performance.now();
    seen.count += 1;
    seen.gapMs = Math.max(seen.gapMs, now - seen.lastAt);
    seen.longestMs = Math.max(seen.longestMs, now - start);
    seen.lastAt = now;
  }
}

function nothing(): Seen & { lastAt: number } {
  return { count: 0, gapMs: 0, longestMs: 0, failures: [], lastAt: performance.now() };
}
