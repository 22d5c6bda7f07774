import { errorText } from '@tablelab/shared';
import { RepeatedRead } from '../adapters/zookeeper/repeated-read.ts';
import { type ChainSurvey, surveyChain } from '../admin/chain-survey.ts';
import type { Clock, CoordinationService, CoordinationSession, Timer } from '../ports.ts';

export interface ChainWatchOptions {
  readonly coordination: CoordinationService;
  readonly clock: Clock;
  /** Gets what ZooKeeper has on the chain, first and after each change. */
  readonly onSurvey: (survey: ChainSurvey) => void;
  /** Gets why there is no connection to ZooKeeper. Another one is tried for. */
  readonly onTrouble: (text: string) => void;
  readonly log: (line: string) => void;
}

/** The pause before another session is opened, and before another read after one that failed, in milliseconds. */
const retryMs = 1_000;

/** Follows `/chain` and `/chain-joining` from session to session, and only reads. */
export class ChainWatch {
  readonly #options: ChainWatchOptions;
  readonly #stop = new AbortController();
  #session: CoordinationSession | undefined;
  #retry: Timer | undefined;

  /** Begins at once. */
  constructor(options: ChainWatchOptions) {
    this.#options = options;
    void this.#follow();
  }

  /** Whether there is a connection to ZooKeeper now, as far as known. */
  get isConnected(): boolean {
    return this.#session?.isConnected === true;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#retry?.cancel();
    await this.#session?.close();
  }

  async #follow(): Promise<void> {
    const { coordination, clock, onSurvey, log } = this.#options;
    const { signal } = this.#stop;
    try {
      const session = await coordination.open({ stop: signal });
      this.#session = session;
      if (signal.aborted) return await session.close();
      new RepeatedRead({
        session,
        clock,
        what: 'the chain',
        retryMs,
        log,
        read: (changed) => surveyChain(session, log, changed),
        listener: (survey: ChainSurvey) => {
          if (!signal.aborted) onSurvey(survey);
        },
      });
      const { detail } = await session.ended;
      this.#again(detail);
    } catch (error) {
      this.#again(errorText(error));
    }
  }

  #again(trouble: string): void {
    if (this.#stop.signal.aborted) return;
    this.#options.onTrouble(trouble);
    this.#retry = this.#options.clock.after(retryMs, () => void this.#follow());
  }
}
