import {
  type ChainSurvey,
  ChainWatch,
  nodeClock,
  ServerAsker,
  surveyServers,
  zooKeeperService,
} from '@tablelab/part4/live';
import { errorText } from '@tablelab/shared';
import { liveEvents } from './live-events.ts';
import { LiveHistory } from './live-history.ts';
import type { LiveEvent, LiveNow, LivePoint } from './live-messages.ts';
import { livePoint } from './live-point.ts';

export interface LiveChainOptions {
  /** ZooKeeper: `host:port[,host:port][/path]`. */
  readonly zookeeper: string;
  readonly log: (line: string) => void;
}

/** How often the servers are asked while a page is open, and while none is, in milliseconds. */
const watchedEveryMs = 500;
const unwatchedEveryMs = 5_000;

const sessionTimeoutMs = 4_000;
const connectDeadlineMs = 4_000;
const callTimeoutMs = 5_000;

/** Without a connection for this long, another session is tried for, in milliseconds. */
const giveUpMs = 4_000;

export interface LiveChange {
  readonly now: LiveNow;
  readonly point: LivePoint | undefined;
  readonly events: readonly LiveEvent[];
}

/**
 * Follows a running chain and keeps its last ten minutes. The servers are asked by one loop, so more pages ask for nothing more; a change
 * in ZooKeeper is looked at at once.
 */
export class LiveChain {
  readonly history = new LiveHistory();
  readonly #options: LiveChainOptions;
  readonly #watch: ChainWatch;
  readonly #asker = new ServerAsker(() => performance.now());
  readonly #listeners = new Set<(change: LiveChange) => void>();
  #survey: ChainSurvey | undefined;
  #trouble: string | undefined;
  #now: LiveNow;
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  #isLookDue = false;
  #isClosed = false;

  constructor(options: LiveChainOptions) {
    this.#options = options;
    this.#now = this.#describe([]);
    this.#watch = new ChainWatch({
      coordination: zooKeeperService({
        servers: options.zookeeper,
        sessionTimeoutMs,
        connectDeadlineMs,
        callTimeoutMs,
        giveUpMs,
        log: options.log,
      }),
      clock: nodeClock,
      log: options.log,
      onSurvey: (survey) => {
        this.#survey = survey;
        this.#trouble = undefined;
        void this.#look();
      },
      onTrouble: (text) => {
        this.#trouble = text;
        void this.#look();
      },
    });
    this.#schedule();
  }

  get now(): LiveNow {
    return this.#now;
  }

  /** Calls `listener` at each look, until the result is called. */
  listen(listener: (change: LiveChange) => void): () => void {
    this.#listeners.add(listener);
    void this.#look();
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await Promise.all([this.#watch.close(), this.#asker.close()]);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const everyMs = this.#listeners.size > 0 ? watchedEveryMs : unwatchedEveryMs;
    this.#timer = setTimeout(() => void this.#look(), everyMs);
  }

  /** One look at a time; another one follows if it is wanted meanwhile. */
  async #look(): Promise<void> {
    this.#isLookDue = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    while (this.#isLookDue && !this.#isClosed) {
      this.#isLookDue = false;
      try {
        await this.#lookOnce();
      } catch (error) {
        this.#options.log(errorText(error));
      }
    }
    this.#isLooking = false;
    if (!this.#isClosed) this.#schedule();
  }

  async #lookOnce(): Promise<void> {
    const survey = this.#survey;
    const before = this.#now;
    const asked = survey && (await surveyServers(survey, (addresses) => this.#asker.ask(addresses)));
    if (this.#isClosed) return;
    const now = this.#describe(asked?.servers ?? []);
    // Before the first survey, nothing is known of which servers there were.
    const events = liveEvents(before.viewVersion === unknownView ? undefined : before, now);
    const point =
      before.servers.length + now.servers.length > 0
        ? livePoint(now.at, before.servers, now.servers)
        : undefined;
    this.#now = now;
    this.history.add(now.at, point, events);
    for (const listener of this.#listeners) listener({ now, point, events });
  }

  #describe(servers: LiveNow['servers']): LiveNow {
    const survey = this.#survey;
    const isUp = this.#watch?.isConnected === true;
    return {
      at: Date.now(),
      zooKeeper: {
        isUp,
        trouble: isUp ? undefined : this.#trouble,
        record: survey?.record && {
          view: survey.record.view,
          members: survey.record.members.map(({ id }) => id),
        },
        unreadable: survey?.unreadable,
        view: survey?.view.servers.map(({ id }) => id) ?? [],
      },
      chain: survey?.record?.chain,
      viewVersion: survey?.view.version ?? unknownView,
      servers,
    };
  }
}

/** ZooKeeper has not said yet. */
const unknownView = -2;
