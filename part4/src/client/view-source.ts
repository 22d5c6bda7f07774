import { errorText, TableError } from '@tablelab/shared';
import { ChainDirectory, type ChainView } from '../adapters/zookeeper/chain-directory.ts';
import { type ChainSurvey, surveyChain } from '../admin/chain-survey.ts';
import type { ChainId } from '../core/membership-record.ts';
import type { View } from '../core/view.ts';
import type { Clock, CoordinationService, CoordinationSession, Timer } from '../ports.ts';

export interface ViewSourceOptions {
  readonly coordination: CoordinationService;
  readonly clock: Clock;
  /**
   * Gets each new view, and an empty one while there is no chain. `chain` is the chain of that view's record, or undefined
   * if no record can be read.
   */
  readonly onView: (view: View, chain: ChainId | undefined) => void;
  /** Gets log lines about the session with ZooKeeper. */
  readonly log: (message: string) => void;
}

/** The pause before a new session is opened, in milliseconds. */
const reopenDelayMs = 200;

/**
 * A client's view of the chain. When a session with ZooKeeper ends, it opens another one; until then the last view
 * remains.
 */
export class ViewSource {
  readonly #options: ViewSourceOptions;
  readonly #stop = new AbortController();
  #session: CoordinationSession | undefined;
  #reopen: Timer | undefined;
  #hasView = false;
  #hasRecord = false;

  private constructor(options: ViewSourceOptions) {
    this.#options = options;
  }

  /** Resolves once there is a session. @throws TableError UNREACHABLE when ZooKeeper does not answer in time */
  static async open(options: ViewSourceOptions): Promise<ViewSource> {
    const source = new ViewSource(options);
    await source.#follow();
    return source;
  }

  /**
   * What ZooKeeper has on the chain now.
   * @throws TableError UNREACHABLE while there is no session, and what reading throws
   */
  async survey(): Promise<ChainSurvey> {
    if (this.#session === undefined)
      throw new TableError('UNREACHABLE', 'there is no session with ZooKeeper');
    return await surveyChain(this.#session, this.#options.log);
  }

  /** Never calls `onView` again. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#reopen?.cancel();
    await this.#session?.close();
  }

  async #follow(): Promise<void> {
    const { coordination, clock, log } = this.#options;
    const { signal } = this.#stop;
    const session = await coordination.open({ stop: signal });
    this.#session = session;
    if (signal.aborted) return await session.close();
    const pass = (view: ChainView) => this.#pass(view);
    // If it fails, the session has ended, and another one follows.
    new ChainDirectory(session, { clock, log })
      .watch(pass)
      .then(pass)
      .catch((error) => log(errorText(error)));
    void session.ended.then((end) => this.#followAgain(`the session has ended: ${end.detail}`));
  }

  #pass({ record, ...view }: ChainView): void {
    if (this.#stop.signal.aborted) return;
    // If the chain's znode is gone, ZooKeeper has lost its data, but the servers may still be running.
    const isAbsent = view.version < 0;
    if (isAbsent && this.#hasView) return;
    // Servers act on a view only once the record belongs to it. The record also tells whether they are of another chain,
    // which was begun anew: a client that went by the view alone would not notice.
    const isAdopted = typeof record === 'object' ? record.view === view.version : !this.#hasRecord;
    if (!isAdopted && record !== 'unreadable') return;
    this.#hasView = !isAbsent;
    const chain = typeof record === 'object' ? record.chain : undefined;
    this.#hasRecord ||= chain !== undefined;
    this.#options.onView(view, chain);
  }

  #followAgain(detail: string): void {
    if (this.#stop.signal.aborted) return;
    this.#options.log(`ZooKeeper: ${detail}; opening another session`);
    this.#reopen = this.#options.clock.after(reopenDelayMs, () => {
      this.#follow().catch((error) => this.#followAgain(errorText(error)));
    });
  }
}
