import { must } from '@tablelab/shared';
import type { Clock, Timer } from '../src/ports.ts';
import type { World } from './world.ts';

export interface ProcessOptions {
  /** The name of its machine in the network and the trace. */
  readonly host: string;
  /** The rate of its clock: 1 is correct. */
  readonly clockRate: number;
}

/** The delay of a `soon` callback, in milliseconds. */
const soonMs = { min: 0, max: 1 };

/**
 * A process that can be frozen and killed, and the clock of its machine. All its input goes through {@link deliver}.
 * While it is frozen, its clock continues and its input waits. When it wakes up, it handles the waiting input: in order
 * for each source, in any order between sources, each item in a separate turn.
 */
export class SimProcess implements Clock {
  readonly host: string;
  readonly #world: World;
  readonly #clockRate: number;
  readonly #clockStart: number;
  /** The waiting input, by source. */
  #backlog: Map<unknown, (() => void)[]> | undefined;
  #isFrozen = false;
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
    return this.#isFrozen;
  }

  now(): number {
    return this.#clockStart + this.#world.now * this.#clockRate;
  }

  /** A timer of the program in this process; its callback may settle promises. */
  after(delayMs: number, run: () => void): Timer {
    return this.schedule(delayMs, () => {
      this.#world.settled();
      run();
    });
  }

  soon(run: () => void): void {
    this.after(this.#world.between(soonMs.min, soonMs.max), run);
  }

  /** Like {@link after}, for the simulator's actions on this machine. */
  schedule(delayMs: number, run: () => void): Timer {
    const timer = this.#world.schedule(delayMs / this.#clockRate, () => {
      this.deliver(timer, () => {
        if (!timer.isCancelled) run();
      });
    });
    return timer;
  }

  /** Runs `run` when the process is ready. Input from one `source` stays in order. */
  deliver(source: unknown, run: () => void): void {
    if (!this.#isAlive) return;
    if (this.#backlog === undefined) return run();
    const waiting = this.#backlog.get(source);
    if (waiting === undefined) this.#backlog.set(source, [run]);
    else waiting.push(run);
  }

  freeze(): void {
    this.#isFrozen = true;
    this.#backlog ??= new Map();
  }

  wake(): void {
    if (!this.#isFrozen) return;
    this.#isFrozen = false;
    this.#world.schedule(0, () => this.#catchUp());
  }

  kill(): void {
    this.#isAlive = false;
    this.#backlog = undefined;
  }

  /** Handles one waiting item; the others, and new input, follow in later turns. */
  #catchUp(): void {
    const backlog = this.#backlog;
    if (backlog === undefined || this.#isFrozen) return;
    const sources = [...backlog];
    if (sources.length === 0) {
      this.#backlog = undefined;
      return;
    }
    const [source, waiting] = this.#world.random.pick(sources);
    const run = must(waiting.shift(), 'a source without anything is not kept');
    if (waiting.length === 0) backlog.delete(source);
    this.#world.schedule(0, () => this.#catchUp());
    run();
  }
}
