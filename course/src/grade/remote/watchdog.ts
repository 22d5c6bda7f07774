/** The limits of the student's process, kept by a second thread of the judge. */
import { Worker } from 'node:worker_threads';

export interface WatchdogData {
  readonly state: SharedArrayBuffer;
  readonly residentBytes: number;
}

/**
 * The limit counts the time in which a processor works for the submission, so that a busy machine fails nobody. One that only waits is
 * stopped after so many times the limit.
 */
const busyFactor = 5;
const pathBytesMax = 1_024;
const reasons = ['', 'time', 'memory'] as const;
type Reason = Exclude<(typeof reasons)[number], ''>;

interface WatchLimits {
  readonly deadline: number;
  readonly processorMs: number;
  readonly pipePath: string;
}

/**
 * What the two threads share.
 *
 *     | change count (4) | process (4) | stopped: index of the reason (4) | path length (4) |
 *     | deadline in ms (8) | limit of processor time in ms (8) | path |
 *
 * `stopped` is set by the second thread only while `process` is the one that it stops.
 */
export class WatchState {
  readonly #numbers: Int32Array;
  readonly #limits: Float64Array;
  readonly #path: Uint8Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#numbers = new Int32Array(buffer, 0, 4);
    this.#limits = new Float64Array(buffer, 16, 2);
    this.#path = new Uint8Array(buffer, 32, pathBytesMax);
  }

  static buffer(): SharedArrayBuffer {
    return new SharedArrayBuffer(32 + pathBytesMax);
  }

  get process(): number {
    return Atomics.load(this.#numbers, 1);
  }

  /** Why the process was stopped. */
  get reason(): Reason | undefined {
    return reasons[Atomics.load(this.#numbers, 2)] || undefined;
  }

  get remainingMs(): number {
    return (this.#limits[0] ?? 0) - Date.now();
  }

  get processorMs(): number {
    return this.#limits[1] ?? 0;
  }

  get pipePath(): string {
    // A decoder refuses shared memory.
    return Buffer.from(Uint8Array.from(this.#path.subarray(0, Atomics.load(this.#numbers, 3)))).toString();
  }

  /** `process` 0: none. */
  watch(process: number, { deadline, processorMs, pipePath }: WatchLimits): void {
    const path = Buffer.from(pipePath);
    Atomics.store(this.#numbers, 1, 0);
    this.#path.set(path);
    Atomics.store(this.#numbers, 3, path.length);
    this.#limits[0] = deadline;
    this.#limits[1] = processorMs;
    Atomics.store(this.#numbers, 2, 0);
    Atomics.store(this.#numbers, 1, process);
    Atomics.add(this.#numbers, 0, 1);
    Atomics.notify(this.#numbers, 0);
  }

  get changes(): number {
    return Atomics.load(this.#numbers, 0);
  }

  /** Until something has changed since `changes` was read. */
  sleep(changes: number, ms: number): void {
    Atomics.wait(this.#numbers, 0, changes, ms);
  }

  /** Whether the process is still the one that is watched. */
  stopped(process: number, reason: Reason): boolean {
    if (this.process !== process) return false;
    Atomics.store(this.#numbers, 2, reasons.indexOf(reason));
    return true;
  }
}

export class Watchdog {
  readonly #state: WatchState;

  constructor({ residentBytes }: { readonly residentBytes: number }) {
    const state = WatchState.buffer();
    this.#state = new WatchState(state);
    const data: WatchdogData = { state, residentBytes };
    const thread = new Worker(new URL('./watchdog-thread.ts', import.meta.url), {
      workerData: data,
      execArgv: [],
    });
    thread.unref();
  }

  watch(process: number, limits: { readonly limitMs: number; readonly pipePath: string }): void {
    const { limitMs, pipePath } = limits;
    this.#state.watch(process, {
      deadline: Date.now() + busyFactor * limitMs,
      processorMs: limitMs,
      pipePath,
    });
  }

  rest(): void {
    this.#state.watch(0, { deadline: 0, processorMs: 0, pipePath: '' });
  }

  /** Why the watched process was stopped; undefined if it was not. */
  get reason(): Reason | undefined {
    return this.#state.reason;
  }
}
