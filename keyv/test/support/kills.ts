import { must } from '@tablelab/shared';
import type { Chain } from './chain.ts';

/** Kills the servers of a chain one after another, each as soon as the chain has its full length again. */
export class Kills {
  readonly #chain: Chain;
  #count = 0;
  #isWanted = true;
  #round: Promise<void> = Promise.resolve();

  constructor(chain: Chain) {
    this.#chain = chain;
    this.resume();
  }

  get count(): number {
    return this.#count;
  }

  resume(): void {
    this.#isWanted = true;
    this.#round = this.#rounds();
    // It is awaited by `pause`.
    this.#round.catch(() => undefined);
  }

  /** Resolves once the chain is whole, and stays so. */
  async pause(): Promise<void> {
    this.#isWanted = false;
    await this.#round;
  }

  async #rounds(): Promise<void> {
    const { servers, add } = this.#chain;
    while (this.#isWanted) {
      // The head, the tail, one in the middle.
      const place = [0, servers.length - 1, 1][this.#count % 3] ?? 0;
      const [victim] = servers.splice(place, 1);
      const { pid } = must(victim, 'the chain has three servers');
      process.kill(pid, 'SIGKILL');
      this.#count += 1;
      await add();
    }
  }
}
