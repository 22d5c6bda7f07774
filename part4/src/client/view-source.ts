import { errorText } from '@tablelab/shared';
import { ChainDirectory } from '../adapters/zookeeper/chain-directory.ts';
import type { View } from '../core/view.ts';
import type { Clock, CoordinationService, CoordinationSession, Timer } from '../ports.ts';

export interface ViewSourceOptions {
  readonly coordination: CoordinationService;
  readonly clock: Clock;
  /** Gets each new view, and an empty one where there is no chain yet. */
  readonly onView: (view: View) => void;
  /** Gets lines about the session with ZooKeeper, for a person to read. */
  readonly log: (message: string) => void;
}

/** How long to wait before the next session is tried when one has ended, in milliseconds. */
const reopenDelayMs = 200;

/**
 * The view of the chain as a client sees it, for as long as the client lives. When a session with ZooKeeper ends, another
 * one is opened; until then the last view stands.
 */
export class ViewSource {
  readonly #options: ViewSourceOptions;
  readonly #stop = new AbortController();
  #session: CoordinationSession | undefined;
  #reopen: Timer | undefined;
  #hasView = false;

  private constructor(options: ViewSourceOptions) {
    this.#options = options;
  }

  /** Resolves once there is a session. @throws TableError UNREACHABLE when ZooKeeper does not answer in time */
  static async open(options: ViewSourceOptions): Promise<ViewSource> {
    const source = new ViewSource(options);
    await source.#follow();
    return source;
  }

  /** From now on `onView` is not called any more. */
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
    const pass = (view: View) => this.#pass(view);
    // Where it fails the session has ended, and another one follows.
    new ChainDirectory(session, { clock, log })
      .watch(pass)
      .then(pass)
      .catch((error) => log(errorText(error)));
    void session.ended.then((end) => this.#followAgain(`the session has ended: ${end.detail}`));
  }

  #pass(view: View): void {
    if (this.#stop.signal.aborted) return;
    // When the chain's znode is gone ZooKeeper has lost its data, and the servers may still be there.
    const isAbsent = view.version < 0;
    if (isAbsent && this.#hasView) return;
    this.#hasView = !isAbsent;
    this.#options.onView(view);
  }

  #followAgain(detail: string): void {
    if (this.#stop.signal.aborted) return;
    this.#options.log(`ZooKeeper: ${detail}; opening another session`);
    this.#reopen = this.#options.clock.after(reopenDelayMs, () => {
      this.#follow().catch((error) => this.#followAgain(errorText(error)));
    });
  }
}
