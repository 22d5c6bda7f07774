import type { ServerResponse } from 'node:http';
import type { LiveChain } from './live-chain.ts';
import type { LiveMessage } from './live-messages.ts';
import type { Load } from './load.ts';

/** The most pages that may be open; one more is refused. */
const pagesMax = 50;

/** A page that has not read as much as this gets nothing more until it has, and then all that is kept. */
const unreadBytesMax = 1_048_576;

/** One that still has not after this time is disconnected, in milliseconds. */
const unreadMsMax = 30_000;

/** How long a browser waits before it connects again, in milliseconds. */
const reconnectMs = 1_000;

interface StreamOptions {
  readonly hasControls: boolean;
  readonly load: Pick<Load, 'rate'>;
}

/** Server-sent events for all open pages. Invariant: what waits for one page is at most one snapshot and {@link unreadBytesMax}. */
export class EventStream {
  readonly #chain: LiveChain;
  readonly #options: StreamOptions;
  readonly #open = new Set<ServerResponse>();

  constructor(chain: LiveChain, options: StreamOptions) {
    this.#chain = chain;
    this.#options = options;
  }

  /** Begins to send; false: there are too many pages. `response` has no head yet. */
  add(response: ServerResponse, headers: Readonly<Record<string, string>>): boolean {
    if (this.#open.size >= pagesMax) return false;
    this.#open.add(response);
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(`retry: ${reconnectMs}\n\n`);
    const { hasControls, load } = this.#options;
    const send = (message: LiveMessage) => response.write(`data: ${JSON.stringify(message)}\n\n`);
    const sendAll = () => {
      const { points, events } = this.#chain.history;
      send({
        type: 'snapshot',
        now: this.#chain.now,
        points,
        events,
        controls: hasControls,
        load: load.rate,
      });
    };
    let isBehind = false;
    let giveUp: NodeJS.Timeout | undefined;
    sendAll();
    const stop = this.#chain.listen((change) => {
      if (isBehind) return;
      if (response.writableLength <= unreadBytesMax)
        return void send({ type: 'change', ...change, load: load.rate });
      isBehind = true;
      giveUp = setTimeout(() => response.destroy(), unreadMsMax);
    });
    response.on('drain', () => {
      if (!isBehind) return;
      isBehind = false;
      clearTimeout(giveUp);
      sendAll();
    });
    response.on('error', () => response.destroy());
    response.on('close', () => {
      clearTimeout(giveUp);
      stop();
      this.#open.delete(response);
    });
    return true;
  }

  close(): void {
    for (const response of this.#open) response.end();
  }
}
