import { errorText } from '@tablelab/shared';
import type { DirectoryChange } from '../../core/directory.ts';
import type { ChainEvent } from '../../core/effects.ts';
import type { ServerId } from '../../core/view.ts';
import type { Clock, CoordinationService, CoordinationSession, Randomness } from '../../ports.ts';
import { type ChainPaths, ChainSession, type SessionEvent } from './chain-session.ts';

/** The pause before another session is opened when one has ended: doubled at each failure, in milliseconds. */
const reopenDelayMinMs = 50;
const reopenDelayMaxMs = 5_000;

export type CoordinationEvent =
  | SessionEvent
  | Extract<ChainEvent, { type: 'session-started' | 'session-ended' }>;

export interface CoordinationOptions {
  readonly service: CoordinationService;
  /** The same as the core's. */
  readonly clock: Clock;
  readonly randomness: Pick<Randomness, 'fraction'>;
  /** Aborted: {@link ChainCoordination.open} gives up. Without effect afterwards. */
  readonly stop?: AbortSignal | undefined;
  /** Default: `/chain` and `/chain-joining` */
  readonly paths?: ChainPaths;
  /** Gets what the core must be told, in order. */
  readonly emit: (event: CoordinationEvent) => void;
  readonly log: (line: string, level: 'info' | 'warn') => void;
}

/**
 * ZooKeeper as the core of one server knows it: one session after the other, and in each what the core asks for. When a
 * session ends, the next one is opened, again and again until {@link close}.
 */
export class ChainCoordination {
  readonly #options: CoordinationOptions;
  readonly #closing = new AbortController();
  #session: CoordinationSession | undefined;
  #chain: ChainSession | undefined;
  #reopening: Promise<void> | undefined;
  #endPause: (() => void) | undefined;

  /** Resolves with the first session. @throws TableError UNREACHABLE, see {@link CoordinationService.open} */
  static async open(options: CoordinationOptions): Promise<ChainCoordination> {
    const coordination = new ChainCoordination(options);
    const { service, stop = coordination.#closing.signal } = options;
    coordination.#adopt(await service.open({ stop }));
    return coordination;
  }

  private constructor(options: CoordinationOptions) {
    this.#options = options;
  }

  /** The core's effects of these names. Without a session they are about one that has ended, and mean nothing. */
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
    this.#endPause?.();
    this.#chain?.stop();
    await this.#session?.close();
    await this.#reopening;
  }

  #adopt(session: CoordinationSession): void {
    const { paths = { chain: '/chain', joining: '/chain-joining' }, emit, clock, log } = this.#options;
    this.#session = session;
    const { sessionId, sessionTimeoutMs: timeoutMs } = session;
    emit({ type: 'session-started', session: sessionId, timeoutMs });
    const chain = new ChainSession(session, { paths, emit, clock, log });
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
    const { service, randomness, log } = this.#options;
    for (let delayMs = reopenDelayMinMs; ; delayMs = Math.min(2 * delayMs, reopenDelayMaxMs)) {
      // The random part keeps servers that have lost their sessions together from coming back in step.
      await this.#pause(delayMs * (0.5 + randomness.fraction() / 2));
      if (signal.aborted) return;
      try {
        const session = await service.open({ stop: signal });
        if (signal.aborted) return await session.close();
        return this.#adopt(session);
      } catch (error) {
        log(`no new session with ZooKeeper: ${errorText(error)}`, 'info');
      }
    }
  }
  #pause(durationMs: number): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const timer = clock.after(durationMs, resolve);
      this.#endPause = () => {
        timer.cancel();
        resolve();
      };
    });
  }
}
