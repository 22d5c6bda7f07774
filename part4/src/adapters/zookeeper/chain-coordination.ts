import { setTimeout as delay } from 'node:timers/promises';
import { errorText } from '@tablelab/shared';
import type { DirectoryChange } from '../../core/directory.ts';
import type { ChainEvent } from '../../core/effects.ts';
import type { ServerId } from '../../core/view.ts';
import { type ChainPaths, ChainSession, type SessionEvent } from './chain-session.ts';
import { type SessionOptions, ZooKeeperSession } from './zookeeper-session.ts';

/** The pause before another session is opened when one has ended: doubled at each failure, in milliseconds. */
const reopenDelayMinMs = 50;
const reopenDelayMaxMs = 5_000;

export type CoordinationEvent =
  | SessionEvent
  | Extract<ChainEvent, { type: 'session-started' | 'session-ended' }>;

export interface CoordinationOptions extends Omit<SessionOptions, 'log'> {
  /** Default: `/chain` and `/chain-joining` */
  readonly paths?: ChainPaths;
  /** What the core has to hear, in order. */
  readonly emit: (event: CoordinationEvent) => void;
  /** Called when a server must not go on with what ZooKeeper holds. */
  readonly fail: (detail: string) => void;
  /** Milliseconds of a monotonic clock, the same as the core's. */
  readonly now: () => number;
  readonly log: (message: string) => void;
}

/**
 * ZooKeeper as the core of one server knows it: one session after the other, each with all that the core asks for. When
 * a session ends, the next one is opened, again and again until {@link close}.
 */
export class ChainCoordination {
  readonly #options: CoordinationOptions;
  readonly #closing = new AbortController();
  #session: ZooKeeperSession | undefined;
  #chain: ChainSession | undefined;
  #reopening: Promise<void> | undefined;

  /** Resolves with the first session. @throws TableError UNREACHABLE, see {@link ZooKeeperSession.open} */
  static async open(options: CoordinationOptions): Promise<ChainCoordination> {
    const coordination = new ChainCoordination(options);
    coordination.#adopt(await ZooKeeperSession.open(options));
    return coordination;
  }

  private constructor(options: CoordinationOptions) {
    this.#options = options;
  }

  /** As the core's effects of these names; without a session they are about one that has ended, and mean nothing. */
  readDirectory(): void {
    this.#chain?.readDirectory();
  }

  change(change: DirectoryChange): void {
    void this.#chain?.change(change);
  }

  heartbeats(id: ServerId | undefined): void {
    this.#chain?.heartbeats(id);
  }

  /** Ends the session, and with it all that this server has in ZooKeeper. Never rejects; takes a second at most. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#chain?.stop();
    await this.#session?.close();
    await this.#reopening;
  }

  #adopt(session: ZooKeeperSession): void {
    const { paths = { chain: '/chain', joining: '/chain-joining' }, emit, fail, now, log } = this.#options;
    this.#session = session;
    const { sessionId, sessionTimeoutMs: timeoutMs } = session;
    emit({ type: 'session-started', session: sessionId, timeoutMs });
    const chain = new ChainSession(session, { paths, emit, fail, now, log });
    this.#chain = chain;
    void session.ended.then(({ detail }) => {
      chain.stop();
      if (this.#closing.signal.aborted) return;
      this.#chain = undefined;
      this.#reopening = this.#reopen();
      emit({ type: 'session-ended', detail });
    });
  }

  async #reopen(): Promise<void> {
    const { signal } = this.#closing;
    for (let delayMs = reopenDelayMinMs; ; delayMs = Math.min(2 * delayMs, reopenDelayMaxMs)) {
      // The random part keeps servers that have lost their sessions together from coming back in step.
      await delay(delayMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        const session = await ZooKeeperSession.open({ ...this.#options, stop: signal });
        if (signal.aborted) return await session.close();
        return this.#adopt(session);
      } catch (error) {
        this.#options.log(`no new session with ZooKeeper: ${errorText(error)}`);
      }
    }
  }
}
