import { must } from '@tablelab/shared';
import type { Clock, Timer } from '../src/ports.ts';
import type { World } from './world.ts';

export interface ProcessOptions {
  /** What the network and the trace call the machine it runs on. */
  readonly host: string;
  /** How fast its clock goes: 1 is right. */
  readonly clockRate: number;
}

/** How long until a process gets to what is to be done soon, in milliseconds. */
const soonMs = { min: 0, max: 1 };

/**
 * A process that can be frozen and killed, and the clock of its machine. Whatever comes in for it goes through
 * {@link deliver}. While it is frozen that waits, and its clock goes on; when it wakes up, it finds all of it at once: in
 * order for each source, in any order between sources, each in a turn of its own.
 */
export class SimProcess implements Clock {
  readonly host: string;
  readonly #world: World;
  readonly #clockRate: number;
  readonly #clockStart: number;
  /** What came in while it was frozen and has not had its turn, by source. */
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

  /** A timer of the program that runs here; what it does may settle promises. */
  after(delayMs: number, run: () => void): Timer {
    return this.schedule(delayMs, () => {
      this.#world.settled();
      run();
    });
  }

  soon(run: () => void): void {
    this.after(this.#world.between(soonMs.min, soonMs.max), run);
  }

  /** As {@link after}, for what the simulator does on this machine. */
  schedule(delayMs: number, run: () => void): Timer {
    const timer = this.#world.schedule(delayMs / this.#clockRate, () => {
      this.deliver(timer, () => {
        if (!timer.isCancelled) run();
      });
    });
    return timer;
  }

  /** Runs `run` when the process gets to it. What comes from one `source` stays in order. */
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

  /** One turn of those that wait; the others, and what comes in meanwhile, have theirs afterwards. */
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
