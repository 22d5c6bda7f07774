/** Reads and writes at an even pace, to see when they stop: the chain's own client, from this process. */
import { eventually } from '@tablelab/shared/testing';
import { ChainTable } from '../src/client/chain-table.ts';

export type Kind = 'read' | 'write';

const kinds: readonly Kind[] = ['read', 'write'];

export interface PulseOptions {
  readonly zookeeper: string;
  /** Operations of each kind that are under way at once, each by a worker of its own. */
  readonly workers?: number;
  /** Between an operation's end and the worker's next one, in milliseconds. */
  readonly pauseMs?: number;
  readonly keyOf: (index: number) => string;
  readonly keyCount: number;
}

/** What was seen since {@link Pulse.mark}. */
export interface Seen {
  /** Operations that have succeeded. */
  count: number;
  /** The longest time without a success, in milliseconds, from the mark on. */
  gapMs: number;
  /** The longest that one operation that has ended since took, repeats included. */
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

  /** A client for the reads and one for the writes. */
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

  /** Forgets what was seen; the time without a success begins now. */
  mark(): void {
    for (const kind of kinds) this.#seen[kind] = nothing();
  }

  /** Up to now. */
  seen(kind: Kind): Seen {
    const { lastAt, gapMs, ...rest } = this.#seen[kind];
    return { ...rest, gapMs: Math.max(gapMs, performance.now() - lastAt) };
  }

  /** Waits until so many more reads and writes have succeeded. */
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
