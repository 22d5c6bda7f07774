import type { Planned, World } from './world.ts';

export interface ProcessOptions {
  /** What the network and the trace call the machine it runs on. */
  readonly host: string;
  /** How fast its clock goes: 1 is right. */
  readonly clockRate: number;
}

/**
 * A process that can be frozen and killed. Whatever comes in for it goes through {@link deliver}; while it is frozen that
 * waits, its clock goes on, and when it wakes up it finds all at once: in order for each source, in any order between.
 */
export class SimProcess {
  readonly host: string;
  readonly #world: World;
  readonly #clockRate: number;
  readonly #clockStart: number;
  /** What came in while it was frozen, by source. */
  #backlog: Map<unknown, (() => void)[]> | undefined;
  #isAlive = true;

  constructor(world: World, { host, clockRate }: ProcessOptions) {
    this.host = host;
    this.#world = world;
    this.#clockRate = clockRate;
    this.#clockStart = world.between(0, 1_000);
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get isFrozen(): boolean {
    return this.#backlog !== undefined;
  }

  /** Its own monotonic clock, in what it takes for milliseconds. */
  get clock(): number {
    return this.#clockStart + this.#world.now * this.#clockRate;
  }

  /** Runs `run` when `delayMs` have passed on its own clock. */
  timer(delayMs: number, run: () => void): Planned {
    const planned = this.#world.plan(delayMs / this.#clockRate, () => {
      this.deliver(planned, () => {
        if (!planned.isCancelled) run();
      });
    });
    return planned;
  }

  /** What comes from one `source` stays in order. */
  deliver(source: unknown, run: () => void): void {
    if (!this.#isAlive) return;
    if (this.#backlog === undefined) return run();
    const waiting = this.#backlog.get(source);
    if (waiting === undefined) this.#backlog.set(source, [run]);
    else waiting.push(run);
  }

  freeze(): void {
    this.#backlog ??= new Map();
  }

  wake(): void {
    const backlog = this.#backlog;
    if (backlog === undefined) return;
    this.#backlog = undefined;
    const sources = [...backlog.values()];
    while (sources.length > 0 && this.#isAlive) {
      const at = this.#world.random.int(sources.length);
      const [run, ...rest] = sources[at] ?? [];
      if (rest.length === 0) sources.splice(at, 1);
      else sources[at] = rest;
      run?.();
    }
  }

  kill(): void {
    this.#isAlive = false;
    this.#backlog = undefined;
  }
}
