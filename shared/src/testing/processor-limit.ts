import { Worker } from 'node:worker_threads';

/**
 * Sends this process SIGINT when it has used a given processor time, measured by a second thread, which starts at the first use. The
 * threads share
 *
 *     | state (4) | unused (4) | processor time in us at which to send the signal (8) |
 *
 * An odd state is a limit that counts. Whichever thread makes it even has decided whether there is a signal: the first thread ends the
 * limit, the second one exceeds it. So there is no signal after a limit has ended.
 */
export class ProcessorLimit {
  readonly #state: Int32Array;
  readonly #limitUs: Float64Array;
  #isStarted = false;

  constructor() {
    const buffer = new SharedArrayBuffer(16);
    this.#state = new Int32Array(buffer, 0, 1);
    this.#limitUs = new Float64Array(buffer, 8, 1);
  }

  /** The limit that counts, as `begin` takes it; undefined if there is none. */
  get current(): number | undefined {
    return isOdd(Atomics.load(this.#state, 0)) ? this.#limitUs[0] : undefined;
  }

  /** @param limitUs the processor time that this process may have used in all, see {@link usedUs} */
  begin(limitUs: number): void {
    this.#start();
    this.end();
    this.#limitUs[0] = limitUs;
    Atomics.add(this.#state, 0, 1);
    Atomics.notify(this.#state, 0);
  }

  /** Returns false if the limit has been exceeded: the signal was sent. */
  end(): boolean {
    const state = Atomics.load(this.#state, 0);
    return isOdd(state) && Atomics.compareExchange(this.#state, 0, state, state + 1) === state;
  }

  #start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    const thread = new Worker(new URL('./processor-limit-thread.ts', import.meta.url), {
      workerData: this.#state.buffer,
      execArgv: [],
    });
    thread.unref();
  }
}

function isOdd(state: number): boolean {
  return (state & 1) === 1;
}

/** The processor time that all threads of this process have used, in microseconds. */
export function usedUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
