import { NetworkClient, parseAddress, requests } from '@tablelab/part2';
import { errorText } from '@tablelab/shared';
import type { AskedServer } from './ask-servers.ts';
import { statusIn } from './server-status.ts';

/** A server is asked at most four times a second, however often its figures are wanted. */
const askEveryMsMin = 250;

/** How long a server may take to accept a connection, and as long to answer, in milliseconds. */
const answerTimeoutMs = 1_000;

interface Known {
  client: NetworkClient | undefined;
  askedAt: number;
  answer: Promise<AskedServer['answer']>;
}

/**
 * Asks servers for their figures again and again, over one connection to each. Invariant: between two messages to a server there are
 * at least {@link askEveryMsMin}; who asks earlier gets the last answer.
 */
export class ServerAsker {
  readonly #now: () => number;
  readonly #servers = new Map<string, Known>();
  #isClosed = false;

  /** `now`: in milliseconds, on a clock that never goes back. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Connections to other servers than these are closed. Never rejects. */
  ask(addresses: readonly string[]): Promise<AskedServer[]> {
    for (const [address, { client }] of this.#servers) {
      if (addresses.includes(address) || this.#isFresh(address)) continue;
      this.#servers.delete(address);
      void client?.close();
    }
    return Promise.all(
      addresses.map(async (address) => ({ address, answer: await this.#answerOf(address) })),
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#servers.values()].map(({ client }) => client?.close()));
    this.#servers.clear();
  }

  #isFresh(address: string): boolean {
    const known = this.#servers.get(address);
    return known !== undefined && this.#now() - known.askedAt < askEveryMsMin;
  }

  #answerOf(address: string): Promise<AskedServer['answer']> {
    const known = this.#servers.get(address);
    if (known !== undefined && this.#isFresh(address)) return known.answer;
    const asked: Known = known ?? { client: undefined, askedAt: 0, answer: Promise.resolve({ trouble: '' }) };
    this.#servers.set(address, asked);
    asked.askedAt = this.#now();
    const answer = askOver(asked, address, () => this.#isClosed);
    asked.answer = answer;
    return answer;
  }
}

async function askOver(
  known: Known,
  address: string,
  isClosed: () => boolean,
): Promise<AskedServer['answer']> {
  try {
    if (known.client?.isOpen !== true) {
      const limits = { connectTimeoutMs: answerTimeoutMs, callTimeoutMs: answerTimeoutMs };
      known.client = await NetworkClient.connect({ ...parseAddress(address), ...limits });
    }
    const { client } = known;
    if (isClosed()) await client.close();
    return statusIn(await client.call(requests.status()));
  } catch (error) {
    return { trouble: errorText(error) };
  }
}
