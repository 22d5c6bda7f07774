import { errorText } from '@tablelab/shared';
import type { DirectoryChange } from '../../core/directory.ts';
import type { ChainEvent } from '../../core/effects.ts';
import type { ServerId } from '../../core/view.ts';
import type { Clock, CoordinationService, CoordinationSession, Randomness } from '../../ports.ts';
import { type ChainPaths, ChainSession, chainPaths, type SessionEvent } from './chain-session.ts';

/** The pause before a new session is opened, in milliseconds; doubled after each failure. */
const reopenDelayMinMs = 50;
const reopenDelayMaxMs = 5_000;

export type CoordinationEvent =
  | SessionEvent
  | Extract<ChainEvent, { type: 'session-started' | 'session-ended' }>;

export interface CoordinationOptions {
  readonly service: CoordinationService;
  /** The clock of the core. */
  readonly clock: Clock;
  readonly randomness: Pick<Randomness, 'fraction'>;
  /** Aborting it makes {@link ChainCoordination.open} give up. It has no effect afterwards. */
  readonly stop?: AbortSignal | undefined;
  /** Default: `/chain` and `/chain-joining` */
  readonly paths?: ChainPaths;
  /** Gets the events for the core, in order. */
  readonly emit: (event: CoordinationEvent) => void;
  readonly log: (line: string, level: 'info' | 'warn') => void;
}

/** Connects the core of one server to ZooKeeper. When a session ends, it opens the next one, until {@link close}. */
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

  /**
   * These methods perform the core's effects of the same names. Without a session they do nothing: the effect belongs
   * to a session that has ended.
   */
  readDirectory(): void {
    this.#chain?.readDirectory();
  }

  change(change: DirectoryChange): void {
    void this.#chain?.change(change);
  }

  heartbeats(id: ServerId | undefined): void {
    this.#chain?.heartbeats(id);
  }

  /** Ends the session, which removes this server's znodes. Never rejects; takes at most one second. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#endPause?.();
    this.#chain?.stop();
    await this.#session?.close();
    await this.#reopening;
  }

  #adopt(session: CoordinationSession): void {
    const { paths = chainPaths, emit, clock, log } = this.#options;
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
      // The random part spreads out servers that have lost their sessions at the same time.
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
