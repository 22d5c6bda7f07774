import { setTimeout as wait } from 'node:timers/promises';
import { type Message, NetworkClient, parseAddress, requests } from '@tablelab/part2';
import { errorText, TableError } from '@tablelab/shared';
import type { Randomness } from '../../ports.ts';

/** By then the server has reached itself, in milliseconds. */
const deadlineMs = 10_000;
const attemptMs = 2_000;
const pauseMs = 200;

const tokenDigits = 32;

/**
 * A server asks itself at the address that it is about to advertise: at a wrong one nobody would reach it, and the chain
 * would stand still behind it. It asks for a random key; so it knows its own question from one that another server got.
 */
export class SelfCheck {
  readonly #key: string;
  #isSeen = false;

  constructor(randomness: Pick<Randomness, 'hex'>) {
    this.#key = `self-check ${randomness.hex(tokenDigits)}`;
  }

  /** Whether a request that has reached this server is its own question. */
  takes({ key }: Message): boolean {
    const isOwn = key === this.#key;
    this.#isSeen ||= isOwn;
    return isOwn;
  }

  /**
   * Resolves once a question has reached this server at `address`.
   * @throws TableError UNREACHABLE when none has by the deadline; SHUTTING_DOWN when `stop` is aborted
   */
  async run(address: string, stop: AbortSignal | undefined): Promise<void> {
    const deadline = performance.now() + deadlineMs;
    for (;;) {
      const trouble = await this.#ask(address);
      if (stop?.aborted) throw new TableError('SHUTTING_DOWN', 'the start was called off');
      if (this.#isSeen) return;
      if (performance.now() > deadline) {
        const text = `this server cannot be reached at ${address}, which it would tell clients and other servers (--advertise): ${trouble}`;
        throw new TableError('UNREACHABLE', text);
      }
      await wait(pauseMs);
    }
  }

  /** Returns what went wrong, if the question has not come in. */
  async #ask(address: string): Promise<string> {
    try {
      const limits = { connectTimeoutMs: attemptMs, callTimeoutMs: attemptMs };
      const client = await NetworkClient.connect({ ...parseAddress(address), ...limits });
      // Its answer does not matter: this server is not in the chain yet.
      const answer = await client.call(requests.get(this.#key)).catch(() => undefined);
      await client.close();
      return answer === undefined ? 'nothing answers there' : 'another program answers there';
    } catch (error) {
      return errorText(error);
    }
  }
}
